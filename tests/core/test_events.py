"""The table of events."""

import re

import pytest

from lantai.core.events import ENTRY_LIMIT_BYTES, EVENTS, ROWS, Envelope, PayloadClass
from tests.support.rows import NOW


def test_names_read_thing_happened_and_stand_once() -> None:
    assert len(EVENTS) == len(ROWS)
    assert all(re.fullmatch(r"[a-z]+:[a-z]+", name) for name in EVENTS)
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert all(len(row.type) <= 48 and len(row.object_kind) <= 16 for row in ROWS)


@pytest.mark.parametrize("name", ["record:read", "search:asked", "session:opened", "session:refused", "session:closed"])
def test_what_tells_of_a_reader_is_personal(name: str) -> None:
    assert EVENTS[name].payload is PayloadClass.PERSONAL


@pytest.mark.parametrize("name", ["record:described", "record:revised", "record:received"])
def test_what_tells_of_content_goes_with_it(name: str) -> None:
    assert EVENTS[name].payload is PayloadClass.CONTENT_BOUND


@pytest.mark.parametrize("name", [row.type for row in ROWS if row.type.split(":")[0] in ("quarantine", "number", "account")])
def test_decisions_are_permanent(name: str) -> None:
    assert EVENTS[name].payload is PayloadClass.PERMANENT


@pytest.mark.parametrize(("actor", "fits"), [(1000, True), (ENTRY_LIMIT_BYTES, False)])
def test_an_entry_has_a_limit(actor: int, fits: bool) -> None:
    envelope = Envelope("E", "record:read", NOW, "x" * actor, "record", "R", "0" * 64)
    if fits:
        assert len(envelope.entry()) <= ENTRY_LIMIT_BYTES
    else:
        with pytest.raises(ValueError, match="log entry"):
            envelope.entry()
