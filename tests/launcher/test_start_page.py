"""The check by hand that docs/start.md gives: it accepts what Lantai wrote, alone with the standard library, and nothing else."""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lantai.adapters.signers import local
from lantai.packages import proof
from lantai.ports.store import Content

ROOT = Path(__file__).resolve().parents[2]
OPENSSL = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin", "-in", "message", "-sigfile", "value"]


def subject(folder: Path, number: int) -> proof.Subject:
    files = {"record.xml": f"<电子档案 {number}/>".encode(), "01-正本/original/通知.pdf": b"%PDF" * (number + 1)}
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    rows = tuple(
        Content(path, folder / path, len(data), hashlib.sha256(data).hexdigest(), hashlib.new("sm3", data).hexdigest())
        for path, data in files.items()
    )
    return proof.Subject(f"RECORD{number}", 1, rows)


@pytest.fixture
def records(tmp_path: Path) -> list[Path]:
    """The content folders of a batch of seven, each with its proof."""
    folders = [tmp_path / f"record{number}" for number in range(7)]
    proofs = proof.build([subject(folder, number) for number, folder in enumerate(folders)], local.create(tmp_path / "keys"))
    for folder, text in zip(folders, proofs, strict=True):
        (folder / "proof.json").write_bytes(text)
    return folders


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    page = (ROOT / "docs/start.md").read_text(encoding="utf-8")
    program = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert program
    (folder.parent / "check.py").write_text(program[1], encoding="utf-8")
    command = [sys.executable, "-I", "check.py", folder.name]
    return subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False)


def test_every_record_of_a_batch_is_accepted(records: list[Path]) -> None:
    for folder in records:
        done = check(folder)
        assert done.returncode == 0, done.stderr


def test_an_altered_file_is_not_accepted(records: list[Path]) -> None:
    (records[3] / "record.xml").write_bytes(b"<altered/>")
    assert "AssertionError: record.xml" in check(records[3]).stderr


def test_an_altered_proof_is_not_accepted(records: list[Path]) -> None:
    path = records[5] / "proof.json"
    path.write_text(path.read_text(encoding="utf-8").replace("RECORD5", "RECORD6"), encoding="utf-8")
    assert "AssertionError: leaf" in check(records[5]).stderr


@pytest.mark.needs("openssl")
def test_openssl_accepts_the_signature_and_no_other_message(records: list[Path]) -> None:
    check(records[0])
    openssl = shutil.which("openssl") or "openssl"
    command = [openssl, *OPENSSL]
    assert subprocess.run(command, cwd=records[0].parent, capture_output=True, check=False).returncode == 0
    (records[0].parent / "message").write_bytes(b"another")
    assert subprocess.run(command, cwd=records[0].parent, capture_output=True, check=False).returncode != 0
