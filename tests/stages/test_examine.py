"""A path of any form at a gate: every row of the table has an outcome, and what is wrong with the form is told."""

import base64
import json
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.corpus import one_page_pdf
from lantai.adapters.readers import GuardedReader
from lantai.adapters.signers.local import create
from lantai.adapters.stores.local import LocalStore
from lantai.core.checks import EngineFacts, FileFacts, Gate
from lantai.packages import container, eep, layout, ocfl, proof, record_xml
from lantai.ports.scanner import NoScanner
from lantai.shelves.gates import queries
from lantai.stages import examine
from lantai.stages.archive.build import Builder, content_of
from tests.packages.drafts import draft
from tests.packages.records import small_record
from tests.packages.test_eep_write import BAD, PACKING, seal, small
from tests.support.line_house import line_house


@pytest.fixture(scope="module")
def reader() -> Iterator[GuardedReader]:
    with GuardedReader() as lent:
        yield lent


def outcomes(reader: GuardedReader, path: Path, is_carrier: bool = False, *, trusted: str = "") -> dict[str, Any]:
    limits = container.ContainerLimits(trusted=trusted)
    told = examine.check_path(reader, NoScanner(), path, stage="archiving", limits=limits, how=examine.How(is_carrier))
    report = json.loads(json.dumps(told))
    assert len(report["items"]) == 40
    return {item["id"].partition(".")[2]: item for item in report["items"]}


def codes(item: dict[str, Any]) -> list[str]:
    return [remark["code"] for remark in item["findings"]]


def test_containers_are_checked_and_what_stays_inside_is_told(reader: GuardedReader, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "送交.zip", "w") as packed:
        packed.writestr("通知.pdf", one_page_pdf(1))
        packed.writestr("../外面.txt", "x")
    found = outcomes(reader, tmp_path / "送交.zip")
    assert (found["1.13"]["outcome"], codes(found["1.13"])) == ("fail", ["CONTAINER-PATH-ESCAPES"])
    assert (found["4.01"]["outcome"], found["4.02"]["outcome"], found["3.04"]["outcome"]) == ("error", "error", "pass")
    (tmp_path / "通知.pdf").write_bytes(one_page_pdf(1))
    with tarfile.open(tmp_path / "送交.tar", "w") as tar:
        tar.add(tmp_path / "通知.pdf", "通知.pdf")
    assert outcomes(reader, tmp_path / "送交.tar")["3.04"]["outcome"] == "pass"


def test_a_program_by_its_bytes_fails_under_any_name(reader: GuardedReader, tmp_path: Path) -> None:
    (tmp_path / "通知.pdf").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(200))
    found = outcomes(reader, tmp_path / "通知.pdf")
    assert "CONTENT-EXECUTABLE" in codes(found["4.02"])
    assert found["4.02"]["outcome"] == "fail"


def test_a_carrier_is_measured_and_looked_at(reader: GuardedReader, tmp_path: Path) -> None:
    folder = tmp_path / "光盘"
    folder.mkdir()
    (folder / "通知.pdf").write_bytes(one_page_pdf(1))
    (folder / "Thumbs.db").write_bytes(b"x")
    found = outcomes(reader, folder, is_carrier=True)
    assert (found["4.04"]["outcome"], found["4.05"]["outcome"], found["4.06"]["outcome"]) == ("pass", "manual", "manual")
    assert found["4.03"]["outcome"] == "fail"
    assert outcomes(reader, folder)["4.05"]["reason"] == "online"


def test_an_object_of_the_vault_is_checked_and_a_changed_byte_found(reader: GuardedReader, tmp_path: Path) -> None:
    record = small_record()
    store = LocalStore(tmp_path / "vault")
    store.write([draft({layout.RECORD_XML: record_xml.write(record)}, record_id=record.id)])
    folder = tmp_path / "vault" / ocfl.object_path(record.id)
    found = outcomes(reader, folder)
    assert (found["1.14"]["outcome"], found["3.01"]["outcome"], found["1.11"]["outcome"]) == ("pass", "pass", "fail")
    path = next(folder.rglob(layout.RECORD_XML))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b" ")
    assert (outcomes(reader, folder)["1.14"]["outcome"]) == "fail"


def test_who_signed_the_proof_of_an_object_is_asked(reader: GuardedReader, tmp_path: Path) -> None:
    record, signer = replace(small_record(), documents=()), create(tmp_path / "keys")
    described = content_of(layout.RECORD_XML, record_xml.write(record))
    (made,) = proof.build([proof.Subject(record.id, 1, (described,))], signer)
    store = LocalStore(tmp_path / "vault")
    store.write([draft({layout.RECORD_XML: record_xml.write(record), layout.PROOF: made}, record_id=record.id)])
    folder = tmp_path / "vault" / ocfl.object_path(record.id)

    def signed(keys: tuple[str, ...]) -> tuple[str, list[str]]:
        how = examine.How(keys=keys)
        told = examine.check_path(reader, NoScanner(), folder, stage="preservation", limits=container.ContainerLimits(), how=how)
        item = next(item for item in told["items"] if item["id"].endswith("1.01"))
        return item["outcome"], [found["code"] for found in item["findings"]]

    assert signed(()) == ("manual", [])
    assert signed(signer.key_ids()) == ("pass", [])
    assert signed(("ed25519:00",)) == ("fail", ["GD-1-1-SIGNATURE", "GD-1-1-SIGNATURE", "PROOF-KEY-FOREIGN", "PROOF-KEY-FOREIGN"])
    path = next(folder.rglob(layout.PROOF))
    path.chmod(0o644)
    document = json.loads(path.read_bytes())
    document["signatures"][0]["value"] = base64.b64encode(bytes(64)).decode()
    path.write_text(json.dumps(document))
    assert "PROOF-SIGNATURE-INVALID" in signed(signer.key_ids())[1]


def test_the_signatures_of_an_eep_are_judged_and_end_at_what_is_trusted(reader: GuardedReader, tmp_path: Path) -> None:
    path, own, other = (tmp_path / name for name in ("通知.eep", "own.der", "other.der"))
    maker = seal()
    eep.write(path, small(), replace(PACKING, sign=maker))
    assert outcomes(reader, path)["1.01"]["outcome"] == "manual"  # good values, and nobody knows whose they are
    own.write_bytes(maker(bytes(32)).certificates[0])
    other.write_bytes(seal()(bytes(32)).certificates[0])
    assert outcomes(reader, path, trusted=str(own))["1.01"]["outcome"] == "pass"
    found = outcomes(reader, path, trusted=str(other))["1.01"]
    assert (found["outcome"], "SIGNATURE-CHAIN-INVALID" in codes(found)) == ("fail", True)
    path.write_text(BAD["EEP-LOCK-INVALID"](path.read_text("utf-8")), "utf-8")
    assert "EEP-LOCK-INVALID" in codes(outcomes(reader, path)["1.01"])


def test_sampled_pages_are_drawn_before_archiving(db: None, tmp_path: Path) -> None:
    with line_house(tmp_path / "data") as house:
        (tmp_path / "x.pdf").write_bytes(one_page_pdf(1))
        (tmp_path / "y.pdf").write_bytes(b"%PDF-1.4\nnothing")
        builder = Builder(house, queries.schemes(Gate.ARCHIVING), EngineFacts(), house.clock.now())
        known = FileFacts("x.pdf", mime="application/pdf", page_count=1)
        assert builder._looked(known, tmp_path / "x.pdf").is_drawn is True
        assert builder._looked(known, tmp_path / "y.pdf").is_drawn is False
        assert builder._looked(known, None).is_drawn is None
