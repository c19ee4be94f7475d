"""Verdicts over the public suites: bags, OCFL objects, E-ARK packages, hostile containers."""

import copy
import io
import re
from pathlib import Path
from random import Random

import pytest
from lxml import etree

from bench import packages as suites
from lantai.core.record import ComputerFile, ContentBasis, Document, Record, Role
from lantai.packages import csip, csip_rules, mets, recognise
from tests.packages.bad import earks

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
    _agree(schema, etree.parse(str(earks.make_kind("SIP")(tmp_path / "good") / "METS.xml")).getroot())


_NAMES = (
    "div", "fptr", "mptr", "file", "fileGrp", "amdSec", "dmdSec", "mdRef", "mdWrap",
    "techMD", "agent", "name", "note", "FLocat", "structMap", "fileSec", "metsHdr", "altRecordID",
)  # fmt: skip
_ATTRIBUTES = (
    "ID", "LABEL", "USE", "TYPE", "ROLE", "LOCTYPE", "MDTYPE", "SIZE", "CREATED",
    "SEQ", "ADMID", "FILEID", "STATUS", "PROFILE", "OTHERROLE", "VERSDATE", "MIMETYPE",
)  # fmt: skip
_VALUES = ("x", "1", "2026-03-01", "2026-03-01T00:00:00", "URL", "OTHER", "DC", "a b", "")


def _agree(theirs: etree.XMLSchema, good: etree._Element) -> None:
    """Whatever is done to a good document, our rules for METS say what the published schema says; copies aside, which we tell otherwise."""
    random = Random(3)
    for _ in range(600):
        root = copy.deepcopy(good)
        nodes = list(root.iter())
        node = random.choice(nodes)
        match random.randrange(4):
            case 0 if node.attrib:
                del node.attrib[random.choice(list(node.attrib))]
            case 1:
                node.set(random.choice(_ATTRIBUTES), random.choice(_VALUES))
            case 2:
                etree.SubElement(node, f"{{{mets.METS}}}{random.choice(_NAMES)}")
            case _ if (parent := node.getparent()) is not None:
                parent.insert(random.randrange(2), node)
        problems = list(csip_rules.misshapen(root, "mets.xsd"))
        assert theirs.validate(root) == (not problems), (problems, theirs.error_log)
