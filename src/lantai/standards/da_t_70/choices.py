"""What an agency chooses otherwise than the standard: an item on or off, its weight, who carries it out, and the numbers it judges by.

A choice belongs to one gate and one category 门类 (none: all of them). What it may not do is said by :func:`objections`: an item that
nobody may overrule stays on, blocking and automatic; a number keeps within the bounds of ``limits.csv``.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache

from lantai.core.checks import Weight
from lantai.core.checks.scheme import WHOLE, ItemSpec, Mode, Parameters
from lantai.core.evidence import canonical_json
from lantai.standards import da_t_46
from lantai.standards.da_t_70 import tables

GATE_ITSELF = ""
_PREFIX = re.compile("[A-Z][A-Z0-9]{0,7}")
_BY_MODE = {Mode.AUTOMATIC: "A", Mode.ASSISTED: "A/H", Mode.MANUAL: "M"}
_YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen of one item; ``share`` is how many records in a hundred a person looks at, ``parameters`` name and value."""

    is_enabled: bool = True
    severity: Weight = Weight.MAJOR
    mode: Mode = Mode.AUTOMATIC
    share: int = WHOLE
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Tunable:
    """A value that an agency may set: the item it belongs to (empty: the gate), its kind, label, unit, bounds and default as text."""

    name: str
    number: str
    kind: str
    label: str
    unit: str
    least: int
    most: int
    default: str
    certainty: str


Choices = tuple[tuple[str, Choice], ...]


@cache
def tunables() -> Mapping[str, Tunable]:
    """Return every value that an agency may set, by name."""
    rows = (row for row in tables.rows("limits.csv") if row["label"])
    return {row["name"]: _tunable(row) for row in rows}


def tunables_of(number: str) -> tuple[Tunable, ...]:
    """Return what may be set with an item, or with the gate itself where *number* is empty."""
    return tuple(row for row in tunables().values() if row.number == number)


def standard_of(spec: ItemSpec) -> Choice:
    """Return what the standard's own scheme chooses of an item."""
    return Choice(spec.is_enabled, spec.severity, spec.mode, spec.share)


def objections(number: str, spec: ItemSpec | None, choice: Choice) -> tuple[str, ...]:
    """Return in words what of *choice* cannot be; nothing where it can. *spec* is the standard's item, None for the gate itself."""
    wrong = [name for name, value in choice.parameters if not _fits(number, name, value)]
    told = [tunables()[name].label if name in tunables() else name for name in wrong]
    if spec is None:
        return tuple(told)
    if not 1 <= choice.share <= WHOLE or (choice.mode is Mode.AUTOMATIC and choice.share != WHOLE):
        told.append("抽样比例")
    if spec.method == "M" and choice.mode is Mode.AUTOMATIC and spec.mode is not Mode.AUTOMATIC:
        told.append("方式：此项只能人工")
    if not spec.is_overrulable and (not choice.is_enabled or choice.severity is not Weight.BLOCK or choice.mode is Mode.MANUAL):
        told.append("此项不得停用、降级或改为人工")
    return tuple(told)


def digest(choices: Choices) -> str:
    """Return eight hexadecimal digits that name the agency's choices in a report; empty where there are none."""
    if not choices:
        return ""
    return hashlib.sha256(canonical_json([[number, asdict(row)] for number, row in sorted(choices)])).hexdigest()[:8]


def chosen(spec: ItemSpec, choices: Choices) -> ItemSpec:
    """Return an item as the agency chose it, or as it is."""
    choice = dict(choices).get(spec.number)
    if choice is None:
        return spec
    method = spec.method if choice.mode is spec.mode else _BY_MODE[choice.mode]
    return replace(spec, is_enabled=choice.is_enabled, severity=choice.severity, mode=choice.mode, share=choice.share, method=method)


def prefix(choices: Choices, standard: str) -> str:
    """Return the prefix of the displayed codes: the agency's, or the *standard* one."""
    choice = dict(choices).get(GATE_ITSELF)
    return (dict(choice.parameters).get("prefix", "") if choice else "") or standard


def tuned(parameters: Parameters, choices: Choices) -> Parameters:
    """Return the tables the rules read with the numbers that the agency set. Must-have elements are set only where they are asked for."""
    said = {name: value for _, choice in choices for name, value in choice.parameters if value}
    if not said:
        return parameters
    numbers = {name: int(said[name]) for name in ("earliest_year", "most_pages", "drawn_share", "slowest_mb_per_s") if name in said}
    parameters = replace(parameters, **numbers)  # type: ignore[arg-type]
    if "needs_fixity" in said:
        parameters = replace(parameters, needs_fixity=said["needs_fixity"] == "yes")
    if "required" in said and not parameters.is_before_arrangement:
        parameters = replace(parameters, required=_elements(said["required"]))
    return parameters


def _elements(text: str) -> tuple[str, ...]:
    wanted = frozenset(text.split("|"))
    return tuple(item.code for item in da_t_46.elements() if item.code in wanted)


def _fits(number: str, name: str, value: str) -> bool:
    row = tunables().get(name)
    if row is None or row.number != number:
        return False
    if row.kind == "integer":
        return value.isascii() and value.isdigit() and len(value) < 10 and row.least <= int(value) <= row.most
    if row.kind == "yes_no":
        return value in _YES_NO
    if row.kind == "elements":
        return _known(value.split("|"))
    return bool(_PREFIX.fullmatch(value))


def _known(codes: Iterable[str]) -> bool:
    """Tell whether all are elements that can be described, the title among them: a record nobody can name is none."""
    wanted = set(codes)
    return "title" in wanted and wanted <= {item.code for item in da_t_46.elements() if item.kind != "container"}


def _tunable(row: dict[str, str]) -> Tunable:
    return Tunable(
        name=row["name"],
        number=tables.number(row["number"]) if row["number"] else GATE_ITSELF,
        kind=row["kind"],
        label=row["label"],
        unit=row["unit"],
        least=int(row["least"] or 0),
        most=int(row["most"] or 0),
        default=row["value"],
        certainty=row["certainty"],
    )
