"""What is known of preservation runs: the list, one run with its differences, the calendar, and what is overdue or damaged."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.preservation import next_start, period_of
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Report
from lantai.shelves.reports import queries as kept
from lantai.shelves.upkeep import queries
from lantai.shelves.upkeep.models import Plan, Result, Run
from lantai.stages.preserve.runs import find
from lantai.stages.report import scope

SHOWN = 200
STRIP = 30
BAD = ("fail", "error")
DIFFERENCES = ("new", "other", "mended", "first", "same")


@dataclass(frozen=True, slots=True)
class Line:
    """One result of a run: what was found, what it was before, the record's number and, for who may read it, its title and id."""

    record_id: str
    code: str
    title: str
    conclusion: str
    before: str
    change: str
    is_damaged: bool
    codes: tuple[str, ...]
    messages: tuple[str, ...]
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class Detail:
    """A run: its conclusions and differences counted, and the lines that were asked for, worst first."""

    run: Run
    by: str
    conclusions: dict[str, int]
    changes: dict[str, int]
    damaged: int
    lines: tuple[Line, ...]
    lines_total: int

    @property
    def percent(self) -> int:
        """How much of the sample is checked, 0–100."""
        return min(100, 100 * self.run.done // self.run.total) if self.run.total else 100

    @property
    def bad(self) -> int:
        """Records that failed or could not be checked."""
        return sum(self.conclusions.get(name, 0) for name in BAD)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan with its last run, when the next is due, how much of its holdings its runs have covered, and by how many days it is late."""

    plan: Plan
    last: Run | None
    next_on: date
    covered: int
    holdings: int
    late_days: int


@dataclass(frozen=True, slots=True)
class Covered:
    """How far the holdings are checked: records in the vault, those checked within a year, and those never checked."""

    held: int
    recent: int
    never: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar: its runs, and what is planned for it."""

    day: date
    is_in_month: bool
    is_today: bool
    runs: tuple[Run, ...]
    planned: tuple[str, ...]


def runs(actor: Actor, limit: int = 60) -> list[Run]:
    """Return the newest runs. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, "upkeep:run:read")
    return list(Run.objects.select_related("plan").order_by("-started_at", "-id")[:limit])


def detail(actor: Actor, key: str, *, change: str = "", is_bad_only: bool = False) -> Detail:
    """Return a run by id or number, its lines narrowed to one difference or to what is bad.

    Refusals: ACCESS-REFUSED, PRESERVE-RUN-UNKNOWN.
    """
    access.require(actor, "upkeep:run:read")
    run = find(key)
    own = Result.objects.filter(run=run)
    counted = Counter[str]()
    changes = Counter[str]()
    for conclusion, name, count in own.values_list("conclusion", "change").annotate(count=Count("id")).order_by():
        counted[conclusion] += count
        changes[name] += count
    wanted = own.filter(change=change) if change else own
    wanted = wanted.filter(conclusion__in=BAD) if is_bad_only else wanted
    lines = _lines(actor, wanted)
    return Detail(
        run,
        scope.persons([run.started_by])[run.started_by],
        dict(counted),
        {name: changes[name] for name in DIFFERENCES if changes[name]},
        own.filter(is_damaged=True).count(),
        lines,
        wanted.count(),
    )


def _lines(actor: Actor, wanted: "QuerySet[Result]") -> tuple[Line, ...]:
    """Return the first lines, damaged ones first; only who may read the holdings sees titles."""
    rows = list(wanted.order_by("-is_damaged", "conclusion", "record_id")[:SHOWN])
    known = Record.objects.in_bulk([row.record_id for row in rows])
    readable = set(scope.records(actor).filter(id__in=known).values_list("id", flat=True))
    reports = Report.objects.in_bulk([row.report_id for row in rows if row.codes])
    return tuple(
        Line(
            row.record_id if row.record_id in readable else "",
            known[row.record_id].code if row.record_id in known else row.record_id,
            known[row.record_id].title if row.record_id in readable else "",
            row.conclusion,
            row.before,
            row.change,
            row.is_damaged,
            tuple(row.codes.split()),
            tuple(_messages(kept.body(reports[row.report_id]))) if row.report_id in reports and row.record_id in readable else (),
            row.checked_at,
        )
        for row in rows
    )


def _messages(body: dict[str, Any]) -> Iterator[str]:
    for item in body["items"]:
        if item["outcome"] in BAD:
            yield from (said["message"] for said in item["findings"])


def covered(house: House, actor: Actor) -> Covered:
    """Return how many records in the vault were checked within a year, and how many never were. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, "upkeep:run:read")
    now = house.clock.now()
    held = queries.holdings(Run(started_at=now))
    seen = Result.objects.filter(record_id=OuterRef("id"))
    recent = held.filter(Exists(seen.filter(checked_at__gte=now - timedelta(days=365)))).count()
    return Covered(held.count(), recent, held.exclude(Exists(seen)).count())


def plans(house: House, actor: Actor) -> list[PlanLine]:
    """Return the plans in force with where they stand. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, "upkeep:run:read")
    now = house.clock.now()
    return [_plan(plan, now, house.settings.preserve_grace_days) for plan in queries.plans()]


def _plan(plan: Plan, now: datetime, grace_days: int) -> PlanLine:
    today = now.astimezone(beijing.ZONE).date()
    last = Run.objects.filter(plan=plan).order_by("-started_at").first()
    probe = Run(category=plan.category, retention=plan.retention, started_at=now)
    held = queries.holdings(probe)
    covered = held.filter(id__in=Result.objects.filter(run__plan=plan).values("record_id")).count()
    return PlanLine(plan, last, _next_on(plan, today), covered, held.count(), late_days(plan, today, grace_days))


def _next_on(plan: Plan, today: date) -> date:
    first = date(int(plan.starts_on[:4]), int(plan.starts_on[4:6]), int(plan.starts_on[6:]))
    if first > today:
        return first
    is_done = Run.objects.filter(plan=plan, period=period_of(today, plan.every)).exists()
    return next_start(today, plan.every) if is_done else today


def late_days(plan: Plan, today: date, grace_days: int) -> int:
    """Return by how many days, beyond the grace, the run that should have followed a plan's last one is missing; 0 where it is not late."""
    first = date(int(plan.starts_on[:4]), int(plan.starts_on[4:6]), int(plan.starts_on[6:]))
    last = Run.objects.filter(plan=plan, state="done").order_by("-started_at").first()
    due = next_start(last.started_at.astimezone(beijing.ZONE).date(), plan.every) if last else first
    return max(0, (today - due).days - grace_days)


def overdue(house: House) -> list[tuple[Plan, int]]:
    """Return the plans whose run is overdue, each with by how many days."""
    today = house.clock.now().astimezone(beijing.ZONE).date()
    late = ((plan, late_days(plan, today, house.settings.preserve_grace_days)) for plan in queries.plans())
    return [(plan, days) for plan, days in late if days]


def stuck() -> list[Run]:
    """Return the runs that could not go on and wait for a person."""
    return list(Run.objects.filter(state="failed").order_by("started_at"))


def strip(rows: list[Run]) -> tuple[tuple[int, str, Run | None], ...]:
    """Return thirty places from left to right as (x, state, run): none, ok, bad or warn; the newest run last."""
    newest = [row for row in rows if row.state != "running"][:STRIP][::-1]
    places: list[Run | None] = [*[None] * (STRIP - len(newest)), *newest]
    return tuple((20 * at, _tick(row), row) for at, row in enumerate(places))


def _tick(row: Run | None) -> str:
    if row is None:
        return "none"
    if row.state != "done":
        return "warn"
    return "bad" if row.conclusion in BAD else "ok"


def calendar(actor: Actor, month: date, today: date) -> tuple[tuple[Day, ...], ...]:
    """Return the weeks of *month* (any day of it), Monday first: what ran on each day and which plans begin a period then."""
    access.require(actor, "upkeep:run:read")
    first = month.replace(day=1)
    begin = first - timedelta(days=first.weekday())
    after = next_start(first, "month")
    weeks = -(-(after - begin).days // 7)
    held = _runs_by_day(begin, begin + timedelta(weeks=weeks))
    standing = list(queries.plans())
    days = [begin + timedelta(days=at) for at in range(7 * weeks)]
    made = [Day(day, day.month == first.month, day == today, tuple(held.get(day, ())), _planned(standing, day, today)) for day in days]
    return tuple(tuple(made[at : at + 7]) for at in range(0, len(made), 7))


def _runs_by_day(begin: date, end: date) -> dict[date, list[Run]]:
    start = datetime(begin.year, begin.month, begin.day, tzinfo=beijing.ZONE)
    rows = Run.objects.filter(started_at__gte=start, started_at__lt=start + (end - begin)).order_by("started_at")
    found: dict[date, list[Run]] = {}
    for row in rows:
        found.setdefault(row.started_at.astimezone(beijing.ZONE).date(), []).append(row)
    return found


def _planned(standing: list[Plan], day: date, today: date) -> tuple[str, ...]:
    """Return the names of plans whose next period begins on a day to come."""
    yesterday = day - timedelta(days=1)
    return tuple(
        plan.name
        for plan in standing
        if day > today
        and (
            plan.starts_on == f"{day:%Y%m%d}"
            or (plan.starts_on < f"{day:%Y%m%d}" and period_of(day, plan.every) != period_of(yesterday, plan.every))
        )
    )


def as_json(found: Detail) -> dict[str, Any]:
    """Return a run as the command line prints it."""
    run = found.run
    return {
        "code": run.code,
        "state": run.state,
        "reason": run.reason,
        "occasion": run.occasion,
        "plan": run.plan.name if run.plan else "",
        "slot": run.slot,
        "slots": run.slots,
        "total": run.total,
        "done": run.done,
        "conclusion": run.conclusion,
        "conclusions": found.conclusions,
        "changes": found.changes,
        "damaged": found.damaged,
        "started": run.started_at.isoformat(),
        "ended": run.ended_at.isoformat() if run.ended_at else "",
        "problems": [
            {
                "code": line.code,
                "conclusion": line.conclusion,
                "change": line.change,
                "damaged": line.is_damaged,
                "findings": list(line.codes),
            }
            for line in found.lines
            if line.conclusion in BAD
        ],
    }
