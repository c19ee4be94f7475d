"""find 检索: records that contain what was asked for, within the rights of who asks; the search itself is an event."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from lantai.core import access, text
from lantai.core.access import Actor
from lantai.ports import House
from lantai.ports.index import Query
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.ledger import entries
from lantai.stages.texts import Texts

SNIPPET = 90
SNIPPETS = 3
LIMIT = 200


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of text around a hit: where it stands (field or page) and its runs, true where they are the hit."""

    where: str
    runs: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found, as the list shows it; ``came_as`` is the name that it arrived under."""

    record_id: str
    code: str
    title: str
    title_runs: tuple[tuple[str, bool], ...]
    document_number: str
    author: str
    date: str
    department: str
    retention: str
    state: str
    opening: str
    snippets: tuple[Snippet, ...]
    pages: tuple[int, ...]
    places: int
    came_as: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """Answer to a search: the exact total, this page of hits, counts by facet, and the words that were looked for."""

    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, dict[str, int]]
    words: tuple[str, ...]


def search(  # noqa: PLR0913 - the parts of a query, all keyword-only
    house: House,
    actor: Actor,
    words: str,
    *,
    facets: dict[str, tuple[str, ...]] | None = None,
    fields: tuple[str, ...] = (),
    offset: int = 0,
    limit: int = 20,
    sort: str = "relevance",
) -> Result:
    """Find the records that contain every word and that the actor may see; counts are exact.

    *words* are separated by white space; what stands in double quotation marks is one word. Raises Refusal where the
    actor may not search.
    """
    access.require(actor, "search:record:find")
    wanted = split_words(words)
    query = Query(wanted, fields, facets or {}, access.visible(actor), max(offset, 0), min(max(limit, 0), LIMIT), sort)
    found = house.index.search(query)
    rows = {row.id: row for row in Record.objects.filter(id__in=found.record_ids)}
    shown = [rows[key] for key in found.record_ids if key in rows]
    files = queries.files_of(shown)
    texts = Texts(house)
    hits = tuple(_hit(row, wanted, texts, files.get(row.id, [])) for row in shown)
    if wanted:
        with transaction.atomic():
            body = {"words": list(wanted), "total": found.total}
            entries.append(house.clock.now(), [entries.Entry("search:asked", actor.id, "search", body)], ids=house.ids)
    return Result(found.total, hits, found.facets, wanted)


def found_ids(  # noqa: PLR0913 - the parts of a query, all keyword-only
    house: House,
    actor: Actor,
    words: str,
    *,
    facets: dict[str, tuple[str, ...]] | None = None,
    fields: tuple[str, ...] = (),
    sort: str = "relevance",
    most: int,
) -> list[str]:
    """Return the ids of everything that :func:`search` finds, in its order, *most* at the most; the search is not told again."""
    access.require(actor, "search:record:find")
    ids: list[str] = []
    while len(ids) < most:
        query = Query(split_words(words), fields, facets or {}, access.visible(actor), len(ids), min(LIMIT, most - len(ids)), sort)
        part = house.index.search(query).record_ids
        ids += part
        if not part:
            break
    return ids


def split_words(query: str) -> tuple[str, ...]:
    """Split a query at white space; a part in double quotation marks (either script) stays whole."""
    parts = query.replace("“", '"').replace("”", '"').split('"')
    words: list[str] = []
    for place, part in enumerate(parts):
        words.extend([part.strip()] if place % 2 else part.split())
    return tuple(word for word in words if text.normalise(word))


def _hit(row: Record, words: tuple[str, ...], texts: Texts, files: Sequence[ComputerFile]) -> Hit:
    snippets: list[Snippet] = []
    pages: list[int] = []
    places = 0
    wanted = [text.normalise(word) for word in words]
    for item in files:
        for page in texts.pages(row, item) if wanted else []:
            folded = text.normalise(page["text"])
            count = sum(folded.count(word) for word in wanted)
            if not count:
                continue
            places += count
            pages.append(int(page["number"]))
            if len(snippets) < SNIPPETS:
                snippets.append(Snippet(f"第 {page['number']} 页", tuple(text.snippet(page["text"], words, SNIPPET))))
    return Hit(
        record_id=row.id,
        code=row.code,
        title=row.title,
        title_runs=tuple(text.snippet(row.title, words, 1000)) if row.title else (),
        document_number=row.document_number,
        author=row.author,
        date=row.document_date,
        department=row.department,
        retention=row.retention,
        state=row.state,
        opening=row.opening,
        snippets=tuple(snippets),
        pages=tuple(pages),
        places=places,
        came_as=str(row.arrival.get("key", "")).rpartition("/")[2],
    )
