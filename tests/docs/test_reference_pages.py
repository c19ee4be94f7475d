"""Reference pages say what the code does: every command, setting, code, permission, event and field."""

import re

import pytest

from lantai.cli.console import EXITS
from lantai.cli.main import COMMANDS
from lantai.core.access import ACTION_NAMES
from lantai.core.codes import CODES
from lantai.core.events import EVENTS
from lantai.ports.settings import Settings
from tests.support import interface, pages, reference
from tests.support.shapes import SHAPES, Field, faults

PAGES = {
    "commands.md": {"commands", "exits"},
    "settings.md": {"settings"},
    "codes.md": {"codes"},
    "permissions.md": {"permissions"},
    "events.md": {"events"},
    "packages.md": {"package_forms", "eep_requirements", "transfer_requirements"},
    "json.md": {"documents"},
    "package-standards.md": {"bagit", "ocfl", "csip"},
    "coverage.md": {"coverage"},
    "api.md": {"interface"},
}


def read(name: str) -> str:
    return (pages.REFERENCE / name).read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_agrees_with_the_code(name: str) -> None:
    text = read(name)
    assert set(re.findall(r"<!-- drawn: ([a-z_]+) -->", text)) == PAGES[name]
    assert pages.drawn(text) == text, "run: python -m tests.support.pages"


def test_the_interface_as_a_document_agrees_with_the_code() -> None:
    assert read("openapi.json") == interface.document(), "run: python -m tests.support.pages"


def test_every_name_that_is_api_stands_on_its_page() -> None:
    wanted = {
        "commands.md": [f"\n## {name}\n" for name in COMMANDS],
        "settings.md": [f"| `{name}` |" for name in Settings.model_fields],
        "codes.md": [f"| `{code}` |" for code in CODES],
        "permissions.md": [f"| `{action}` |" for action in ACTION_NAMES],
        "events.md": [f"| {name} |" for name in EVENTS],
        "json.md": [f"\n## {name}\n" for name in SHAPES],
    }
    assert {name: [text for text in texts if text not in read(name)] for name, texts in wanted.items()} == {name: [] for name in wanted}


def test_every_command_has_a_purpose_and_every_exit_code_a_meaning() -> None:
    assert set(reference.PURPOSES) == set(COMMANDS)
    assert set(reference.EXIT_MEANINGS) == set(EXITS)
    assert {shape for shapes in reference.SHAPE_OF.values() for shape in shapes} == set(SHAPES) - {"error"}


def test_links_to_documents_lead_to_their_headings() -> None:
    headings = {line[3:].replace(" ", "-") for line in read("json.md").splitlines() if line.startswith("## ")}
    assert set(re.findall(r"json\.md#([\w-]+)", read("commands.md"))) <= headings


def test_every_setting_has_its_help() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_a_cell_keeps_its_table_whole() -> None:
    assert reference.rows_of(("a",), [("x|y\nz",)]).splitlines()[-1] == "| x\\|y z |"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"rows": [{"n": 1}], "t": None}, []),
        ({"rows": [{"n": "1"}], "t": "x"}, ["rows[].n: '1' is no number"]),
        ({"rows": [{}], "t": 5}, ["rows[].n: absent", "t: 5 is no text?"]),
        ({"rows": [True], "t": ""}, ["rows[].n: no object above it"]),
        ({"rows": [{"n": True}], "t": ""}, ["rows[].n: True is no number"]),
    ],
)
def test_a_document_is_held_against_its_fields(document: object, expected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    fields = (Field("rows[].n", "number", ""), Field("t", "text?", ""), Field("u", "any", "", is_optional=True))
    monkeypatch.setitem(SHAPES, "made", fields)
    assert faults(document, "made") == expected


@pytest.mark.parametrize("promised", ["补正后重检", "请走更正审批"])
def test_no_message_sends_people_where_there_is_no_way(promised: str) -> None:
    assert [code for code, row in CODES.items() if promised in f"{row.text}{row.next}"] == []
