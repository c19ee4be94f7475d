"""Fixing a large class as a job 固定档号: its records are claimed, its codes sealed in one short transaction, and then taken up.

Three phases, each of slices that nobody waits for long, and each true by itself:

1. *Claimed*: nobody changes any more what the codes rest on. Nothing of the act is to be seen; broken off, it begins anew; refused, all
   claims are let go.
2. *Sealed*: the class still is what the person saw, record by record in order; codes, range and event are written together, or nothing is.
   From here on no number can be missing, come twice or go to another record.
3. *Taken up*: slice by slice the records bear the codes that are theirs. Broken off, it goes on; nothing can come between.
"""

from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from lantai import work
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings import claims, counts, numbers, order
from lantai.shelves.holdings.models import NumberRange
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.stages import coding, numbering, rest, traces
from lantai.stages.numbering import Plan
from lantai.work import Steps

#: How many records are claimed, and how many take up their codes, in one transaction: the write lock is held for a tenth of a second.
CLAIMED_AT_ONCE, TAKEN_UP_AT_ONCE = 5000, 500


def go_on(house: House, act_id: str) -> None:
    """Do what is left of a fixing that was begun; what is sealed already is not sealed again.

    Raises Refusal where the class is not what the person saw: then nothing is sealed or claimed any more.
    """
    act = Act.objects.get(id=act_id)
    if act.state not in (journal.QUEUED, journal.NUMBERING):
        return
    with work.progress("number", act.id, step="推算档号", total=act.total) as progress:
        if act.state == journal.QUEUED:
            _sealed(house, act, progress)
        progress.step("写入档号", total=act.total)
        _take_up(act.id, progress)
    traces.spend(house)
    counts.fold()


def _sealed(house: House, act: Act, progress: Steps) -> None:
    """Plan an act and seal it, unless somebody else does: then the class looks changed, and that is no refusal."""
    try:
        _seal(house, act, _planned(house, act), progress)
    except Refusal:
        if _lets_go(act.id):
            raise


def _lets_go(act_id: str) -> bool:
    """Let go of what a refused act has claimed; False where somebody else has sealed it meanwhile: the claims are needed then."""
    with transaction.atomic():
        is_waiting = _waits(act_id).first() is not None
        if is_waiting:
            claims.release(act_id)
        return is_waiting


def _waits(act_id: str) -> "QuerySet[Act]":
    """Return the act, locked, while nobody has sealed it."""
    return Act.objects.select_for_update().filter(id=act_id, state=journal.QUEUED)


def _planned(house: House, act: Act) -> Plan:
    asked = {name: act.asked.get(name, "") for name in ("year", "department", "retention", "category")}
    of, without = coding.numbered(house, **asked)
    ids = order.free_ids(**of, without=without)
    if numbering.ids_digest(ids) != act.asked["ids_sha256"]:
        raise Refusal("NUMBER-COUNT-CHANGED", act.title, expected=act.total, actual=len(ids))
    return numbering.plan(house, ids, of, without)


def _seal(house: House, act: Act, planned: Plan, progress: Steps) -> None:
    """Claim the records of a plan and seal it, where the class still is as it was planned."""
    progress.step("封存", total=act.total)
    waits = _waits(act.id)
    for part in batched(planned.ids, CLAIMED_AT_ONCE):
        with transaction.atomic():
            if waits.first() and not claims.claim(act.id, part):
                raise numbering.moved_on(planned)
    with transaction.atomic():
        if not waits.first():
            return  # somebody else has sealed it
        now = order.free_ids(**planned.of, without=planned.without)
        if numbering.ids_digest(now) != act.asked["ids_sha256"] or claims.count(act.id) != len(now):
            raise numbering.moved_on(planned)
        sealed = numbering.seal(house, act.actor, planned)
        kept = act.asked | {"range_id": sealed.range_id}
        Act.objects.filter(id=act.id).update(state=journal.NUMBERING, done=sealed.count, asked=kept)


def _take_up(act_id: str, progress: Steps) -> None:
    """Let every record that does not yet bear its code do so, and queue their archiving."""
    act = Act.objects.get(id=act_id)
    if act.state != journal.NUMBERING:
        return
    sealed = NumberRange.objects.get(id=act.asked["range_id"])
    for first in range(sealed.first, sealed.last + 1, TAKEN_UP_AT_ONCE):
        between = first, min(sealed.last, first + TAKEN_UP_AT_ONCE - 1)
        with transaction.atomic():
            claims.let_go(sealed.scope, between)
            numbers.take_up_sealed(sealed.scope, between)
        progress.advance(between[1] - first + 1)
    with transaction.atomic():
        if Act.objects.filter(id=act.id, state=journal.NUMBERING).update(state=journal.SEALED):
            work.enqueue("archive", range_id=sealed.id)


def _gave_up(reason: str, **kwargs: Any) -> None:  # noqa: ANN401 - the arguments of the task
    """Let an act that was given up before it sealed anything say so, and claim nothing; what is sealed the sweep goes on with."""
    with transaction.atomic():
        rest.act(reason, **kwargs)
        if Act.objects.filter(id=kwargs["act_id"], state=journal.FAILED).exists():
            claims.release(kwargs["act_id"])


@work.task("number", on_give_up=_gave_up)
def number_task(act_id: str) -> None:
    """Go on with a fixing in the background."""
    go_on(work.house(), act_id)
