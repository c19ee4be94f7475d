"""The embedded full-text index on tantivy: exact substrings through character bigrams with positions.

Every field is indexed twice: as the sequence of its bigrams with positions (a substring of n ≥ 2 characters is a phrase of
n − 1 bigrams) and as the set of its single characters (for n = 1). The engine sees the bigrams as words between spaces, because its own
n-gram tokenizer keeps no positions. Facets are ``name=value`` terms of one fast field: filters and counts are exact. Nothing of
the text is stored, only the record's id.
"""

import shutil
import sys
import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import tantivy

from lantai.core import text
from lantai.core.errors import Fault
from lantai.ports.index import SORTS, Entry, Hits, Query

#: The fields an entry may have, with their weight in relevance.
FIELDS: dict[str, float] = {
    "title": 4.0,
    "document_number": 4.0,
    "code": 4.0,
    "author": 2.0,
    "receiver": 1.0,
    "keywords": 2.0,
    "attachments": 1.0,
    "body": 1.0,
}
#: A slice is written in well under this; what is asked for longer has to be tried again by whoever asks.
PATIENCE_SECONDS = 5.0
_AGAIN_SECONDS = 0.05
_HEAP_BYTES = 64 * 1024**2
_BUCKETS = 65_000
#: What the sorts go by, beside relevance: the fast field and the direction.
_ORDERS: dict[str, tuple[str, Any]] = {
    "newest": ("order", tantivy.Order.Desc),
    "oldest": ("order", tantivy.Order.Asc),
    "code": ("code", tantivy.Order.Asc),
}
_UTF32 = f"utf-32-{sys.byteorder[0]}e"
_BLANK = ord(" ")
_SPACE = "␣"  # the normaliser leaves no other white space than " ", and never this


class TantivyIndex:
    """An index in a folder, made on first use. One writer at a time over all processes; a search sees every earlier commit.

    The fields of an entry are some of :data:`FIELDS` (ValueError for another). Faults: INDEX-BUSY (somebody else writes),
    INDEX-DAMAGED (unreadable or of another make: ``clear`` and rebuild), INDEX-WRITE-FAILED (disk). The writer with its buffer
    lives only while something is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._schema = _schema()
        self._lock = Lock()
        self._index: Any = None
        self._seen: tuple[int, int] = (0, 0)

    def add(self, entries: Sequence[Entry]) -> None:
        """Add or replace entries; durable on return. Cheapest in batches of 500 to 2,000: small segments are merged again and again."""
        documents = [(entry.record_id, _document(entry)) for entry in entries]
        with self._writing() as writer:
            for record_id, document in documents:
                writer.delete_documents_by_term("id", record_id)
                writer.add_document(document)

    def remove(self, record_ids: Sequence[str]) -> None:
        """Remove entries; durable on return; unknown ones are no error."""
        with self._writing() as writer:
            for record_id in record_ids:
                writer.delete_documents_by_term("id", record_id)

    def clear(self) -> None:
        """Forget everything, also where the folder is damaged. Raises Fault INDEX-BUSY while somebody else writes."""
        try:
            with self._writing() as writer:
                writer.delete_all_documents()
        except Fault as fault:
            if fault.code == "INDEX-BUSY":
                raise
            shutil.rmtree(self._folder, ignore_errors=True)
            self._index = None

    def search(self, query: Query) -> Hits:
        """Answer a query; ``sort`` is one of ``ports.index.SORTS`` (ValueError for another)."""
        if query.sort not in SORTS:
            raise ValueError(f"sort: {query.sort}")
        question = _question(self._schema, query)
        with self._faults("INDEX-DAMAGED"):
            searcher = self._searcher()
            total, ids = _page(searcher, question, query)
            return Hits(total, ids, _facets(searcher, question) if total else {})

    def _searcher(self) -> Any:  # noqa: ANN401 - the engine has no public types for it
        """Return a searcher over the newest commit; one look at the engine's own file tells whether there is a newer one."""
        index = self._opened()
        with self._lock:
            status = (self._folder / "meta.json").stat()
            seen = (status.st_mtime_ns, status.st_ino)
            if seen != self._seen:
                index.reload()
                self._seen = seen
            return index.searcher()

    def _opened(self) -> Any:  # noqa: ANN401
        with self._lock, self._faults("INDEX-DAMAGED"):
            if self._index is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                if not (self._folder / "meta.json").exists() and any(self._folder.glob("*.store")):
                    raise ValueError("meta.json is missing")
                self._index = tantivy.Index(self._schema, str(self._folder))
                self._index.config_reader("manual")
                self._index.register_tokenizer("grams", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
                self._seen = (0, 0)
            return self._index

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """Hold the writer: commit when the block is left well, drop everything when not; merges end before it is let go."""
        index = self._opened()
        with self._faults("INDEX-DAMAGED"):
            writer = _writer(index)
        try:
            with self._faults("INDEX-WRITE-FAILED"):
                yield writer
                writer.commit()
        finally:
            writer.wait_merging_threads()

    @contextmanager
    def _faults(self, code: str) -> Iterator[None]:
        """Turn what the engine throws (ValueError, a panic over flipped bits) and what the disk does into the fault *code*."""
        try:
            yield
        except BaseException as error:
            if not isinstance(error, (ValueError, OSError)) and type(error).__name__ != "PanicException":
                raise
            raise Fault("INDEX-BUSY" if "LockBusy" in str(error) else code, str(self._folder)) from error


def _writer(index: tantivy.Index) -> Any:  # noqa: ANN401
    """Return the writer, of which there is one at a time: another process has it for a moment, which is waited for."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return index.writer(_HEAP_BYTES, 1)
        except ValueError as error:
            if "LockBusy" not in str(error) or time.monotonic() > until:
                raise
        time.sleep(_AGAIN_SECONDS)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("order", "code", "facet"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in FIELDS:
        builder.add_text_field(f"{name}_1", tokenizer_name="grams", index_option="basic")
        builder.add_text_field(f"{name}_2", tokenizer_name="grams", index_option="position")
    return builder.build()


def _document(entry: Entry) -> tantivy.Document:
    if unknown := set(entry.fields) - set(FIELDS):
        raise ValueError(f"fields: {sorted(unknown)}")
    code = text.normalise(entry.fields.get("code", ""))
    order, code_order = f"{entry.order}\0{entry.record_id}", f"{int(not code)}{code}\0{entry.record_id}"
    document = tantivy.Document(id=entry.record_id, order=order, code=code_order)
    for name, value in entry.facets.items():
        document.add_text("facet", f"{name}={value}")
    for name, raw in entry.fields.items():
        characters, bigrams = _spaced(_marked(raw))
        document.add_text(f"{name}_1", characters)
        document.add_text(f"{name}_2", bigrams)
    return document


def _spaced(marked: str) -> tuple[str, str]:
    """Return the characters, and the bigrams, each followed by a space; laid out in arrays, ten times faster than joining."""
    points = array("I", marked.encode(_UTF32))
    characters = array("I", [_BLANK]) * (2 * len(points))
    characters[0::2] = points
    bigrams = array("I", [_BLANK]) * (3 * max(len(points) - 1, 0))
    bigrams[0::3], bigrams[1::3] = points[:-1], points[1:]
    return characters.tobytes().decode(_UTF32), bigrams.tobytes().decode(_UTF32)


def _marked(raw: str) -> str:
    return text.normalise(raw).replace(" ", _SPACE)


def _question(schema: tantivy.Schema, query: Query) -> tantivy.Query:
    """Put the query together: every word in some field, and every filter, without weight of their own."""
    fields = [name for name in FIELDS if not query.fields or name in query.fields]
    words = [word for word in map(_marked, query.words) if word]
    parts = [_any(_word(schema, name, word) for name in fields) for word in words]
    parts += [_silent(_any(_facet(schema, name, value) for value in values)) for name, values in query.facets.items()]
    if {} not in query.visible:
        parts.append(_silent(_any(_all(_facet(schema, name, value) for name, value in row.items()) for row in query.visible)))
    return _all(parts) if parts else tantivy.Query.all_query()


def _word(schema: tantivy.Schema, name: str, word: str) -> tantivy.Query:
    """Return the query for a substring of one field: a character, one bigram, or the fewest bigrams that pin it down."""
    if len(word) < 3:
        found = tantivy.Query.term_query(schema, f"{name}_{len(word)}", word)
    else:
        last = len(word) - 2
        terms: list[Any] = [(offset, word[offset : offset + 2]) for offset in dict.fromkeys((*range(0, last, 2), last))]
        found = tantivy.Query.phrase_query(schema, f"{name}_2", terms)
    return tantivy.Query.boost_query(found, FIELDS[name])


def _facet(schema: tantivy.Schema, name: str, value: str) -> tantivy.Query:
    return tantivy.Query.term_query(schema, "facet", f"{name}={value}")


def _any(questions: Iterable[tantivy.Query]) -> tantivy.Query:
    return _together(questions, tantivy.Occur.Should)


def _all(questions: Iterable[tantivy.Query]) -> tantivy.Query:
    return _together(questions, tantivy.Occur.Must)


def _together(questions: Iterable[tantivy.Query], occur: tantivy.Occur) -> tantivy.Query:
    clauses = list(questions)
    if not clauses:
        return tantivy.Query.empty_query()
    return clauses[0] if len(clauses) == 1 else tantivy.Query.boolean_query([(occur, clause) for clause in clauses])


def _silent(question: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(question, 0.0)


def _page(searcher: Any, question: tantivy.Query, query: Query) -> tuple[int, tuple[str, ...]]:  # noqa: ANN401
    options: dict[str, Any] = {"limit": max(query.limit, 1), "offset": query.offset, "count": True}
    if query.sort in _ORDERS:
        options["order_by_field"], options["order"] = _ORDERS[query.sort]
    result = searcher.search(question, **options)
    hits = result.hits[: query.limit]
    return result.count, tuple(searcher.doc(address)["id"][0] for _, address in hits)


def _facets(searcher: Any, question: tantivy.Query) -> dict[str, dict[str, int]]:  # noqa: ANN401
    """Count every facet value over all hits; one segment-wise count each, so no estimate anywhere."""
    terms = {"field": "facet", "size": _BUCKETS, "segment_size": _BUCKETS}
    counts: dict[str, dict[str, int]] = {}
    for bucket in searcher.aggregate(question, {"facet": {"terms": terms}})["facet"]["buckets"]:
        name, _, value = bucket["key"].partition("=")
        counts.setdefault(name, {})[value] = bucket["doc_count"]
    return counts
