"""Real signatures, seals and time stamps: what their origin says of each, as tables; nothing may differ."""

import csv
import re
import time
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from lantai.formats import read
from lantai.formats.signing.certificates import load_all
from lantai.formats.signing.seals import verify_seal, verify_signed_value
from lantai.formats.signing.signers import verify_cms
from lantai.formats.signing.timestamps import verify_timestamp
from lantai.formats.signing.verdict import Verdict
from lantai.ports.reader import Reading

pytestmark = pytest.mark.corpus
PADES = "signatures/pades/MatthiasValvekens__pyHanko"
SM2 = "signatures/sm2"
Row = tuple[bool | None, bool | None, bool]

# File: for each signature whether digests agree, the value is good, and whether anything is named as altered or not covered.
PDFS: dict[str, list[Row]] = {
    "certified-with-indirect-refs-in-dir": [(True, True, False)],
    "ed448-disallowed-hash": [(True, False, False)],
    "ed448-shake256-nolen": [(True, True, False)],
    "extensions-direct": [(True, True, False), (True, True, False)],
    "extensions-indirect-not-all-paths": [(True, True, True), (True, True, False)],
    "extensions-update-direct": [(True, True, False), (True, True, False)],
    "extensions-update-indirect": [(True, True, False), (True, True, False)],
    "form-update-override-appearance-stream": [(True, True, False), (True, True, False)],
    "form-update-override-appearance-stream-ap-indirect": [(True, True, False), (True, True, False)],
    "minimal-signed-twice-both-created": [(True, True, False), (True, True, False)],
    "minimal-signed-twice-second-created": [(True, True, False), (True, True, False)],
    "pades-lta-dss-indirect-arrs-test": [(True, True, False), (True, True, False)],
    "pades-with-old-style-signing-cert-attr": [(True, True, False)],
    "pades-with-old-style-signing-cert-attr-issser": [(True, True, False)],
    "sig-no-signed-attrs": [(True, True, False)],
    "signature-gap-too-big": [(True, True, True)],
}


def _row(row: dict[str, object]) -> tuple[object, object, bool]:
    return row["digests_valid"], row["signature_valid"], bool(row["altered"])


def test_every_signed_pdf_gets_the_verdict_of_its_origin(corpus: Path) -> None:
    found = {}
    for path in sorted((corpus / PADES).glob("*.pdf")):
        reading = read(path, path.name)
        if reading.signatures:
            found[path.stem] = [_row(row) for row in reading.signatures]
    assert found == {name: rows for name, rows in PDFS.items() if (corpus / PADES / f"{name}.pdf").exists()}


def test_pdfs_without_signatures_have_none_and_none_hangs(corpus: Path) -> None:
    started = time.monotonic()
    paths = sorted((corpus / PADES).glob("*.pdf"))
    assert {path.stem for path in paths if read(path, path.name).signatures} <= set(PDFS)
    assert time.monotonic() - started < 60


# Whether the maker signed the seal is told by its own certificate, which must have been in force when the seal was made.
SEALS = {"UserV1": True, "UserV4": True, "UserV5": False, "UserV5_ts": False}


def test_real_seals(corpus: Path) -> None:
    paths = sorted((corpus / SM2 / "ofdrw__ofdrw").glob("*.esl"))
    found = {path.stem: verify_seal(path.read_bytes()) for path in paths}
    assert {name: verdict.seal_valid for name, verdict in found.items()} == {name: SEALS[name] for name in found}
    assert all(verdict.seal_name for verdict in found.values())


def test_a_real_signed_value(corpus: Path) -> None:
    """The sample's digest is all noughts, so it is nobody's."""
    path = corpus / SM2 / "ofdrw__ofdrw" / "SignedValueV4.dat"
    verdict = verify_signed_value(path.read_bytes(), b"message")
    assert (verdict.digests_valid, verdict.signature_valid, verdict.seal_valid, verdict.chain_valid) == (False, True, True, None)


CMS: dict[str, tuple[bool | None, bool | None]] = {
    "bad_signtime_attr.cms": (True, False),
    "ct_multiple_attr.cms": (True, False),
    "no_md_attr.cms": (False, False),
    "ciphertext_from_1_1_1.cms": (None, None),
    "dh-malformed.der": (None, None),
    "ecdh-malformed.der": (None, None),
    "rsa-malformed.der": (None, None),
}


def test_real_cms_with_faults(corpus: Path) -> None:
    paths = sorted((corpus / SM2).rglob("80-test_cms_data/*"))
    found = {path.name: verify_cms(path.read_bytes(), None) for path in paths}
    assert {name: (v.digests_valid, v.signature_valid) for name, v in found.items()} == {name: CMS[name] for name in found}


def test_sm2_certificates_are_read(corpus: Path) -> None:
    paths = sorted(path for path in (corpus / SM2).rglob("*.crt"))
    found = [item for path in paths for item in load_all([path.read_bytes()])]
    assert len(found) >= len(paths)
    assert {item.key.family for item in found if item.key} == {"sm2"}


STAMPS = {"issue-104.tsr": "2025-03-11T08:52:08Z", "response-expired.tsr": "2023-02-01T00:00:00Z"}


def test_real_time_stamps(corpus: Path) -> None:
    for path in sorted((corpus / "signatures/timestamps").rglob("*.tsr")):
        chain = (path.parent / "ts_chain.pem").read_bytes()
        verdict = verify_timestamp(path.read_bytes(), None, anchors=[chain], certificates=[chain])
        assert (verdict.digests_valid, verdict.signature_valid, verdict.chain_valid, verdict.time_valid) == (None, True, True, True), (
            path.name
        )
        assert verdict.signed_at == STAMPS.get(path.name, verdict.signed_at)
        assert verify_timestamp(path.read_bytes(), b"nothing of the kind").digests_valid is False


def _values(corpus: Path) -> dict[tuple[str, str], Verdict]:
    found = {}
    with (corpus / "ofd" / "EXPECTED-SIGNATURES.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            with zipfile.ZipFile(corpus / "ofd" / row["file"]) as archive:
                value = archive.read(row["signature"].rpartition("/")[0] + "/SignedValue.dat")
                found[row["file"], row["signature"]] = verify_signed_value(value, archive.read(row["signature"]))
    return found


# Signed with a test seal years after it had expired; one has a bare value, which names no certificate.
_LATE = {"gen_14_digital_sign.ofd", "SESV4SignDoc.ofd"}
_BARE = {"ofdrw_DigitalSign.ofd"}


def test_the_signed_values_of_real_ofd_documents(corpus: Path) -> None:
    for (file, signature), verdict in _values(corpus).items():
        name = Path(file).name
        expected = (None, None) if name in _BARE else (True, True)
        assert (verdict.digests_valid, verdict.signature_valid) == expected, (name, signature)
        is_seal = verdict.kind.startswith("SES")
        assert verdict.seal_valid is ((name not in _LATE) if is_seal else None), (name, signature)
        assert verdict.time_valid is (None if name in _BARE else name not in _LATE), (name, signature)


def _origin_level(origin: str) -> str:
    match = re.search(r"PDF_A-(\w+)|pdfa(\d)", origin)
    return (match[1] or match[2]) if match else ""


def test_the_claim_of_pdf_a_is_that_of_the_suite(corpus: Path) -> None:
    """The folder of the suite says the level; one file claims a part 0 that there is not, on purpose."""
    table: Counter[tuple[str, str]] = Counter()
    folder = corpus / "pdfa-verapdf"
    for line in (folder / "SOURCES.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 3 and cells[1].endswith(".pdf"):
            claim = read(folder / cells[1], Path(cells[1]).name).metadata.get("pdfa_claimed", "")
            table[_origin_level(cells[3]), claim.removeprefix("PDF/A-")] += 1
    wrong = {pair: count for pair, count in table.items() if pair[0] and not pair[1].startswith(pair[0])}
    assert sum(table.values()) > 250
    assert sum(wrong.values()) <= 1, table


def test_unusual_pdfs_neither_crash_nor_hang(corpus: Path) -> None:
    for path in sorted((corpus / "pdf-unusual").rglob("*.pdf")):
        started = time.process_time()
        reading = read(path, path.name)
        assert isinstance(reading, Reading)
        assert time.process_time() - started < 10, path.name
