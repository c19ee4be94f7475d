"""The desk 工作台: what waits for a person, what was verified and what was not, today's intake and the holdings."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.classification import of_year
from lantai.core.codes import CODES
from lantai.core.events import EVENTS
from lantai.core.lifecycle import GONE, State
from lantai.core.retention import Retention
from lantai.ports import House
from lantai.ports.clock import encode_ulid
from lantai.shelves.copies.models import Audit
from lantai.shelves.holdings import counts as kept_counts
from lantai.shelves.intake.models import Quarantine
from lantai.shelves.ledger.models import Event
from lantai.shelves.ledger.queries import said
from lantai.shelves.policy import queries as policy
from lantai.stages.report import copies, frame, register, reminders, scope
from lantai.stages.report import formats as held_formats
from lantai.stages.report.todo import Todo

FILING_DEADLINE = (6, 30)
MOST_TODOS = 40
RETURNED_SHOWN_FOR = timedelta(days=30)
RESTING = sorted(set(State) - GONE - {State.DESCRIBED, State.ARCHIVED})
UNDER_WAY = sorted(set(State) - GONE - {State.ARCHIVED, State.RETURNED})
NOT_ACTS = ("record:read", "search:asked", "session:opened", "session:closed", "session:refused")
EARLIER = timedelta(hours=1)
ONE_RUN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Filing:
    """How far last year's records are filed: of ``total``, ``archived``; ``days_left`` to 30 June, negative when past."""

    year: str
    archived: int
    total: int
    days_left: int

    @property
    def left(self) -> int:
        """How many are not filed yet."""
        return self.total - self.archived


@dataclass(frozen=True, slots=True)
class Integrity:
    """What is known of integrity. ``verified_at`` None: the holdings were never verified as a whole or in part.

    ``runs`` are the newest verifications and fixity audits of any place, oldest first: ok, warn (mended) or bad.
    """

    verified_at: datetime | None
    verified_by: str
    verified_records: int
    verified_problems: int
    is_whole: bool
    archived_records: int
    sealing: frame.Sealing
    runs: tuple[tuple[datetime, str], ...]

    @property
    def good_runs(self) -> int:
        """Verifications and audits that found everything as it was."""
        return sum(state == "ok" for _, state in self.runs)

    @property
    def mended_runs(self) -> int:
        """Audits that found damage and mended all of it from a good copy."""
        return sum(state == "warn" for _, state in self.runs)

    @property
    def bad_runs(self) -> int:
        """Verifications and audits that found something changed that still is."""
        return len(self.runs) - self.good_runs - self.mended_runs

    @property
    def strip(self) -> tuple[tuple[int, str], ...]:
        """Thirty places from left to right: none, ok or bad, the newest last."""
        states = ["none"] * (30 - len(self.runs)) + [state for _, state in self.runs]
        return tuple((20 * at, state) for at, state in enumerate(states))


@dataclass(frozen=True, slots=True)
class Formats:
    """How many archived files there are, and how many of them are in a format that the table in force keeps for long as it is."""

    files: int
    lasting: int

    @property
    def share(self) -> float:
        """Percent of archived files in a format that lasts, one decimal, never rounded up to 100."""
        return int(1000 * self.lasting / self.files) / 10 if self.files else 0.0


@dataclass(frozen=True, slots=True)
class Intake:
    """Pages that came in today: hour -> channel -> pages, with the totals."""

    hours: dict[int, dict[str, int]]
    by_channel: dict[str, int]
    pages: int
    records: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """Archived records by year and by retention; ``coming`` are those of the newest year still on their way."""

    years: tuple[tuple[str, int], ...]
    coming: tuple[str, int] | None
    retentions: tuple[tuple[str, int], ...]
    records: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Act:
    """Something this person did today."""

    instant: datetime
    name: str
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything on the desk."""

    todos: tuple[Todo, ...]
    filing: Filing | None
    integrity: Integrity
    intake: Intake
    jobs: tuple[frame.Job, ...]
    holdings: Holdings


def desk(house: House, actor: Actor, held: Holdings | None = None) -> Desk:
    """Return the desk of *actor*; ``held`` are the holdings where they were counted a moment ago."""
    now = house.clock.now()
    return Desk(
        (*reminders.todos(house, actor, now), *todos(actor, now))[:MOST_TODOS],
        _filing(house, actor, now),
        integrity(actor),
        intake(actor, now),
        frame.jobs(actor, now),
        held or holdings(actor),
    )


def todos(actor: Actor, now: datetime) -> tuple[Todo, ...]:
    """Return what waits for *actor*, derived from states, oldest first."""
    found = [*_batches(actor, now), *_attention(actor), *_arranged(actor), *_sealed_items(actor)]
    return tuple(sorted(found, key=lambda todo: (todo.since is None, todo.since or now))[:MOST_TODOS])


def acts(actor: Actor, now: datetime) -> tuple[Act, ...]:
    """Return what *actor* did today, newest first, from the ledger."""
    own = Event.objects.filter(actor=actor.id, instant__gte=_midnight(now)).exclude(type__in=NOT_ACTS)
    rows = list(own.order_by("-instant")[:MOST_TODOS])
    names = scope.objects({row.object_id for row in rows})
    titles = dict(scope.records(actor).filter(id__in=[row.object_id for row in rows]).values_list("id", "title"))
    return tuple(
        Act(
            row.instant,
            EVENTS[row.type].name if row.type in EVENTS else row.type,
            names.get(row.object_id, ""),
            titles.get(row.object_id, ""),
        )
        for row in rows
    )


def _batches(actor: Actor, now: datetime) -> list[Todo]:
    if not access.may(actor, "intake:batch:accept").allowed:
        return _returned_batches(actor, now)
    flagged = scope.records(actor).filter(state=State.DESCRIBED).exclude(needs_attention="")
    failing = Counter(dict(flagged.values_list("batch_id").annotate(count=Count("id"))))
    waiting = list(scope.batches(actor).filter(Q(state="waiting") | Q(id__in=list(failing))).order_by("created_at")[:MOST_TODOS])
    names = scope.departments()
    return [
        Todo(
            "intake",
            f"{row.title}：{_decision(row.state, failing[row.id])}",
            f"{names.get(row.department, row.department) or row.code}·{row.record_count} 件",
            row.created_at,
            ("intake", row.id),
            is_late=now - row.created_at > timedelta(days=7),
        )
        for row in waiting
    ]


def _decision(state: str, failing: int) -> str:
    if not failing:
        return "检测完成，待接收"
    return f"{failing} 件检测未通过，待退回或说明" if state == "waiting" else f"合格的已接收，还有 {failing} 件待判定"


def _returned_batches(actor: Actor, now: datetime) -> list[Todo]:
    recent = scope.batches(actor).filter(state="returned", created_at__gte=now - RETURNED_SHOWN_FOR)
    rows = recent.order_by("created_at")[:MOST_TODOS]
    return [Todo("intake", f"{row.title}：已退回，请改正后重新送来", row.code, row.created_at, ("intake", row.id)) for row in rows]


def _attention(actor: Actor) -> list[Todo]:
    if not access.may(actor, "holdings:record:revise").allowed:
        return []
    rows = scope.records(actor).filter(state__in=RESTING).filter(needs_attention__gt="")
    grouped = rows.values("needs_attention").annotate(count=Count("id")).order_by("-count")
    return [
        Todo(
            "arrange", f"{row['count']} 件需要您看一看：{_reason(row['needs_attention'])}", "", None, ("attention", row["needs_attention"])
        )
        for row in grouped
    ]


def _reason(code: str) -> str:
    row = CODES.get(code)
    return row.text.split("{")[0].rstrip("：:，「《 ") or code if row else code


def _arranged(actor: Actor) -> list[Todo]:
    if not access.may(actor, "holdings:number:fix").allowed:
        return []
    names, schemes = scope.classed(), policy.class_schemes()
    counted: Counter[tuple[str, str | None, str]] = Counter()
    which = scope.counted(actor, state=State.ARRANGED)
    for category, year, department, retention, count, _ in kept_counts.sums(which, "category", "year", "department", "retention"):
        middle = of_year(category, schemes.get(category, ()), year).middle
        counted[year, department if middle else None, retention] += count
    return [
        Todo(
            "arrange",
            f"{named} {_label(retention)}共 {count} 件{_waits_for(year, department, retention)}",
            f"{year} 年度" if year else "年度未定",
            None,
            ("group", "/".join((year, "*" if department is None else department, retention))),
        )
        for (year, department, retention), count in list(counted.items())[:MOST_TODOS]
        for named in ["各机构" if department is None else names.get(department, department)]
    ]


def _waits_for(year: str, department: str | None, retention: str) -> str:
    """Say what a class waits for: what its records lack for a code, else that it is confirmed."""
    lacks = [name for name, value in (("年度", year), ("机构", department), ("保管期限", retention)) if value == ""]
    return f"还缺{'、'.join(lacks)}，补上才能固定档号" if lacks else "已整理，待您确认并固定档号"


def _label(code: str) -> str:
    return f"{Retention.parse(code).label}期" if code else "期限未定"


def _sealed_items(actor: Actor) -> list[Todo]:
    if not access.may(actor, "quarantine:item:list").allowed:
        return []
    rows = Quarantine.objects.filter(state="held").values("batch_id", "batch__code").annotate(count=Count("id"))
    return [
        Todo("quarantine", f"批次 {row['batch__code']} 有 {row['count']} 件疑似涉密，已隔离，待两人处置", "", None, ("quarantine", ""))
        for row in rows
    ]


def _filing(house: House, actor: Actor, now: datetime) -> Filing | None:
    """How far last year is filed: by the register where it knows the year, else of what came (国家档案局令第13号: by 30 June)."""
    here = now.astimezone(beijing.ZONE)
    year = str(here.year - 1)
    counts = {"archived": 0, "total": 0}
    for state, records, _ in kept_counts.sums(scope.counted(actor, year=year), "state"):
        counts["total"] += records if state not in GONE else 0
        counts["archived"] += records if state == State.ARCHIVED else 0
    told = register.filing(house, actor, year)
    if told is not None:
        counts = {"archived": told[0], "total": told[1]}
    deadline = here.replace(month=FILING_DEADLINE[0], day=FILING_DEADLINE[1])
    return Filing(year, counts["archived"], counts["total"], (deadline.date() - here.date()).days) if counts["total"] else None


def integrity(actor: Actor) -> Integrity:
    """Return what the ledger and the tables know of integrity: nothing is claimed that no event tells of."""
    verified = Event.objects.filter(type="record:verified").order_by("-instant").select_related("payload")[:30]
    audits = copies.done()
    return Integrity(
        *_newest(list(verified), audits),
        kept_counts.total(scope.counted(actor, state=State.ARCHIVED)),
        frame.sealing(),
        _runs(verified, audits),
    )


def _newest(verified: Sequence[Event], audits: Sequence[Audit]) -> tuple[datetime | None, str, int, int, bool]:
    """Return when the vault was last read, by whom, how many records and problems there were, and whether that was all of it."""
    held = kept_counts.total(Q(state=State.ARCHIVED))
    audit = next((row for row in audits if row.replica_id is None), None)
    last = verified[0] if verified else None
    if audit and audit.ended_at and (last is None or audit.ended_at > last.instant):
        left = audit.damaged - audit.mended
        who = scope.persons([audit.started_by])[audit.started_by]
        return audit.ended_at, who, audit.done, left, 0 < held <= audit.done
    records, problems = _last_run(verified)
    return last.instant if last else None, scope.persons([last.actor])[last.actor] if last else "", records, problems, 0 < held <= records


def _runs(verified: Iterable[Event], audits: Iterable[Audit]) -> tuple[tuple[datetime, str], ...]:
    told = [(row.instant, "bad" if verification(row)[1] else "ok") for row in verified]
    told += [(row.ended_at or row.started_at, copies.tick(row)) for row in audits]
    return tuple(sorted(told)[-30:])


def formats(actor: Actor) -> Formats:
    """Count the files of archived records by whether they may be kept for long as they are. Reads every file row: ask seldom."""
    return Formats(*held_formats.lasting(actor))


def _last_run(verified: Sequence[Event]) -> tuple[int, int]:
    """Return records and problems of the last run: a long one writes an event every few hundred records."""
    seen: set[str] = set()
    problems = 0
    for event, newer in zip(verified, [None, *verified], strict=False):
        if newer and (event.actor != newer.actor or newer.instant - event.instant > ONE_RUN):
            break
        records, found = verification(event)
        problems += found if records - seen else 0
        seen |= records
    return len(seen), problems


def verification(event: Event) -> tuple[set[str], int]:
    """Return which records an event of verification says were read, and how many problems were found in them."""
    body = said(event)
    return set(body.get("records", ())) or {event.object_id}, int(body.get("problems", 0))


def intake(actor: Actor, now: datetime) -> Intake:
    """Return the pages that came in since midnight in Shanghai; a record whose pages nobody could count is one page."""
    since = _midnight(now)
    floor = encode_ulid(int((since - EARLIER).timestamp() * 1000), 0)
    own = scope.records(actor).filter(id__gte=floor, created_at__gte=since)
    rows = own.values_list("created_at", "channel", "page_count")
    hours: dict[int, Counter[str]] = {}
    by_channel: Counter[str] = Counter()
    count = 0
    for instant, channel, pages in rows.iterator():
        hours.setdefault(instant.astimezone(beijing.ZONE).hour, Counter())[channel] += pages or 1
        by_channel[channel] += pages or 1
        count += 1
    return Intake({hour: dict(row) for hour, row in sorted(hours.items())}, dict(by_channel), by_channel.total(), count)


def holdings(actor: Actor) -> Holdings:
    """Return the archived records by year (the last ten) and retention."""
    years: Counter[str] = Counter()
    retentions: Counter[str] = Counter()
    size = 0
    for year, retention, count, size_bytes in kept_counts.sums(scope.counted(actor, state=State.ARCHIVED), "year", "retention"):
        years[year] += count
        retentions[retention] += count
        size += size_bytes or 0
    total = years.total()
    shown = sorted((year, count) for year, count in years.items() if year)[-10:]
    most = sorted((row for row in retentions.most_common(5) if row[0]), key=_by_length)[:4]
    return Holdings(tuple(shown), _coming(actor), tuple(most), total, size)


def _by_length(row: tuple[str, int]) -> tuple[bool, str]:
    return (row[0] != "Y", "" if row[0] == "Y" else f"{99 - int(row[0][1:] or 0):02d}" if row[0][1:].isdigit() else row[0])


def _coming(actor: Actor) -> tuple[str, int] | None:
    under_way = kept_counts.sums(scope.counted(actor, state__in=UNDER_WAY), "year")
    return next(((year, count) for year, count, _ in reversed(under_way) if year), None)


def _midnight(now: datetime) -> datetime:
    return now.astimezone(beijing.ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
