"""The classes of the arrangement as a tree with counts, for the left pane of the screen 整理."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.classification import Scheme, of_year
from lantai.shelves.holdings import counts
from lantai.shelves.policy import queries
from lantai.stages import coding
from lantai.stages.report import scope


class _Leaf(NamedTuple):
    """A class as it is counted: the columns it goes by, how many records, how many of them open."""

    category: str
    year: str
    department: str
    retention: str
    records: int
    open: int


@dataclass(frozen=True, slots=True)
class _Names:
    departments: Mapping[str, str]
    schemes: Mapping[str, tuple[Scheme, ...]]
    ranks: Mapping[str, int]


@dataclass(frozen=True)
class Node:
    """A node of the tree: the parts that choose it (category, year, department, retention, as far as it goes down), name, count, how many
    of it are open. What is below is made of its classes when somebody looks there: of a tree of hundreds one branch is seen."""

    parts: Mapping[str, str]
    name: str
    classes: Sequence[_Leaf]
    levels: Sequence[str]
    names: _Names

    @cached_property
    def count(self) -> int:
        """How many records it holds."""
        return sum(leaf.records for leaf in self.classes)

    @cached_property
    def open(self) -> int:
        """How many of them have no number yet."""
        return sum(leaf.open for leaf in self.classes)

    @property
    def is_fixed(self) -> bool:
        """True where every code of the node is fixed."""
        return not self.open

    @property
    def is_parted(self) -> bool:
        """True where there are nodes below."""
        return bool(self.levels)

    @cached_property
    def below(self) -> tuple["Node", ...]:
        """The nodes below, in their order."""
        if not self.levels:
            return ()
        level, *further = self.levels
        parted, names = _parted(self.classes, level), self.names
        if level == "year":
            return tuple(self._year(year, parted[year]) for year in sorted(parted, reverse=True))
        ranked = sorted(parted, key=_longest_first if level == "retention" else lambda code: (names.ranks.get(code, 999), code))
        named = {value: "" if level == "retention" else names.departments.get(value, value) or "机构未定" for value in ranked}
        return tuple(Node({**self.parts, level: value}, name, parted[value], further, names) for value, name in named.items())

    def _year(self, year: str, classes: Sequence[_Leaf]) -> "Node":
        """Return the node of a year, parted by the scheme that its category had then."""
        category = classes[0].category
        levels = of_year(category, self.names.schemes.get(category, ()), year).columns[1:]
        return Node({**self.parts, "year": year}, f"{year} 年度" if year else "年度未定", classes, levels, self.names)

    @property
    def leaves(self) -> tuple["Node", ...]:
        """The classes below, in their order."""
        return tuple(leaf for node in self.below for leaf in node.leaves) if self.is_parted else (self,)


def tree(actor: Actor) -> tuple[Node, ...]:
    """Return the classes as a tree, each category by its own scheme of each year: newest year first, departments or subjects and periods
    in their order. A category has a node of its own where there are several."""
    if not sees_all(actor):
        return ()
    middle = scope.classed()
    names = _Names(middle, queries.class_schemes(), {code: at for at, code in enumerate(middle)})
    sums: dict[tuple[str, str, str, str], list[int]] = {}
    for category, item in counts.by_category():
        both = sums.setdefault((category, item.year, item.department, item.retention), [0, 0])
        both[0] += item.records
        both[1] += item.records if item.phase == "open" else 0
    leaves = _parted([_Leaf(*key, *both) for key, both in sums.items()], "category")
    if len(leaves) == 1:
        return Node({}, "", next(iter(leaves.values())), ("year",), names).below
    return tuple(
        Node({"category": category}, f"{category} {coding.name_of(category)}", own, ("year",), names)
        for category, own in sorted(leaves.items())
    )


def _parted(leaves: Sequence[_Leaf], column: str) -> dict[str, list[_Leaf]]:
    """Part classes by what they have in a column."""
    found: dict[str, list[_Leaf]] = {}
    for leaf in leaves:
        found.setdefault(getattr(leaf, column), []).append(leaf)
    return found


def sees_all(actor: Actor) -> bool:
    """Tell whether *actor* arranges: who does sees every class, and nobody else sees any here."""
    return access.may(actor, "holdings:record:revise").allowed


def _longest_first(retention: str) -> tuple[int, int | str]:
    if retention == "Y":
        return (0, 0)
    return (1, -int(retention[1:])) if retention[1:].isdigit() else (2, 0)
