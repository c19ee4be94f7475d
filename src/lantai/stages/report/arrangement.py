"""The arrangement for the screen 整理: the tree of classes, the rows of one class, and one record's form."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When

from lantai.core.access import Actor
from lantai.core.lifecycle import State
from lantai.core.metadata import Element, condition_words
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.metadata import queries as metadata
from lantai.stages.report import scope

OPEN = (State.ARRANGED,)
FIXED = (State.NUMBERED, State.ARCHIVED, State.ACCESSIONED)
ORDERS = {
    "hand": ("placed", "position", "document_date", "document_number", "id"),
    "date": ("document_date", "document_number", "id"),
    "title": ("title", "id"),
}
PAGE = 200
#: The elements that the form has fields of its own for; arrangement has its own lists for year, department and retention.
IN_FORM = frozenset(
    {
        "title",
        "document_number",
        "date",
        "year",
        "retention_period",
        "organizational_structure_or_function",
        "author",
        "principal_receiver",
        "annotation",
    }
)
RESTING = sorted(set(State) - {State.DISCARDED, State.ARCHIVED})


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


@dataclass(frozen=True, slots=True)
class Class:
    """What is chosen: parts that are None are not narrowed; ``attention`` a code instead of a class; ``words`` a filter."""

    year: str | None = None
    department: str | None = None
    retention: str | None = None
    attention: str | None = None
    words: str = ""
    order: str = "hand"
    offset: int = 0
    is_fixed: bool = False

    @property
    def is_leaf(self) -> bool:
        """True where one numbering class is chosen."""
        return None not in (self.year, self.department, self.retention)


@dataclass(frozen=True, slots=True)
class Row:
    """A record as the list shows it; ``item`` is its number in the class, proposed or (``is_fixed``) in force."""

    id: str
    item: str
    is_fixed: bool
    title: str
    document_number: str
    author: str
    date: str
    pages: int | None
    retention: str
    department: str
    note: str
    version: int


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of this page, and counts over the whole choice."""

    rows: tuple[Row, ...]
    total: int
    pages: int
    problems: int
    offset: int

    @property
    def last(self) -> int:
        """The place of the last row shown."""
        return self.offset + len(self.rows)


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the record as the form lists it."""

    id: str
    role: str
    name: str
    pages: int | None
    mime: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An element that the agency's metadata scheme asks for in the form: its rule, its value, several values one a line."""

    element: Element
    value: str
    when: str


@dataclass(frozen=True, slots=True)
class Form:
    """One record's form: values by element, version, whether it may be edited, files, reason of the retention."""

    id: str
    version: int
    code: str
    state: str
    values: dict[str, str]
    is_editable: bool
    parts: tuple[Part, ...]
    retention_reason: str
    pages: int | None
    needs_attention: str
    findings: tuple[dict[str, str], ...] = field(default=())
    asked: tuple[Asked, ...] = ()


def tree(actor: Actor) -> tuple[Node, ...]:
    """Return the classes as a tree, newest year first, departments and retentions in their order."""
    names = scope.departments()
    order = {code: at for at, code in enumerate(names)}
    counted = scope.records(actor).filter(state__in=(*OPEN, *FIXED)).values_list("year", "department", "retention")
    leaves = counted.annotate(count=Count("*"), open=Count("state", filter=Q(state__in=OPEN))).order_by()
    years: dict[str, dict[str, list[Node]]] = {}
    for year, department, retention, count, still_open in leaves:
        leaf = Node(year, department, retention, "", count, still_open)
        years.setdefault(year, {}).setdefault(department, []).append(leaf)
    return tuple(_year(year, years[year], names, order) for year in sorted(years, reverse=True))


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


def listing(actor: Actor, chosen: Class, proposed: Mapping[str, int], problems: Mapping[str, str]) -> Listing:
    """Return a page of the chosen records. ``proposed`` are item numbers by record id, ``problems`` what stands in the way."""
    query = _chosen(actor, chosen)
    sums = query.aggregate(total=Count("*"), pages=Sum("page_count"))
    ordered = query.annotate(placed=Case(When(position=0, then=Value(1)), default=Value(0), output_field=IntegerField()))
    rows = ordered.order_by(*(("code", "id") if chosen.is_fixed else ORDERS.get(chosen.order, ORDERS["hand"])))
    shown = list(rows[chosen.offset : chosen.offset + PAGE])
    return Listing(
        tuple(_row(row, proposed.get(row.id), problems.get(row.id, "")) for row in shown),
        sums["total"],
        sums["pages"] or 0,
        len(problems) if not chosen.attention else sums["total"],
        chosen.offset,
    )


def _chosen(actor: Actor, chosen: Class) -> QuerySet[Record]:
    query = scope.records(actor)
    if chosen.attention:
        return query.filter(state__in=RESTING, needs_attention=chosen.attention)
    query = query.filter(state__in=FIXED if chosen.is_fixed else OPEN)
    for name in ("year", "department", "retention"):
        if (value := getattr(chosen, name)) is not None:
            query = query.filter(**{name: value})
    for word in chosen.words.split():
        query = query.filter(Q(title__icontains=word) | Q(document_number__icontains=word) | Q(author__icontains=word))
    return query


def counts(actor: Actor, chosen: Class) -> tuple[int, int]:
    """Return how many of the choice are still open, and how many have their code fixed."""
    sides = (_chosen(actor, replace(chosen, is_fixed=is_fixed)).count() for is_fixed in (False, True))
    return next(sides), next(sides)


def _row(row: Record, item: int | None, problem: str) -> Row:
    is_fixed = bool(row.code)
    number = row.code.rpartition("-")[2] if is_fixed else f"{item:04d}" if item else "—"
    return Row(
        row.id,
        number,
        is_fixed,
        row.title,
        row.document_number,
        row.author,
        row.document_date,
        row.page_count,
        row.retention,
        row.department,
        problem,
        row.version,
    )


def form(actor: Actor, record_id: str) -> Form | None:
    """Return the form of a record that *actor* may see, or None."""
    row = scope.records(actor).filter(id=record_id).first()
    if row is None:
        return None
    files = ComputerFile.objects.filter(record=row).select_related("document").order_by("document__sequence", "sequence")
    values = {key: value if isinstance(value, str) else "；".join(map(str, value)) for key, value in row.elements.items()}
    columns = {
        name: getattr(row, name) for name in ("title", "document_number", "author", "document_type", "year", "department", "retention")
    }
    return Form(
        id=row.id,
        version=row.version,
        code=row.code,
        state=row.state,
        values=values | columns | {"date": row.document_date or values.get("date", ""), "fonds": row.fonds, "category": row.category},
        is_editable=row.state in (State.DESCRIBED, State.ARRANGED) and not row.hold,
        parts=tuple(Part(item.id, item.document.role, item.name, item.page_count, item.mime) for item in files),
        retention_reason=row.retention_reason,
        pages=row.page_count,
        needs_attention=row.needs_attention,
        findings=tuple(row.arrival.get("findings", ())),
        asked=_asked(row),
    )


def _asked(row: Record) -> tuple[Asked, ...]:
    """Return the elements of the record's scheme that the form has no field of its own for."""
    elements = metadata.elements(row.category)
    names = {item.code: item.name for item in elements}
    found = []
    for item in elements:
        if item.set_by and item.kept_in == "elements" and item.code not in IN_FORM:
            value = row.elements.get(item.code, "")
            text = value if isinstance(value, str) else "\n".join(map(str, value))
            found.append(Asked(item, text, condition_words(item.condition, names)))
    return tuple(found)


def unplaced(actor: Actor) -> Counter[str]:
    """Return how many records have no place yet, how many wait for a person, and how many codes are fixed."""
    own = scope.records(actor)
    return Counter(
        waiting=own.filter(state__in=RESTING).exclude(needs_attention="").count(),
        unclassed=own.filter(state__in=OPEN).filter(Q(year="") | Q(retention="")).count(),
        fixed=own.filter(state__in=FIXED).count(),
    )
