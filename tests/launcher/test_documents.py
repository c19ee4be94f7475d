"""Documents that cannot drift: links lead somewhere, commands and dependencies are those that there are."""

import re
import tomllib
from pathlib import Path

import pytest

from lantai.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changes/**/*.md")])
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_readme_names_every_command(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert {name for name in (*COMMANDS, "test") if f"`{name}`" not in text} == set()


def test_every_dependency_has_its_reason_and_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rows = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8")
    names = [re.split(r"[\[<>=;]", row)[0] for row in project["project"]["dependencies"]]
    assert [name for name in names if name not in rows] == []


def test_every_room_stands_in_the_drawing() -> None:
    drawing = (ROOT / "docs/house.md").read_text(encoding="utf-8")
    rooms = [path.name.removesuffix(".py") for path in (ROOT / "src/lantai").iterdir() if not path.name.startswith("_")]
    assert [room for room in rooms if f" {room} " not in drawing] == []


def test_changes_are_told_in_the_words_of_the_user() -> None:
    notes = list((ROOT / "changes/unreleased").glob("*.md"))
    assert notes
    assert all(re.search(r"[一-鿿]", note.read_text(encoding="utf-8")) for note in notes)
