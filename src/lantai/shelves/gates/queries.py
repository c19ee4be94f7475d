"""Questions to the agency's choices: which are in force, and the schemes that judge by them."""

from dataclasses import dataclass, field

from lantai.core.checks import Gate, Mode, Scheme, Weight
from lantai.core.metadata import Version, described_by
from lantai.shelves.gates.models import CheckChoice
from lantai.shelves.metadata import queries as metadata
from lantai.shelves.policy import formats
from lantai.standards import da_t_70
from lantai.standards.da_t_70.choices import Choice, Choices
from lantai.standards.da_t_70.formats import Decisions


@dataclass(frozen=True, slots=True)
class Schemes:
    """The schemes of one gate in force at one moment: what holds for every category, and what each chose otherwise."""

    gate: Gate
    decisions: Decisions
    by_category: tuple[tuple[str, Choices], ...]
    described: dict[str, Version] = field(default_factory=dict)
    _made: dict[tuple[str, str | None], Scheme] = field(default_factory=dict, repr=False, compare=False)

    def of(self, category: str = "", *, described_by: str | None = None) -> Scheme:
        """Return the scheme that records of *category* are judged by; the same value until the agency chooses anew.

        A record archived under earlier metadata schemes is judged by those (*described_by*, what it remembers of them).
        """
        key = (category, described_by)
        if key not in self._made:
            self._made[key] = self._make(category, described_by)
        return self._made[key]

    def _make(self, category: str, described_by: str | None) -> Scheme:
        choices = self.choices(category)
        known = metadata.of_category(category, known=self.described) if described_by is None else metadata.named(described_by)
        if not choices and not self.decisions and not known:
            return da_t_70.scheme(self.gate)
        return da_t_70.scheme_with(self.gate, decisions=self.decisions, choices=choices, described=known)

    def label(self, category: str = "") -> str:
        """Return what a record of *category* that is archived now remembers of the metadata schemes in force."""
        return described_by(metadata.of_category(category, known=self.described))

    def choices(self, category: str = "") -> Choices:
        """Return what is chosen for *category*: its own choices, and those for all where it has none."""
        known = dict(self.by_category)
        merged = dict(known.get("", ())) | (dict(known.get(category, ())) if category else {})
        return tuple(sorted(merged.items()))


def schemes(gate: Gate) -> Schemes:
    """Return the schemes of *gate* in force; three queries over tables of a few rows."""
    found: dict[str, list[tuple[str, Choice]]] = {}
    for row in CheckChoice.objects.filter(gate=gate.value, retired_at=None).order_by("category", "number"):
        found.setdefault(row.category, []).append((row.number, choice(row)))
    return Schemes(gate, formats.decisions(), tuple((category, tuple(rows)) for category, rows in found.items()), metadata.in_force())


def choice(row: CheckChoice) -> Choice:
    """Return what a row chooses."""
    parameters = tuple(sorted((str(name), str(value)) for name, value in row.parameters.items()))
    return Choice(row.enabled, Weight(row.severity), Mode(row.mode), row.share, parameters)
