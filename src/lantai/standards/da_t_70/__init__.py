"""DA/T 70-2018, general requirements for checking administrative electronic records: the items, formats and schemes of the four gates.

Rows that could not be verified against the standard are kept, switched off and printed 待核.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from lantai.core import metadata
from lantai.core.checks import Gate, Property, Scheme, Weight
from lantai.core.checks.registry import BATCH_CHECKS, RECORD_CHECKS
from lantai.core.checks.scheme import FormatPolicy, ItemSpec, Mode, Parameters, Process
from lantai.core.metadata import Version
from lantai.standards import da_t_46
from lantai.standards.da_t_70 import choices as own
from lantai.standards.da_t_70 import formats
from lantai.standards.da_t_70.choices import Choices
from lantai.standards.da_t_70.formats import Decisions
from lantai.standards.da_t_70.tables import number as _number
from lantai.standards.da_t_70.tables import rows as _rows

EDITION = "DA/T 70-2018/1"
_PROPERTIES = tuple(Property)
# The steps of the line from which an element may be asked for; before arrangement only the first.
_STEPS = tuple(metadata.STEPS)


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the item table, as at the archiving gate. ``certainty``: S sourced, S* number inferred, K remembered, ? to be verified."""

    number: str
    code: str
    id: str
    property: Property
    name: str
    object: str
    basis: str
    method: str
    severity: Weight
    level: str
    is_enabled: bool
    is_overrulable: bool
    certainty: str
    source: str


@dataclass(frozen=True, slots=True)
class GateRow:
    """How a gate shows the items: prefix of the codes, its Chinese name, and its words for record and package."""

    gate: Gate
    prefix: str
    name: str
    record_word: str
    package_word: str
    certainty: str
    source: str


@cache
def items() -> tuple[Item, ...]:
    """Return the 40 items of the archiving gate 归档环节 in order."""
    return tuple(_item(row) for row in _rows("items.csv"))


@cache
def gates() -> Mapping[Gate, GateRow]:
    """Return how each gate shows the items."""
    rows = (
        GateRow(Gate(row["gate"]), row["prefix"], row["name"], row["record_word"], row["package_word"], row["certainty"], row["source"])
        for row in _rows("gates.csv")
    )
    return {row.gate: row for row in rows}


@cache
def reasons() -> Mapping[str, str]:
    """Return the Chinese words of every reason code (``before_arrangement`` …)."""
    return {row["reason"]: row["text"] for row in _rows("reasons.csv")}


def format_policy(gate: Gate = Gate.ARCHIVING, decisions: Decisions = ()) -> FormatPolicy:
    """Return the table of formats that *gate* judges by, with the agency's *decisions* in it."""
    return formats.policy(gate, decisions, _split(_limits()["mute_mimes"]))


@cache
def scheme(gate: Gate) -> Scheme:
    """Return the scheme of *gate* with its default settings; the same value every time."""
    return scheme_with(gate)


@cache
def scheme_for_path(gate: Gate) -> Scheme:
    """Return the scheme of *gate* for a file, folder or package that no store knows: numbering and description are still to come."""
    return scheme_with(gate, is_before_arrangement=True)


@lru_cache(maxsize=128)
def scheme_with(
    gate: Gate,
    *,
    enable: frozenset[str] = frozenset(),
    is_before_arrangement: bool = False,
    decisions: Decisions = (),
    choices: Choices = (),
    described: tuple[Version, ...] = (),
) -> Scheme:
    """Return the scheme of *gate* with the agency's *choices* of items and *decisions* on formats, which its version names.

    *enable* switches items on by number (``2.08``) that no choice speaks of; *described* are the metadata schemes laid over DA/T 46.
    """
    specs = tuple(own.chosen(_spec(item, gate, enable, own.prefix(choices, gates()[gate].prefix)), choices) for item in items())
    before = is_before_arrangement or gate is Gate.ARRIVAL
    parameters = own.tuned(_parameters(gate, decisions, described, is_before_arrangement=before), choices)
    version = f"{EDITION} {gate.value}"
    version += f" 方案 {own.digest(choices)}" if choices else ""
    version += f" 格式表 {formats.digest(decisions)}" if decisions else ""
    version += f" 元数据方案 {metadata.described_by(described)}" if described else ""
    return Scheme(gate, version, specs, parameters)


def _spec(item: Item, gate: Gate, enable: frozenset[str], prefix: str) -> ItemSpec:
    said = _overrides().get((gate, item.number), {})
    is_on = (said["enabled"] == "yes") if said.get("enabled") else item.is_enabled
    return ItemSpec(
        number=item.number,
        id=f"{gate.value}.{item.number}",
        code=item.code.replace("GD", prefix, 1),
        name=said.get("name") or _worded(item.name, gates()[gate]),
        property=item.property,
        method=item.method,
        severity=Weight(said.get("severity") or item.severity),
        level=item.level,
        is_enabled=is_on or item.number in enable,
        certainty=item.certainty,
        mode=Mode.MANUAL if item.method == "M" else Mode.AUTOMATIC,
        is_overrulable=item.is_overrulable,
    )


def _worded(text: str, row: GateRow) -> str:
    return text.replace("归档信息包", row.package_word).replace("电子文件", row.record_word)


@cache
def _overrides() -> Mapping[tuple[Gate, str], dict[str, str]]:
    return {(Gate(row["gate"]), _number(row["number"])): row for row in _rows("gate_items.csv")}


def _parameters(gate: Gate, decisions: Decisions, described: tuple[Version, ...], *, is_before_arrangement: bool) -> Parameters:
    steps = _STEPS[:1] if is_before_arrangement else _STEPS
    asked = metadata.effective(da_t_46.base(), described)
    limits = _limits()
    return Parameters(
        is_before_arrangement=is_before_arrangement,
        elements={item.code: metadata.element_rule(item, da_t_46.domains()) for item in asked},
        required=metadata.required(asked, steps),
        conditions=metadata.conditions(asked, steps),
        formats=format_policy(gate, decisions),
        processes=_processes(),
        duplicate_kinds={row["kind"]: (row["code"], row["label"]) for row in _rows("duplicates.csv")},
        finding_items=tuple(
            (row["prefix"], _number(row["number"]), _number(row["otherwise"]) if row["otherwise"] else "")
            for row in _rows("finding_items.csv")
        ),
        kept_acts=tuple(row["activity"] for row in _rows("kept_acts.csv") if row["gate"] == gate.value),
        earliest_year=int(limits["earliest_year"]),
        most_pages=int(limits["most_pages"]),
        weak_algorithms=_split(limits["weak_algorithms"]),
        secrecy_years={row["classification"]: int(row["years"]) for row in _rows("secrecy_limits.csv")},
        dangers=tuple(row["prefix"] for row in _rows("dangers.csv")),
        needs_fixity=limits["needs_fixity"] == "yes",
        drawn_share=int(limits["drawn_share"]),
        slowest_mb_per_s=int(limits["slowest_mb_per_s"]),
        of_entities=da_t_46.of_entities(),
    )


def _processes() -> tuple[Process, ...]:
    rows = _rows("processes.csv")
    return tuple(
        Process(
            direction,
            tuple(row["activity"] for row in rows if row["direction"] == direction),
            frozenset(
                act for row in rows if row["direction"] == direction and row["is_telling"] == "yes" for act in row["activity"].split("|")
            ),
        )
        for direction in dict.fromkeys(row["direction"] for row in rows)
    )


def _item(row: dict[str, str]) -> Item:
    number = _number(row["number"])
    return Item(
        number=number,
        code=f"GD-{row['number']}",
        id=f"archiving.{number}",
        property=_PROPERTIES[int(number[0]) - 1],
        name=row["name"],
        object=row["object"],
        basis=row["basis"],
        method=row["method"],
        severity=Weight(row["severity"]),
        level=row["level"],
        is_enabled=row["enabled"] == "yes",
        is_overrulable=row["overrulable"] == "yes",
        certainty=row["certainty"],
        source=row["source"],
    )


def _split(text: str) -> frozenset[str]:
    return frozenset(text.split("|")) - {""}


@cache
def _limits() -> Mapping[str, str]:
    return {row["name"]: row["value"] for row in _rows("limits.csv")}


def _check_tables() -> None:
    """Refuse to start with a scheme that promises what no function carries out."""
    known = RECORD_CHECKS.keys() | BATCH_CHECKS.keys()
    if lost := [item.code for item in items() if item.is_enabled and item.number not in known]:
        raise ValueError(f"da_t_70: enabled without a function: {lost}")
    if stray := known - {item.number for item in items()}:
        raise ValueError(f"da_t_70: functions without an item: {sorted(stray)}")


_check_tables()
