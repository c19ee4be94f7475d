"""The full-text index. Count = records visible to the actor that contain the normalised query as a substring of one field.

Obligations: exact counts; rights are filtered at query time; adding an entry replaces the older one of the same record;
the index can be thrown away and rebuilt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

SORTS = ("relevance", "newest", "oldest", "code")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is indexed of one record. ``facets`` hold year, department, retention, document_type, state, opening …

    ``fields`` are raw texts (title, document_number, author, code, body); the index normalises them itself, with the
    one normaliser in core/text. ``order`` is what newest and oldest go by: the document's date.
    """

    record_id: str
    fields: dict[str, str]
    facets: dict[str, str]
    order: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A search: words that must all occur (each as a substring of one field), exact facet values, and rights.

    ``visible`` is a disjunction of facet conjunctions derived from the access table (a record is visible if all pairs of
    any one row match; an empty row sees everything; no row sees nothing). ``fields`` empty means all fields. ``sort`` is one of
    :data:`SORTS`: ``relevance`` (best match first), ``oldest`` and ``newest`` (by Entry.order, then record id), ``code`` (by the
    field code, then record id, those without one last). Words that normalise to nothing are left out.
    """

    words: tuple[str, ...]
    fields: tuple[str, ...] = ()
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    visible: tuple[dict[str, str], ...] = ({},)
    offset: int = 0
    limit: int = 20
    sort: str = "relevance"


@dataclass(frozen=True, slots=True)
class Hits:
    """Result: exact total, ids of this page in order, and counts per facet value over all hits."""

    total: int
    record_ids: tuple[str, ...]
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


class Index(Protocol):
    """A search index with one writer."""

    def add(self, entries: Sequence[Entry]) -> None:
        """Add or replace entries; durable on return."""
        ...

    def remove(self, record_ids: Sequence[str]) -> None:
        """Remove entries; durable on return."""
        ...

    def search(self, query: Query) -> Hits:
        """Answer a query."""
        ...

    def clear(self) -> None:
        """Forget everything, before a rebuild."""
        ...
