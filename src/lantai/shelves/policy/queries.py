"""Questions to the agency's decisions: which are in force, and the scheme that judges by them."""

from lantai.core.checks import Gate, Scheme
from lantai.shelves.policy.models import FormatDecision
from lantai.standards import da_t_70
from lantai.standards.da_t_70.formats import Archiving, Decisions, Judgement, Risk


def decisions() -> Decisions:
    """Return the agency's decisions in force, by family; one query over a table of a few rows."""
    rows = FormatDecision.objects.filter(retired_at=None).order_by("family")
    return tuple((row.family, judgement(row)) for row in rows)


def judgement(row: FormatDecision) -> Judgement:
    """Return what a row decides."""
    return Judgement(Archiving(row.archiving), row.preservation, row.target, Risk(row.risk), row.risk_reason, row.note)


def scheme(gate: Gate) -> Scheme:
    """Return the scheme of *gate* in force here: the standard's, with the formats as the agency decided. The same until it decides anew."""
    own = decisions()
    return da_t_70.scheme_with(gate, decisions=own) if own else da_t_70.scheme(gate)
