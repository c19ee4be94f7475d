"""classification 分类方案: the agency decides by what a category is parted, and from which year on (DA/T 22-2015).

What was numbered keeps the version it was arranged by, what is still open follows what is in force for its year. Nothing is deleted.
"""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Max

from lantai.core import access
from lantai.core import classification as core
from lantai.core.access import Actor
from lantai.core.classification import Terms
from lantai.core.errors import Refusal
from lantai.formats.content import clean
from lantai.ports import House
from lantai.shelves.ledger import entries
from lantai.shelves.policy.models import ClassScheme
from lantai.stages import coding

CHANGE = "system:agency:change"
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to hold for a category: the levels (``core.classification.FORMS``), the subjects, the first year (empty for all)."""

    form: str
    terms: Terms = ()
    since: str = ""


def decide(house: House, actor: Actor, category: str, wanted: Wanted, *, reason: str) -> ClassScheme:
    """Put a version in force for the years from one on, in place of the one that began with the same year; return it.

    Refusals: ACCESS-REFUSED, CATEGORY-UNKNOWN, CLASSIFICATION-WRONG (form, subjects, year or reason), POLICY-SAME, POLICY-CHANGED.
    """
    access.require(actor, CHANGE)
    category = category.strip().upper()
    if category not in coding.known(house):
        raise Refusal("CATEGORY-UNKNOWN", category[:20])
    if problem := core.problem(wanted.form, wanted.terms, wanted.since) or _reason_problem(reason):
        raise Refusal("CLASSIFICATION-WRONG", category, problem=problem)
    before = ClassScheme.objects.filter(category=category, since=wanted.since, retired_at=None).first()
    if _same(before, category, wanted):
        raise Refusal("POLICY-SAME", f"门类 {category} 的分类方案")
    last = ClassScheme.objects.filter(category=category).aggregate(last=Max("number"))["last"] or 0
    now, terms = house.clock.now(), [list(term) for term in wanted.terms]
    row = ClassScheme(id=house.ids.new(), category=category, number=last + 1, form=wanted.form, terms=terms, since=wanted.since)
    row.reason, row.decided_by, row.decided_at = reason.strip(), actor.id, now
    try:
        with transaction.atomic():
            _end(house, actor, before)
            row.save(force_insert=True)
            _tell(house, actor, "classification:decided", row, reason)
    except IntegrityError as clash:
        raise Refusal("POLICY-CHANGED", f"门类 {category} 的分类方案") from clash
    return row


def _same(before: ClassScheme | None, category: str, wanted: Wanted) -> bool:
    """Tell whether this holds already; the standard's form for all years is no version of its own before the first."""
    if before is not None:
        return (before.form, before.terms) == (wanted.form, [list(term) for term in wanted.terms])
    return wanted == Wanted(core.STANDARD) and not ClassScheme.objects.filter(category=category).exists()


def retire(house: House, actor: Actor, category: str, number: int, *, reason: str) -> None:
    """Let a version hold no more: the one before it holds, or the standard's. Refusals: CLASSIFICATION-UNKNOWN, and as :func:`decide`."""
    access.require(actor, CHANGE)
    row = ClassScheme.objects.filter(category=category, number=number, retired_at=None).first()
    if row is None:
        raise Refusal("CLASSIFICATION-UNKNOWN", category[:20], number=number)
    if problem := _reason_problem(reason):
        raise Refusal("CLASSIFICATION-WRONG", category, problem=problem)
    with transaction.atomic():
        _end(house, actor, row)
        _tell(house, actor, "classification:retired", row, reason)


def _reason_problem(reason: str) -> str:
    text = reason.strip()
    is_fit = text and len(text) <= LONGEST_REASON and text.isprintable() and clean(text) == text
    return "" if is_fit else "没有写理由，或理由超过 200 字、含控制字符"


def _end(house: House, actor: Actor, before: ClassScheme | None) -> None:
    if before is None:
        return
    own = ClassScheme.objects.filter(id=before.id, retired_at=None)
    if not own.update(retired_by=actor.id, retired_at=house.clock.now(), version=before.version + 1):
        raise Refusal("POLICY-CHANGED", f"门类 {before.category} 的分类方案")


def _tell(house: House, actor: Actor, event: str, row: ClassScheme, reason: str) -> None:
    body = {
        "category": row.category,
        "number": row.number,
        "form": row.form,
        "terms": row.terms,
        "since": row.since,
        "reason": reason.strip(),
    }
    entries.append(house.clock.now(), [entries.Entry(event, actor.id, row.category, body)], ids=house.ids)
