"""State packages: is the newest one that the ledger tells of still there, and is each what the ledger tells?"""

from collections.abc import Iterator
from datetime import datetime

from lantai.core.errors import Refusal
from lantai.core.findings import Finding, finding
from lantai.core.recovery import A_DAY
from lantai.packages import table_package
from lantai.packages.table_package import MANIFEST
from lantai.ports import House
from lantai.shelves.ledger import queries
from lantai.shelves.ledger.models import Event

FOLDER = "state"
_TOLD = 40
#: Behind these the folder begins anew: packages that were told of before need not be there.
_ANEW = ("backup:restored", "database:rebuilt")


def look(house: House) -> list[Finding]:
    """Return what is wrong with the state packages; every byte of the newest is read, of the others their lists."""
    return list(_judged(house))


def _judged(house: House) -> Iterator[Finding]:
    told = list(_told(house.clock.now() + A_DAY))
    place = house.data / FOLDER
    for at, (name, sha256) in enumerate(told):
        folder = place / name
        if not (folder / MANIFEST).is_file():
            if at == 0:
                yield finding("STATE-GONE", f"{FOLDER}/{name}")
            continue
        if table_package.sha256_of(folder / MANIFEST) != sha256:
            yield finding("STATE-ALTERED", f"{FOLDER}/{name}")
        elif at == 0:
            yield from _whole(house, name)


def _whole(house: House, name: str) -> Iterator[Finding]:
    """Yield what is wrong with the files of a package whose list is as it was written."""
    try:
        for item in table_package.check(house.data / FOLDER / name, house.signer):
            yield finding(item.code, f"{FOLDER}/{name}/{item.where}")
    except Refusal:
        yield finding("STATE-ALTERED", f"{FOLDER}/{name}")


def _told(until: datetime) -> Iterator[tuple[str, str]]:
    """Yield name and digest of the packages that the ledger tells of since the folder began, the newest first; none of days to come."""
    began = Event.objects.filter(type__in=_ANEW, instant__lt=until).order_by("-instant").first()
    events = Event.objects.filter(type="state:written", payload__isnull=False, instant__lt=until)
    if began is not None:
        events = events.filter(instant__gt=began.instant)
    named = set[str]()
    for event in events.select_related("payload").order_by("-instant", "-id")[:_TOLD]:
        body = queries.said(event)
        name = str(body.get("package", ""))
        if name and name not in named:  # two of one second: the later took the place of the earlier
            named.add(name)
            yield name, str(body.get("tables_sha256", ""))
