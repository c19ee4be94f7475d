"""The agency as it is set up: departments with their names by day, categories, and what a rule of codes gives."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.archival_code import Template
from lantai.ports import House
from lantai.shelves.holdings import counts
from lantai.shelves.holdings.models import Agent
from lantai.shelves.holdings.queries import DEPARTMENT
from lantai.shelves.ledger.models import Payload
from lantai.shelves.policy.queries import category_rules
from lantai.stages import coding, fonds
from lantai.stages.categories import CATALOGUED, FILINGS, Wanted, catalogues_of, example, form_problem
from lantai.standards import da_t_22

READ = "system:agency:read"
SAMPLES = (("永久", "Y", 1), ("30年", "D30", 12), ("10年", "D10", 345))
FORMS = (
    ("DA/T 22—2015", "{fonds}-{category}·{year}-{retention}-{org}-{item:04d}"),
    ("DA/T 13—2022 按件", "{fonds}-{category}·{year}·{retention}·{org}-{item:04d}"),
    ("DA/T 13—2022 不设机构", "{fonds}-{category}·{year}·{retention}-{item:04d}"),
    ("DA/T 13—2022 按卷", "{fonds}-{category}·{year}·{retention}-{volume:03d}-{item:03d}"),
    ("DA/T 13—2022 按卷，设机构", "{fonds}-{category}·{year}·{retention}·{org}-{volume:03d}-{item:03d}"),
    ("DA/T 13—2022 照片：组号、件号", "{fonds}-{category}·{year}·{retention}-{volume:03d}-{item:03d}"),
    ("旧式：全宗、目录、案卷、件", "{fonds}-{catalogue:03d}-{volume:03d}-{item:03d}"),
)


@dataclass(frozen=True, slots=True)
class Department:
    """A department: code, name in force (empty once it ended), its names with the days they held, and how many records bear its code."""

    code: str
    name: str
    names: tuple[tuple[str, str, str], ...]
    records: int


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit that makes up the fonds: number, name in force (empty where none is known), names with their days, newest first."""

    fonds: str
    name: str
    names: tuple[tuple[str, str, str], ...]

    @property
    def former(self) -> tuple[tuple[str, str, str], ...]:
        """The names that hold no more."""
        return tuple(row for row in self.names if row[2])


@dataclass(frozen=True, slots=True)
class Happened:
    """A turn in the history of the unit: its day YYYYMMDD and what happened, in words of people."""

    day: str
    words: str


@dataclass(frozen=True, slots=True)
class Category:
    """A category with the rule in force for it: ``is_own`` where the agency decided it, ``is_usual`` where new records are put into it."""

    code: str
    name: str
    filing: str
    template: str
    example: str
    is_own: bool
    is_usual: bool
    reason: str = ""
    catalogues: Mapping[str, str] = field(default_factory=dict)

    @property
    def filing_name(self) -> str:
        """Whether it is filed by item or by volume, in words of people."""
        return FILINGS[self.filing]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule of codes gives: examples as (period, code), or why it cannot serve; where codes have catalogue numbers, those of each
    period as (code of the period, its name, number)."""

    template: str
    examples: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    catalogues: tuple[tuple[str, str, str], ...] = ()


def unit(house: House, actor: Actor) -> Unit:
    """Return the unit that makes up the fonds. Raises Refusal where the actor may not."""
    access.require(actor, READ)
    names = fonds.names(house)
    return Unit(house.settings.fonds, names.on(), names.rows)


def history(house: House, actor: Actor) -> tuple[Happened, ...]:
    """Return the history of the unit 机构沿革, newest first: its names and those of its departments, and which were merged into which."""
    of_unit = unit(house, actor).names
    found = [Happened(since, f"立档单位改名为{name}") for name, since, _ in of_unit[:-1] if since]
    found += [Happened(since, f"立档单位名为{name}") for name, since, _ in of_unit[-1:] if since]
    merged = _merged()
    for row in departments(actor):
        names = sorted(row.names, key=lambda item: item[1])
        for at, (name, since, to) in enumerate(names):
            if since:
                found.append(Happened(since, f"{row.code} {name}设立" if not at else f"{row.code} 由{names[at - 1][0]}改名为{name}"))
            if to and at == len(names) - 1:
                found.append(Happened(to, f"{row.code} {name}{merged.get(row.code, '撤销')}"))
    return tuple(sorted(found, key=lambda item: item.day, reverse=True))


def _merged() -> dict[str, str]:
    """Return, by code, what became of departments that ended, as the ledger has it."""
    found = {}
    for said in Payload.objects.filter(event__type="department:closed").order_by("event_id").values_list("body", flat=True):
        body = json.loads(said)
        found[body["code"]] = f"并入{body['into']}" if body.get("into") else "撤销"
    return found


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


def categories(house: House, actor: Actor) -> tuple[Category, ...]:
    """Return the category that new records are put into, and every one that the agency has a rule for. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, READ)
    own, usual = category_rules(), house.settings.category
    found = []
    for code in dict.fromkeys((usual, *own)):
        rule = coding.rule(house, code)
        made = tried(house, actor, Wanted("", rule.filing, rule.template, rule.catalogues), category=code)
        example = made.examples[1][1] if made.examples else ""
        reason = own[code].reason if code in own else ""
        found.append(Category(code, rule.name, rule.filing, rule.template, example, rule.is_own, code == usual, reason, rule.catalogues))
    return tuple(found)


def standard_categories() -> dict[str, str]:
    """Return the categories of DA/T 13-2022 by code."""
    return da_t_22.categories()


def tried(house: House, actor: Actor, wanted: Wanted, *, category: str = "") -> Tried:
    """Say what codes a form would give in a category of this agency, filed as said (as the form is, where nothing is said)."""
    access.require(actor, READ)
    text, category = wanted.template.strip() or house.settings.code_template, category.strip().upper() or house.settings.category
    given = wanted.filing or (coding.VOLUME if "{volume" in text else coding.ITEM)
    wanted = Wanted("", given, text, catalogues_of(text, wanted.catalogues))
    asked = tuple((key, name, wanted.catalogues.get(key, "")) for key, name in CATALOGUED.items()) if "{catalogue" in text else ()
    if problem := form_problem(house, category, wanted):
        return Tried(text, problem=problem, catalogues=asked)
    samples = [row for row in SAMPLES if not wanted.catalogues or row[1] in wanted.catalogues]
    form = Template(text)
    examples = tuple((name, form.format(example(house, category, wanted, item, period))) for name, period, item in samples)
    return Tried(text, examples, catalogues=asked)
