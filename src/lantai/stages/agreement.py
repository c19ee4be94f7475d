"""Whether the tables still say of a record what its package says: the columns that nobody may change behind the ledger's back."""

from collections.abc import Iterator, Sequence
from typing import Any

from lantai.core import identity
from lantai.core import record as core
from lantai.core.archival_code import CODE_ELEMENTS, matching_template
from lantai.core.findings import Finding, finding
from lantai.core.retention import Retention
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.holdings.values import record_value

#: Columns that are held against the package, by table; drawn into docs/design/tampering.md.
COLUMNS: dict[str, tuple[str, ...]] = {
    "holdings_record": (
        "electronic_record_code",
        "content_basis",
        "content_version",
        "code",
        "title",
        "elements",
        "agents",
        "events",
        "relations",
        "fonds",
        "category",
        "document_number",
        "author",
        "document_type",
        "year",
        "department",
        "retention",
        "number_key",
        "identity_key",
        "sought",
    ),
    "holdings_document": ("sequence", "role", "title"),
    "holdings_computerfile": (
        "representation",
        "name",
        "path",
        "size_bytes",
        "sha256",
        "sm3",
        "puid",
        "mime",
        "format_name",
        "page_count",
    ),
}
_FILE = COLUMNS["holdings_computerfile"]
# What archiving adds to what the row says (stages/archive/build.py): elements out of the code, one agent, its own events.
_ADDED = frozenset({*CODE_ELEMENTS, "archival_code", "electronic_record_code", "fonds_constituting_unit_name", "total_number_of_pages"})
# Columns that say what an element says.
_NAMED = {
    "fonds": "fonds_identifier",
    "category": "category_code",
    "document_number": "document_number",
    "author": "author",
    "document_type": "document_type",
}
_ADDED_AGENT, _ADDED_EVENT = "system", "lantai-"


def differences(
    row: Record, documents: Sequence[Document], files: Sequence[ComputerFile], kept: core.Record, *, version: int | None = None
) -> Iterator[Finding]:
    """Yield what the tables (*row* with its *documents* and *files*) and *kept* (record.xml) do not agree in.

    *version* is that of the package, where it is one that the row does not have yet.
    """
    try:
        here = record_value(row, documents, files, version=row.content_version if version is None else version)
    except (ValueError, TypeError, KeyError, AttributeError) as problem:  # values that nothing of ours writes
        yield finding("PROVE-ROW-UNREADABLE", row.code or row.id, reason=str(problem))
        return
    yield from _differences(here, kept, row.title)


def following(row: Record, kept: core.Record, templates: Sequence[str]) -> Iterator[Finding]:
    """Yield which columns of an archived record no longer follow from its package: what lists, rights and counts go by.

    *templates* are those that its code may be read by, the agency's own first; a code that was brought along tells nothing of them.
    """
    for name, element in _NAMED.items():
        said = _fitted(name, kept.elements.get(element))
        yield from _differ(f"栏目 {name}", getattr(row, name), said)
    keys = identity.number_key(row.document_number), identity.identity_key(row.title, row.document_date, row.author)
    yield from _differ("栏目 number_key、identity_key", (row.number_key, row.identity_key), keys)
    yield from _differ("栏目 sought", row.sought, identity.sought_text(row.title, row.document_number, row.author))
    template = None if row.elements.get("archival_code") else matching_template(row.code, templates)
    if template is not None:
        parts, fields = template.parse(row.code), {field.name for field in template.fields}
        for name, field in (("year", "year"), ("retention", "retention"), ("department", "org")):
            if field in fields and (getattr(parts, field) or field != "org"):
                yield from _differ(f"栏目 {name}", getattr(row, name), getattr(parts, field))
            elif said := kept.text(_PLACED[name]):  # what the code leaves out, the description says
                yield from _differ(f"栏目 {name}", _placed(row, name), said)


_PLACED = {"year": "year", "retention": "retention_period", "department": "organizational_structure_or_function"}


def _placed(row: Record, name: str) -> str:
    return Retention.parse(row.retention).label if name == "retention" and row.retention else str(getattr(row, name))


def _fitted(column: str, value: object) -> str:
    """Return an element as its column holds it."""
    text = "；".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
    limit = getattr(Record._meta.get_field(column), "max_length", None)
    return text[:limit] if limit else text


def _differences(here: core.Record, kept: core.Record, title: str) -> Iterator[Finding]:
    yield from _differ("档号", here.code, kept.code)
    yield from _differ("电子文件号", here.electronic_record_code, kept.electronic_record_code)
    yield from _differ("内容形式", here.content_basis, kept.content_basis)
    yield from _differ("版本", here.version, kept.version)
    yield from _differ("题名", title, kept.text("title"))
    for name, value in here.elements.items():
        yield from _differ(f"元数据 {name}", value, kept.elements.get(name))
    for name in sorted(kept.elements.keys() - here.elements.keys() - _ADDED):
        yield from _differ(f"元数据 {name}", None, kept.elements[name])
    for name in ("agents", "events", "relations"):
        known = set(getattr(kept, name))
        for item in getattr(here, name):
            if item not in known:
                yield from _differ(name, item.id if hasattr(item, "id") else item.target, None)
    yield from _gone(here, kept)
    yield from _documents(here, kept)


def _gone(here: core.Record, kept: core.Record) -> Iterator[Finding]:
    """Yield agents, events and relations of the package that the row no longer has; what archiving added was never there."""
    for agent in set(kept.agents) - set(here.agents):
        if not agent.id.startswith(_ADDED_AGENT):
            yield from _differ("agents", None, agent.id)
    for event in set(kept.events) - set(here.events):
        if not event.id.startswith(_ADDED_EVENT):
            yield from _differ("events", None, event.id)
    for relation in set(kept.relations) - set(here.relations):
        yield from _differ("relations", None, relation.target)


def _documents(here: core.Record, kept: core.Record) -> Iterator[Finding]:
    theirs = {item.sequence: item for item in kept.documents}
    yield from _differ("文档数", len(here.documents), len(kept.documents))
    for own in here.documents:
        other = theirs.get(own.sequence)
        if other is None:
            yield from _differ(f"文档 {own.sequence}", own.role, None)
            continue
        yield from _differ(f"文档 {own.sequence}", (own.role, own.title), (other.role, other.title))
        yield from _files(own, other)


def _files(own: core.Document, other: core.Document) -> Iterator[Finding]:
    theirs = {item.id: item for item in other.files}
    yield from _differ(f"文档 {own.sequence} 的文件数", len(own.files), len([item for item in other.files if _is_row(item)]))
    for item in own.files:
        kept = theirs.get(item.id)
        yield from _differ(item.name, _told(item), _told(kept) if kept else None)


def _is_row(item: core.ComputerFile) -> bool:
    """Page text has a file in the package and no row."""
    return item.representation is not core.Representation.TEXT


def _told(item: core.ComputerFile) -> tuple[Any, ...]:
    return tuple(getattr(item, name) for name in _FILE)


def _differ(name: str, here: object, there: object) -> Iterator[Finding]:
    if here != there:
        yield finding("PROVE-ROW-DIFFERS", name, here=_short(here), there=_short(there))


def _short(value: object) -> str:
    text = "无" if value is None else "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
