"""Questions to the agency's choices: which are in force, and the schemes that judge by them."""

from dataclasses import dataclass

from lantai.core.checks import Gate, Mode, Scheme, Weight
from lantai.shelves.gates.models import CheckChoice
from lantai.shelves.policy import queries as policy
from lantai.standards import da_t_70
from lantai.standards.da_t_70.choices import Choice, Choices
from lantai.standards.da_t_70.formats import Decisions


@dataclass(frozen=True, slots=True)
class Schemes:
    """The schemes of one gate in force at one moment: what holds for every category, and what each chose otherwise."""

    gate: Gate
    decisions: Decisions
    by_category: tuple[tuple[str, Choices], ...]

    def of(self, category: str = "") -> Scheme:
        """Return the scheme that records of *category* are judged by; the same value until the agency chooses anew."""
        choices = self.choices(category)
        if not choices and not self.decisions:
            return da_t_70.scheme(self.gate)
        return da_t_70.scheme_with(self.gate, decisions=self.decisions, choices=choices)

    def choices(self, category: str = "") -> Choices:
        """Return what is chosen for *category*: its own choices, and those for all where it has none."""
        known = dict(self.by_category)
        merged = dict(known.get("", ())) | (dict(known.get(category, ())) if category else {})
        return tuple(sorted(merged.items()))


def schemes(gate: Gate) -> Schemes:
    """Return the schemes of *gate* in force; two queries over tables of a few rows."""
    found: dict[str, list[tuple[str, Choice]]] = {}
    for row in CheckChoice.objects.filter(gate=gate.value, retired_at=None).order_by("category", "number"):
        found.setdefault(row.category, []).append((row.number, choice(row)))
    return Schemes(gate, policy.decisions(), tuple((category, tuple(rows)) for category, rows in found.items()))


def choice(row: CheckChoice) -> Choice:
    """Return what a row chooses."""
    parameters = tuple(sorted((str(name), str(value)) for name, value in row.parameters.items()))
    return Choice(row.enabled, Weight(row.severity), Mode(row.mode), row.share, parameters)
