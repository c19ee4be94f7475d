"""sheets 表格往返: a list goes out as a workbook, is edited there, and comes back cell by cell, whole or not at all.

A row is known by its mark; the version beside it tells whether the record was changed after the list went out. Coming back is tried
first: every change is shown, every wrong cell named; then it is applied as one act, which can be taken back. What is the same already
is no change, so a sheet that comes twice does nothing the second time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import batched
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.evidence import canonical_json
from lantai.core.retention import Retention
from lantai.packages import catalogue, workbook
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.stages import changing, revising, traces

MARK, VERSION = "标识（勿改）", "版本（勿改）"
#: Columns that may be edited: heading, element, width in characters.
COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("题名", "title", 60),
    ("文号", "document_number", 22),
    ("责任者", "author", 26),
    ("成文日期", "date", 11),
    ("年度", "year", 7),
    ("机构", "department", 9),
    ("保管期限", "retention", 9),
    ("文种", "document_type", 9),
    ("主送", "principal_receiver", 26),
    ("附注", "annotation", 20),
)
NAMES = {heading: name for heading, name, _ in COLUMNS}
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that would change: row of the sheet, record, heading, what stands there now and what would."""

    row: int
    title: str
    heading: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that cannot be taken, and why."""

    row: int
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sheet would do: rows read, cells that change, rows that are wrong; ``digest`` stands for all of it."""

    rows: int
    cells: tuple[Cell, ...]
    wrong: tuple[Wrong, ...]
    changes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

    @property
    def records(self) -> int:
        """How many records would change."""
        return len(self.changes)

    @property
    def digest(self) -> str:
        """Return what the person agrees to when they apply the plan."""
        return sha256(canonical_json([[key, [list(pair) for pair in pairs]] for key, pairs in self.changes])).hexdigest()


def write(house: House, actor: Actor, record_ids: Sequence[str], out: BinaryIO) -> None:
    """Write the records as a workbook in the order given. Raises Refusal where the actor may not, or for too many rows."""
    access.require(actor, "holdings:record:revise")
    if len(record_ids) > MOST_ROWS:
        raise Refusal("SELECTION-TOO-MANY", actual=len(record_ids), most=MOST_ROWS)
    headings = [(MARK, 28), (VERSION, 6), ("档号", 30), *((heading, width) for heading, _, width in COLUMNS)]
    workbook.write(out, [workbook.Sheet("著录", headings, _rows(record_ids))], made=house.clock.now())


def _rows(record_ids: Sequence[str]) -> Iterator[list[workbook.Cell]]:
    for part in batched(record_ids, 1000):
        rows = {row.id: row for row in Record.objects.filter(id__in=part, quarantined=False)}
        for row in (rows[key] for key in part if key in rows):
            yield [row.id, row.version, row.code, *(_cell(row, name) for _, name, _ in COLUMNS)]


def _cell(row: Record, name: str) -> str:
    said = revising.raw(row, name)
    return Retention.parse(said).label if name == "retention" and said else said


def plan(house: House, actor: Actor, path: Path) -> Plan:
    """Read an edited sheet and say what it would do, without writing anything.

    Raises Refusal where the actor may not, or the file is no such sheet.
    """
    access.require(actor, "holdings:record:revise")
    read = catalogue.read(path)
    if MARK not in read.columns or VERSION not in read.columns:
        reason = read.findings[0].message if read.findings else "没有「标识」和「版本」两列"
        raise Refusal("SHEET-NOT-OURS", path.name, reason=reason)
    cells: list[Cell] = []
    wrong: list[Wrong] = []
    changes: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    by, seen = revising.rules(house), set()
    for part in batched(read.rows, 1000):
        rows = Record.objects.filter(id__in=[line.raw[MARK].strip() for line in part], quarantined=False)
        known = {row.id: row for row in rows.only(*queries.REVISABLE)}
        for line in part:
            key = line.raw[MARK].strip()
            found = (
                _line(line, known.get(key), by)
                if key not in seen
                else Wrong(line.number, line.raw.get("题名", ""), "同一件在表里出现了两次")
            )
            seen.add(key)
            if isinstance(found, Wrong):
                wrong.append(found)
            elif found:
                cells += found
                changes.append((key, tuple((NAMES[cell.heading], cell.after) for cell in found)))
    return Plan(len(read.rows), tuple(cells), tuple(wrong), tuple(changes))


def _line(line: catalogue.Row, row: Record | None, by: revising.Rules) -> list[Cell] | Wrong:
    """Return the cells of a row that differ, or what is wrong with it."""
    title = line.raw.get("题名", "")[:60]
    if row is None:
        return Wrong(line.number, title, "找不到这一件：标识被改过，或已移出")
    cells = [
        Cell(line.number, row.title, heading, now, said)
        for heading, name in NAMES.items()
        if heading in line.raw and (said := _said(name, line.raw[heading])) != (now := _cell(row, name))
    ]
    if not cells:
        return []
    if row.state not in ("described", "arranged") or row.hold:
        return Wrong(line.number, row.title, "档号已固定或被冻结，不能改")
    if line.raw[VERSION].strip() != str(row.version):
        return Wrong(line.number, row.title, "表格导出以后，这一件又被改过；请重新导出再改")
    try:
        revising.change(row, {NAMES[cell.heading]: cell.after for cell in cells}, by)
    except Refusal as refused:
        return Wrong(line.number, title, f"{refused.message}{refused.next}")
    return cells


def _said(name: str, text: str) -> str:
    """Return a cell as a form would have it: line breaks as they are, a date that Excel made into one as eight digits."""
    said = text.strip()
    if name == "date" and len(said) >= 10 and said[4:5] == said[7:8] == "-":
        return said[:10].replace("-", "")
    return said


def apply(house: House, actor: Actor, path: Path, *, digest: str, name: str = "") -> Act:
    """Apply a sheet as the person saw it: all rows, or none.

    Raises Refusal SHEET-WRONG where a row is wrong, SHEET-MOVED-ON where the records changed since the trial, SHEET-SAME where there is
    nothing to do. Where somebody else's change comes between the slices, what was written is taken back.
    """
    seen = plan(house, actor, path)
    if seen.wrong:
        raise Refusal("SHEET-WRONG", name or path.name, count=len(seen.wrong), first=f"第 {seen.wrong[0].row} 行：{seen.wrong[0].message}")
    if not seen.changes:
        raise Refusal("SHEET-SAME", name or path.name)
    if seen.digest != digest:
        raise Refusal("SHEET-MOVED-ON", name or path.name)
    title = f"按表格「{name or path.name}」改 {seen.records} 件"[:200]
    act = Act(
        id=house.ids.new(), actor=actor.id, kind="import", title=title, state=journal.DONE, total=seen.records, made_at=house.clock.now()
    )
    act.save(force_insert=True)
    with work.progress("sheet", act.id, step=title, total=seen.records) as progress:
        by = revising.rules(house)
        for part in batched(seen.changes, changing.SLICE):
            wanted = {key: dict(pairs) for key, pairs in part}
            if changing.write(house, act, queries.revisable(list(wanted)), wanted, by) != len(part):
                traces.put_back(house, act, actor.id)
                Act.objects.filter(id=act.id).update(state=journal.UNDONE)
                raise Refusal("SHEET-MOVED-ON", name or path.name)
            progress.advance(len(part))
    with transaction.atomic():
        work.enqueue("index")
    act.refresh_from_db()
    return act
