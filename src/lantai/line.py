"""The line walked by one process: accept, number, archive and index what was captured, and say what was left and why.

The command line, the demonstration and the benchmark use it; the verbs do the work, and each step is true by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lantai import work
from lantai.core.access import Actor
from lantai.core.codes import CODES
from lantai.core.errors import Refusal
from lantai.core.lifecycle import STATE_NAMES, State
from lantai.ports import House
from lantai.ports.signer import Handover
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch
from lantai.stages import accept, accession, attach, capture, number
from lantai.stages import keys as keys_verb
from lantai.stages import seal as ledger_seal
from lantai.stages.numbering import Sealed

PATIENCE_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Left:
    """A record that was not archived, with the reason in words."""

    id: str
    title: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a walk did: records archived, ranges sealed, and what was left."""

    archived: int
    scopes: tuple[Sealed, ...]
    left: tuple[Left, ...]


def finish(house: House) -> None:
    """Do everything that is due, in this process."""
    work.sweep(house)
    work.drain(PATIENCE_SECONDS, is_hurried=True)


def archive(house: House, actor: Actor, keys: Sequence[str]) -> Outcome:
    """Accept, number and archive batches (by code or ULID) and records (by any key).

    Raises Refusal for an unknown key, and where all that was named is refused; of several, those that are not go on.
    """
    batches, record_ids = _resolve(keys)
    finish(house)
    refused = {batch.id: refusal for batch in batches if (refusal := _refused(house, actor, batch))}
    if refused and len(refused) == len(batches) and not record_ids:
        raise refused[batches[0].id]
    finish(house)
    chosen = Record.objects.filter(batch_id__in=[batch.id for batch in batches]) | Record.objects.filter(id__in=record_ids)
    before = set(chosen.filter(state=State.ARCHIVED).values_list("id", flat=True))
    register(house, actor, list(chosen.filter(state=State.ARRANGED)))
    sealed = seal(house, actor, list(chosen.filter(state=State.ARRANGED)))
    finish(house)
    rows = list(chosen)
    archived = sum(1 for row in rows if row.state == State.ARCHIVED and row.id not in before)
    left = tuple(_left(row, refused.get(row.batch_id)) for row in rows if row.state != State.ARCHIVED)
    return Outcome(archived, sealed, left)


def hang(house: House, actor: Actor, folder: Path, *, department: str) -> tuple[attach.Plan, int]:
    """Take a folder in as a batch and hang onto catalogue rows what has just one; return what was found, and how many were hung on."""
    batch_id = capture.open_batch(house, actor, [folder], channel="manual", department=department)
    finish(house)
    if refusal := _refused(house, actor, Batch.objects.get(id=batch_id)):
        raise refusal
    finish(house)
    seen = attach.plan(house, actor, batch_id)
    pairs = {line.offer.id: line.rows[0].id for line in seen.sure}
    if pairs:
        attach.attach(house, actor, pairs)
    finish(house)
    return seen, len(pairs)


def register(house: House, actor: Actor, rows: Sequence[Record]) -> int:
    """Register the codes of arranged records that brought one; return how many."""
    return accession.accession(house, actor, [row.id for row in rows if accession.brings_code(row)])


def seal(house: House, actor: Actor, rows: Sequence[Record]) -> tuple[Sealed, ...]:
    """Fix the codes of arranged records, class by class; records that lack a part of their code are left."""
    classes: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        if row.year and row.retention and not row.needs_attention and not accession.brings_code(row):
            classes.setdefault((row.year, row.department, row.retention), []).append(row.id)
    sealed: list[Sealed] = []
    for (year, department, retention), record_ids in sorted(classes.items()):
        made = number.fix(house, actor, year=year, department=department, retention=retention, record_ids=record_ids)
        sealed.append(made)
    return tuple(sealed)


def rotate_keys(house: House, *, reason: str, is_compromised: bool) -> Handover:
    """Seal what there is under the former keys, change keys, and seal the change under the new ones. Faults as of sealing."""
    ledger_seal.seal(house)
    made = keys_verb.rotate(house, reason=reason, is_compromised=is_compromised)
    ledger_seal.seal(house)
    return made


def _resolve(keys: Sequence[str]) -> tuple[list[Batch], list[str]]:
    batches: list[Batch] = []
    record_ids: list[str] = []
    for key in keys:
        batch = Batch.objects.filter(code=key).first() or Batch.objects.filter(id=key).first()
        if batch is not None:
            batches.append(batch)
        elif (row := queries.by_key(key)) is not None:
            record_ids.append(row.id)
        else:
            raise Refusal("BATCH-UNKNOWN", key)
    return batches, record_ids


def _refused(house: House, actor: Actor, batch: Batch) -> Refusal | None:
    """Accept what can be and return the refusal; a batch in which nothing can be accepted is none: what is left is told at the end."""
    try:
        accept.accept(house, actor, batch.id)
    except Refusal as refusal:
        return None if refusal.code == "BATCH-NOTHING-TO-ACCEPT" else refusal
    return None


def _left(row: Record, refused: Refusal | None) -> Left:
    return Left(row.id, row.title, row.state, refused.message if refused and not row.needs_attention else reason_of(row))


class _Told(dict[str, str]):
    """What is known of a reason by its code alone; the rest stands in the log."""

    def __missing__(self, key: str) -> str:
        return "见系统日志"


def reason_of(row: Record) -> str:
    """Return in words why a record has not gone on."""
    if row.needs_attention:
        known = CODES.get(row.needs_attention)
        return known.text.format_map(_Told(where=row.title or row.id)) if known else row.needs_attention
    if row.state == State.ARRANGED:
        missing = [label for name, label in (("year", "年度"), ("retention", "保管期限")) if not getattr(row, name)]
        if missing:
            return f"缺{'、'.join(missing)}，请在「整理」中补充"
    return STATE_NAMES[State(row.state)]
