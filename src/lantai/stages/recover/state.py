"""state 状态包: what lives in the database alone, written every night and by command below ``state/``; the newest few are kept."""

import getpass
import shutil
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from lantai import work
from lantai.core.errors import Refusal
from lantai.core.recovery import A_DAY
from lantai.packages.table_package import MANIFEST
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.shelves.databases import alone
from lantai.shelves.ledger import entries, log
from lantai.stages import rest
from lantai.stages.recover.writing import REST, Written, write

KEPT = 7
_NEW = ".new"
_NAME = "%Y%m%dT%H%M%SZ"


def folder(data: Path) -> Path:
    """Return where the state packages lie."""
    return data / "state"


def packages(data: Path) -> list[Path]:
    """Return the whole state packages, the oldest first; one of days to come was written while the clock was wrong, and counts as the
    oldest.
    """
    place = folder(data)
    found = [path for path in place.iterdir() if (path / MANIFEST).is_file() and not path.name.startswith(".")] if place.is_dir() else []
    return sorted(found, key=lambda path: (not is_to_come(path), path.name))


def is_to_come(package: Path) -> bool:
    """Tell whether a state package bears a day that has not come."""
    return package.name >= (datetime.now(UTC) + A_DAY).strftime(_NAME)


def newest(data: Path) -> Path:
    """Return the newest state package. Raises Refusal STATE-ABSENT where there is none."""
    found = packages(data)
    if not found:
        raise Refusal("STATE-ABSENT", str(folder(data)))
    return found[-1]


def last_written(data: Path) -> datetime | None:
    """Return when the newest state package was begun, None where there is none."""
    found = [path for path in packages(data) if not is_to_come(path)]
    return datetime.strptime(found[-1].name, _NAME).replace(tzinfo=UTC) if found else None


def write_state(house: House) -> tuple[Path, Written]:
    """Write a state package aside, put it in its place once it is durable, drop the oldest, and tell the ledger.

    Raises Refusal STATE-BUSY where another process is at it.
    """
    place = folder(house.data)
    with alone("state", place) as is_ours:
        if not is_ours:
            raise Refusal("STATE-BUSY", str(place))
        shutil.rmtree(place / _NEW, ignore_errors=True)
        written = write(house, place / _NEW, scope=REST)
        target = place / house.clock.now().strftime(_NAME)
        shutil.rmtree(target, ignore_errors=True)
        (place / _NEW).rename(target)
        make_durable(place)
        log.copies(house.data).settle(written.sealed)
        for old in packages(house.data)[:-KEPT]:
            shutil.rmtree(old)
    body = {"package": target.name, "tables_sha256": written.sha256, "events": written.events, "records": written.records}
    with transaction.atomic():
        told = [entries.Entry("state:written", service(), "state", body)]
        entries.append(house.clock.now(), told, ids=house.ids)
    return target, written


def service() -> str:
    """Return the actor of what runs as the service account."""
    return f"service:{getpass.getuser()}"[:64]


@work.task("state", on_give_up=rest.nothing)
def state_task() -> None:
    """Write a state package in the background."""
    write_state(work.house())
