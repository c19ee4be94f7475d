"""Verdicts over the public suites: bags, OCFL objects, E-ARK packages, hostile containers."""

import io
import re
from pathlib import Path

import pytest
from lxml import etree

from bench import packages as suites
from lantai.core.record import ComputerFile, ContentBasis, Document, Record, Role
from lantai.packages import csip, recognise

pytestmark = pytest.mark.corpus
#: suite -> share of verdicts that must agree.
WANTED = {"bagit": 0.99, "ocfl": 0.99, "eark structure": 0.95, "eark METS": 0.95, "hostile containers": 1.0}


def test_verdicts_agree_with_the_suites(corpus: Path) -> None:
    found = [*suites.verdicts(corpus), *suites.hostile(corpus)]
    for suite, share in WANTED.items():
        items = [item for item in found if item.suite == suite]
        disagreeing = [(item.subject, item.expected, item.found, item.codes) for item in items if not item.agrees]
        assert items and len(disagreeing) <= (1 - share) * len(items), disagreeing


def test_every_package_is_recognised_and_nothing_of_it_is_lost(corpus: Path) -> None:
    folders = {"bagit": "bagit/*/v*/*/*", "ocfl": "ocfl/*/*/*-objects/*"}
    for kind, pattern in folders.items():
        for folder in sorted((corpus / "packages").glob(pattern)):
            assert recognise.kind_of(folder) == kind, folder
            read = recognise.read(folder, kind)
            if read.package is None:
                continue
            taken = {file.stored or file.path for file in read.package.files} | set(read.package.own_files)
            assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} <= taken, folder


def test_our_mets_is_good_to_its_schema(corpus: Path, tmp_path: Path) -> None:
    schemas = next((corpus / "packages").glob("eark/*/corpus/CSIP/*/valid/*/schemas"))
    text = (schemas / "mets.xsd").read_text("utf-8")
    (tmp_path / "mets.xsd").write_text(re.sub(r'schemaLocation="[^"]*xlink[^"]*"', 'schemaLocation="xlink.xsd"', text), "utf-8")
    (tmp_path / "xlink.xsd").write_bytes((schemas / "xlink.xsd").read_bytes())
    file = ComputerFile("f", "通 知.txt", 1, "", "", path="01-正本/original/通 知.txt")
    record = Record("01JD0000000000000000000042", "A-1", 1, ContentBasis.DIGITAL, {}, (Document(1, Role.MAIN, "", (file,)),))
    csip.write(tmp_path / "ip", record, lambda item: io.BytesIO(b"x"), created="2026-03-01T09:00:00+08:00")
    schema = etree.XMLSchema(etree.parse(str(tmp_path / "mets.xsd")))
    for name in ("METS.xml", "representations/rep1/METS.xml"):
        assert schema.validate(etree.parse(str(tmp_path / "ip" / name))), schema.error_log
