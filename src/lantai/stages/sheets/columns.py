"""The columns of a list that goes out, and the list itself as a workbook."""

from collections.abc import Callable, Iterator, Sequence
from itertools import batched
from typing import BinaryIO

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.retention import Retention
from lantai.packages import workbook
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.stages import revising, taken_out

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
ACTION = "holdings:record:revise"
_A_QUERY = 1000


def write(house: House, actor: Actor, record_ids: Sequence[str], out: BinaryIO) -> None:
    """Write the records as a workbook in the order given. Raises Refusal where the actor may not, or for too many rows."""
    access.require(actor, ACTION)
    demand(record_ids)
    taken_out.note(house, actor, taken_out.SHEET, form="xlsx", rows=len(record_ids))
    write_rows(house, record_ids, out)


def demand(record_ids: Sequence[str]) -> None:
    """Raise Refusal where there are more than a workbook of ours holds."""
    if len(record_ids) > MOST_ROWS:
        raise Refusal("SELECTION-TOO-MANY", actual=len(record_ids), most=MOST_ROWS)


def write_rows(house: House, record_ids: Sequence[str], out: BinaryIO, seen: Callable[[int], None] | None = None) -> None:
    """Write the workbook; *seen* hears now and then how many records it has come to, and may raise."""
    headings = [(MARK, 28), (VERSION, 6), ("档号", 30), *((heading, width) for heading, _, width in COLUMNS)]
    workbook.write(out, [workbook.Sheet("著录", headings, rows(record_ids, seen))], made=house.clock.now())


def rows(record_ids: Sequence[str], seen: Callable[[int], None] | None = None) -> Iterator[list[workbook.Cell]]:
    """Yield the cells of each record, those of the columns that are ours first."""
    for at, part in enumerate(batched(record_ids, _A_QUERY)):
        if seen:
            seen(at * _A_QUERY)
        known = {row.id: row for row in Record.objects.filter(id__in=part, quarantined=False).only(*queries.REVISABLE)}
        for row in (known[key] for key in part if key in known):
            yield [row.id, row.version, row.code, *(cell(row, name) for _, name, _ in COLUMNS)]


def cell(row: Record, name: str) -> str:
    """Return what the cell of a record says: what its form says, a period by its name."""
    said = revising.raw(row, name)
    return Retention.parse(said).label if name == "retention" and said else said
