"""The schedule 归档范围和保管期限表 as a workbook: one line a row, the first row its headings; comes back as it went out."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from lantai.core import schedule
from lantai.core.errors import Refusal
from lantai.core.schedule import HEADINGS, Line
from lantai.packages import workbook
from lantai.packages.outside import Unreadable
from lantai.packages.workbook_read import first_sheet

MOST_BYTES = 4 * 1024**2
_WIDTHS = {"name": 44, "any_of": 40, "also": 30, "unless": 24, "source": 36}
_NEEDED = ("编号", "归档范围", "保管期限")


def write(lines: Sequence[Line], *, made: datetime) -> bytes:
    """Return the lines as a workbook; *made* is the time it names as its own."""
    out = io.BytesIO()
    headings = [(heading, _WIDTHS.get(field, 12)) for heading, field in HEADINGS.items()]
    rows = (tuple(schedule.texts(row)[field] for field in HEADINGS.values()) for row in lines)
    workbook.write(out, [workbook.Sheet("归档范围和保管期限表", headings, rows)], made=made)
    return out.getvalue()


def read(name: str, content: bytes) -> tuple[Line, ...]:
    """Read the lines of a workbook. Raises Refusal SCHEDULE-FILE-WRONG, or SCHEDULE-WRONG naming every row that is wrong."""
    if len(content) > MOST_BYTES:
        raise Refusal("SCHEDULE-FILE-WRONG", name, reason="超过 4 MB")
    found, wrong = [], []
    for number, said in _rows(name, content):
        try:
            found.append(schedule.line(said))
        except Refusal as refused:
            wrong.append(f"第 {number} 行{refused.values['problems']}")
    if wrong:
        more = [f"另有 {len(wrong) - 10} 行"] if len(wrong) > 10 else []
        raise Refusal("SCHEDULE-WRONG", name, problems="。".join([*wrong[:10], *more]))
    return tuple(found)


def _rows(name: str, content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        table = [(number, row) for number, row in enumerate(first_sheet(io.BytesIO(content), schedule.MOST_LINES + 2), 1) if any(row)]
    except Unreadable as error:
        raise Refusal("SCHEDULE-FILE-WRONG", name, reason=str(error)[:120]) from error
    head = [cell.strip() for cell in table[0][1]] if table else []
    if lacking := [heading for heading in _NEEDED if heading not in head]:
        raise Refusal("SCHEDULE-FILE-WRONG", name, reason=f"首行没有“{'”“'.join(lacking)}”栏")
    for number, row in table[1:]:
        said = {HEADINGS[heading]: cell.strip() for heading, cell in zip(head, row, strict=False) if heading in HEADINGS}
        if any(said.values()):
            yield number, said
