"""What two persons may let pass 经说明接受: proposals that wait for another person, stopped records, and what was decided."""

from dataclasses import dataclass

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.checks import GATE_NAMES, Gate
from lantai.shelves.gates.models import Overruling
from lantai.shelves.holdings.models import Record
from lantai.stages import overrule
from lantai.stages.overrule import ACTION, STOPPED, Failed

PAGE = 50


@dataclass(frozen=True, slots=True)
class Stopped:
    """A record that a gate stopped, with its failed items and the proposals that stand."""

    record: Record
    gate: str
    items: tuple[Failed, ...]
    proposed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal or a decision with its record; ``is_own`` where the reader proposed it."""

    row: Overruling
    title: str
    gate: str
    is_own: bool


def stopped(actor: Actor, record_id: str = "") -> tuple[Stopped, ...]:
    """Return the records that a gate stopped with failed items, the newest page of them, or one by its id."""
    access.require(actor, ACTION)
    found: list[Stopped] = []
    for gate, (state, flags) in STOPPED.items():
        rows = Record.objects.filter(state=state, needs_attention__in=flags, quarantined=False)
        rows = rows.filter(conclusion__in=("fail", "manual")) if gate is Gate.ARRIVAL else rows
        for row in (rows.filter(id=record_id) if record_id else rows).order_by("-id")[:PAGE]:
            standing = Overruling.objects.filter(record_id=row.id, gate=gate, state="proposed").values_list("number", flat=True)
            if items := overrule.failed(row):
                found.append(Stopped(row, GATE_NAMES[gate], items, frozenset(standing)))
    return tuple(found[:PAGE])


def proposals(actor: Actor, *, is_waiting: bool) -> tuple[Proposal, ...]:
    """Return the proposals that wait, or what was decided of others, newest first."""
    access.require(actor, ACTION)
    rows = list((Overruling.objects.filter if is_waiting else Overruling.objects.exclude)(state="proposed").order_by("-id")[:PAGE])
    titles = dict(Record.objects.filter(id__in=[row.record_id for row in rows]).values_list("id", "title"))
    return tuple(Proposal(row, titles.get(row.record_id, ""), GATE_NAMES[Gate(row.gate)], row.proposed_by == actor.id) for row in rows)
