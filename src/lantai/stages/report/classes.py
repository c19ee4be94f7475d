"""The classes of the arrangement as a tree with counts, for the left pane of the screen 整理."""

from collections.abc import Mapping
from dataclasses import dataclass

from lantai.core import access
from lantai.core.access import Actor
from lantai.shelves.holdings import counts
from lantai.stages.report import scope


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the tree: its key parts, name, count, how many of it are open, and the nodes below."""

    year: str
    department: str | None
    retention: str | None
    name: str
    count: int
    open: int
    below: tuple["Node", ...] = ()

    @property
    def is_fixed(self) -> bool:
        """True where every code of the node is fixed."""
        return not self.open


def tree(actor: Actor) -> tuple[Node, ...]:
    """Return the classes as a tree, newest year first, departments and retentions in their order."""
    if not sees_all(actor):
        return ()
    names = scope.departments()
    order_ = {code: at for at, code in enumerate(names)}
    sums: dict[tuple[str, str, str], list[int]] = {}
    for item in counts.classes():
        both = sums.setdefault((item.year, item.department, item.retention), [0, 0])
        both[0] += item.records
        both[1] += item.records if item.phase == "open" else 0
    years: dict[str, dict[str, list[Node]]] = {}
    for (year, department, retention), (count, still_open) in sums.items():
        leaf = Node(year, department, retention, "", count, still_open)
        years.setdefault(year, {}).setdefault(department, []).append(leaf)
    return tuple(_year(year, years[year], names, order_) for year in sorted(years, reverse=True))


def sees_all(actor: Actor) -> bool:
    """Tell whether *actor* arranges: who does sees every class, and nobody else sees any here."""
    return access.may(actor, "holdings:record:revise").allowed


def _year(year: str, departments: Mapping[str, list[Node]], names: Mapping[str, str], order: Mapping[str, int]) -> Node:
    below = []
    for code in sorted(departments, key=lambda code: (order.get(code, 999), code)):
        leaves = tuple(sorted(departments[code], key=lambda leaf: _longest_first(leaf.retention or "")))
        below.append(Node(year, code, None, names.get(code, code) or "机构未定", *_sums(leaves), leaves))
    return Node(year, None, None, f"{year} 年度" if year else "年度未定", *_sums(tuple(below)), tuple(below))


def _sums(nodes: tuple[Node, ...]) -> tuple[int, int]:
    return sum(node.count for node in nodes), sum(node.open for node in nodes)


def _longest_first(retention: str) -> tuple[int, int]:
    if retention == "Y":
        return (0, 0)
    return (1, -int(retention[1:])) if retention[1:].isdigit() else (2, 0)
