"""Questions to the agency's decisions on formats: which families it judges otherwise than the standard."""

from lantai.shelves.policy.models import FormatDecision
from lantai.standards.da_t_70.formats import Archiving, Decisions, Judgement, Risk


def decisions() -> Decisions:
    """Return the agency's decisions in force, by family; one query over a table of a few rows."""
    rows = FormatDecision.objects.filter(retired_at=None).order_by("family")
    return tuple((row.family, judgement(row)) for row in rows)


def judgement(row: FormatDecision) -> Judgement:
    """Return what a row decides."""
    return Judgement(Archiving(row.archiving), row.preservation, row.target, Risk(row.risk), row.risk_reason, row.note)
