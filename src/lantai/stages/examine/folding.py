"""Many results of one item into one: the worst outcome, and what was found in any, up to a bound."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lantai.core.checks import ItemResult, Outcome, Reason
from lantai.core.findings import Finding

MOST_FINDINGS = 200
_BADNESS = {name: rank for rank, name in enumerate(("not_applicable", "pass", "warn", "manual", "error", "fail"))}
_ELSEWHERE = frozenset({Reason.CHECKED_WITH_BATCH.value, Reason.CHECKED_WITH_RECORDS.value})


class Fold:
    """The worst result of every item so far, in the order of the table, and what was measured where it came about."""

    def __init__(self) -> None:
        self._worst: dict[str, ItemResult] = {}
        self._found: dict[str, dict[Finding, None]] = {}
        self._measured: dict[str, tuple[int, str]] = {}

    def add(self, results: Sequence[ItemResult], said: Mapping[str, str], place: int = 0) -> None:
        """Take the results of the record at *place* (from 1), or of all together (0), into account; *said* is what was measured."""
        for result in results:
            before = self._worst.get(result.id)
            if before is None or _rank(result) > _rank(before):
                self._worst[result.id] = result
                number = result.id.partition(".")[2]
                self._measured[number] = (place, said.get(number, ""))
            found = self._found.setdefault(result.id, {})
            for remark in result.findings:
                if len(found) < MOST_FINDINGS:
                    found[remark] = None

    def measured(self, records: int) -> dict[str, str]:
        """Return what was measured, by item number; of many records, at which of them."""
        return {
            number: said if place == 0 or records == 1 else f"{records} 件，第 {place} 件：{said}"
            for number, (place, said) in self._measured.items()
            if said
        }

    def results(self) -> list[ItemResult]:
        """Return one result an item."""
        return [replace(result, findings=tuple(self._found[key])) for key, result in self._worst.items()]


def _rank(result: ItemResult) -> tuple[int, bool]:
    """Of results that do not apply, one that says why is better than one that says where."""
    return _BADNESS[result.outcome], result.outcome is not Outcome.NOT_APPLICABLE or result.reason not in _ELSEWHERE
