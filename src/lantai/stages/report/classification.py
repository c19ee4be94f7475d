"""By what the agency parts its records, and the lists of values of its own: what the screen and the command line show of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.archival_code import CodeParts, Template
from lantai.core.classification import FORMS, Scheme, Terms, of_year, problem, words
from lantai.core.errors import Refusal
from lantai.core.value_list import Entry, as_text
from lantai.ports import House
from lantai.shelves.policy import queries
from lantai.shelves.policy.models import ClassScheme, ValueList
from lantai.stages import coding, value_lists
from lantai.stages.report import scope

READ = "system:agency:read"
_PERIODS = (("Y", "永久"), ("D30", "30年"))


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a classification scheme: as it is, why, by whom, since when, and whether it is in force."""

    scheme: Scheme
    reason: str
    decided_by: str
    decided_on: str
    is_in_force: bool

    @property
    def years(self) -> str:
        """The years it holds for, in words."""
        return f"{self.scheme.since} 年度起" if self.scheme.since else "各年度"


@dataclass(frozen=True, slots=True)
class Parted:
    """A category with the scheme that holds now and all versions, the newest first."""

    category: str
    name: str
    now: Scheme
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A class as the tree would show it: the names of its levels, and the first code in it."""

    path: tuple[str, ...]
    code: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What a scheme would give: classes with their first codes, or why it cannot be; ``note`` what to know of its codes."""

    samples: tuple[Sample, ...] = ()
    problem: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of values: its version in force or last, entries, who uses it."""

    code: str
    number: int
    name: str
    entries: tuple[Entry, ...]
    reason: str
    is_in_force: bool
    users: tuple[str, ...]

    @property
    def text(self) -> str:
        """The values that can be chosen, one a line."""
        return as_text(self.entries)

    @property
    def values(self) -> tuple[str, ...]:
        """The values that can be chosen."""
        return tuple(entry.value for entry in self.entries if not entry.is_retired)

    @property
    def retired(self) -> tuple[Entry, ...]:
        """The values that can be chosen no more."""
        return tuple(entry for entry in self.entries if entry.is_retired)

    @property
    def count(self) -> int:
        """How many values can be chosen."""
        return len(self.values)


def schemes(house: House, actor: Actor) -> tuple[Parted, ...]:
    """Return every category with its schemes, the usual one first. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, READ)
    rows = list(ClassScheme.objects.order_by("-number"))
    people, held = scope.persons(row.decided_by for row in rows), queries.class_schemes()
    usual = house.settings.category
    found = []
    for category in (usual, *sorted(coding.known(house) - {usual})):
        own = tuple(
            Version(queries.class_scheme(row), row.reason, people[row.decided_by], f"{row.decided_at:%Y%m%d}", row.retired_at is None)
            for row in rows
            if row.category == category
        )
        now = of_year(category, held.get(category, ()), "9999")
        found.append(Parted(category, coding.rule(house, category).name, now, own))
    return tuple(found)


def tried(house: House, actor: Actor, category: str, form: str, terms: Terms, *, since: str = "") -> Tried:
    """Say what classes and codes a scheme would give. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, READ)
    if wrong := problem(form, terms, since):
        return Tried(problem=wrong)
    scheme, rule = Scheme(category, 0, form, terms, since), coding.rule(house, category)
    names = dict(terms) if scheme.middle == "subject" else scope.departments() or {"BGS": "办公室"}
    template = Template(rule.template)
    year = since or f"{house.clock.now().year - 1}"
    found = []
    for org, org_name in list(names.items())[:2] if scheme.middle else [("", "")]:
        for period, period_name in _PERIODS:
            said = {"year": f"{year} 年度", "department": org_name, "retention": period_name}
            code = _code(template, CodeParts(house.settings.fonds, category, year, period, org, 1), rule.catalogues)
            found.append(Sample(tuple(said[level] for level in scheme.columns), code))
    note = ""
    if scheme.middle and "org" not in template.names:
        note = "档号写法里没有机构（问题），各类合编一个流水号。"
    if scheme.columns[1] == "retention":
        found = [*found[::2], *found[1::2]]
    return Tried(tuple(found), note=note)


def _code(template: Template, parts: CodeParts, catalogues: Mapping[str, str]) -> str:
    """Return the first code of a class, empty where it cannot be written."""
    volume = template.volume_text(1) if template.is_by_volume else ""
    known = CodeParts(
        parts.fonds,
        parts.category,
        parts.year,
        parts.retention,
        parts.org,
        1,
        catalogue=catalogues.get(parts.retention, ""),
        volume=volume,
    )
    try:
        return template.format(template.restrict(known))
    except Refusal:
        return ""


def lists(actor: Actor) -> tuple[Listed, ...]:
    """Return every list of values by its last version, those in force first. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, READ)
    last: dict[str, ValueList] = {row.code: row for row in ValueList.objects.order_by("code", "number")}
    found = [
        Listed(
            row.code,
            row.number,
            row.name,
            tuple(Entry(*entry) for entry in row.entries),
            row.reason,
            row.retired_at is None,
            tuple(value_lists.users(row.code)),
        )
        for row in last.values()
    ]
    return tuple(sorted(found, key=lambda row: (not row.is_in_force, row.code)))


def forms() -> tuple[tuple[str, str], ...]:
    """Return the forms that a scheme may have, with their names."""
    return tuple((form, words(form)) for form in FORMS)
