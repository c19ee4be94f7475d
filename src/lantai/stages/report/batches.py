"""Batches for the screen 接收: the list, the steps, what arrived and what became of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Q, Sum

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.shelves.edge.models import Progress
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Arrival, Batch, Quarantine, Report
from lantai.stages.accept import ACCEPTABLE
from lantai.stages.report import scope

OPEN_STATES = ("receiving", "checking", "waiting")
MOST_BATCHES = 200
#: The steps that a batch goes through as a whole.
GOING = ("receive", "check", "describe", "arrange")
#: A step that told nothing of itself for so long has died, and is begun again by the sweep.
GOING_FOR = timedelta(minutes=10)
OUTCOMES = ("record", "metadata", "container", "duplicate", "quarantined", "refused")


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch as the list shows it; ``waiting`` records need a person, ``percent`` None where nothing is running."""

    id: str
    code: str
    title: str
    channel: str
    department: str
    department_name: str
    state: str
    records: int
    waiting: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a batch: ``state`` done, current, waiting, failed or empty for to come; ``note`` what it did."""

    name: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the arrivals of one outcome."""

    outcome: str
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Going:
    """What goes on with a batch just now: the name of the step, how many are done of how many (0: not known)."""

    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch with everything its head shows. ``in_files`` = the sum over ``sums``, or the difference is said; of what is ``accepted``,
    ``arranging`` records are still to be given their places."""

    row: BatchRow
    submitter: str
    created_at: datetime
    accepted_at: datetime | None
    size_bytes: int
    in_files: int
    sums: tuple[Tally, ...]
    quarantined: int
    steps: tuple[Step, ...]
    acceptable: int
    undecided: int
    untested: int
    accepted: int
    arranging: int
    returned: int
    return_reason: str
    conclusion: str
    going: Going | None = None

    @property
    def unaccounted(self) -> int:
        """How many files that came have no outcome written down."""
        return self.in_files - sum(tally.files for tally in self.sums)

    @property
    def is_balanced(self) -> bool:
        """True where every file that came has exactly one outcome."""
        return self.unaccounted == 0 and self.row.state != "receiving"


@dataclass(frozen=True, slots=True)
class Unreceived:
    """An arrival that became no record: its path, outcome and why."""

    path: str
    outcome: str
    size_bytes: int
    message: str


def batches(actor: Actor, *, is_open_only: bool) -> tuple[BatchRow, ...]:
    """Return the batches that *actor* may see, newest first."""
    query = scope.batches(actor)
    rows = list((query.filter(_is_open()) if is_open_only else query).order_by("-created_at", "-id")[:MOST_BATCHES])
    return _rows(rows)


def open_count(actor: Actor) -> int:
    """Return how many batches are not settled."""
    return scope.batches(actor).filter(_is_open()).count()


def _is_open() -> Q:
    """A batch is open while it is under way, waits for acceptance, or holds records that nobody has decided on."""
    flagged = Record.objects.filter(state=State.DESCRIBED).exclude(needs_attention="").values("batch_id")
    return Q(state__in=OPEN_STATES) | Q(id__in=flagged)


def batch(actor: Actor, batch_id: str) -> BatchView:
    """Return one batch (by id or number). Raises Refusal BATCH-UNKNOWN, or ACCESS-REFUSED with the reasons."""
    row = Batch.objects.filter(Q(id=batch_id) | Q(code=batch_id)).first()
    if row is None:
        raise Refusal("BATCH-UNKNOWN", batch_id)
    access.require(actor, "intake:batch:read", {"department": row.department}, where=row.code)
    counts = _states(row.id)
    free = Record.objects.filter(batch_id=row.id, state=State.DESCRIBED, hold=False)
    ready = free.filter(needs_attention="", conclusion__in=ACCEPTABLE).count() if row.state in ("waiting", "accepted") else 0
    arranging = ready if row.state == "accepted" else 0
    undecided = free.exclude(needs_attention="").count()
    untested = free.filter(needs_attention="CHECK-NOT-RUN").count() if undecided else 0
    is_judge = access.may(actor, "intake:batch:accept", {"department": row.department}).allowed
    sums = _sums(row.id)
    shown = _rows([row])[0]
    return BatchView(
        row=shown,
        submitter=scope.persons([row.submitter])[row.submitter],
        created_at=row.created_at,
        accepted_at=row.accepted_at,
        size_bytes=row.size_bytes or sum(item.size_bytes for item in sums),
        in_files=row.file_count or sum(item.files for item in sums),
        sums=sums,
        quarantined=Quarantine.objects.filter(batch_id=row.id).count(),
        steps=_steps(row, counts, _judgement(undecided, untested, is_judge=is_judge)),
        acceptable=ready - arranging,
        undecided=undecided,
        untested=untested,
        accepted=arranging + sum(counts[state] for state in (State.ARRANGED, State.NUMBERED, State.ARCHIVED, State.ACCESSIONED)),
        arranging=arranging,
        returned=counts[State.RETURNED],
        return_reason=row.return_reason,
        conclusion=row.conclusion,
        going=_going(row.id),
    )


def unreceived(batch_id: str, *, limit: int = 500, actor: Actor | None = None) -> tuple[Unreceived, ...]:
    """Return the arrivals that became neither record nor metadata of one, quarantined ones without a name; records that they are set
    against as *actor* knows them, or by their ids."""
    rows = Arrival.objects.filter(batch_id=batch_id).exclude(outcome__in=("record", "metadata", "container")).order_by("path")[:limit]
    said = [(row.finding or {}).get("message", "") for row in rows]
    told = scope.in_words(actor, said) if actor else said
    return tuple(Unreceived(row.path, row.outcome, row.size_bytes, message) for row, message in zip(rows, told, strict=True))


def _states(batch_id: str) -> Counter[str]:
    rows = Record.objects.filter(batch_id=batch_id).values_list("state").annotate(count=Count("id"))
    return Counter(dict(rows))


def _sums(batch_id: str) -> tuple[Tally, ...]:
    rows = Arrival.objects.filter(batch_id=batch_id).values("outcome").annotate(files=Count("id"), size=Sum("size_bytes"))
    found = {row["outcome"]: Tally(row["outcome"], row["files"], row["size"] or 0) for row in rows}
    return tuple(found[outcome] for outcome in (*OUTCOMES, *sorted(set(found) - set(OUTCOMES))) if outcome in found)


def _rows(rows: Sequence[Batch]) -> tuple[BatchRow, ...]:
    names, ids = scope.departments(), [row.id for row in rows]
    waiting = dict(
        Record.objects.filter(batch_id__in=ids, state=State.DESCRIBED)
        .exclude(needs_attention="")
        .values_list("batch_id")
        .annotate(count=Count("id"))
    )
    running = {row.object_id: row for row in Progress.objects.filter(object_id__in=ids, state="running").order_by("updated_at")}
    return tuple(
        BatchRow(
            row.id,
            row.code,
            row.title,
            row.channel,
            row.department,
            names.get(row.department, row.department),
            row.state,
            row.record_count,
            waiting.get(row.id, 0),
            _percent(running.get(row.id), row.state),
        )
        for row in rows
    )


def _going(batch_id: str) -> Going | None:
    """Return what goes on with a batch; a step that told nothing of itself for long is not going on."""
    since = datetime.now(UTC) - GOING_FOR
    told = (
        Progress.objects.filter(object_id=batch_id, verb__in=GOING, state="running", updated_at__gte=since).order_by("-updated_at").first()
    )
    return Going(told.step, told.done, told.total) if told else None


def _percent(progress: Progress | None, state: str) -> int | None:
    if progress is None or state not in ("receiving", "checking") or not progress.total:
        return None
    return min(100, 100 * progress.done // progress.total)


def _judgement(undecided: int, untested: int, *, is_judge: bool) -> str:
    """Say whom the records that are not decided wait for; empty where there are none."""
    if not undecided:
        return ""
    if untested == undecided:
        return f"等补检 {undecided} 件"
    return f"等您处理 {undecided} 件" if is_judge else f"等档案室判定 {undecided} 件"


def _steps(row: Batch, counts: Counter[str], judgement: str) -> tuple[Step, ...]:
    """Tell the line of a batch: what is behind it, where it stands, what is to come; *judgement* says what a person is waited for."""
    place = {"receiving": 0, "checking": 2, "waiting": 4, "accepted": 5, "returned": 5, "done": 7}.get(row.state, 0)
    reports = Report.objects.filter(batch_id=row.id, gate="arrival", subject_kind="record").count()
    accepted = sum(counts[state] for state in (State.ARRANGED, State.NUMBERED, State.ARCHIVED))
    numbered, archived = counts[State.NUMBERED] + counts[State.ARCHIVED], counts[State.ARCHIVED]
    records = max(row.record_count, counts.total())  # what the batch itself says is written once everything is in
    if row.state == "accepted" and accepted:
        place = 6 if numbered < accepted else 7
    notes = (
        ("收包", f"{records} 件"),
        ("查毒与识别", f"{row.file_count} 个文件"),
        ("四性检测", f"{reports} / {records}"),
        ("著录", f"{records - counts[State.RECEIVED] - counts[State.CHECKED]} / {records}"),
        ("人工判定", judgement or ("已判定" if place > 4 else "等待接收" if place == 4 else "未开始")),
        ("整理", f"{accepted} 件" if place > 4 else "未开始"),
        ("固定档号", f"{numbered} / {accepted}" if place > 5 else "未开始"),
        ("入库", f"{archived} / {accepted}" if archived else "未开始"),
    )
    is_all_in = bool(accepted) and archived == accepted
    return tuple(Step(name, _step_state(at, place, row.state, is_all_in=is_all_in), note) for at, (name, note) in enumerate(notes))


def _step_state(at: int, place: int, state: str, *, is_all_in: bool) -> str:
    if at < place or (at == place == 7 and is_all_in):
        return "done"
    if at > place or state in ("done", "returned"):
        return ""
    return "waiting" if state in ("waiting", "accepted") else "current"
