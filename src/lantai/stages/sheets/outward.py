"""A list on its way out: a short one is written while the person waits, a long one in the background; its file then waits for a day.

Begun again, a job writes the file anew; it stands under its name only when it is whole.
"""

import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from django.db import transaction

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.stages import taken_out
from lantai.stages.sheets import columns

KIND = "export"
#: A list of so many rows is written while the person waits.
AT_ONCE = 2000
#: How long a workbook waits to be fetched.
KEPT = timedelta(hours=24)
_IDS, _FILE = "ids", "sheet.xlsx"


class _CalledOffError(Exception):
    """The person called the list off while it was written."""


def send(house: House, actor: Actor, record_ids: Sequence[str], *, name: str) -> Act:
    """Begin to write the records as a workbook, in the order given. Raises Refusal where the actor may not, or for too many rows."""
    access.require(actor, columns.ACTION)
    columns.demand(record_ids)
    folder = house.data / "uploads" / house.ids.new()
    folder.mkdir(parents=True)
    (folder / _IDS).write_text("\n".join(record_ids), encoding="ascii")
    make_durable(folder)
    act = Act(id=house.ids.new(), actor=actor.id, kind=KIND, title=f"导出表格「{name}」"[:200], state=journal.QUEUED, total=len(record_ids))
    act.asked, act.made_at = {"folder": folder.name, "name": name}, house.clock.now()
    with transaction.atomic():
        act.save(force_insert=True)
        work.enqueue("sheet", act_id=act.id)
        taken_out.note(house, actor, taken_out.SHEET, form="xlsx", rows=len(record_ids))
    return act


def carry_out(house: House, act: Act, folder: Path) -> None:
    """Write the workbook of an act that waits for it, unless it is called off meanwhile."""
    waits = Act.objects.filter(id=act.id, state=journal.QUEUED)
    ids = (folder / _IDS).read_text(encoding="ascii").split()
    aside = folder / f"{_FILE}.part"
    with work.progress("sheet", act.id, step=act.title, total=len(ids)) as progress:

        def seen(count: int) -> None:
            progress.look(count, len(ids))
            if not waits.exists():
                raise _CalledOffError

        try:
            _write(house, ids, aside, seen)
        except _CalledOffError:
            shutil.rmtree(folder, ignore_errors=True)
            return
    aside.replace(folder / _FILE)
    make_durable(folder)
    waits.update(state=journal.SEALED, done=len(ids))


def _write(house: House, ids: Sequence[str], path: Path, seen: Callable[[int], None]) -> None:
    with path.open("wb") as out:
        columns.write_rows(house, ids, out, seen)


def file(act: Act, folder: Path) -> Path:
    """Return the workbook of an act that is done. Raises Refusal SHEET-NOT-KEPT where it does not lie there (any more)."""
    path = folder / _FILE
    if act.kind != KIND or act.state != journal.SEALED or not path.exists():
        raise Refusal("SHEET-NOT-KEPT")
    return path
