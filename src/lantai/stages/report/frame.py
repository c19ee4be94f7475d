"""What stands around every screen: counts on the rail, work in progress, and how far the ledger is sealed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.lifecycle import State
from lantai.shelves.edge.models import Progress
from lantai.shelves.holdings import counts as classes
from lantai.shelves.holdings.models import NumberRange
from lantai.shelves.intake.models import Quarantine
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger.models import Event
from lantai.shelves.upkeep import queries as upkeep
from lantai.stages.report import describing, inspection, scope

STEPS = (
    ("receive", "收包"),
    ("check", "四性检测"),
    ("describe", "著录"),
    ("arrange", "整理"),
    ("archive", "打包入库"),
    ("index", "编索引"),
)
IN_PROGRESS_FOR = timedelta(minutes=30)
UNDER_WAY = ("queued", "trying", "returning", "numbering")


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work that is going on: what it is called, its step of how many, how far; ``total`` 0 means not known."""

    key: str
    name: str
    subject: str
    step: int
    steps: int
    step_name: str
    done: int
    total: int
    state: str
    message: str

    @property
    def percent(self) -> int:
        """How much of this step is done, 0–100."""
        return min(100, 100 * self.done // self.total) if self.total else 0

    @property
    def segments(self) -> tuple[tuple[str, int], ...]:
        """One (state, percent) a step of the line: done, running, failed or to come."""
        here = "failed" if self.state == "failed" else "running"
        return tuple(
            ("done", 100) if at < self.step else (here, self.percent or 8) if at == self.step else ("", 0)
            for at in range(1, self.steps + 1)
        )


@dataclass(frozen=True, slots=True)
class Sealing:
    """How far the ledger goes: events in all, the last sealed position (None where nothing is sealed), and those not sealed yet."""

    events: int
    last_position: int | None
    unsealed: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Counts on the rail by place, work going on, and the ledger's state."""

    counts: dict[str, int]
    jobs: tuple[Job, ...]
    sealing: Sealing


def frame(actor: Actor, now: datetime, sealed: Sealing | None = None) -> Frame:
    """Return what stands around a screen for *actor*; ``sealed`` is the ledger's state where it was read a moment ago."""
    return Frame(_counts(actor), jobs(actor, now), sealed or sealing())


def sealing() -> Sealing:
    """Return how far the ledger is sealed."""
    last = Event.objects.exclude(position=None).order_by("-position").values_list("position", flat=True).first()
    unsealed = Event.objects.filter(position=None).count()  # positions have no gaps: counting all events would read them all
    return Sealing(unsealed + (0 if last is None else last + 1), last, unsealed)


def jobs(actor: Actor, now: datetime) -> tuple[Job, ...]:
    """Return the work that moved within the last half hour and is not done, newest first, as far as *actor* may see it; then what
    the actor has asked for and no worker has begun."""
    rows = Progress.objects.exclude(state="done").filter(updated_at__gte=now - IN_PROGRESS_FOR).order_by("-updated_at")[:12]
    ids = [row.object_id for row in rows]
    known = dict(scope.batches(actor).filter(id__in=ids).values_list("id", "code"))
    if access.may(actor, "holdings:record:archive").allowed:
        known |= dict(NumberRange.objects.filter(id__in=ids).values_list("id", "scope"))
    known |= dict(Act.objects.filter(id__in=ids, actor=actor.id).values_list("id", "title"))
    sees_all = access.may(actor, "system:health:read").allowed
    waiting = Act.objects.filter(actor=actor.id, state__in=UNDER_WAY).exclude(id__in=ids).order_by("id")[:12]
    begun = [_job(row, known.get(row.object_id, "")) for row in rows if sees_all or row.object_id in known]
    return (*begun, *(Job(row.id, row.title, row.title, 1, len(STEPS), "等待后台", row.done, row.total, "running", "") for row in waiting))


def _job(row: Progress, subject: str) -> Job:
    verbs = [verb for verb, _ in STEPS]
    at = verbs.index(row.verb) + 1 if row.verb in verbs else 1
    name = dict(STEPS).get(row.verb, row.step or row.verb)
    return Job(row.key, name, subject, at, len(STEPS), row.step or name, row.done, row.total, row.state, row.message)


def _counts(actor: Actor) -> dict[str, int]:
    counts: dict[str, int] = {}
    if access.may(actor, "intake:batch:accept").allowed:
        flagged = scope.records(actor).filter(state=State.DESCRIBED).exclude(needs_attention="").values("batch_id")
        counts["intake"] = scope.batches(actor).filter(Q(state="waiting") | Q(id__in=flagged)).count()
    if access.may(actor, "holdings:record:revise").allowed:
        counts["arrange"] = len(classes.classes(phase="open"))
    if access.may(actor, "quarantine:item:list").allowed:
        counts["quarantine"] = Quarantine.objects.filter(state="held").count()
    if access.may(actor, "upkeep:run:start").allowed:
        counts["preserve"] = upkeep.waiting()
    counts |= {"describe": describing.waiting(actor), "inspect": inspection.waiting(actor)}
    return {place: count for place, count in counts.items() if count}
