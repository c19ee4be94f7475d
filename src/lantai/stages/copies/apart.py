"""Vaults stand apart: what is a copy must not lie in the vault itself, nor be the vault itself under another name."""

from collections.abc import Iterator

from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.ports.moving import Moving, Place
from lantai.ports.settings import Settings
from lantai.shelves.copies import queries


def demand_apart(house: House, wanted: Place) -> None:
    """Make sure that a copy can stand at a place, which may be written in many ways.

    An installation for trial may keep one in its data folder: nothing of worth is lost with it.
    Raises Refusal REPLICA-ADDRESS where it cannot, REPLICA-KNOWN where a vault stands there already.
    """
    root = house.vaults.root(wanted.kind, wanted.address)
    if nested := overlapping(house, root, others(house, is_medium=wanted.kind == "medium")):
        name, is_same = nested
        if is_same:
            raise Refusal("REPLICA-KNOWN", name)
        raise Refusal("REPLICA-ADDRESS", wanted.address, reason=f"与{name}互相套着")
    if house.settings.kind != "trial" and root.startswith(f"{house.data.resolve()}/"):
        raise Refusal("REPLICA-ADDRESS", wanted.address, reason="在数据目录里面，盘坏了两份一起丢")


def is_away(house: House) -> bool:
    """Tell whether the vault itself is not where the settings say; one that holds nothing yet is not there either, and is not away."""
    here = Settings(data=house.data).vault_place
    return not house.vaults.is_there(here.kind, here.address) and queries.kept().exists()


def others(house: House, *, is_medium: bool = False) -> Iterator[tuple[str, Place]]:
    """Yield every vault there is by its name; without the media for a medium, since many are mounted at one folder in turn."""
    yield "主库", Settings(data=house.data).vault_place
    moving = Moving(house.data)
    for name, place in (("迁移的目标", moving.target()), ("迁移留下的旧处", moving.old())):
        if place is not None:
            yield name, place
    for row in queries.replicas():
        if not (is_medium and row.kind == "medium"):
            yield f"副本“{row.name}”", Place(row.kind, row.address)


def overlapping(house: House, root: str, known: Iterator[tuple[str, Place]]) -> tuple[str, bool] | None:
    """Return the name of a vault that is *root*, lies in it or holds it, and whether it is the same; None where there is none."""
    for name, place in known:
        theirs = house.vaults.root(place.kind, place.address)
        if root == theirs or root.startswith(f"{theirs}/") or theirs.startswith(f"{root}/"):
            return name, root == theirs
    return None
