"""docs/design/package-format.md is true: its tree is that of a package, its commands verify one."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from lantai.adapters.signers.local import create
from lantai.adapters.stores.local import LocalStore
from lantai.packages import layout, ocfl, proof, record_xml
from tests.conftest import ROOT
from tests.packages.drafts import RECORD, content, draft
from tests.packages.records import small_record

PAGE = (ROOT / "docs" / "design" / "package-format.md").read_text("utf-8")
TOOLS = ("openssl", "sha256sum", "bash", "python3", "find")


def block(kind: str) -> list[str]:
    found = re.search(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found.group(1).splitlines()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the object of a record of one file, archived in a batch of five."""
    record = layout.lay_out(small_record(record_id=RECORD))
    (document,) = record.documents
    files = {
        layout.RECORD_XML: record_xml.write(record),
        document.files[0].path: b"%PDF-1.4",
        layout.text_path(document): b'{"schema":"lantai-text/1"}',
        layout.REPORT: b"{}",
    }
    subjects = [proof.Subject(f"01JD00000000000000000001{at:02d}", 1, (content("a", b"%d" % at),)) for at in range(4)]
    subject = proof.Subject(RECORD, 1, tuple(content(path, body) for path, body in files.items()))
    base = tmp_path_factory.mktemp("format")
    made = proof.build([*subjects, subject], create(base / "keys"))[-1]
    store = LocalStore(base / "vault")
    store.write([replace(draft({**files, layout.PROOF: made}))])
    return base / "vault" / ocfl.object_path(RECORD)


def test_the_tree_is_that_of_a_package(folder: Path) -> None:
    found = [str(item.relative_to(folder)) + ("/" if item.is_dir() else "") for item in folder.rglob("*")]
    assert sorted(found) == sorted(block("tree"))


def test_the_page_counts_right(folder: Path) -> None:
    below = list(folder.rglob("*"))
    assert "takes 15 places: 10 files and 5 folders" in PAGE
    assert sum(item.is_file() for item in below) == 10
    assert 1 + sum(item.is_dir() for item in below) == 5


@pytest.mark.skipif(any(shutil.which(name) is None for name in TOOLS), reason="needs openssl, sha256sum and a shell")
def test_the_commands_verify_a_package(folder: Path, tmp_path: Path) -> None:
    script = "\n".join(block("sh")).replace("/tmp/", f"{tmp_path}/")
    done = subprocess.run(["bash", "-eu", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == sorted(block("output"))


def test_every_file_of_the_storage_root_is_on_the_page(folder: Path) -> None:
    assert all(path in PAGE for path in ocfl.root_files())
    assert f"tupleSize {ocfl.TUPLE_SIZE}, numberOfTuples {ocfl.NUMBER_OF_TUPLES}" in PAGE


def test_the_page_names_formats_and_editions() -> None:
    for word in (
        record_xml.NAMESPACE,
        record_xml.SCHEMA,
        record_xml.STANDARD,
        proof.FORMAT,
        proof.message(b"", 1).decode().splitlines()[0],
    ):
        assert word in PAGE
