"""Trying a sheet: every row is looked at as it would be written, and nothing is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import batched
from pathlib import Path

from lantai.core.errors import Refusal
from lantai.packages import catalogue
from lantai.packages.outside import Unreadable
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.stages import revising
from lantai.stages.sheets.columns import MARK, MOST_ROWS, NAMES, VERSION, cell
from lantai.stages.sheets.plans import Line, Plan, Writer

SLICE = 1000
_Cells = Mapping[str, str]


def plan(house: House, sheet: Path, seen: Callable[[int, int], None]) -> Plan:
    """Write beside the sheet what it would do. *seen* hears of every slice: rows looked at so far, rows in all.

    Raises Refusal SHEET-NOT-OURS where the file is no such sheet, SHEET-TOO-LONG, and whatever *seen* raises.
    """
    lines = _lines(sheet)
    by, known = revising.rules(house), set[str]()
    with Writer(sheet.parent) as out:
        for at, part in enumerate(batched(lines, SLICE)):
            for line in _tried(part, by, known):
                out.add(line)
            seen(min(len(lines), (at + 1) * SLICE), len(lines))
        return out.close(len(lines))


def _lines(sheet: Path) -> list[tuple[int, _Cells]]:
    """Return (number, cells by heading) of every row. Raises Refusal."""
    try:
        headings, lines = catalogue.table(sheet)
        if MARK not in headings or VERSION not in headings:
            raise Refusal("SHEET-NOT-OURS", sheet.name, reason="没有「标识」和「版本」两列")
        found: list[tuple[int, _Cells]] = [(number, dict(zip(headings, cells, strict=False))) for number, cells in lines]
    except Unreadable as problem:
        raise Refusal("SHEET-NOT-OURS", sheet.name, reason=str(problem)) from problem
    if len(found) > MOST_ROWS:
        raise Refusal("SHEET-TOO-LONG", sheet.name, actual=len(found), most=MOST_ROWS)
    return found


def _tried(part: Sequence[tuple[int, _Cells]], by: revising.Rules, known: set[str]) -> Iterator[Line]:
    """Yield what each of some rows would change, and what is wrong with it; a row that changes nothing yields nothing."""
    keys = [line.get(MARK, "").strip() for _, line in part]
    rows = {row.id: row for row in Record.objects.filter(id__in=keys, quarantined=False).only(*queries.REVISABLE)}
    for key, (number, line) in zip(keys, part, strict=True):
        title = line.get("题名", "")[:60]
        if key in known:
            yield Line(number, key, 0, title, reason="同一件在表里出现了两次")
        elif key not in rows:
            yield Line(number, key, 0, title, reason="找不到这一件：标识被改过，或已移出")
        elif found := _changed(number, line, rows[key], by):
            yield found
        known.add(key)


def _changed(number: int, line: _Cells, row: Record, by: revising.Rules) -> Line | None:
    """Return the cells of a row that differ, or what is wrong with it; None where nothing differs."""
    cells = tuple(
        (heading, now, said)
        for heading, name in NAMES.items()
        if heading in line and (said := _said(name, line[heading])) != (now := cell(row, name))
    )
    if not cells:
        return None
    title, reason = row.title[:200], ""
    if row.state not in ("described", "arranged") or row.hold:
        reason = "档号已固定或被冻结，不能改"
    elif line.get(VERSION, "").strip() != str(row.version):
        reason = "表格导出以后，这一件又被改过；请重新导出再改"
    else:
        try:
            revising.change(row, wanted(cells), by)
        except Refusal as refused:
            reason = f"{refused.message}{refused.next}"
    return Line(number, row.id, row.version, title, () if reason else cells, reason)


def wanted(cells: Sequence[tuple[str, str, str]]) -> dict[str, str]:
    """Return what the cells ask for, by element."""
    return {NAMES[heading]: after for heading, _, after in cells}


def _said(name: str, text: str) -> str:
    """Return a cell as a form would have it: line breaks as they are, a date that Excel made into one as eight digits."""
    said = text.strip()
    if name == "date" and len(said) >= 10 and said[4:5] == said[7:8] == "-":
        return said[:10].replace("-", "")
    return said
