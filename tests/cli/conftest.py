"""An installation that was set up once, and one that has archived records; tests work on copies."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from bench import corpus as papers
from tests.cli.shell import Shell

AGENCY = "云汀市发展和改革委员会"


@dataclass(frozen=True, slots=True)
class Made:
    """An installation and the first passwords that ``init`` showed, by login."""

    shell: Shell
    passwords: dict[str, str]


@dataclass(frozen=True, slots=True)
class Archived:
    """An installation with three archived records: their codes, and the batch."""

    shell: Shell
    batch: str
    codes: tuple[str, ...]


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A home with a data folder that nobody has set up."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "home").mkdir()
    return Shell(folder / "data", folder / "home", folder / "compiled")


@pytest.fixture(scope="session")
def made(bare: Shell, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """An installation as ``lantai init`` leaves it; a trial one, so that it archives without a virus engine."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "home").mkdir()
    shell = Shell(folder / "data", folder / "home", bare.compiled, {"LANTAI_KIND": "trial", "LANTAI_CLAMD": "/nowhere"})
    done = shell.run("init", "--json", "--agency", AGENCY)
    assert done.code == 0, done.err
    return Made(shell, {row["login"]: row["password"] for row in done.json("init")["accounts"]})


@pytest.fixture(scope="session")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three one-page documents."""
    folder = tmp_path_factory.mktemp("material") / "来文"
    papers.one_page_pdfs(folder, 3, 7)
    return folder


@pytest.fixture(scope="session")
def archived(made: Made, pdfs: Path, tmp_path_factory: pytest.TempPathFactory) -> Archived:
    """The installation after a folder went through the line; its commands may read and verify, nothing else."""
    shell = made.shell.copy(tmp_path_factory.mktemp("archived"))
    captured = shell.run("capture", pdfs, "--wait", "--json", "--department", "BGS")
    assert captured.code == 0, captured.err
    batch = captured.json("capture")["code"]
    done = shell.run("archive", batch, "--json")
    assert done.code == 0, done.err + done.out
    codes = [f"{row['scope']}-{number:04d}" for row in done.json("archive")["scopes"] for number in range(row["first"], row["last"] + 1)]
    return Archived(shell, batch, tuple(codes))


@pytest.fixture
def shell(made: Made, tmp_path: Path) -> Shell:
    """A fresh installation, signed in as the archivist."""
    return made.shell.copy(tmp_path)
