"""scheme 检测方案: the agency chooses an item of a gate otherwise than the standard, or goes back to it. Every change is an event."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.checks import GATE_NAMES, Gate, Mode, RecordFacts, Scheme, Weight
from lantai.core.checks.scheme import WHOLE, ItemSpec
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.gates import queries
from lantai.shelves.gates.models import CheckChoice
from lantai.shelves.ledger import entries
from lantai.standards import da_t_70
from lantai.standards.da_t_70.choices import GATE_ITSELF, Choice, objections, standard_of, tunables_of

LONGEST = 200
_CATEGORY_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Which row of the scheme is meant: gate, item by number (empty: the gate itself), category (empty: all)."""

    gate: str
    number: str = GATE_ITSELF
    category: str = ""

    @property
    def key(self) -> str:
        """The name of the row in the ledger."""
        return ".".join(part for part in (self.gate, self.number, self.category) if part)


def change(house: House, actor: Actor, place: Place, given: Mapping[str, str], *, reason: str) -> Choice:
    """Choose an item as *given* says: enabled (yes or no), severity, mode, share, and its parameters by name; return the choice.

    What is not given stays as it is in force. The earlier choice is retired, never deleted. Refusals: ACCESS-REFUSED,
    SCHEME-ITEM-UNKNOWN, POLICY-INCOMPLETE (no reason, a value that cannot be), POLICY-SAME, POLICY-CHANGED.
    """
    spec = _spec(actor, place)
    before = _in_force(place, spec)
    wanted = _choice(place, spec, before, given)
    _with_reason(place, spec, reason, objections(place.number, spec, wanted))
    if wanted == before:
        raise Refusal("POLICY-SAME", _name(place, spec))
    _decide(house, actor, place, wanted, reason=reason)
    return wanted


def of_package(gate: Gate, facts: RecordFacts) -> Scheme:
    """Return the scheme in force that a stored package is judged by: of its category, and the metadata schemes it was archived under."""
    category = facts.elements.get("category_code", "")
    return queries.schemes(gate).of(category if isinstance(category, str) else "", described_by=facts.described_by)


def restore(house: House, actor: Actor, place: Place, *, reason: str) -> None:
    """Let the standard, or for a category what holds for all, be in force again. Refusals as in :func:`change`."""
    spec = _spec(actor, place)
    _with_reason(place, spec, reason, ())
    if _row(place) is None:
        raise Refusal("POLICY-SAME", _name(place, spec))
    _decide(house, actor, place, None, reason=reason)


def _spec(actor: Actor, place: Place) -> ItemSpec | None:
    access.require(actor, "policy:check:change", where=place.key)
    if place.gate not in list(Gate) or len(place.category) > _CATEGORY_LENGTH or not place.category.isprintable():
        raise Refusal("SCHEME-ITEM-UNKNOWN", place.key)
    if place.number == GATE_ITSELF and not place.category:
        return None
    spec = next((item for item in da_t_70.scheme(Gate(place.gate)).items if item.number == place.number), None)
    if spec is None:
        raise Refusal("SCHEME-ITEM-UNKNOWN", place.key)
    return spec


def _name(place: Place, spec: ItemSpec | None) -> str:
    return f"{GATE_NAMES[Gate(place.gate)]} {spec.code if spec else '显示代码'}"


def _with_reason(place: Place, spec: ItemSpec | None, reason: str, wrong: tuple[str, ...]) -> None:
    has_reason = bool(reason.strip()) and reason.strip().isprintable() and len(reason) <= LONGEST
    parts = (*wrong, *(() if has_reason else ("理由",)))
    if parts:
        raise Refusal("POLICY-INCOMPLETE", _name(place, spec), parts="、".join(parts))


def _row(place: Place) -> CheckChoice | None:
    return CheckChoice.objects.filter(gate=place.gate, category=place.category, number=place.number, retired_at=None).first()


def _in_force(place: Place, spec: ItemSpec | None) -> Choice:
    chosen = dict(queries.schemes(Gate(place.gate)).choices(place.category)).get(place.number)
    return chosen or (standard_of(spec) if spec else Choice())


def _choice(place: Place, spec: ItemSpec | None, before: Choice, given: Mapping[str, str]) -> Choice:
    """Return what is wanted; what is no value of its kind is refused."""
    values = dict(before.parameters) | {row.name: _tidy(given[row.name]) for row in tunables_of(place.number) if row.name in given}
    parameters = tuple(sorted((name, value) for name, value in values.items() if value))
    mode, share = str(given.get("mode", before.mode)), str(given.get("share", before.share)).strip()
    severity, enabled = str(given.get("severity", before.severity)), given.get("enabled", "yes" if before.is_enabled else "no")
    wrong = {
        "启用": enabled not in {"yes", "no"},
        "级别": severity not in list(Weight),
        "方式": mode not in list(Mode),
        "抽样比例": not (share.isascii() and share.isdigit() and len(share) <= 3),
    }
    if any(wrong.values()):
        raise Refusal("POLICY-INCOMPLETE", _name(place, spec), parts="、".join(name for name, is_wrong in wrong.items() if is_wrong))
    part = WHOLE if mode == Mode.AUTOMATIC else int(share)
    return Choice(enabled == "yes", Weight(severity), Mode(mode), part, parameters)


def _tidy(value: str) -> str:
    return "|".join(part.strip() for part in str(value).replace("\n", "|").split("|") if part.strip())


def _decide(house: House, actor: Actor, place: Place, wanted: Choice | None, *, reason: str) -> None:
    """Retire the choice in force and write the new one, if nobody else chose meanwhile; tell the ledger."""
    now, before = house.clock.now(), _row(place)
    body: dict[str, Any] = {"before": _told(queries.choice(before)) if before else None, "after": _told(wanted) if wanted else None}
    body |= {"gate": place.gate, "number": place.number, "category": place.category, "reason": reason.strip()}
    try:
        with transaction.atomic():
            if before is not None:
                _retire(before, actor, place, now=now)
            if wanted is not None:
                CheckChoice.objects.create(
                    **_columns(place, wanted), id=house.ids.new(), reason=reason.strip(), decided_by=actor.id, decided_at=now
                )
            event = "scheme:changed" if wanted else "scheme:restored"
            entries.append(now, [entries.Entry(event, actor.id, place.key, body)], ids=house.ids)
    except IntegrityError as problem:
        raise Refusal("POLICY-CHANGED", place.key) from problem


def _columns(place: Place, wanted: Choice) -> dict[str, Any]:
    return {
        "gate": place.gate,
        "category": place.category,
        "number": place.number,
        "enabled": wanted.is_enabled,
        "severity": wanted.severity,
        "mode": wanted.mode,
        "share": wanted.share,
        "parameters": dict(wanted.parameters),
    }


def _retire(before: CheckChoice, actor: Actor, place: Place, *, now: datetime) -> None:
    open_row = CheckChoice.objects.filter(id=before.id, version=before.version, retired_at=None)
    if not open_row.update(retired_by=actor.id, retired_at=now, version=before.version + 1):
        raise Refusal("POLICY-CHANGED", place.key)


def _told(choice: Choice) -> dict[str, Any]:
    return asdict(choice) | {"parameters": dict(choice.parameters)}
