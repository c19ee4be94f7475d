"""What a person decides of a finished document: that it is not to be filed, and which record a doubtful one is."""

from collections.abc import Mapping

from django.db import transaction

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.finished import EXCLUSIONS, Standing
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.shelves.register import standing
from lantai.shelves.register.models import FinishedDocument

_WORDS = 500
_GONE = (State.DISCARDED, State.RETURNED)


def exclude(house: House, actor: Actor, key: str, *, reason: str, words: str) -> None:
    """Say that a document is not to be filed, with one of the reasons of article 4 and words of one's own.

    Refusals: ACCESS-REFUSED, REGISTER-UNKNOWN, REGISTER-REASON, REGISTER-FILED, REGISTER-CHANGED.
    """
    row = _row(actor, key)
    said = words.strip()
    if reason not in EXCLUSIONS or not said or len(said) > _WORDS or not said.replace("\n", "").isprintable():
        raise Refusal("REGISTER-REASON")
    stood = standing.one(row.id)
    if stood is not None and stood.standing is Standing.FILED:
        raise Refusal("REGISTER-FILED", row.title)
    row.exclusion, row.exclusion_words, row.excluded_by, row.excluded_at = reason, said, actor.id, house.clock.now()
    _write(house, actor, row, "register:excluded", {"reason": reason, "words": said, "title": row.title})


def include(house: House, actor: Actor, key: str) -> None:
    """Take back that a document is not to be filed. Refusals as in :func:`exclude`."""
    row = _row(actor, key)
    before = {"reason": row.exclusion, "words": row.exclusion_words, "by": row.excluded_by}
    row.exclusion, row.exclusion_words, row.excluded_by, row.excluded_at = "", "", "", None
    _write(house, actor, row, "register:included", before | {"title": row.title})


def match(house: House, actor: Actor, key: str, record_id: str) -> None:
    """Say which record a document is. Refusals: ACCESS-REFUSED, REGISTER-UNKNOWN, REGISTER-MATCH, REGISTER-CHANGED.

    The record must be live, one that the actor may read, and claimed by no other document by a person.
    """
    row = _row(actor, key)
    record = Record.objects.filter(id=record_id).exclude(state__in=_GONE).first()
    facts = {"state": record.state, "department": record.department, "quarantined": "yes" if record.quarantined else ""} if record else {}
    is_taken = FinishedDocument.objects.filter(record_id=record_id).exclude(id=row.id).exists()
    if record is None or is_taken or not access.may(actor, "holdings:record:read", facts).allowed:
        raise Refusal("REGISTER-MATCH", record.code or record.title if record and not is_taken else record_id)
    row.record_id, row.matched_by, row.matched_at = record.id, actor.id, house.clock.now()
    _write(house, actor, row, "register:matched", {"record": record.id, "code": record.code, "title": row.title})


def part(house: House, actor: Actor, key: str) -> None:
    """Take back that a document is the record a person confirmed. Refusals as in :func:`exclude`."""
    row = _row(actor, key)
    before = {"record": row.record_id, "by": row.matched_by, "title": row.title}
    row.record_id, row.matched_by, row.matched_at = "", "", None
    _write(house, actor, row, "register:parted", before)


def _row(actor: Actor, key: str) -> FinishedDocument:
    row = FinishedDocument.objects.filter(id=key).first()
    if row is None:
        raise Refusal("REGISTER-UNKNOWN", key)
    access.require(actor, "intake:register:decide", {"department": row.department}, where=row.document_number or row.title)
    return row


def _write(house: House, actor: Actor, row: FinishedDocument, event: str, body: Mapping[str, object]) -> None:
    columns = ("exclusion", "exclusion_words", "excluded_by", "excluded_at", "record_id", "matched_by", "matched_at")
    with transaction.atomic():
        if not save_unchanged(FinishedDocument, [row], columns):
            raise Refusal("REGISTER-CHANGED", row.title)
        entries.append(house.clock.now(), [entries.Entry(event, actor.id, row.id, dict(body))], ids=house.ids)
