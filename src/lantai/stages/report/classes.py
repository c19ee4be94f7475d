"""The classes of the arrangement as a tree with counts, for the left pane of the screen 整理."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.classification import Scheme, of_year
from lantai.shelves.holdings import counts
from lantai.shelves.policy import queries
from lantai.stages import coding
from lantai.stages.report import scope


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the tree: the parts that choose it (category, year, department, retention, as far as it goes down), name, count, how many
    of it are open, and the nodes below."""

    parts: Mapping[str, str]
    name: str
    count: int
    open: int
    below: tuple["Node", ...] = ()

    @property
    def is_fixed(self) -> bool:
        """True where every code of the node is fixed."""
        return not self.open

    @property
    def leaves(self) -> tuple["Node", ...]:
        """The classes below, in their order."""
        return tuple(leaf for node in self.below for leaf in node.leaves) if self.below else (self,)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A class as it is counted: the columns it goes by, how many records, how many of them open."""

    columns: Mapping[str, str]
    count: int
    open: int


@dataclass(frozen=True, slots=True)
class _Names:
    departments: Mapping[str, str]
    schemes: Mapping[str, tuple[Scheme, ...]]
    ranks: Mapping[str, int]


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
    columns = ("category", "year", "department", "retention")
    leaves = [_Leaf(dict(zip(columns, key, strict=True)), *both) for key, both in sums.items()]
    categories = sorted({leaf.columns["category"] for leaf in leaves})
    if len(categories) == 1:
        return _years(leaves, categories[0], {}, names)
    return tuple(_category(leaves, category, names) for category in categories)


def _category(leaves: Sequence[_Leaf], category: str, names: _Names) -> Node:
    own = [leaf for leaf in leaves if leaf.columns["category"] == category]
    parts = {"category": category}
    return Node(parts, f"{category} {coding.name_of(category)}", *_sums(own), _years(own, category, parts, names))


def _years(leaves: Sequence[_Leaf], category: str, parts: Mapping[str, str], names: _Names) -> tuple[Node, ...]:
    schemes = names.schemes.get(category, ())
    found = []
    for year in sorted({leaf.columns["year"] for leaf in leaves}, reverse=True):
        own = [leaf for leaf in leaves if leaf.columns["year"] == year]
        below = _below(own, of_year(category, schemes, year).columns[1:], {**parts, "year": year}, names)
        found.append(Node({**parts, "year": year}, f"{year} 年度" if year else "年度未定", *_sums(own), below))
    return tuple(found)


def _below(leaves: Sequence[_Leaf], levels: Sequence[str], parts: Mapping[str, str], names: _Names) -> tuple[Node, ...]:
    if not levels:
        return ()
    level, found = levels[0], []
    values = {leaf.columns[level] for leaf in leaves}
    ranked = sorted(values, key=_longest_first if level == "retention" else lambda code: (names.ranks.get(code, 999), code))
    for value in ranked:
        own = [leaf for leaf in leaves if leaf.columns[level] == value]
        name = "" if level == "retention" else names.departments.get(value, value) or "机构未定"
        chosen = {**parts, level: value}
        found.append(Node(chosen, name, *_sums(own), _below(own, levels[1:], chosen, names)))
    return tuple(found)


def _sums(leaves: Sequence[_Leaf]) -> tuple[int, int]:
    return sum(leaf.count for leaf in leaves), sum(leaf.open for leaf in leaves)


def sees_all(actor: Actor) -> bool:
    """Tell whether *actor* arranges: who does sees every class, and nobody else sees any here."""
    return access.may(actor, "holdings:record:revise").allowed


def _longest_first(retention: str) -> tuple[int, int | str]:
    if retention == "Y":
        return (0, 0)
    return (1, -int(retention[1:])) if retention[1:].isdigit() else (2, 0)
