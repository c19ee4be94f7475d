"""The check scheme 系统›检测方案 as it is in force: forty items at four gates, what the agency chose, and how it came about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.checks import MODE_NAMES, Gate, Mode, Property
from lantai.core.checks.scheme import WHOLE, ItemSpec
from lantai.core.lifecycle import State
from lantai.shelves.gates import queries
from lantai.shelves.gates.models import CheckChoice
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event
from lantai.shelves.ledger.queries import said
from lantai.stages.report import scope
from lantai.standards import da_t_46, da_t_70
from lantai.standards.da_t_70.choices import GATE_ITSELF, Choice, standard_of, tunables_of
from lantai.standards.da_t_70.tables import rows

HISTORY = 50
WEIGHTS = {"block": "阻断", "major": "一般", "minor": "提示"}
EVENTS = ("scheme:changed", "scheme:restored")


@dataclass(frozen=True, slots=True)
class Cell:
    """One item at one gate as it is in force; ``is_own`` where the agency chose for this category or for all."""

    gate: Gate
    spec: ItemSpec
    is_own: bool

    @property
    def told(self) -> str:
        """The cell in words: weight and mode, or that the item is off."""
        if not self.spec.is_enabled:
            return "待核，不检" if self.spec.certainty == "?" and not self.is_own else "停用"
        mode = MODE_NAMES[self.spec.mode] + (f" {self.spec.share}%" if self.spec.share < WHOLE else "")
        return WEIGHTS[self.spec.severity] + ("" if self.spec.mode is Mode.AUTOMATIC else f"·{mode}")


@dataclass(frozen=True, slots=True)
class Line:
    """One item with its cells, in the order of the gates."""

    number: str
    name: str
    group: Property
    certainty: str
    cells: tuple[Cell, ...]

    @property
    def code(self) -> str:
        """The place in the standard as people write it: 1-8."""
        group, _, place = self.number.partition(".")
        return f"{group}-{int(place)}"


@dataclass(frozen=True, slots=True)
class Value:
    """A value that may be set: name, kind, label, unit, bounds, and what it is now."""

    name: str
    kind: str
    label: str
    unit: str
    least: int
    most: int
    value: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a cell: when, by whom, why, and what it became in words."""

    instant: datetime
    person: str
    reason: str
    is_restored: bool
    told: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A cell opened: the item (None: the gate itself), what is chosen, what the standard says, the basis, and what may be set."""

    gate: Gate
    number: str
    spec: ItemSpec | None
    choice: Choice
    standard: Choice
    is_own: bool
    basis: str
    source: str
    values: tuple[Value, ...]
    prefix: str
    waiting: int


def categories(actor: Actor) -> tuple[str, ...]:
    """Return the categories that records or choices name."""
    access.require(actor, "policy:check:read")
    known = set(CheckChoice.objects.exclude(category="").values_list("category", flat=True).distinct())
    return tuple(sorted(known | set(Record.objects.exclude(category="").values_list("category", flat=True).distinct())))


def table(actor: Actor, category: str = "") -> tuple[Line, ...]:
    """Return the forty items with their cells at the four gates."""
    access.require(actor, "policy:check:read")
    known = {gate: queries.schemes(gate) for gate in Gate}
    own = {gate: dict(known[gate].choices(category)) for gate in Gate}
    specs = {gate: {spec.number: spec for spec in known[gate].of(category).items} for gate in Gate}
    return tuple(
        Line(
            item.number,
            item.name,
            item.property,
            item.certainty,
            tuple(Cell(gate, specs[gate][item.number], item.number in own[gate]) for gate in Gate),
        )
        for item in da_t_70.items()
    )


def opened(actor: Actor, gate: Gate, number: str, category: str = "") -> Chosen:
    """Return one cell with everything that may be chosen of it; the gate itself where *number* names no item."""
    access.require(actor, "policy:check:read")
    known = queries.schemes(gate)
    scheme = known.of(category)
    spec = next((spec for spec in scheme.items if spec.number == number), None)
    plain = next((spec for spec in da_t_70.scheme(gate).items if spec.number == number), None)
    item = next((item for item in da_t_70.items() if item.number == number), None)
    place = number if spec else GATE_ITSELF
    standard = standard_of(plain) if plain else Choice()
    chosen = dict(known.choices(category)).get(place)
    own = CheckChoice.objects.filter(gate=gate, category=category if place else "", number=place, retired_at=None).exists()
    return Chosen(
        gate=gate,
        number=place,
        spec=spec,
        choice=chosen or standard,
        standard=standard,
        is_own=own,
        basis=item.basis if item else "",
        source=item.source if item else "",
        values=_values(place, chosen or standard, required=scheme.parameters.required),
        prefix=scheme.items[0].code.partition("-")[0],
        waiting=_waiting(gate),
    )


def history(actor: Actor, gate: Gate, number: str, category: str = "") -> tuple[Change, ...]:
    """Return the changes of a cell, newest first."""
    access.require(actor, "policy:check:read")
    place = ".".join(part for part in (gate.value, number, category) if part)
    events = list(Event.objects.filter(type__in=EVENTS, object_id=place).select_related("payload").order_by("-instant", "-id")[:HISTORY])
    names = scope.persons(event.actor for event in events)
    return tuple(_change(event, names[event.actor]) for event in events)


def elements() -> tuple[tuple[str, str, str], ...]:
    """Return the elements that may be asked for: number, code, name."""
    return tuple((item.number, item.code, item.name) for item in da_t_46.elements() if item.kind != "container" and item.entity == "record")


def _values(number: str, choice: Choice, *, required: tuple[str, ...]) -> tuple[Value, ...]:
    said = dict(choice.parameters)
    now = {row.name: said.get(row.name) or row.default for row in tunables_of(number)}
    if "required" in now:
        now["required"] = "|".join(required)
    return tuple(Value(r.name, r.kind, r.label, r.unit, r.least, r.most, now[r.name], r.certainty) for r in tunables_of(number))


def _waiting(gate: Gate) -> int:
    """Return how many records the gate will judge next, 0 where nobody can say."""
    state = {Gate.ARRIVAL: State.RECEIVED, Gate.ARCHIVING: State.NUMBERED}.get(gate)
    return Record.objects.filter(state=state).count() if state else 0


def _change(event: Event, person: str) -> Change:
    body = said(event)
    after = body.get("after") or {}
    return Change(event.instant, person, str(body.get("reason", "")), event.type == "scheme:restored", _in_words(after) if after else "")


def _in_words(after: dict[str, Any]) -> str:
    labels = {row["name"]: row["label"] for row in rows("limits.csv")}
    parts = ["启用" if after.get("is_enabled", True) else "停用", WEIGHTS.get(str(after.get("severity")), "")]
    parts.append(MODE_NAMES.get(Mode(str(after.get("mode", "automatic"))), ""))
    if after.get("share", WHOLE) != WHOLE:
        parts.append(f"抽 {after['share']}%")
    parts += [f"{labels.get(name, name)} {str(value)[:60]}" for name, value in (after.get("parameters") or {}).items()]
    return "，".join(part for part in parts if part)
