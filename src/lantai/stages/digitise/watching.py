"""Watched folders: what a scanner lays into the folder of a batch is taken in by itself, as whoever opened the batch."""

from pathlib import Path

from lantai import work
from lantai.core.access import Actor
from lantai.core.digitising import BatchState
from lantai.core.errors import Refusal
from lantai.packages import sealing
from lantai.ports import House
from lantai.shelves import databases
from lantai.shelves.digitising.models import ScanBatch
from lantai.shelves.people.models import Account
from lantai.stages.digitise.intake import take_in


def look(house: House) -> int:
    """Take in what is new in the folders of open batches; return how many files that were. One process looks at a time."""
    rows = list(ScanBatch.objects.filter(state__in=(BatchState.OPEN, BatchState.REJECTED), needs_attention="").exclude(source=""))
    if not rows:
        return 0
    count = 0
    with databases.alone("scan-watch", house.data / "scratch") as is_ours:
        for row in rows if is_ours else ():
            count += _take(house, row)
    return count


def _take(house: House, row: ScanBatch) -> int:
    account = Account.objects.filter(id=row.opened_by, is_active=True).first()
    folder = Path(sealing.unseal_text(row.source, house.data))
    if account is None or not folder.is_dir():
        return 0
    actor = Actor(account.id, account.login, account.name, account.role, account.department)
    try:
        return take_in(house, actor, row.id, folder).files
    except Refusal:
        return 0  # nothing there yet, or whoever opened it may not any more


def regularly() -> None:
    """Look at the watched folders of this installation."""
    look(work.house())


work.regularly("scan-watch", regularly, every=lambda house: house.settings.scan_watch_seconds)
