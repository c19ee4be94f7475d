"""capture 接收: whatever arrives becomes records of a batch, and every file has an outcome (in = out).

``open_batch`` notes the delivery and hands it to a worker; ``receive`` takes it in slices. Both may run twice and die
anywhere: paths that already have an outcome are skipped, bytes that were never entered are swept.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import Sum

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.core.record import Channel
from lantai.packages import container, sealing
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake import queries
from lantai.shelves.intake.models import Arrival, Batch
from lantai.shelves.ledger import entries
from lantai.stages import leftovers, rest
from lantai.stages.capture import sources as delivered
from lantai.stages.capture.enter import Entering, blind, known
from lantai.stages.capture.names import keepable, keepable_json
from lantai.stages.capture.plan import Item, Planner, Unit, size_of
from lantai.stages.capture.take import Copier, TakenUnit, keep_text, take, text_path
from lantai.stages.facts import CARRIER, READ

SLICE_BYTES = 256 * 1024 * 1024
CATALOGUE_SLICE = 500
CARRIER_CHARACTERS = 64
_TRIES = 3


def open_batch(  # noqa: PLR0913 - the facts of a delivery, all keyword-only
    house: House,
    actor: Actor,
    sources: Sequence[Path],
    *,
    channel: str,
    title: str = "",
    department: str = "",
    is_upload: bool = False,
    carrier: str = "",
    handed: tuple[str, str] = ("", ""),
) -> str:
    """Note a delivery of *sources* and queue its reception; return the batch's ULID. *carrier* is the number of the medium it came on,
    *handed* the key that a system gave it and the SHA-256 of its bytes.

    Raises Refusal where the actor may not deliver (for that department), a source is missing or our own data, the channel is
    unknown, or a catalogue is none or was imported before; IntegrityError where the key of this actor stands for a batch already.
    """
    department = department or actor.department
    access.require(actor, "intake:batch:open", {"department": department})
    if channel not in set(Channel):
        raise Refusal("CAPTURE-CHANNEL-UNKNOWN", channel)
    delivered.require(house, sources, channel)
    now = house.clock.now()
    batch = Batch(id=house.ids.new(), channel=channel, is_upload=is_upload, department=department, submitter=actor.id, created_at=now)
    batch.key, batch.sha256 = handed
    batch.facts |= {CARRIER: keepable(carrier)[:CARRIER_CHARACTERS]} if carrier else {}
    delivered.remember(house, batch, sources, title=title)
    with transaction.atomic():
        batch.code = queries.next_batch_code(now)
        delivered.refuse_again(batch)
        batch.save(force_insert=True)
        told = {"code": batch.code, "title": batch.title} | ({"key": batch.key, "sha256": batch.sha256} if batch.key else {})
        entries.append(now, [entries.Entry("batch:opened", actor.id, batch.id, told)], ids=house.ids)
        work.enqueue("receive", batch_id=batch.id)
    return batch.id


def receive(house: House, batch_id: str) -> None:
    """Take a batch in, slice by slice, until every path of its sources has an outcome; then queue its check."""
    batch = Batch.objects.get(id=batch_id)
    if batch.state != "receiving":
        return
    scratch = leftovers.scratch(house, batch.id) / house.ids.new()  # of this run alone: another may still be unpacking its own
    reception = Reception.of(house, batch)
    planner = Planner(scratch, _limits(house), reception.copier.digests)
    items = (item for source in delivered.recall(house, batch) for item in planner.items(source))
    try:
        with work.progress("receive", batch.id, step="接收") as progress:
            done = _done(batch)
            progress.look(len(done), 0)
            for part in _slices(_todo(items, batch.id, done), house.settings.slice_records):
                progress.expect(planner.listed)
                _receive_slice(reception, part)
                progress.advance(len(part))
    finally:
        reception.copier.forget()
    _finish(house, batch, planner, reception.copier)
    leftovers.clear_away(house, batch)


def _done(batch: Batch) -> set[str]:
    """Return the paths that have an outcome."""
    return set(Arrival.objects.filter(batch=batch).values_list("path", flat=True))


def _limits(house: House) -> container.ContainerLimits:
    settings = house.settings
    return container.ContainerLimits(
        bytes=settings.unpacked_bytes,
        entries=settings.unpacked_entries,
        ratio=settings.unpacked_ratio,
        seconds=settings.unpacked_seconds,
        trusted=settings.trusted_place,
    )


def _todo(items: Iterable[Item], batch_id: str, done: set[str]) -> Iterator[Item]:
    """Leave out what an earlier run of this batch has entered."""
    for item in items:
        if item.path not in done and not (done and blind(batch_id, item.path) in done):
            yield item


def _slices(items: Iterable[Item], records: int) -> Iterator[list[Item]]:
    """Cut the items into slices by count and bytes; rows without files weigh little and go in larger slices."""
    held: list[Item] = []
    weight = 0.0
    for item in items:
        held.append(item)
        files = item.files if isinstance(item, Unit) else ()
        size = sum(size_of(file.source) for file in files)
        weight += max(1 / records if files else 1 / CATALOGUE_SLICE, size / SLICE_BYTES)
        if weight >= 1 - 1e-9:
            yield held
            held, weight = [], 0.0
    if held:
        yield held


@dataclass(frozen=True, slots=True)
class Reception:
    """One run of receiving a batch, and what copies its files."""

    house: House
    batch: Batch
    copier: Copier

    @classmethod
    def of(cls, house: House, batch: Batch) -> "Reception":
        """Begin a run."""
        return cls(house, batch, Copier(house.scanner, house.staging / batch.id, house.ids.new))


def _receive_slice(reception: Reception, items: list[Item]) -> None:
    """Take and enter a slice; what another worker entered meanwhile is left to stand, and only the rest is taken again."""
    batch = reception.batch
    for _ in range(_TRIES):
        if _enter_slice(reception, items):
            return
        items = list(_todo(items, batch.id, _done(batch)))
        if not items:
            return
    raise Fault("CAPTURE-CONTENDED", batch.code)


def _enter_slice(reception: Reception, items: list[Item]) -> bool:
    """Take and enter a slice; False where somebody entered some of it, or its numbers, first: then nothing of it is left behind.

    Where a commit fails in any other way nobody knows whether the rows stand, so the bytes stay: upkeep asks the rows later.
    """
    house, batch = reception.house, reception.batch
    taken = take(house, reception.copier, [item for item in items if isinstance(item, Unit)])
    entering = Entering(house, batch, known(taken), house.clock.now())
    spare = [file.staged for unit in taken for file in unit.files]
    try:
        _plan_rows(entering, items, taken)
        if any(unit.files for unit in taken):
            make_durable(house.staging)
    except BaseException:
        _take_back(house, entering, spare)
        raise
    try:
        entering.commit()
    except IntegrityError:
        _take_back(house, entering, spare)
        return False
    _unlink(entering.slice.spare)
    batch.record_count += len(entering.slice.records)
    return True


def _plan_rows(entering: Entering, items: list[Item], taken: list[TakenUnit]) -> None:
    """Give every item its outcome and lay the page texts of what becomes a record beside its bytes."""
    units = {id(unit.unit): unit for unit in taken}
    for item in items:
        if isinstance(item, Unit):
            entering.unit(units[id(item)])
        else:
            entering.rejected(item)
    spare = set(entering.slice.spare)
    for unit in taken:
        for file in unit.files:
            if file.staged not in spare and file.staged.exists():
                keep_text(file)


def _take_back(house: House, entering: Entering, staged: list[Path]) -> None:
    """Erase the bytes of a slice that was not entered: staged copies, page texts, and what it sealed away.

    What a failing disk does not let go of is upkeep's.
    """
    texts = [text_path(path) for path in staged]
    sealed = [house.data / "quarantine" / item.sealed_name for item in entering.slice.quarantined]
    for path in (*staged, *texts, *sealed):
        with suppress(OSError):
            sealing.erase(path)


def _unlink(staged: Iterable[Path]) -> None:
    for path in staged:
        path.unlink(missing_ok=True)
        text_path(path).unlink(missing_ok=True)


def _finish(house: House, batch: Batch, planner: Planner, copier: Copier) -> None:
    """Say what came: a carrier's speed is known where it was read here, and how many records were stated where packages alone came."""
    sources, facts = delivered.recall(house, batch), batch.facts | {"remarks": [keepable_json(item.as_json()) for item in planner.remarks]}
    facts |= {READ: [copier.bytes, copier.read_seconds]} if facts.get(CARRIER) and not batch.is_upload and copier.bytes else {}
    arrived = Arrival.objects.filter(batch=batch)
    with transaction.atomic():
        moved = Batch.objects.filter(id=batch.id, state="receiving").update(
            state="checking",
            title=delivered.title_now(house, batch),
            facts=facts,
            **(_stated(planner.stated) if len(planner.stated) == len(sources) else {}),
            file_count=arrived.count(),
            size_bytes=arrived.aggregate(total=Sum("size_bytes"))["total"] or 0,
            record_count=Record.objects.filter(batch_id=batch.id).count(),
        )
        if moved:
            work.enqueue("check", batch_id=batch.id)


def _stated(said: Sequence[tuple[int, int | None]]) -> dict[str, int | None]:
    """Return how much the packages together say that they hold."""
    sizes = [size for _, size in said if size is not None]
    return {"declared_records": sum(count for count, _ in said), "declared_bytes": sum(sizes) if len(sizes) == len(said) else None}


@work.task("receive", on_give_up=rest.batch)
def receive_task(batch_id: str) -> None:
    """Receive a batch in the background."""
    receive(work.house(), batch_id)
