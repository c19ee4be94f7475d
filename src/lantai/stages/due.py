"""What is due by state: the table from which the sweeper puts lost work back on the queue. Importing it declares every task."""

from collections.abc import Iterator
from datetime import timedelta

from lantai import work
from lantai.core.lifecycle import State, origins
from lantai.ports import House
from lantai.shelves.copies.models import Audit
from lantai.shelves.digitising.models import Item
from lantai.shelves.holdings import numbers
from lantai.shelves.holdings.models import IndexOutbox, Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger.models import Event
from lantai.shelves.recovery import queries as recovery
from lantai.shelves.upkeep.models import Run
from lantai.stages import (
    accept,
    amend,
    archive,
    arrange,
    capture,
    check,
    copies,
    describe,
    expire,
    fixing,
    index,
    preserve,
    recheck,
    renew,
    report_seal,
    seal,
    sheets,
    stamp,
    undo,
    upkeep,
)
from lantai.stages.digitise import delivering, watching, working
from lantai.stages.export import jobs
from lantai.stages.recover import backup
from lantai.stages.recover import state as state_package
from lantai.stages.transfer import screen

Arguments = dict[str, str]
TIDY_EVERY = timedelta(hours=1)
TASKS: tuple[object, ...] = (
    capture.receive_task,
    check.check_task,
    describe.describe_task,
    accept.settle_task,
    report_seal.seal_task,
    arrange.arrange_task,
    arrange.revise_task,
    sheets.sheet_task,
    undo.undo_task,
    fixing.number_task,
    archive.archive_task,
    amend.amend_task,
    index.index_task,
    recheck.recheck_task,
    preserve.preserve_task,
    copies.replicate_task,
    copies.audit_task,
    upkeep.tidy_task,
    state_package.state_task,
    backup.backup_task,
    jobs.export_task,
    screen.step_task,
    seal.regularly,
    working.digitise_task,
    delivering.deliver_task,
    stamp.stamp_task,
    watching.regularly,
    expire.expire_task,
    renew.renew_task,
)


def _batches(state: str) -> Iterator[Arguments]:
    for key in Batch.objects.filter(state=state, needs_attention="").values_list("id", flat=True)[:500]:
        yield {"batch_id": key}


def _receiving(house: House) -> Iterator[Arguments]:
    yield from _batches("receiving")


def _with(state: State, batch_state: str, **conditions: object) -> Iterator[Arguments]:
    """Batches in a state that still hold free records in a processing state."""
    resting = Batch.objects.filter(state=batch_state, needs_attention="").values_list("id", flat=True)
    free = Record.objects.filter(batch_id__in=resting, state=state, needs_attention="", hold=False, quarantined=False, **conditions)
    for key in free.values_list("batch_id", flat=True).distinct()[:500]:
        yield {"batch_id": key}


def _unchecked(house: House) -> Iterator[Arguments]:
    """Every batch under check; running the check again over checked records changes nothing and queues what follows."""
    yield from _batches("checking")


def _undescribed(house: House) -> Iterator[Arguments]:
    for state in ("checking", "waiting", "accepted"):
        yield from _with(State.CHECKED, state)


def _unarranged(house: House) -> Iterator[Arguments]:
    yield from _with(State.DESCRIBED, "accepted", conclusion__in=("pass", "trial"))


def _unfixed(house: House) -> Iterator[Arguments]:
    for key in Act.objects.filter(state__in=("queued", "numbering"), kind="fix").values_list("id", flat=True)[:500]:
        yield {"act_id": key}


def _unrevised(house: House) -> Iterator[Arguments]:
    for key in Act.objects.filter(state="queued", kind="revise").values_list("id", flat=True)[:500]:
        yield {"act_id": key}


def _unsheeted(house: House) -> Iterator[Arguments]:
    for key in Act.objects.filter(state__in=("trying", "queued"), kind__in=("import", "export")).values_list("id", flat=True)[:500]:
        yield {"act_id": key}


def _unreturned(house: House) -> Iterator[Arguments]:
    for key in Act.objects.filter(state="returning").values_list("id", flat=True)[:500]:
        yield {"act_id": key}


def _unarchived(house: House) -> Iterator[Arguments]:
    """The ranges that hold free numbered records, and whatever is ready without one; not where records still take up their numbers."""
    begun = {act.asked["range_id"] for act in Act.objects.filter(state="numbering", kind="fix")}
    ready = Record.objects.filter(state__in=origins("archive"), needs_attention="", hold=False, quarantined=False)
    for key in numbers.ranges_of(ready)[:500]:
        if key not in begun:
            yield {"range_id": key}
    if ready.exclude(state=State.NUMBERED).exists():
        yield {"range_id": ""}


def _unamended(house: House) -> Iterator[Arguments]:
    """Corrections that were approved and are not made yet."""
    yield from amend.unmade()


def _unindexed(house: House) -> Iterator[Arguments]:
    if IndexOutbox.objects.exists():
        yield {}


def _unstated(house: House) -> Iterator[Arguments]:
    """Once a night, at the hour of the timetable; first in the night after the installation was made."""
    last = state_package.last_written(house.data) or Event.objects.order_by("instant").values_list("instant", flat=True).first()
    if last is not None and recovery.timetable().is_due(house.clock.now(), last):
        yield {}


def _unbacked(house: House) -> Iterator[Arguments]:
    """The backup of the timetable, at its hour; one that failed is tried again the next night, and stands on the desk till then."""
    row, last = recovery.schedule(), recovery.last_begun(house.clock.now())
    begun = last.started_at if last else (row.decided_at if row else None)
    if row is not None and row.place and recovery.timetable().is_due(house.clock.now(), begun):
        yield {}


def _unscanned(house: House) -> Iterator[Arguments]:
    """What waits for a virus engine, once one answers."""
    if recheck.is_due() and recheck.is_ready(house):
        yield {}


def _unpreserved(house: House) -> Iterator[Arguments]:
    """Runs of the preservation gate that are going on, and plans that wait for theirs."""
    for key in Run.objects.filter(state="running").values_list("id", flat=True):
        yield {"run_id": key}
    if preserve.is_due(house.clock.now()):
        yield {"run_id": ""}


def _undigitised(house: House) -> Iterator[Arguments]:
    """Batches of scans that hold items which wait for a worker."""
    for key in working.due():
        yield {"batch_id": key}


def _undelivered(house: House) -> Iterator[Arguments]:
    """Accepted items of scans that have not gone on to reception."""
    waiting = Item.objects.filter(state="accepted", needs_attention="", batch__needs_attention="")
    for key in waiting.values_list("batch_id", flat=True).distinct()[:500]:
        yield {"batch_id": key}


def _uncopied(house: House) -> Iterator[Arguments]:
    """Replicas that lack what the vault holds."""
    for key in copies.pending(house):
        yield {"replica_id": key}


def _unaudited(house: House) -> Iterator[Arguments]:
    """Audits that are going on, and places that wait for theirs."""
    for key in Audit.objects.filter(state="running").values_list("id", flat=True):
        yield {"audit_id": key}
    if copies.is_due(house):
        yield {"audit_id": ""}


def _untidied(house: House) -> Iterator[Arguments]:
    """Once an hour; a worker does it at its start besides."""
    last = work.last_run("tidy", "tidy")
    if last is None or house.clock.now() - last >= TIDY_EVERY:
        yield {}


def _unstamped(house: House) -> Iterator[Arguments]:
    """Roots without a time stamp, and checkpoints when it is time; asked for now and then while the authority does not answer."""
    if stamp.due(house):
        yield {}


def _expired(house: House) -> Iterator[Arguments]:
    """Once a day, where the agency has set a period."""
    if expire.due(house):
        yield {}


def _unrenewed(house: House) -> Iterator[Arguments]:
    """Once a day, where the agency asks for another digest."""
    if renew.due(house):
        yield {}


work.due("receive", _receiving)
work.due("check", _unchecked)
work.due("describe", _undescribed)
work.due("arrange", _unarranged)
work.due("revise", _unrevised)
work.due("sheet", _unsheeted)
work.due("undo", _unreturned)
work.due("number", _unfixed)
work.due("archive", _unarchived)
work.due("amend", _unamended)
work.due("index", _unindexed)
work.due("state", _unstated)
work.due("backup", _unbacked)
work.due("recheck", _unscanned)
work.due("preserve", _unpreserved)
work.due("digitise", _undigitised)
work.due("deliver_scans", _undelivered)
work.due("replicate", _uncopied)
work.due("audit", _unaudited)
work.due("tidy", _untidied)
work.due("stamp", _unstamped)
work.due("expire", _expired)
work.due("renew", _unrenewed)
work.at_start("tidy")
