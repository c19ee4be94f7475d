"""export 导出: records go out as packages of any form that Lantai writes; each can be captured again.

The event stands before the first byte. A package is built aside and renamed, so what bears its name is whole; one that is there
already is kept, and a job that died goes on behind it.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from lantai.core import beijing
from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.core.findings import Finding
from lantai.packages import eep_validate, transfer
from lantai.packages.parcel import Parcel
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.stages import fonds
from lantai.stages.export.forms import FORMS, Form, name_of
from lantai.stages.export.parcels import parcels, require, rows_of

__all__ = ["FORMS", "Exported", "add_all", "export", "fields", "note", "require", "write_rows"]

_ASIDE = ".building-"
_VALIDATED_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Exported:
    """What went out for one record: where, how many files and bytes, whether it was there already, and what is to be said of it."""

    record_id: str
    code: str
    title: str
    path: str
    files: int
    size_bytes: int
    is_kept: bool = False
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the documented row."""
        kept = {"id": self.record_id, "code": self.code, "title": self.title, "path": self.path, "files": self.files}
        return kept | {"bytes": self.size_bytes, "kept": self.is_kept, "findings": [item.as_json() for item in self.findings]}


def export(
    house: House, actor: Actor, keys: Sequence[str], *, form: str, into: Path, progress: Callable[[int], None] = lambda _: None
) -> list[Exported]:
    """Write the records of *keys* as *form* into the folder *into* and return what went out, in order.

    Raises Refusal for an unknown form or key, where the actor may not, where *into* is a file or our own data, and, for a transfer
    package, where a record has no code; Fault where the disk or the vault fails.
    """
    if form not in FORMS:
        raise Refusal("EXPORT-FORM-UNKNOWN", form, known="、".join(FORMS))
    rows = rows_of(keys)
    if not rows:
        raise Refusal("EXPORT-NOTHING")
    require(actor, rows)
    _require_place(house, into)
    note(house, actor, rows, form)
    return list(write_rows(house, rows, form=FORMS[form], into=into, progress=progress))


def note(house: House, actor: Actor, rows: Sequence[Record], form: str) -> None:
    """Write the events of an export, before anything leaves."""
    size = house.settings.slice_records
    for at in range(0, len(rows), size):
        told = [entries.Entry("record:exported", actor.id, row.id, {"form": form}) for row in rows[at : at + size]]
        with transaction.atomic():
            entries.append(house.clock.now(), told, ids=house.ids)


def write_rows(
    house: House, rows: Sequence[Record], *, form: Form, into: Path, progress: Callable[[int], None] = lambda _: None
) -> Iterator[Exported]:
    """Write *rows* without asking or telling anybody. Raises as :func:`export`."""
    try:
        into.mkdir(parents=True, exist_ok=True)
        for leftover in into.glob(f"{_ASIDE}*"):
            _remove(leftover)
        if form.write is None:
            yield from _together(house, rows, into=into, progress=progress)
        else:
            yield from _one_by_one(house, rows, form, into=into, progress=progress)
        make_durable(into)
    except OSError as problem:
        raise Fault("EXPORT-NOT-WRITTEN", str(into), reason=problem.strerror or str(problem)) from problem


def _one_by_one(house: House, rows: Sequence[Record], form: Form, *, into: Path, progress: Callable[[int], None]) -> Iterator[Exported]:
    for row, parcel in _pairs(house, rows):
        target = into / name_of(parcel, form)
        is_kept = target.exists()
        if not is_kept and form.write is not None:
            aside = into / f"{_ASIDE}{row.id}"
            aside.mkdir()
            form.write(house, aside / target.name, parcel)  # under its own name: an E-ARK package tells what its folder is called
            (aside / target.name).rename(target)
            aside.rmdir()
        yield _exported(row, parcel, target.name, is_kept=is_kept, findings=_remarks(form, target, parcel))
        progress(1)


def _remarks(form: Form, target: Path, parcel: Parcel) -> tuple[Finding, ...]:
    """Return what our own validator has to say of an EEP that went out: the schema asks for more than a record may have."""
    if form.key != "eep" or parcel.size_bytes > _VALIDATED_BYTES:
        return ()
    return tuple(item for item in eep_validate.validate(target) if item.code != "EEP-SIGNATURE-ABSENT")


def _together(house: House, rows: Sequence[Record], *, into: Path, progress: Callable[[int], None]) -> Iterator[Exported]:
    """Write one transfer package; the folder bears its final name once all of it is there."""
    now = house.clock.now()
    target = into / f"移交信息包-{house.settings.fonds}-{beijing.day(now)}"
    aside = into / f"移交信息包-{house.settings.fonds}-{beijing.day(now)}.part"
    if target.exists():
        raise Refusal("EXPORT-TARGET-EXISTS", target.name)
    writer = transfer.Writer(aside, transfer.form(house.settings.transfer_form))
    told = list(add_all(house, writer, rows, progress=progress))
    writer.close(fields(house, rows), {})
    aside.rename(target)
    yield from (_exported(row, parcel, f"{target.name}/{place}") for row, parcel, place in told)


def add_all(
    house: House, writer: transfer.Writer, rows: Sequence[Record], *, progress: Callable[[int], None] = lambda _: None
) -> Iterator[tuple[Record, Parcel, str]]:
    """Add *rows* to a transfer package; yield each with its place there. Raises Refusal EXPORT-NO-CODE."""
    for row, parcel in _pairs(house, rows):
        try:
            place = writer.add(parcel)
        except ValueError:
            raise Refusal("EXPORT-NO-CODE", row.title or row.id) from None
        yield row, parcel, place
        progress(1)


def fields(house: House, rows: Sequence[Record]) -> dict[str, str]:
    """Return the lines of 说明文件 that are known of the agency and the records."""
    years = sorted({row.year for row in rows if row.year})
    span = f"{years[0]}—{years[-1]} 年度" if len(years) > 1 else f"{years[0]} 年度" if years else ""
    agency = fonds.name_of(house) or house.settings.fonds
    said = dict.fromkeys(("移交单位", "制作单位", "检查单位", "载体保管单位"), agency) | dict.fromkeys(("载体编号", "载体参数"), "在线")
    kinds = "OFD、PDF、PDF/A、图像及办公文档的通用阅读软件；元数据为 UTF-8 编码的 XML"
    return said | {"内容描述": f"{agency} {span}档案，共 {len(rows)} 件", "软硬件环境": kinds}


def _pairs(house: House, rows: Sequence[Record]) -> Iterator[tuple[Record, Parcel]]:
    size = house.settings.slice_records
    for at in range(0, len(rows), size):
        part = rows[at : at + size]
        yield from zip(part, parcels(house, part), strict=True)


def _exported(row: Record, parcel: Parcel, path: str, *, is_kept: bool = False, findings: tuple[Finding, ...] = ()) -> Exported:
    return Exported(row.id, row.code, row.title, path, len(parcel.files), parcel.size_bytes, is_kept, findings)


def _require_place(house: House, into: Path) -> None:
    if into.exists() and not into.is_dir():
        raise Refusal("EXPORT-PLACE", str(into), reason="不是文件夹")
    place, data = into.resolve(), house.data.resolve()
    if place == data or any(place.is_relative_to(data / name) for name in ("vault", "index", "keys", "quarantine", "staging", "ledger")):
        raise Refusal("EXPORT-PLACE", str(into), reason="在数据目录之内")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
