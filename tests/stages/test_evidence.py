"""The evidence package: a stranger with Python and nothing else can check it, and every change of it is found."""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import corpus as papers
from lantai import line
from lantai.core.errors import Refusal
from lantai.core.record import Representation
from lantai.packages import recognise, record_xml
from lantai.packages.evidence import verify
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event
from lantai.stages import capture, evidence, seal
from tests.support.line_house import ARCHIVIST, READER, line_house


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


@pytest.fixture
def package(house: House, tmp_path: Path) -> Path:
    """The evidence package of an archived record, unpacked from its zip."""
    row = archived(house, tmp_path)
    seal.seal(house)
    name, stream = evidence.to_zip(house, ARCHIVIST, row.id)
    assert name.startswith("证据包 ")
    with stream, zipfile.ZipFile(stream) as made:
        made.extractall(tmp_path / "package")
    return tmp_path / "package"


def archived(house: House, tmp_path: Path) -> Record:
    papers.one_page_pdfs(tmp_path / "in", 2, 7)
    batch = capture.open_batch(house, ARCHIVIST, [tmp_path / "in"], channel="manual", department="BGS")
    line.finish(house)
    line.archive(house, ARCHIVIST, [batch])
    return Record.objects.filter(state="archived").earliest("id")


def test_it_is_captured_again_as_the_record_it_was(package: Path, tmp_path: Path) -> None:
    read = recognise.read(package)
    assert (read.kind, [item.code for item in read.findings]) == ("evidence", [])
    assert read.package is not None
    kept = record_xml.read((package / "record" / "record.xml").read_bytes())
    assert (read.package.code, read.package.elements) == (kept.electronic_record_code, dict(kept.elements))
    assert (read.package.agents, read.package.events, read.package.relations) == (kept.agents, kept.events, kept.relations)
    originals = [item for item in kept.files if item.representation is not Representation.TEXT]
    assert [(item.name, item.sha256, item.sm3) for item in read.package.files] == [(item.name, item.sha256, item.sm3) for item in originals]
    for item in read.package.files:
        assert hashlib.sha256((package / (item.stored or item.path)).read_bytes()).hexdigest() == item.sha256
    assert {"README.md", "verify.py", "ledger.json", "record/record.xml", "record/proof.json"} <= set(read.package.own_files)
    path = package / (read.package.files[0].stored or "")
    path.write_bytes(path.read_bytes() + b" ")
    assert "PROOF-FILE-ALTERED" in {item.code for item in recognise.read(package).findings}
    (package / "ledger.json").write_text("{}")
    assert recognise.kind_of(package) == ""


def run(folder: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """Run the package's own verifier as a stranger would: isolated, without this project."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", folder / "verify.py", "--json", *words], capture_output=True, text=True, check=False, cwd="/"
    )
    return done.returncode, json.loads(done.stdout or "{}")


def keys(folder: Path) -> list[str]:
    return [base64.b64decode(row["public_key"]).hex() for row in json.loads((folder / "ledger.json").read_text())["keys"]]


def test_it_holds_and_says_what_it_could_not_check(package: Path) -> None:
    code, told = run(package, "--key", keys(package)[0])
    assert (code, told["ok"]) == (0, True), told
    states = [row["state"] for row in told["lines"]]
    assert "bad" not in states
    assert "not" in states
    code, told = run(package)
    assert (code, any("密钥" in row["zh"] for row in told["lines"] if row["state"] == "not")) == (0, True)
    shown = subprocess.run([sys.executable, "-I", package / "verify.py"], capture_output=True, text=True, check=False).stdout
    assert "结论：与归档时一致" in shown
    assert "Verdict: as archived" in shown


def test_another_s_key_does_not_count(package: Path) -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    assert run(package, "--key", other)[0] == 1


def test_every_file_of_it_counts(package: Path) -> None:
    key = keys(package)[0]
    for place in sorted(path for path in package.rglob("*") if path.is_file() and path.name not in {"verify.py", "README.md"}):
        content = place.read_bytes()
        at = len(content) // 2
        place.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
        assert run(package, "--key", key)[0] in {1, 2}, place
        place.write_bytes(content)
    (package / "record" / "extra.txt").write_text("x")
    assert run(package, "--key", key)[0] == 1


@pytest.mark.parametrize("what", ["batch", "checkpoint"])
def test_without_signatures_nothing_holds(package: Path, what: str) -> None:
    place = package / ("record/proof.json" if what == "batch" else "ledger.json")
    told = json.loads(place.read_text())
    if what == "batch":
        told["signatures"] = []
    else:
        told["keys"] = []
    place.write_text(json.dumps(told, ensure_ascii=False))
    assert run(package)[0] == 1


def test_a_folder_and_what_is_refused(house: House, tmp_path: Path) -> None:
    row = archived(house, tmp_path)
    with pytest.raises(Refusal, match="LEDGER-NOT-SEALED"):
        evidence.to_zip(house, ARCHIVIST, row.id)
    seal.seal(house)
    before = Event.objects.filter(type="record:exported").count()
    given_out = evidence.to_folder(house, ARCHIVIST, row.code, tmp_path / "out")
    folder = tmp_path / "out" / given_out.path
    assert (run(folder)[0], given_out.files) == (0, len([path for path in folder.rglob("*") if path.is_file()]))
    assert Event.objects.filter(type="record:exported").count() == before + 1
    with pytest.raises(Refusal, match="EVIDENCE-EXISTS"):
        evidence.to_folder(house, ARCHIVIST, row.code, tmp_path / "out")
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        evidence.to_zip(house, READER, row.id)
    shutil.rmtree(folder)


@settings(max_examples=12, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80))
def test_the_verifier_s_ed25519_is_that_of_the_library(seed: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, value = key.public_key().public_bytes_raw(), key.sign(message)
    assert verify.ed25519_holds(public, message, value)
    assert not verify.ed25519_holds(public, message + b"x", value)
    assert not verify.ed25519_holds(public, message, value[:63] + bytes([value[63] ^ 1]))
    assert not verify.ed25519_holds(public[:31], message, value)
    above = value[:32] + (int.from_bytes(value[32:], "little") + verify.ORDER).to_bytes(33, "little")[:32]
    assert not verify.ed25519_holds(public, message, above)


def test_after_a_change_of_keys_old_records_verify_by_the_old_key(house: House, tmp_path: Path) -> None:
    row = archived(house, tmp_path)
    seal.seal(house)
    printed = base64.b64decode(house.signer.public_keys()[0].public_key).hex()
    for _ in range(2):
        line.rotate_keys(house, reason="更换", is_compromised=False)
    told = evidence.to_folder(house, ARCHIVIST, row.code, tmp_path / "out")
    code, document = run(tmp_path / "out" / told.path, "--key", printed)
    assert (code, len([item for item in document["lines"] if "交接" in item["zh"]])) == (0, 2), document
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    assert run(tmp_path / "out" / told.path, "--key", stranger)[0] == 1
