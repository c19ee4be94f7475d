"""应归尽归 as the screen shows it: departments counted, documents listed with where they stand, one document with what it may be."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.finished import EXCLUSIONS, STANDING_NAMES, Standing, deadline_of
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.register import standing
from lantai.shelves.register.models import FinishedDocument, Import, RefusedRow
from lantai.shelves.register.standing import Asked
from lantai.stages import taken_out
from lantai.stages.report import scope
from lantai.stages.report.todo import Todo

PAGE = 100
SIGN_NAMES = {
    0: "人工确认",
    1: "OA 编号即电子文件号",
    2: "文件摘要相同",
    3: "文号与题名相同",
    4: "题名、日期、责任者相同",
    5: "只有一部分相同，须人确认",
}
_RECENT_SECONDS = 30.0
_counted_at: "dict[tuple[str, str, tuple[str, ...] | None], tuple[float, list[DepartmentLine]]]" = {}
OPEN = (Standing.UNFILED, Standing.AMBIGUOUS, Standing.UNDER_WAY)
LATE = "late"


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """One department in one year: how many stand where, how many are late, and the share filed of those to be filed."""

    code: str
    name: str
    filed: int
    under_way: int
    ambiguous: int
    unfiled: int
    excluded: int
    is_late: bool = False

    @property
    def due(self) -> int:
        """How many are to be filed: all but those that a person excluded."""
        return self.filed + self.under_way + self.ambiguous + self.unfiled

    @property
    def open(self) -> int:
        """How many of those are not filed."""
        return self.due - self.filed

    @property
    def late(self) -> int:
        """How many are not filed though the deadline is over."""
        return self.open if self.is_late else 0

    @property
    def total(self) -> int:
        """All documents."""
        return self.due + self.excluded

    @property
    def share(self) -> str:
        """Percent filed, one decimal, never rounded up to 100; a dash where nothing is to be filed."""
        return f"{int(1000 * self.filed / self.due) / 10:.1f}" if self.due else "—"


@dataclass(frozen=True, slots=True)
class Line:
    """One document of the list."""

    id: str
    department: str
    number: str
    title: str
    finished_on: str
    standing: str
    is_late: bool
    record_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that a document may be, and what says so."""

    record_id: str
    code: str
    title: str
    number: str
    date: str
    state: str
    sign: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One document: its row, where it stands and why, what it may be, who decided what."""

    row: FinishedDocument
    standing: Standing
    sign: str
    record: Record | None
    candidates: tuple[Candidate, ...]
    exclusion: str
    excluded_by: str
    matched_by: str
    deadline: date
    is_late: bool
    source: Import


def departments_of(actor: Actor) -> tuple[str, ...] | None:
    """Return the departments whose register *actor* may read, None for all. Raises Refusal ACCESS-REFUSED where none at all."""
    alternatives = access.rows(actor, "intake:register:read")
    if not alternatives:
        access.require(actor, "intake:register:read")
    return None if any(not row for row in alternatives) else tuple(row["department"] for row in alternatives)


def years() -> list[str]:
    """Return the years that the register knows, newest first."""
    return list(FinishedDocument.objects.order_by("-year").values_list("year", flat=True).distinct())


def table(house: House, actor: Actor, year: str) -> list[DepartmentLine]:
    """Return the departments of a year in their order; those without documents are left out."""
    return _lines(house, standing.counts(Asked(year=year, departments=departments_of(actor))), year)


def _lines(house: House, counted: dict[tuple[str, str, str], int], year: str) -> list[DepartmentLine]:
    names = scope.departments()
    codes = [code for code in (*names, *sorted({key[1] for key in counted} - set(names))) if any(key[1] == code for key in counted)]
    is_late = bool(year) and today(house) > deadline_of(year)
    return [
        replace(
            _counted(code, names.get(code, code) or "未写部门", {name: counted.get((year, code, name), 0) for name in _ORDER}),
            is_late=is_late,
        )
        for code in codes
    ]


_ORDER = (Standing.FILED, Standing.UNDER_WAY, Standing.AMBIGUOUS, Standing.UNFILED, Standing.EXCLUDED)


def whole(lines: list[DepartmentLine]) -> DepartmentLine:
    """Return the sum of all departments."""
    sums = {name: sum(getattr(line, name.value) for line in lines) for name in _ORDER}
    return replace(_counted("", "合计", sums), is_late=any(line.is_late for line in lines))


def _counted(code: str, name: str, by: dict[Standing, int]) -> DepartmentLine:
    filed, under_way, ambiguous, unfiled, excluded = (by[each] for each in _ORDER)
    return DepartmentLine(code, name, filed, under_way, ambiguous, unfiled, excluded)


def listing(house: House, actor: Actor, asked: Asked, *, offset: int = 0, limit: int = PAGE) -> list[Line]:
    """Return documents with where they stand, of the departments that *actor* may read."""
    allowed = departments_of(actor)
    chosen = asked.departments if allowed is None else tuple(code for code in (asked.departments or allowed) if code in allowed)
    stood = standing.stood(Asked(asked.year, chosen, asked.standings, asked.words), limit=limit, offset=offset)
    rows = FinishedDocument.objects.defer("raw").in_bulk([each.id for each in stood])
    codes = dict(Record.objects.filter(id__in=[each.record_id for each in stood if each.record_id]).values_list("id", "code"))
    return [_line(house, rows[each.id], each, codes) for each in stood]


def _line(house: House, row: FinishedDocument, stood: standing.Stood, codes: dict[str, str]) -> Line:
    is_late = stood.standing in OPEN and today(house) > deadline_of(row.year)
    day = row.finished_on or row.document_date
    code = codes.get(stood.record_id, "")
    return Line(row.id, row.department, row.document_number, row.title, day, stood.standing.value, is_late, stood.record_id, code)


def detail(house: House, actor: Actor, key: str) -> Detail:
    """Return one document. Refusals: REGISTER-UNKNOWN, ACCESS-REFUSED."""
    row = FinishedDocument.objects.select_related("delivery").filter(id=key).first()
    stood = standing.one(key) if row else None
    if row is None or stood is None:
        raise Refusal("REGISTER-UNKNOWN", key)
    access.require(actor, "intake:register:read", {"department": row.department}, where=row.document_number or row.title)
    readable = scope.records(actor)
    persons = scope.persons([row.excluded_by, row.matched_by])
    return Detail(
        row,
        stood.standing,
        SIGN_NAMES.get(stood.sign, ""),
        readable.filter(id=stood.record_id).first() if stood.record_id else None,
        tuple(_candidates(actor, row)) if stood.standing is not Standing.FILED else (),
        EXCLUSIONS.get(row.exclusion, ""),
        persons.get(row.excluded_by, ""),
        persons.get(row.matched_by, ""),
        deadline_of(row.year),
        stood.standing in OPEN and today(house) > deadline_of(row.year),
        row.delivery,
    )


def _candidates(actor: Actor, row: FinishedDocument) -> Iterator[Candidate]:
    found = standing.candidates(row.id)
    rows = scope.records(actor).in_bulk([record_id for record_id, _ in found])
    for record_id, sign in found:
        if record := rows.get(record_id):
            told = (record.title, record.document_number, record.document_date, record.state, SIGN_NAMES[sign])
            yield Candidate(record_id, record.code, *told)


def imports(actor: Actor, limit: int = 20) -> list[tuple[Import, str, list[RefusedRow]]]:
    """Return the newest imports, who made them, and the rows that could not be registered (the first hundred of each)."""
    access.require(actor, "intake:register:import")
    rows = list(Import.objects.order_by("-imported_at", "-id")[:limit])
    names = scope.persons(row.imported_by for row in rows)
    return [(row, names[row.imported_by], list(row.refused_rows.order_by("number")[:100]) if row.refused else []) for row in rows]


def deadline(year: str) -> date:
    """Return the last day by which documents of *year* are to be filed."""
    return deadline_of(year)


def today(house: House) -> date:
    """Return the day it is here."""
    return house.clock.now().astimezone(beijing.ZONE).date()


def todos(house: House, actor: Actor, now: datetime) -> tuple[Todo, ...]:
    """Return what the desk says before the deadline and after it: a line a department for what is not filed.

    An archivist reads of every department, a department's own part-time archivist of their own.
    """
    if not access.rows(actor, "intake:register:read"):
        return ()
    here = now.astimezone(beijing.ZONE).date()
    year = str(here.year - 1)
    deadline = deadline_of(year)
    if here < deadline - timedelta(days=house.settings.filing_reminder_days) or not _has(year):
        return ()
    lines = [line for line in _recent(house, actor, year) if line.open]
    return tuple(_todo(line, year, (deadline - here).days) for line in sorted(lines, key=lambda line: -line.open)[:8])


def _todo(line: DepartmentLine, year: str, days: int) -> Todo:
    text = f"{line.name} {year} 年度应归的还有 {line.open} 件没有归档"
    due = f"剩 {days} 天" if days >= 0 else f"逾期 {-days} 天"
    return Todo("register", text, f"已归 {line.share}%", None, ("register", f"{year}/{line.code}"), is_late=days < 0, due=due)


def filing(house: House, actor: Actor, year: str) -> tuple[int, int] | None:
    """Return (filed, to be filed) of a year by the register, None where it knows nothing of that year or *actor* may not read it."""
    if not access.rows(actor, "intake:register:read") or not _has(year):
        return None
    line = whole(_recent(house, actor, year))
    return (line.filed, line.due) if line.due else None


def _recent(house: House, actor: Actor, year: str) -> list[DepartmentLine]:
    """Return :func:`table` as it was at most half a minute ago: the desk asks at every visit, and a hundred thousand rows take a second."""
    key = (str(house.data), year, departments_of(actor))
    at, lines = _counted_at.get(key, (-_RECENT_SECONDS, []))
    if time.monotonic() - at >= _RECENT_SECONDS:
        lines = table(house, actor, year)
        _counted_at[key] = (time.monotonic(), lines)
    return lines


def _has(year: str) -> bool:
    return FinishedDocument.objects.filter(year=year).exists()


def sheet(house: House, actor: Actor, asked: Asked) -> list[list[str]]:
    """Return the list as a table of text with headings, for a workbook; that it is taken out is told to the ledger."""
    names = scope.departments()
    rows = [["部门", "文号", "题名", "办结日期", "状态", "是否逾期", "档号"]]
    for line in listing(house, actor, asked, limit=200_000):
        late = "逾期" if line.is_late else ""
        place, name = names.get(line.department, line.department), STANDING_NAMES[line.standing]
        rows.append([place, line.number, line.title, line.finished_on, name, late, line.code])
    taken_out.note(house, actor, taken_out.REGISTER, form="xlsx", rows=len(rows) - 1)
    return rows
