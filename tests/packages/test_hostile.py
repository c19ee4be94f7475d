"""Whatever arrives, reading it ends in findings or a refusal, never in a traceback."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantai.adapters.signers.local import LocalSigner, create
from lantai.adapters.stores.local import LocalStore
from lantai.core.errors import Fault, Refusal
from lantai.packages import catalogue, eep, filing, ocfl, ocfl_check, proof, record_xml, report_xml
from tests.packages.drafts import RECORD, draft
from tests.packages.records import small_record
from tests.packages.test_eep import GOOD as GOOD_EEP
from tests.packages.test_filing import CONTENT, PACKAGE

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
JUNK = st.binary(max_size=12) | st.sampled_from(
    [b"<", b"&", b"</", b"\x00", b"\xff\xfe", b"<![CDATA[", b"&#0;", b"\xf0\x90", b'"', b"xmlns:a=''"]
)


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Return *content* with up to three places cut out or overwritten."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        content = content[:at] + draw(JUNK) + content[at + draw(st.integers(0, 40)) :]
    return content


@given(damaged(record_xml.write(small_record())))
@MANY
def test_a_damaged_record_xml(content: bytes) -> None:
    try:
        record_xml.read(content)
    except Refusal as refusal:
        assert refusal.code == "RECORD-XML-INVALID"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "包"
    filing.write(folder, PACKAGE, CONTENT)
    return folder


@given(st.sampled_from([filing.METADATA, filing.PROCESS, filing.DESCRIPTION, filing.MANIFEST]), st.data())
@MANY
def test_a_damaged_filing_package(written: Path, tmp_path: Path, name: str, data: st.DataObject) -> None:
    folder = tmp_path / "包"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(written, folder)
    (folder / name).write_bytes(data.draw(damaged((written / name).read_bytes())))
    read = filing.read(folder)
    assert {item.path for item in read.files} <= set(CONTENT)


@given(damaged(GOOD_EEP.replace("{encoding}", "UTF-8").encode()))
@MANY
def test_a_damaged_eep(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.eep").write_bytes(content)
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    read = eep.read(tmp_path / "x.eep", tmp_path / "out")
    assert {item.path for item in read.files} == {item.name for item in (tmp_path / "out").iterdir()}


@given(damaged("题名,文号,附件\r\n关于值班的通知,云办〔2026〕1号,a.pdf\r\n".encode()), st.sampled_from(["csv", "xlsx"]))
@MANY
def test_a_damaged_catalogue(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"目录.{suffix}"
    path.write_bytes(content)
    catalogue.read(path)
    catalogue.is_catalogue(path)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> LocalSigner:
    return create(tmp_path_factory.mktemp("hostile-keys") / "keys")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.lists(st.tuples(st.lists(st.integers(0, 20), min_size=1, max_size=4), VALUES), min_size=1, max_size=3))
@MANY
def test_a_proof_with_anything_anywhere(signer: LocalSigner, changes: list[tuple[list[int], object]]) -> None:
    subject = proof.Subject(RECORD, 1, draft({"record.xml": b"<x/>", "a": b"1"}).files)
    document = json.loads(proof.build([subject, subject], signer)[0])
    for steps, value in changes:
        _put(document, steps, value)
    files = {item.path: proof.Digests(item.size_bytes, item.sha256, item.sm3) for item in subject.files}
    proof.verify(json.dumps(document).encode(), files, signer)


@given(st.lists(st.tuples(st.lists(st.integers(0, 20), min_size=1, max_size=4), VALUES), min_size=1, max_size=3))
@MANY
def test_an_inventory_with_anything_anywhere(tmp_path: Path, changes: list[tuple[list[int], object]]) -> None:
    LocalStore(tmp_path / "vault").remove()
    store = LocalStore(tmp_path / "vault")
    store.write([draft({"record.xml": b"<x/>"}), draft({"record.xml": b"<y/>"}, version=2)])
    folder = tmp_path / "vault" / ocfl.object_path(RECORD)
    for below in ("", "v1"):
        inventory = json.loads((folder / below / ocfl.INVENTORY).read_bytes())
        for steps, value in changes:
            _put(inventory, steps, value)
        (folder / below / ocfl.INVENTORY).unlink()
        (folder / below / ocfl.INVENTORY).write_text(json.dumps(inventory))
    assert ocfl_check.check(folder, RECORD) != []
    try:
        assert store.files(RECORD) is not None
    except Fault as fault:
        assert fault.code in {"STORE-DAMAGED", "STORE-ABSENT"}


def _put(document: object, steps: list[int], value: object) -> None:
    """Put *value* somewhere into *document*: each step chooses among the children of where one stands."""
    for at, step in enumerate(steps):
        if not isinstance(document, dict | list) or not document:
            return
        key = list(document)[step % len(document)] if isinstance(document, dict) else step % len(document)
        if at == len(steps) - 1:
            document[key] = value
        else:
            document = document[key]


_ENTITIES = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 9))
_NAMESPACES = {
    "record": "urn:lantai:record:3",
    "report": "urn:lantai:report:2",
    "eep": "http://www.saac.gov.cn/standards/ERM/encapsulation",
}


@pytest.mark.parametrize("kind", _NAMESPACES)
@pytest.mark.parametrize("how", ["text", "attribute", "file", "deep"])
def test_xml_that_swells_reads_files_or_has_no_end_of_depth(tmp_path: Path, kind: str, how: str) -> None:
    (tmp_path / "secret").write_text("not to be read")
    inside = {"text": "&a8;", "attribute": '<a b="&a8;"/>', "file": "&f;", "deep": "<a>" * 100_000 + "</a>" * 100_000}[how]
    entities = f'<!ENTITY a0 "xxxxxxxxxx">{_ENTITIES}<!ENTITY f SYSTEM "file://{tmp_path}/secret">'
    content = f'<!DOCTYPE r [{entities}]><r xmlns="{_NAMESPACES[kind]}">{inside}</r>'
    if kind == "eep":
        (tmp_path / "x.eep").write_text(content)
        assert {item.code for item in eep.read(tmp_path / "x.eep", tmp_path / "out").findings} == {"EEP-UNREADABLE"}
        return
    with pytest.raises(Refusal) as refused:
        (record_xml.read if kind == "record" else report_xml.read)(content.encode())
    assert "not to be read" not in refused.value.message


def test_public_hostile_xml_as_metadata(corpus: Path, written: Path, tmp_path: Path) -> None:
    for number, path in enumerate(
        item for item in sorted((corpus / "xml-hostile").rglob("*")) if item.is_file() and item.suffix in {".xml", ".eep"}
    ):
        folder = tmp_path / str(number)
        shutil.copytree(written, folder)
        shutil.copyfile(path, folder / filing.METADATA)
        filing.read(folder)
        eep.read(path, tmp_path / f"out{number}")
