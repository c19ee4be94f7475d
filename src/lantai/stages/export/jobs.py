"""Exports and packings that were asked for on a screen: made by a worker below ``exports/``, fetched as one zip, gone after some days."""

import shutil
import zipfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core import beijing
from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.ports import House
from lantai.shelves.exchange.models import Export
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.stages.export import FORMS, note, require, write_rows
from lantai.stages.export.parcels import rows_of

MOST = 10_000
_FOLDER = "exports"


def ask(house: House, actor: Actor, keys: Sequence[str], *, form: str) -> str:
    """Note that the records of *keys* are to go out as *form*, and queue it; return the id of the export.

    Rights are asked and the events written now, before anything leaves. Raises Refusal as ``export`` does, and for too many.
    """
    if form not in FORMS:
        raise Refusal("EXPORT-FORM-UNKNOWN", form, known="、".join(FORMS))
    if not keys or len(keys) > MOST:
        raise Refusal("EXPORT-NOTHING")
    rows = rows_of(keys)
    require(actor, rows)
    note(house, actor, rows, form)
    now = house.clock.now()
    asked = Export(id=house.ids.new(), form=form, actor=actor.id, record_ids=[row.id for row in rows], created_at=now)
    with transaction.atomic():
        asked.save(force_insert=True)
        work.enqueue("export", export_id=asked.id)
    return asked.id


def make(house: House, export_id: str) -> None:
    """Write the packages of an export and their zip; what an earlier run wrote is kept. Does nothing where it is done."""
    asked = Export.objects.filter(id=export_id, state="queued").first()
    if asked is None:
        return
    rows = _rows(asked.record_ids)
    folder = place(house, asked.id)
    with work.progress("export", asked.id, step="导出", total=len(rows)) as progress:
        done = _written(house, asked, rows, folder / "包", progress)
        zipped(folder / "包", folder / "包.zip")
    shutil.rmtree(folder / "包", ignore_errors=True)
    size = (folder / "包.zip").stat().st_size
    changes = {"state": "done", "results": done, "size_bytes": size, "finished_at": house.clock.now(), "version": F("version") + 1}
    Export.objects.filter(id=asked.id, state="queued").update(**changes)


def _written(house: House, asked: Export, rows: Sequence[Record], into: Path, progress: work.Steps) -> list[dict[str, object]]:
    if asked.form == "transfer":
        shutil.rmtree(into, ignore_errors=True)
    return [item.as_json() for item in write_rows(house, rows, form=FORMS[asked.form], into=into, progress=progress.advance)]


def zipped(folder: Path, target: Path) -> None:
    """Write everything below *folder* into the new zip *target*, stored as it is, built aside and renamed."""
    aside = target.with_name(f"{target.name}.part")
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    aside.replace(target)


def fetch(house: House, actor: Actor, export_id: str) -> tuple[str, BinaryIO]:
    """Open the zip of an export that the actor asked for: its name and stream. Raises Refusal where there is none, or no right any more."""
    asked = Export.objects.filter(id=export_id, actor=actor.id).first()
    path = place(house, export_id) / "包.zip" if asked else None
    if asked is None or path is None or asked.state != "done" or not path.is_file():
        raise Refusal("EXPORT-ABSENT", export_id)
    require(actor, _rows(asked.record_ids))
    with transaction.atomic():
        body = {"export": asked.id, "form": asked.form, "records": len(asked.record_ids)}
        entries.append(house.clock.now(), [entries.Entry("export:fetched", actor.id, asked.id, body)], ids=house.ids)
    return f"导出-{asked.form}-{beijing.day(asked.created_at)}-{len(asked.record_ids)}件.zip", path.open("rb")


def place(house: House, key: str) -> Path:
    """Return the folder of an export or packing below the data folder."""
    return house.data / _FOLDER / key


def expire(house: House) -> int:
    """Remove what is older than ``export_days``; return how many exports went."""
    old = Export.objects.filter(created_at__lt=house.clock.now() - timedelta(days=house.settings.export_days)).exclude(state="expired")
    keys = list(old.values_list("id", flat=True)[:500])
    for key in keys:
        shutil.rmtree(place(house, key), ignore_errors=True)
    Export.objects.filter(id__in=keys).update(state="expired", results=[])
    return len(keys)


def _rows(ids: Sequence[str]) -> list[Record]:
    found: dict[str, Record] = {}
    for at in range(0, len(ids), 500):
        found |= {row.id: row for row in Record.objects.filter(id__in=ids[at : at + 500])}
    return [found[key] for key in ids if key in found]


def _gave_up(reason: str, **kwargs: str) -> None:
    export_id = kwargs["export_id"]
    Export.objects.filter(id=export_id, state="queued").update(state="failed", failure=reason[:64])


@work.task("export", on_give_up=_gave_up)
def export_task(export_id: str) -> None:
    """Make an export in the background."""
    try:
        make(work.house(), export_id)
    except OSError as problem:
        raise Fault("EXPORT-NOT-WRITTEN", export_id, reason=problem.strerror or str(problem)) from problem
