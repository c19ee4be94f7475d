"""The agency as it is set up: departments with their names by day, and what the rule of codes gives."""

from collections import Counter
from dataclasses import dataclass

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.archival_code import CodeParts, Template
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings import counts
from lantai.shelves.holdings.models import Agent
from lantai.shelves.holdings.queries import DEPARTMENT

READ = "system:agency:read"
SAMPLES = (("永久", "Y", 1), ("30年", "D30", 12), ("10年", "D10", 345))
FORMS = (
    ("DA/T 22—2015", "{fonds}-{category}·{year}-{retention}-{org}-{item:04d}"),
    ("DA/T 13—2022 按件", "{fonds}-{category}·{year}·{retention}·{org}-{item:04d}"),
    ("DA/T 13—2022 不设机构", "{fonds}-{category}·{year}·{retention}-{item:04d}"),
    ("目录—案卷—件", "{fonds}-{catalogue}-{volume:03d}-{item:03d}"),
)


@dataclass(frozen=True, slots=True)
class Department:
    """A department: code, name in force (empty once it ended), its names with the days they held, and how many records bear its code."""

    code: str
    name: str
    names: tuple[tuple[str, str, str], ...]
    records: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule of codes gives: examples as (period, code), or why it cannot serve."""

    template: str
    examples: tuple[tuple[str, str], ...] = ()
    problem: str = ""


def departments(actor: Actor) -> tuple[Department, ...]:
    """Return every department, those in force first. Raises Refusal where the actor may not."""
    access.require(actor, READ)
    held: Counter[str] = Counter()
    for item in counts.classes():
        held[item.department] += item.records
    found = []
    for agent in Agent.objects.filter(kind=DEPARTMENT).exclude(code="").prefetch_related("names").order_by("position", "code"):
        names = sorted(agent.names.all(), key=lambda row: row.valid_from, reverse=True)
        now = next((row.name for row in names if not row.valid_to), "")
        found.append(Department(agent.code, now, tuple((row.name, row.valid_from, row.valid_to) for row in names), held[agent.code]))
    return tuple(sorted(found, key=lambda row: not row.name))


def tried(house: House, actor: Actor, template: str, department: str = "") -> Tried:
    """Say what codes a template would give in this agency."""
    access.require(actor, READ)
    text = template.strip() or house.settings.code_template
    try:
        made = Template(text)
        parts = [(name, _parts(house, retention, item, department or "BGS")) for name, retention, item in SAMPLES]
        return Tried(text, tuple((name, made.format(made.restrict(part))) for name, part in parts))
    except Refusal as refused:
        return Tried(text, problem=f"{refused.message}{''.join(item.message for item in refused.reasons)}")


def _parts(house: House, retention: str, item: int, department: str) -> CodeParts:
    return CodeParts(
        house.settings.fonds, house.settings.category, "2024", retention, department, item, catalogue="1", volume="001", page="1"
    )
