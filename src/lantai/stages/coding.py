"""How codes are written: the rule of a category in force, and every form by which a code of ours may be read."""

from collections.abc import Mapping
from dataclasses import dataclass

from lantai.core.archival_code import Template, matching_template
from lantai.ports import House
from lantai.shelves.holdings import order
from lantai.shelves.holdings.models import Record
from lantai.shelves.policy import queries
from lantai.standards import da_t_22

ITEM, VOLUME = "item", "volume"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a category is filed (item or volume) and its codes are written; ``is_own`` where the agency decided so itself."""

    category: str
    name: str
    filing: str
    template: str
    is_own: bool

    @property
    def is_by_volume(self) -> bool:
        """True where records of the category are numbered within volumes."""
        return self.filing == VOLUME


def rule(house: House, category: str) -> Rule:
    """Return the rule of a category: the agency's own, else the form that the settings name, by volume where it ends in one."""
    row = queries.category_rules().get(category)
    if row is None:
        template = house.settings.code_template
        filing = VOLUME if Template(template).is_by_volume else ITEM
        return Rule(category, name_of(category), filing, template, is_own=False)
    return Rule(category, row.name, row.filing, row.template, is_own=True)


def known(house: House) -> frozenset[str]:
    """Return the categories that records can be put into: the usual one, and every one that the agency has a rule for."""
    return frozenset({house.settings.category, *queries.category_rules()})


def left_out(house: House, of: Mapping[str, str]) -> frozenset[str]:
    """Return the categories of a class whose records get no numbers together with the others: those filed by volume, and, where several
    are filed by item, all but the first, since each has a form of its own.

    In a house with one category this is nothing, and asks nothing of the records.
    """
    if known(house) == {house.settings.category} and not rule(house, house.settings.category).is_by_volume:
        return frozenset()
    waiting = order.waiting(**of)
    present, free = (set(rows.values_list("category", flat=True).distinct()) for rows in (waiting, waiting.filter(is_impeded=False)))
    by_item = [category for category in present if not rule(house, category).is_by_volume]
    first = sorted(by_item, key=lambda category: (category not in free, category != house.settings.category, category))[:1]
    return frozenset(present - set(first))


def name_of(category: str) -> str:
    """Return the standard's name of a category, the code itself where it has none."""
    return da_t_22.categories().get(category, category)


def templates(house: House) -> tuple[str, ...]:
    """Return every form that a code may be read by: rules in force, the settings, former rules, what is accepted from others."""
    given = queries.all_category_rules()
    in_force, former = ([row.template for row in given if (row.retired_at is None) is now] for now in (True, False))
    return tuple(dict.fromkeys((*in_force, house.settings.code_template, *former, *house.settings.code_templates)))


class Forms:
    """The forms of codes, looked up once for many records; one query."""

    def __init__(self, house: House) -> None:
        self._settings = house.settings
        self._rules = queries.all_category_rules()

    def of(self, row: Record) -> Template:
        """Return the form that the code of a record was given by: by its category's rules and the agency's, the latest first; a code that
        was registered as it came may have any form that is accepted."""
        own = [rule.template for rule in self._rules if rule.category == row.category]
        known = (*own, self._settings.code_template)
        if row.elements.get("archival_code"):
            known = (*self._settings.code_templates, *(rule.template for rule in self._rules))
        return matching_template(row.code, known) or Template(self._settings.code_template)
