"""The index in memory: every question answered by looking at every text. The oracle of the contract, and enough for small runs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lantai.core import text
from lantai.ports.index import Entry, Hits, Query


@dataclass(frozen=True, slots=True)
class _Kept:
    fields: dict[str, str]
    facets: dict[str, str]
    order: tuple[str, str]
    code: tuple[bool, str, str]


class MemoryIndex:
    """An index that forgets when the process ends. ``relevance`` is the newest first."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def add(self, entries: Sequence[Entry]) -> None:
        """Add or replace entries."""
        for entry in entries:
            fields = {name: text.normalise(raw) for name, raw in entry.fields.items()}
            code = fields.get("code", "")
            order = (entry.order, entry.record_id)
            self._kept[entry.record_id] = _Kept(fields, dict(entry.facets), order, (not code, code, entry.record_id))

    def remove(self, record_ids: Sequence[str]) -> None:
        """Remove entries; unknown ones are no error."""
        for record_id in record_ids:
            self._kept.pop(record_id, None)

    def search(self, query: Query) -> Hits:
        """Answer a query by brute force."""
        words = [word for word in map(text.normalise, query.words) if word]
        found = {key: kept for key, kept in self._kept.items() if _matches(kept, query, words)}
        if query.sort == "code":
            ids = sorted(found, key=lambda key: found[key].code)
        else:
            ids = sorted(found, key=lambda key: found[key].order, reverse=query.sort != "oldest")
        return Hits(len(ids), tuple(ids[query.offset : query.offset + query.limit]), _counts(found.values()))

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()


def _matches(kept: _Kept, query: Query, words: list[str]) -> bool:
    texts = [value for name, value in kept.fields.items() if not query.fields or name in query.fields]
    return (
        all(any(word in value for value in texts) for word in words)
        and all(kept.facets.get(name) in values for name, values in query.facets.items())
        and any(all(kept.facets.get(name) == value for name, value in row.items()) for row in query.visible)
    )


def _counts(found: Iterable[_Kept]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for kept in found:
        for name, value in kept.facets.items():
            counts[name][value] += 1
    return {name: dict(values) for name, values in counts.items()}
