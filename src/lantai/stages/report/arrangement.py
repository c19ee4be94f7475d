"""The arrangement for the screen 整理: the rows of one class, and one record's form."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Count, QuerySet, Sum, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from lantai.core.access import Actor
from lantai.core.codes import CODES
from lantai.core.lifecycle import GONE, State
from lantai.core.metadata import Element, condition_words
from lantai.core.text import normalise
from lantai.shelves.holdings import counts as counts_
from lantai.shelves.holdings import order, queries
from lantai.shelves.holdings.counts import Counted
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.holdings.order import HAND
from lantai.shelves.ledger.models import Event
from lantai.shelves.metadata import queries as metadata
from lantai.stages.report import scope
from lantai.stages.report.classes import sees_all

ORDERS = {
    "hand": HAND,
    "date": ("document_date", "number_key", "id"),
    "number": ("number_key", "document_date", "id"),
    "title": ("title", "id"),
}
PAGE = 40
#: What the list shows of a record, and what tells of a problem.
_LISTED = (
    *("id", "code", "title", "document_number", "author", "document_date", "page_count", "year", "retention", "department", "version"),
    *("phase", "is_impeded", "needs_attention", "hold", "position", "number_key"),
)
#: How many records a filter names at once; of what lies deeper the page is looked for again.
FOUND = 1000
#: In a filter of a larger class no numbers are derived: they would cost as much as the filter; the form derives that of its record.
RANKED = 20_000
UNRANKED = "…"
#: Chosen instead of one code of what a person must look at: all of them.
ANY_REASON = "any"
#: The columns that a choice narrows by.
PLACED = ("category", "year", "department", "retention")
_ARRANGED = ("year", "retention_period", "organizational_structure_or_function")
#: The elements that the form has fields of its own for; arrangement has its own lists for year, department and retention.
#: Elements that are always in the form: what a record is about and whom it names are proposed there, to be confirmed.
INDEXED = ("keyword", "personal_name")
IN_FORM = frozenset((*_ARRANGED, "title", "document_number", "date", "author", "principal_receiver", "annotation"))
_STATES = {False: (State.ARRANGED,), True: (State.NUMBERED, State.ARCHIVED, State.ACCESSIONED)}
RESTING = sorted(set(State) - GONE - {State.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Class:
    """What is chosen: parts that are None are not narrowed; ``attention`` a code instead of a class; ``words`` a filter;
    ``left_out`` categories that are not numbered with the others; ``is_flat`` where the scheme has no level between year and period."""

    year: str | None = None
    department: str | None = None
    retention: str | None = None
    attention: str | None = None
    words: str = ""
    order: str = "hand"
    offset: int = 0
    is_fixed: bool = False
    left_out: frozenset[str] = frozenset()
    category: str | None = None
    is_flat: bool = False

    @property
    def is_leaf(self) -> bool:
        """True where one numbering class is chosen."""
        return None not in (self.year, self.retention) and (self.department is None) is self.is_flat


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
    volume: str = ""


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

    @property
    def is_composable(self) -> bool:
        """True where its documents may be arranged, split off or joined with others."""
        return self.is_editable and self.state == State.ARRANGED and bool(self.parts) and not self.needs_attention


@dataclass(frozen=True, slots=True)
class Found:
    """What a filter found: the first ids in their order, and how many there are in all."""

    ids: tuple[str, ...]
    total: int


def find(actor: Actor, chosen: Class) -> Found:
    """Go through the chosen records once for the words of the filter."""
    query = _chosen(actor, chosen)
    ids = tuple(_ordered(query, chosen).values_list("id", flat=True)[: FOUND + 1])
    return Found(ids[:FOUND], len(ids) if len(ids) <= FOUND else query.count())


def listing(actor: Actor, chosen: Class, first: int | None = None, *, found: Found | None = None) -> Listing:
    """Return a page of the chosen records, found in an index however deep it lies.

    *first* is the number that the first record of the class would get, None where none can be derived; *found* what the filter found,
    where it was gone through already. The pages of a filter's records are not summed.
    """
    query = _chosen(actor, chosen)
    if chosen.words and not chosen.attention:
        found = found or find(actor, chosen)
        total, pages = found.total, 0
    else:
        total, pages = _sums_of(actor, chosen, query)
    end = chosen.offset + PAGE
    keys = list(found.ids[chosen.offset : end]) if found and min(end, total) <= len(found.ids) else _page(actor, chosen, query)
    rows = {row.id: row for row in Record.objects.filter(id__in=keys).only(*_LISTED)}
    shown = [rows[key] for key in keys if key in rows]
    is_left_out = first is not None and bool(chosen.words) and sum(of.records for of in _classes(actor, chosen, is_fixed=False)) > RANKED
    numbers = _numbers(chosen, shown, first) if first is not None and not is_left_out else {}
    filed = queries.filed_in(keys) if first is None or chosen.left_out else {}
    items = {key: f"{number:04d}" for key, number in numbers.items()} or {
        row.id: UNRANKED for row in shown if is_left_out and not row.is_impeded
    }
    bare = scope.untitled_of([row.id for row in shown if not row.title])
    listed = tuple(_row(row, items.get(row.id, "—"), filed.get(row.id, ""), bare.get(row.id, "")) for row in shown)
    return Listing(listed, total, pages, _problems(actor, chosen, total), chosen.offset)


def _page(actor: Actor, chosen: Class, query: QuerySet[Record]) -> list[str]:
    """Return the ids of the page; one that lies deep in many classes is looked up in the class that its place falls into."""
    ordered = _ordered(query, chosen).values_list("id", flat=True)
    if not chosen.offset or chosen.is_leaf or chosen.words or chosen.attention:
        return list(ordered[chosen.offset : chosen.offset + PAGE])
    found: list[str] = []
    before = 0
    for item in _classes(actor, chosen, is_fixed=chosen.is_fixed):
        if before + item.records > chosen.offset and len(found) < PAGE:
            of = query.filter(year=item.year, department=item.department, retention=item.retention).order_by(*HAND)
            start = max(0, chosen.offset - before)
            found += of.values_list("id", flat=True)[start : start + PAGE - len(found)]
        before += item.records
    return found


def ids(actor: Actor, chosen: Class, limit: int) -> list[str]:
    """Return the ids of the chosen records in their order, at most *limit*."""
    return list(_ordered(_chosen(actor, chosen), chosen).values_list("id", flat=True)[:limit])


def _ordered(query: QuerySet[Record], chosen: Class) -> QuerySet[Record]:
    if chosen.attention:
        return query.order_by("state", "id")  # by id alone SQLite would read the whole fonds in that order
    if chosen.is_leaf and not chosen.is_fixed:
        return query.order_by(*ORDERS.get(chosen.order, ORDERS["hand"]))
    return query.order_by("year", "department", "retention", *HAND)


def _numbers(chosen: Class, shown: list[Record], first: int) -> dict[str, int]:
    """Return the item number that each record shown would get; those that cannot be numbered get none."""
    department = order.ANY if chosen.is_flat else chosen.department or ""
    of = {"year": chosen.year or "", "department": department, "retention": chosen.retention or ""}
    if chosen.words or chosen.order != "hand" or chosen.left_out:
        ranks = order.ranks(of, [row.id for row in shown], without=chosen.left_out)
        return {key: first + rank - 1 for key, rank in ranks.items()}
    free = [row.id for row in shown if not row.is_impeded]
    before = order.free_before(order.waiting(**of), shown[0], chosen.offset) if shown else 0
    return {key: at for at, key in enumerate(free, first + before)}


def _problems(actor: Actor, chosen: Class, total: int) -> int:
    if chosen.attention:
        return total
    if not chosen.is_leaf or chosen.is_fixed or chosen.words:
        return 0
    return _placed(scope.records(actor).filter(phase="open", is_impeded=True), chosen).count()


def _sums_of(actor: Actor, chosen: Class, query: QuerySet[Record]) -> tuple[int, int]:
    """Return number of records and pages: from the counts that are kept, where nothing else narrows the choice."""
    if chosen.attention:
        sums = query.aggregate(total=Count("*"), pages=Sum("page_count"))
        return sums["total"], sums["pages"] or 0
    found = _classes(actor, chosen, is_fixed=chosen.is_fixed)
    return sum(item.records for item in found), sum(item.pages for item in found)


def _classes(actor: Actor, chosen: Class, *, is_fixed: bool) -> list[Counted]:
    if not sees_all(actor):
        return []
    parts = {name: value for name in PLACED if (value := getattr(chosen, name)) is not None}
    return counts_.classes(phase="fixed" if is_fixed else "open", **parts)


def _chosen(actor: Actor, chosen: Class) -> QuerySet[Record]:
    query = scope.records(actor)
    if chosen.attention:
        for_it = {"needs_attention__gt": ""} if chosen.attention == ANY_REASON else {"needs_attention": chosen.attention}
        return query.filter(state__in=RESTING, **for_it)
    if chosen.words or not chosen.is_fixed:  # the index of the filter, and no derived column: see the model
        return _worded(_placed(query.filter(state__in=_STATES[chosen.is_fixed], quarantined=False), chosen), chosen)
    return _placed(query.filter(phase="fixed"), chosen)


def _placed(query: QuerySet[Record], chosen: Class) -> QuerySet[Record]:
    for name in PLACED:
        if (value := getattr(chosen, name)) is not None:
            query = query.filter(**{name: value})
    return query


def _worded(query: QuerySet[Record], chosen: Class) -> QuerySet[Record]:
    """Narrow to what holds every word; both sides are normalised, so bytes are compared, which costs less than a pattern."""
    for word in filter(None, map(normalise, chosen.words.split())):
        query = query.filter(GreaterThan(StrIndex("sought", Value(word)), 0))
    return query


@dataclass(frozen=True, slots=True)
class Survey:
    """How many of a choice are still open, how many have their code fixed; what a filter found of either (by whether it is fixed)."""

    open: int
    fixed: int
    found: Mapping[bool, Found]


def survey(actor: Actor, chosen: Class) -> Survey:
    """Count what is chosen; a filter goes through what there is of it, once."""
    still_open, fixed = (sum(item.records for item in _classes(actor, chosen, is_fixed=is_fixed)) for is_fixed in (False, True))
    if not chosen.words or chosen.attention:
        return Survey(still_open, fixed, {})
    held = {False: still_open, True: fixed}
    found = {is_fixed: find(actor, replace(chosen, is_fixed=is_fixed)) for is_fixed, count in held.items() if count}
    still_open, fixed = (found[each].total if each in found else 0 for each in (False, True))
    return Survey(still_open, fixed, found)


def item_of(record_id: str, of: Mapping[str, str], first: int, left_out: frozenset[str] = frozenset()) -> int | None:
    """Return the item number that a record of the class would get, None where it cannot be numbered."""
    rank = order.ranks(of, [record_id], without=left_out).get(record_id)
    return first + rank - 1 if rank else None


def at_item(of: Mapping[str, str], rank: int, without: set[str], left_out: frozenset[str] = frozenset()) -> str:
    """Return the record that stands at a rank of the class, or the nearest before it that is not among *without*; empty for none."""
    before = order.free_ids(**of, without=left_out)[: max(0, rank)]
    return next((key for key in reversed(before) if key not in without), "")


def last_change(record_id: str) -> tuple[str, datetime | None]:
    """Return who changed a record last, and when."""
    event = Event.objects.filter(object_id=record_id, type="record:revised").order_by("-id").first()
    return (scope.persons([event.actor])[event.actor], event.instant) if event else ("", None)


def _problem(row: Record) -> str:
    if row.needs_attention:
        return CODES[row.needs_attention].text if row.needs_attention in CODES else "等人看"
    parts = [label for name, label in (("year", "年度"), ("retention", "保管期限"), ("title", "题名")) if not getattr(row, name)]
    if parts:
        return f"缺{'、'.join(parts)}"
    return "已冻结" if row.hold else "自带档号，应登记原有档号"


def _row(row: Record, item: str, volume: str, called: str) -> Row:
    is_fixed = bool(row.code)
    return Row(
        row.id,
        row.code.rpartition("-")[2] if is_fixed else item,
        is_fixed,
        row.title or called,
        row.document_number,
        row.author,
        row.document_date,
        row.page_count,
        row.retention,
        row.department,
        _problem(row) if row.phase != "fixed" and row.is_impeded else "",
        row.version,
        volume,
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
    """Return the elements of the record's scheme that the form has no field of its own for, and those that are indexed by."""
    elements = metadata.elements(row.category)
    names = {item.code: item.name for item in elements}
    found = []
    for item in elements:
        if (item.set_by or item.code in INDEXED) and item.kept_in == "elements" and item.code not in IN_FORM:
            value = row.elements.get(item.code, "")
            text = value if isinstance(value, str) else "\n".join(map(str, value))
            found.append(Asked(item, text, condition_words(item.condition, names)))
    return tuple(found)


def unplaced(actor: Actor) -> Counter[str]:
    """Return how many records have no place yet, how many wait for a person, and how many codes are fixed."""
    found = counts_.classes() if sees_all(actor) else []
    return Counter(
        waiting=scope.records(actor).filter(needs_attention__gt="", state__in=RESTING).count(),
        unclassed=sum(item.records for item in found if item.phase == "open" and not (item.year and item.retention)),
        fixed=sum(item.records for item in found if item.phase == "fixed"),
    )
