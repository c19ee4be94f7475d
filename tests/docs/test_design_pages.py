"""Design pages say what the code does."""

import re

import pytest
from django.apps import apps

from lantai.core.events import EVENTS, PayloadClass
from lantai.core.lifecycle import MOVES, State
from lantai.stages import agreement, protected
from tests.support import pages

PAGES = ("model.md", "lifecycle.md", "ledger-format.md", "tampering.md")
PAGES = ("model.md", "lifecycle.md", "ledger-format.md", "recovery.md")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_agrees_with_the_code(name: str) -> None:
    text = (pages.DESIGN / name).read_text("utf-8")
    assert pages.DESIGN / name in set(pages.pages())
    assert pages.drawn(text) == text, "run: python -m tests.support.pages"


def test_every_part_that_can_be_drawn_is_on_a_page() -> None:
    text = "".join(page.read_text("utf-8") for page in pages.pages())
    assert set(re.findall(r"<!-- drawn: ([a-z_]+) -->", text)) >= set(pages.DRAWERS)


def test_drawing_twice_changes_nothing() -> None:
    once = pages.drawn("<!-- drawn: moves -->\nyesterday\n<!-- end -->")
    assert pages.drawn(once) == once
    assert "yesterday" not in once


def test_every_column_that_is_held_is_one() -> None:
    columns = {model._meta.db_table: {field.column for field in model._meta.concrete_fields} for model in apps.get_models()}
    for item in protected.TABLES:
        assert set(item.columns) <= columns[item.table] | {"events", "agents", "relations"}, item.table
    assert {name: set(held) for name, held in agreement.COLUMNS.items()}.items() <= {
        item.table: set(item.columns) - {"state"} for item in protected.TABLES
    }.items()


def test_an_unknown_part_is_an_error() -> None:
    with pytest.raises(KeyError):
        pages.drawn("<!-- drawn: weather -->\n<!-- end -->")


def test_drawings_hold_every_state_move_and_event() -> None:
    assert all(f"| {state} |" in pages.state_names() for state in State)
    assert all(f"{row.origin} --> {row.target}: {row.verb}" in pages.states() for row in MOVES)
    assert all(f"| {name} |" in pages.events() for name in EVENTS)
    assert {row.payload for row in EVENTS.values()} == set(PayloadClass)
