"""Two reports of the same material held against each other: what a repeated run says otherwise, and why it does."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from lantai.core.checks.outcomes import Outcome, Reason

ELSEWHERE = frozenset(
    (
        Reason.BEFORE_ARRANGEMENT,
        Reason.BEFORE_DESCRIPTION,
        Reason.BEFORE_STORING,
        Reason.NOT_COMPARED,
        Reason.LEDGER_NOT_VERIFIED,
        Reason.NO_SCOPE_TABLE,
        Reason.ENGINE_ABSENT,
        Reason.NOT_SAMPLED,
    )
)


class Kind(StrEnum):
    """What differs: the files, what an item came to, or only the rule or the tool that judged."""

    MATERIAL = "material"
    OUTCOME = "outcome"
    RULE = "rule"
    TOOL = "tool"


KIND_NAMES: dict[Kind, str] = {
    Kind.MATERIAL: "材料不同",
    Kind.OUTCOME: "结果不同",
    Kind.RULE: "规则版本不同",
    Kind.TOOL: "工具版本不同",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: kind, item (empty for a file), the file it is about, before and now; ``cause`` tells which kind explains it."""

    kind: Kind
    item: str
    where: str
    before: str
    now: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class NotRepeated:
    """An item that the material alone does not decide: its code, and why (a reason code, ``answered`` or ``overruled``)."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """What a repeated run came to. ``is_same`` says that files and outcomes are as they were; versions are told apart."""

    differences: tuple[Difference, ...]
    versions: tuple[Difference, ...]
    not_repeated: tuple[NotRepeated, ...]
    repeated: int
    is_material_known: bool

    @property
    def is_same(self) -> bool:
        """True where neither a file nor an outcome differs."""
        return not self.differences

    def as_json(self) -> dict[str, object]:
        """Return ``{same, repeated, material_known, differences[], versions[], not_repeated[]}``."""
        return {
            "same": self.is_same,
            "repeated": self.repeated,
            "material_known": self.is_material_known,
            "differences": [asdict(item) for item in self.differences],
            "versions": [asdict(item) for item in self.versions],
            "not_repeated": [asdict(item) for item in self.not_repeated],
        }


def compare(before: Mapping[str, Any], now: Mapping[str, Any], *, elsewhere: frozenset[str] = frozenset()) -> Repeated:
    """Hold the report *now* against the one *before*, file by file and item by item.

    *elsewhere* are numbers of items that only the place of the first run could decide; they are told, not compared. A report of edition 1
    names no files: then only outcomes are compared and ``is_material_known`` is False.
    """
    material = tuple(_files(before.get("material"), now.get("material")))
    cause = Kind.MATERIAL.value if material else ""
    there = {item["id"]: item for item in now["items"]}
    outcomes: list[Difference] = []
    versions: list[Difference] = []
    left: list[NotRepeated] = []
    count = 0
    for item in before["items"]:
        other = there.get(item["id"])
        if other and (reason := _undecidable(item, other, elsewhere)):
            left.append(NotRepeated(item["code"], reason))
            continue
        count += 1
        changed = tuple(_versions(item, other)) if other else ()
        versions += changed
        if difference := _outcome(item, other, cause or (changed[0].kind.value if changed else "")):
            outcomes.append(difference)
    return Repeated((*material, *outcomes), tuple(versions), tuple(left), count, before.get("material") is not None)


def _files(before: list[dict[str, Any]] | None, now: list[dict[str, Any]] | None) -> Iterator[Difference]:
    if before is None or now is None:
        return
    was = {row["path"]: _piece(row) for row in before}
    here = {row["path"]: _piece(row) for row in now}
    for path in sorted(was.keys() | here.keys()):
        if was.get(path) != here.get(path):
            yield Difference(Kind.MATERIAL, "", path, was.get(path, ""), here.get(path, ""))


def _piece(row: Mapping[str, Any]) -> str:
    return f"{row['sha256']} {row['size_bytes']}"


def _undecidable(item: Mapping[str, Any], other: Mapping[str, Any], elsewhere: frozenset[str]) -> str:
    """Return why an item cannot be repeated from the material alone, empty where it can."""
    was, now = str(item.get("reason", "")), str(other.get("reason", ""))
    head = was.partition(":")[0]
    if head in ("answered", "overruled"):
        return head
    if was != now and (now in ELSEWHERE or was in ELSEWHERE):
        return now if now in ELSEWHERE else was
    return "elsewhere" if item["id"].partition(".")[2] in elsewhere else ""


def _versions(item: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Difference]:
    if "rule" in item and item["rule"] != other.get("rule"):
        yield Difference(Kind.RULE, item["code"], "", item["rule"], str(other.get("rule", "")))
    was, now = item.get("tool"), other.get("tool")
    if was and now and was != now:
        yield Difference(Kind.TOOL, item["code"], "", f"{was['name']} {was['version']}", f"{now['name']} {now['version']}")


def _outcome(item: Mapping[str, Any], other: Mapping[str, Any] | None, cause: str) -> Difference | None:
    was, now = _came_to(item), _came_to(other) if other else ""
    return None if was == now else Difference(Kind.OUTCOME, item["code"], "", was, now, cause)


def _came_to(item: Mapping[str, Any]) -> str:
    """Return outcome and findings as one text; the order of findings says nothing."""
    found = sorted({f"{row['code']} {row['where']}".strip() for row in item["findings"]})
    reason = item.get("reason", "") if item["outcome"] == Outcome.NOT_APPLICABLE else ""
    return "；".join(part for part in (item["outcome"], reason, *found) if part)
