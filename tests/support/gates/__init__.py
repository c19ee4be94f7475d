"""Fixtures of the four gates: for every sure item one that is good, some that are bad, each named after its fault, and some at the edge.

``FIXTURES`` is the table. A name reads ``good/GD-1-8``, ``bad/GD-1-8_code_already_used`` or ``boundary/GD-1-8_nothing_alike``. All are
facts; material on disk (packages, containers, single files) stands in ``disk.py``, a carrier and vault objects in ``test_examine.py``.
"""

from dataclasses import dataclass

from lantai.core.checks import Answer, BatchFacts, Outcome, RecordFacts
from lantai.core.checks.registry import RECORD_CHECKS
from tests.core.checks.good import a_batch, a_record
from tests.support.gates import content, metadata

UNSURE = frozenset({"1.09", "2.08", "3.05", "3.06", "3.07"})
CARRIER = ("4.04", "4.05", "4.06")


@dataclass(frozen=True, slots=True)
class Fixture:
    """Facts for one item at the archiving gate: what they are called, what the item comes to, and the code of the fault."""

    name: str
    number: str
    facts: RecordFacts | BatchFacts
    outcome: Outcome
    code: str = ""

    @property
    def kind(self) -> str:
        """good, bad or boundary."""
        return self.name.partition("/")[0]


def shown(number: str) -> str:
    """Return the displayed code of an item: GD-1-8 for 1.08."""
    group, _, place = number.partition(".")
    return f"GD-{group}-{int(place)}"


def _good(number: str) -> Fixture:
    if number in CARRIER:
        answered = a_batch(has_carrier=True, mb_per_s=20.0, answers=tuple(Answer(key, Outcome.PASS, "沈静宜") for key in CARRIER))
        return Fixture(f"good/{shown(number)}", number, answered, Outcome.PASS)
    return Fixture(f"good/{shown(number)}", number, a_record() if number in RECORD_CHECKS else a_batch(), Outcome.PASS)


def _table() -> tuple[Fixture, ...]:
    numbers = sorted({*metadata_numbers(), *content_numbers(), *CARRIER})
    rows = [_good(number) for number in numbers]
    for faults, outcome in (
        (metadata.FAILS, Outcome.FAIL),
        (metadata.WARNS, Outcome.WARN),
        (content.FAILS, Outcome.FAIL),
        (content.WARNS, Outcome.WARN),
        (content.ERRORS, Outcome.ERROR),
    ):
        rows += [Fixture(f"bad/{shown(number)}_{fault}", number, facts, outcome, code) for fault, (number, facts, code) in faults.items()]
    for cases in (metadata.GOOD_AT_THE_EDGE, content.GOOD_AT_THE_EDGE):
        rows += [Fixture(f"boundary/{shown(number)}_{case}", number, facts, Outcome.PASS) for case, (number, facts) in cases.items()]
    return (*rows, *_carriers())


def metadata_numbers() -> set[str]:
    """The items that metadata decides."""
    return {number for number, *_ in metadata.FAILS.values()} | {number for number, *_ in metadata.WARNS.values()}


def content_numbers() -> set[str]:
    """The items that content and its surroundings decide."""
    return {number for table in (content.FAILS, content.WARNS, content.ERRORS) for number, *_ in table.values()} - {
        "3.05",
        "3.07",
        "2.08",
        "1.09",
    }


def _carriers() -> list[Fixture]:
    """A medium that a person looked at and found wanting (a remark, for the items are minor), and one that nobody looked at yet."""
    scratched = a_batch(has_carrier=True, answers=tuple(Answer(key, Outcome.FAIL, "沈静宜", opinion="盘面划伤") for key in CARRIER))
    waiting = a_batch(has_carrier=True)
    rows = []
    for number, fault in (("4.05", "scratched"), ("4.06", "too_many_errors")):
        rows.append(Fixture(f"bad/{shown(number)}_{fault}", number, scratched, Outcome.WARN))
        rows.append(Fixture(f"boundary/{shown(number)}_nobody_looked_yet", number, waiting, Outcome.MANUAL))
    return rows


FIXTURES: tuple[Fixture, ...] = _table()
