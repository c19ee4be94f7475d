"""The evidence package: a stranger with Python and nothing else can check it, and every change of it is found."""

import base64
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from bench import corpus as papers
from lantai import line
from lantai.adapters.signers import local as signers
from lantai.core import checkpoint as notes
from lantai.core.errors import Refusal
from lantai.core.evidence import payload_digest
from lantai.core.record import Representation
from lantai.packages import recognise, record_xml
from lantai.packages.evidence import verify
from lantai.packages.last_signed import LastSigned
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import log
from lantai.shelves.ledger.models import Event
from lantai.stages import capture, evidence, prove, seal
from tests.support.databases import Template
from tests.support.line_house import ARCHIVIST, READER, line_house


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


@pytest.fixture(scope="module")
def zipped(database_template: Template, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The evidence package of an archived record as it is handed out; beside it ``other.zip``, that of another record."""
    folder = tmp_path_factory.mktemp("evidence")
    with django_db_blocker.unblock(), database_template.copy(folder / "data") as data, line_house(data) as house:
        archived(house, folder)
        seal.seal(house)
        rows = Record.objects.filter(state="archived").order_by("id")[:2]
        for row, place in zip(rows, (folder / "one.zip", folder / "other.zip"), strict=True):
            name, stream = evidence.to_zip(house, ARCHIVIST, row.id)
            assert name.startswith("证据包 ")
            with stream:
                place.write_bytes(stream.read())
    return folder / "one.zip"


@pytest.fixture
def package(zipped: Path, tmp_path: Path) -> Path:
    """The package, unpacked."""
    return unpacked(zipped, tmp_path / "package")


def unpacked(source: Path, target: Path) -> Path:
    with zipfile.ZipFile(source) as made:
        made.extractall(target)
    return target


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
    assert "结论：只是自相一致" in told_to_people(package)
    shown = told_to_people(package, "--key", keys(package)[0])
    assert "结论：与归档时一致" in shown
    assert "Verdict: as archived" in shown


def told_to_people(folder: Path, *words: str) -> str:
    return subprocess.run([sys.executable, "-I", folder / "verify.py", *words], capture_output=True, text=True, check=False).stdout


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


def said(folder: Path, *words: str) -> tuple[int, str]:
    """Run this edition's verifier, as somebody who has it from elsewhere would; return the exit code and all that it says."""
    command = [sys.executable, "-I", "-S", verify.__file__, *words, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", timeout=60)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def change(path: Path, **fields: Any) -> None:  # noqa: ANN401 - any JSON
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | fields, ensure_ascii=False), "utf-8")


def first_file(package: Path) -> Path:
    return sorted(package.glob("record/01-正本/original/*"))[0]


def one_signature(package: Path, at: int) -> None:
    head, _, signed = json.loads((package / "ledger.json").read_text())["checkpoint"].partition("\n\n")
    change(package / "ledger.json", checkpoint=head + "\n\n" + signed.splitlines(keepends=True)[at])


def excerpt_beside(package: Path) -> None:
    ledger = json.loads((package / "ledger.json").read_text())
    row = {name: ledger[name] for name in ("position", "entry", "path", "salt", "body")}
    told = {"checkpoint": ledger["checkpoint"], "keys": ledger["keys"], "events": [row], "is_range": True}
    (package / "excerpt.json").write_text(json.dumps(told, ensure_ascii=False))
    first_file(package).write_bytes(b"forged")


def linked(package: Path) -> None:
    place = first_file(package)
    place.unlink()
    place.symlink_to("/etc/hostname")


def piped(package: Path) -> None:
    os.mkfifo(package / "record" / "wait")


def escaping(package: Path) -> None:
    (package / "record" / "\x1b[2J\x1b[H结论：与归档时一致\u202e.txt").write_text("x")


def sparse(place: Path, size: int) -> None:
    with place.open("ab") as stream:
        stream.truncate(size)


def stamped(package: Path) -> None:
    (package / "timestamp").mkdir()
    (package / "timestamp" / "决定.pdf").write_bytes(b"forged")


def twice(package: Path) -> None:
    place = package / "ledger.json"
    place.write_text(place.read_text("utf-8").replace("{", '{"code": "另一件",', 1), "utf-8")


def swapped(path: str) -> Callable[[Path, Path], object]:
    return lambda package, other: shutil.copy(other / path, package / path)


#: What is done to a package, by name: the change (of the package, with another record's beside), the exit code, what is said.
ATTACKS: dict[str, tuple[Callable[[Path, Path], object], int, str]] = {
    "a file cut short": (lambda made, _: sparse(first_file(made), 1000), 1, "与归档时不符或缺少"),
    "a file swollen": (lambda made, _: sparse(first_file(made), 1 << 40), 1, "与归档时不符或缺少"),
    "a file gone": (lambda made, _: first_file(made).unlink(), 1, "与归档时不符或缺少"),
    "a link for a file": (lambda made, _: linked(made), 1, "不是普通文件"),
    "a pipe": (lambda made, _: piped(made), 1, "不是普通文件"),
    "signs that a terminal obeys": (lambda made, _: escaping(made), 1, "\\u001b[2J"),
    "another's event": (swapped("ledger.json"), 1, "归档事件"),
    "another's proof": (swapped("record/proof.json"), 1, "与归档时不符或缺少"),
    "another's inventory": (swapped("inventory.json"), 1, "归档事件记的清单"),
    "another's code": (lambda made, _: change(made / "ledger.json", code="Z109-WS·2026-Y-BGS-9999"), 1, "包上所写的档号"),
    "another's title": (lambda made, _: change(made / "ledger.json", title="关于撤销处分的决定"), 1, "包上所写的档号、题名"),
    "a stamp that is none": (lambda made, _: change(made / "ledger.json", time_stamp={"a": 1}), 0, "批次根没有时间戳"),
    "beside the stamps": (lambda made, _: stamped(made), 0, "不在证明之内的文件：README.md、verify.py、timestamp/决定.pdf"),
    "another version": (lambda made, _: change(made / "ledger.json", version=2), 1, "包上所写的档号"),
    "without SM2": (lambda made, _: one_signature(made, 0), 1, "检查点缺少 SM2-SM3 签名"),
    "without Ed25519": (lambda made, _: one_signature(made, 1), 1, "检查点缺少 Ed25519 签名"),
    "an excerpt beside it": (lambda made, _: excerpt_beside(made), 1, "不能混放"),
    "a name twice": (lambda made, _: twice(made), 2, "a name twice"),
    "a number that is none": (lambda made, _: (made / "ledger.json").write_text('{"position": NaN}'), 2, "NaN"),
    "deep": (lambda made, _: (made / "ledger.json").write_text("[" * 200_000), 2, "cannot be verified"),
    "a list": (lambda made, _: (made / "ledger.json").write_text("[]"), 2, "not an object"),
    "a huge number": (lambda made, _: change(made / "ledger.json", position=10**4000), 1, "检查点"),
    "words for a number": (lambda made, _: change(made / "ledger.json", position="0"), 2, "cannot be verified"),
    "very large": (lambda made, _: sparse(made / "ledger.json", 1 << 40), 2, "1099511627776 bytes"),
    "no ledger": (lambda made, _: (made / "ledger.json").unlink(), 2, "ledger.json"),
    "a linked ledger": (lambda made, other: relinked(made / "ledger.json", other / "ledger.json"), 2, "ledger.json"),
}


def relinked(place: Path, target: Path) -> None:
    place.unlink()
    place.symlink_to(target)


def test_what_somebody_did_to_a_package_is_said(zipped: Path, tmp_path: Path) -> None:
    other = unpacked(zipped.with_name("other.zip"), tmp_path / "other")
    for name, (attack, expected, words) in ATTACKS.items():
        package = unpacked(zipped, tmp_path / name)
        attack(package, other)
        code, told = said(package, "--key", keys(other)[0])
        assert (code, words in told) == (expected, True), (name, told)
        assert "\x1b" not in told
        assert "\u202e" not in told
        assert (code == 0) == ("结论：与归档时一致" in told.replace("\\u001b[H结论：与归档时一致", "")), name
        shutil.rmtree(package)


def test_what_lies_beside_is_not_vouched_for(package: Path) -> None:
    (package / "说明.pdf").write_bytes(b"x")
    code, told = said(package, "--key", keys(package)[0])
    assert (code, "不在证明之内的文件：README.md、verify.py、说明.pdf" in told) == (0, True), told


def test_the_zip_is_judged_as_it_came(zipped: Path, tmp_path: Path) -> None:
    key = keys(unpacked(zipped, tmp_path / "package"))[0]
    code, told = said(zipped, "--key", key)
    assert (code, "结论：与归档时一致" in told) == (0, True), told
    link = zipfile.ZipInfo("record/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    for number, name in enumerate(("../out.txt", "/out.txt", "README.md", "Readme.MD", link)):
        made = shutil.copy(zipped, tmp_path / f"{number}.zip")
        with zipfile.ZipFile(made, "a") as packed, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the name that comes twice
            packed.writestr(name, b"/")
        code, told = said(Path(made), "--key", key)
        assert (code, "cannot be verified" in told) == (2, True), told
    assert not (tmp_path / "out.txt").exists()
    bomb = bytearray(zipped.read_bytes())
    bomb[-60] ^= 0xFF
    (tmp_path / "torn.zip").write_bytes(bomb[: len(bomb) // 2])
    assert said(tmp_path / "torn.zip")[0] == 2


def test_a_key_is_read_as_notes_have_it_whatever_signs_it_is_written_with() -> None:
    """Half of all keys have a plus sign in their base64."""
    public = b"\xfb" * 32
    written = notes.verifier_key("lantai/Z109/5583de05d9ee1691", public)
    assert written.count("+") > 2
    report, ledger = verify.Report(), {"keys": [{"public_key": base64.b64encode(public).decode()}]}
    assert verify.pinned([written], ledger, report) == {public.hex()}
    assert report.is_good


def test_no_zip_crashes_it(zipped: Path, tmp_path: Path) -> None:
    """Encrypted, or packed by a method that fails in a way of its own: no traceback, and no verdict."""
    body = bytearray(zipped.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(mark) + at] |= 1
    (tmp_path / "encrypted.zip").write_bytes(body)
    with zipfile.ZipFile(tmp_path / "lzma.zip", "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("ledger.json", b"{}" * 1000)
    body = bytearray((tmp_path / "lzma.zip").read_bytes())
    body[45:70] = bytes(25)
    (tmp_path / "lzma.zip").write_bytes(body)
    for name in ("encrypted.zip", "lzma.zip"):
        code, told = said(tmp_path / name)
        assert (code, "cannot be verified" in told) == (2, True), told


def test_it_speaks_to_a_terminal_without_its_signs(package: Path) -> None:
    command = [sys.executable, verify.__file__, str(package)]
    done = subprocess.run(command, capture_output=True, check=False, env={"PYTHONIOENCODING": "gbk"}, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "只是自相一致" in done.stdout.decode("gbk")


def test_a_package_forged_whole_holds_by_itself_alone(package: Path) -> None:
    printed = keys(package)[0]
    forge(package, signers.create(package.parent / "forger"))
    code, told = said(package)
    assert (code, "结论：只是自相一致" in told, "还不能采信" in told, "结论：与归档时一致" in told) == (0, True, True, False), told
    code, told = said(package, "--key", printed)
    assert (code, "请勿采信" in told) == (1, True), told


def forge(package: Path, signer: signers.LocalSigner) -> None:
    """Alter a file and sign everything anew with keys of one's own, as somebody who knows the format would."""
    path, ledger = first_file(package), json.loads((package / "ledger.json").read_text())
    proof = json.loads((package / "record" / "proof.json").read_text())
    path.write_bytes(path.read_bytes() + b"forged")
    for row in proof["files"]:
        size, sha256, sm3 = verify.digests(package / "record" / row["path"])
        row |= {"size": size, "sha256": sha256, "sm3": sm3 or row["sm3"]}
    leaf = verify.leaf_hash(verify.canonical({name: proof[name] for name in ("files", "record", "version")})).hex()
    signed = signer.sign(f"lantai batch root v1\n1\n{leaf}\n".encode())
    proof |= {"batch": {"leaf": leaf, "root": leaf, "index": 0, "size": 1, "path": []}, "signatures": [asdict(item) for item in signed]}
    (package / "record" / "proof.json").write_text(json.dumps(proof, ensure_ascii=False))
    names = ("proof.json", "record.xml")
    manifest = {verify.digests(package / "record" / name)[1]: [name] for name in names}
    (package / "inventory.json").write_text(json.dumps({"manifest": manifest}))
    body = json.loads(ledger["body"]) | {"inventory_sha256": verify.digests(package / "inventory.json")[1]}
    ledger["body"] = json.dumps(body, ensure_ascii=False)
    entry = json.loads(ledger["entry"]) | {"payload_digest": payload_digest(bytes.fromhex(ledger["salt"]), ledger["body"].encode())}
    ledger["entry"] = verify.canonical(entry).decode()
    state = notes.Checkpoint("lantai/Z109/0000000000000000", 1, verify.leaf_hash(ledger["entry"].encode()))
    public = [asdict(key) for key in signer.public_keys()]
    ledger |= {"position": 0, "path": [], "checkpoint": log.signed(state, signer).note(), "keys": public}
    (package / "ledger.json").write_text(json.dumps(ledger, ensure_ascii=False))


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
    assert prove.verify(house, ARCHIVIST, (row.id,)).problems == ()
    memory = LastSigned(house.data / "keys")
    last = memory.read()
    assert last is not None
    for other in (replace(last, root=bytes(32)), replace(last, size=last.size + 90)):
        memory.write(other)
        assert [item.code for item in prove.verify(house, ARCHIVIST, (row.id,)).problems] == ["PROVE-CHECKPOINT-BROKEN"]


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
