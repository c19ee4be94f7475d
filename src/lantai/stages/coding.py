"""How codes are written: the rule of a category in force, and every form by which a code of ours may be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lantai.core.archival_code import Template, matching_template
from lantai.core.classification import Scheme, of_year
from lantai.ports import House
from lantai.shelves.holdings import counts, order
from lantai.shelves.holdings.models import Record
from lantai.shelves.policy import queries
from lantai.standards import da_t_22

ITEM, VOLUME, GROUP = "item", "volume", "group"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a category is filed (item, volume, group of photographs) and its codes are written; ``is_own`` where the agency decided so
    itself; ``catalogues`` the catalogue number 目录号 of each period, where codes have one."""

    category: str
    name: str
    filing: str
    template: str
    is_own: bool
    catalogues: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_by_volume(self) -> bool:
        """True where records of the category are numbered within volumes or groups."""
        return self.filing in (VOLUME, GROUP)


def rule(house: House, category: str) -> Rule:
    """Return the rule of a category: the agency's own, else the form that the settings name, by volume where it ends in one."""
    row = queries.category_rules().get(category)
    if row is None:
        template = house.settings.code_template
        filing = VOLUME if Template(template).is_by_volume else ITEM
        return Rule(category, name_of(category), filing, template, is_own=False)
    return Rule(category, row.name, row.filing, row.template, is_own=True, catalogues=row.catalogues)


def known(house: House) -> frozenset[str]:
    """Return the categories that records can be put into: the usual one, and every one that the agency has a rule for."""
    return frozenset({house.settings.category, *queries.category_rules()})


def scheme(category: str, year: str) -> Scheme:
    """Return by what the records of a category and year are parted; one query over a table of a few rows."""
    return of_year(category, queries.class_schemes().get(category, ()), year)


def numbered(house: House, category: str = "", *, year: str, department: str, retention: str) -> tuple[dict[str, str], frozenset[str]]:
    """Return what a class is numbered as: its parts (any department where the scheme has no middle level), and the categories that get no
    numbers together with its records, since each has a form of its own.

    Where no category is named it is the first that is filed by item. In a house with one category nothing is asked of the records.
    """
    of = {"year": year, "department": department, "retention": retention}
    others = _others(of, category) if category else frozenset[str]()
    if not category:
        category, others = _first(house, of)
    if department != order.ANY and not scheme(category, year).middle:
        of["department"] = order.ANY
        others = _others(of, category) if len(known(house)) > 1 else others
    return of, others


def _others(of: Mapping[str, str], category: str) -> frozenset[str]:
    return counts.categories(**{name: value for name, value in of.items() if value != order.ANY}) - {category}


def _first(house: House, of: Mapping[str, str]) -> tuple[str, frozenset[str]]:
    """Return the category of a class that is numbered first, and those that are left out: filed by volume, or with another form."""
    usual = house.settings.category
    if known(house) == {usual} and not rule(house, usual).is_by_volume:
        return usual, frozenset()
    waiting = order.waiting(**of)
    present, free = (set(rows.values_list("category", flat=True).distinct()) for rows in (waiting, waiting.filter(is_impeded=False)))
    by_item = [category for category in present if not rule(house, category).is_by_volume]
    first = sorted(by_item, key=lambda category: (category not in free, category != usual, category))[:1]
    return (first or [usual])[0], frozenset(present - set(first))


def name_of(category: str) -> str:
    """Return the standard's name of a category, the code itself where it has none."""
    return da_t_22.categories().get(category, category)


def templates(house: House) -> tuple[str, ...]:
    """Return every form that a code may be read by: rules in force, the settings, former rules, what is accepted from others."""
    given = queries.all_category_rules()
    in_force, former = ([row.template for row in given if (row.retired_at is None) is now] for now in (True, False))
    return tuple(dict.fromkeys((*in_force, house.settings.code_template, *former, *house.settings.code_templates)))


class Forms:
    """The forms of codes, looked up once for many records; two queries. ``flat``: categories whose codes may leave the department out."""

    def __init__(self, house: House) -> None:
        self._settings = house.settings
        self._rules = queries.all_category_rules()
        self.flat = queries.flat_categories()

    def of(self, row: Record) -> Template:
        """Return the form that the code of a record was given by: by its category's rules and the agency's, the latest first; a code that
        was registered as it came may have any form that is accepted."""
        own = [rule.template for rule in self._rules if rule.category == row.category]
        known = (*own, self._settings.code_template)
        if row.elements.get("archival_code"):
            known = (*self._settings.code_templates, *(rule.template for rule in self._rules))
        return matching_template(row.code, known) or Template(self._settings.code_template)
