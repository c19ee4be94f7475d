"""Transfer packages in both forms: reading undoes writing, an interrupted writer goes on, every fault is called by its code."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantai.core.codes import CODES
from lantai.core.record import Agent, BusinessEvent, ComputerFile, ContentBasis, Document, Record, Relation, Role
from lantai.packages import filing, transfer
from lantai.packages.parcel import Parcel
from lantai.standards import da_t_93
from tests.packages.essence import ELEMENTS, NAMES, PLAIN, essence_of, essence_read
from tests.packages.records import small_record

FORMS = tuple(da_t_93.forms())
FIELDS = {"移交单位": "云汀市发展和改革委员会", "内容描述": "2026 年文书档案", "软硬件环境": "兰台"}


def held(content: bytes, item: ComputerFile) -> ComputerFile:
    digests = hashlib.sha256(content).hexdigest(), hashlib.new("sm3", content).hexdigest()
    return replace(item, size_bytes=len(content), sha256=digests[0], sm3=digests[1])


def parcel(number: int = 1) -> Parcel:
    record = small_record(record_id=f"01JD00000000000000000000{number:02d}")
    document = record.documents[0]
    content = f"%PDF {number}".encode()
    item = held(content, document.files[0])
    code = f"Z109-WS·2026-D30-BGS-{number:04d}"
    elements = record.elements | {"category_code": "WS", "agency_item_number": str(number)}
    record = replace(record, code=code, elements=elements, documents=(replace(document, files=(item,)),))
    return Parcel(record, lambda _: io.BytesIO(content))


def write(folder: Path, form: str = "da_t_93", count: int = 2) -> Path:
    writer = transfer.Writer(folder, transfer.form(form))
    for number in range(1, count + 1):
        writer.add(parcel(number))
    writer.close(FIELDS, {"检测报告.json": b"{}"})
    return folder


def codes(folder: Path) -> set[str]:
    return {item.code for item in transfer.validate(folder)}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_valid_and_read_back(tmp_path: Path, form: str) -> None:
    folder = write(tmp_path / "包", form)
    assert transfer.validate(folder) == ()
    package = transfer.read(folder)
    assert package.form == form
    assert [item.code for item in package.items] == [row["档号"] for row in package.rows]
    for number, item in enumerate(package.items, 1):
        read = transfer.read_item(folder, item, package.declared)
        assert read.findings == ()
        assert essence_read(read, folder / item.folder) == essence_of(parcel(number))
        assert [(file.size_bytes, file.sha256, file.sm3) for file in read.files] == [
            (file.size_bytes, file.sha256, file.sm3) for file in parcel(number).files
        ]


FILES = st.builds(ComputerFile, id=st.just(""), name=PLAIN, size_bytes=st.just(0), sha256=st.just(""), sm3=st.just(""))


@st.composite
def parcels(draw: st.DrawFn) -> Parcel:
    contents: dict[str, bytes] = {}
    documents = []
    for at, count in enumerate(draw(st.lists(st.integers(1, 2), min_size=1, max_size=3)), 1):
        files = []
        for number in range(count):
            content = draw(st.binary(max_size=100))
            files.append(held(content, replace(draw(FILES), id=f"{at}-{number}")))
            contents[files[-1].id] = content
        documents.append(Document(at, draw(st.sampled_from(Role)), draw(PLAIN | st.just("")), tuple(files)))
    ids = draw(st.lists(PLAIN, max_size=3, unique=True))
    agents = tuple(Agent(key, draw(PLAIN), draw(PLAIN), draw(PLAIN | st.just(""))) for key in ids)
    events = tuple(BusinessEvent(f"{key}事", key, draw(PLAIN), draw(PLAIN), mandate=draw(PLAIN | st.just(""))) for key in ids)
    relations = tuple(Relation(draw(PLAIN), "文件↔文件", draw(PLAIN), "") for _ in ids)
    elements = draw(st.dictionaries(NAMES, ELEMENTS, max_size=8))
    code = draw(PLAIN)
    record = Record("1", draw(PLAIN), 1, ContentBasis.DIGITAL, elements, tuple(documents), agents, events, relations, code)
    return Parcel(record, lambda item: io.BytesIO(contents[item.id]))


@given(parcels(), st.sampled_from(FORMS))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_record_survives(tmp_path_factory: pytest.TempPathFactory, given_parcel: Parcel, form: str) -> None:
    folder = tmp_path_factory.mktemp("t") / "包"
    writer = transfer.Writer(folder, transfer.form(form))
    writer.add(given_parcel)
    writer.close(FIELDS, {})
    package = transfer.read(folder)
    read = transfer.read_item(folder, package.items[0], package.declared)
    assert read.findings == ()
    assert essence_read(read, folder / package.items[0].folder) == essence_of(given_parcel)


@given(parcels())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_record_survives_a_filing_package(tmp_path_factory: pytest.TempPathFactory, given_parcel: Parcel) -> None:
    folder = tmp_path_factory.mktemp("f") / "包"
    filing.write_parcel(folder, given_parcel, {"形成系统": "兰台"})
    read = filing.read(folder)
    assert [item.code for item in read.findings if item.code != "FILING-MAIN-MISSING"] == []
    assert essence_read(read, folder) == essence_of(given_parcel)


def test_an_interrupted_writer_goes_on(tmp_path: Path) -> None:
    whole = write(tmp_path / "一", count=3)
    first = transfer.Writer(tmp_path / "二", transfer.form("da_t_93"))
    first.add(parcel(1))
    broken = replace(parcel(2), open=lambda _: (_ for _ in ()).throw(OSError("gone")))
    with pytest.raises(OSError, match="gone"):
        first.add(broken)
    write(tmp_path / "二", count=3)
    assert contents(tmp_path / "二") == contents(whole)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_code_comes_once(tmp_path: Path) -> None:
    writer = transfer.Writer(tmp_path / "包", transfer.form("da_t_93"))
    writer.add(parcel(1))
    with pytest.raises(ValueError, match="code"):
        writer.add(parcel(1))


def test_the_form_of_2012_is_known_by_its_catalogue_in_any_encoding(tmp_path: Path) -> None:
    folder = write(tmp_path / "包", "form_2012")
    catalogue = folder / "文件目录.XML"
    text = catalogue.read_text("utf-8").replace("UTF-8", "GB18030")
    catalogue.write_bytes(text.encode("gb18030"))
    form = transfer.form_of(folder)
    assert form is not None
    assert form.key == "form_2012"
    assert transfer.validate(folder) == ()


# --- the faults

ITEM = "Z109/WS/2026/Z109-WS·2026-D30-BGS-0001"


def rewrite(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / path).read_text("utf-8-sig")
        assert old in text, old
        (folder / path).write_text(text.replace(old, new), "utf-8")

    return change


def remove(path: str) -> Callable[[Path], None]:
    return lambda folder: (folder / path).unlink()


def put(path: str, content: bytes = b"x") -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)

    return change


def first_pdf(folder: Path) -> Path:
    return next((folder / ITEM).glob("*.pdf"))


CATALOGUE, METADATA = "目录文件.XML", f"{ITEM}/电子档案1元数据.XML"
BAD: dict[str, Callable[[Path], object]] = {
    "TRANSFER-DESCRIPTION-MISSING": remove("说明文件.TXT"),
    "TRANSFER-DESCRIPTION-FIELD": rewrite("说明文件.TXT", "移交单位：", "移交："),
    "TRANSFER-CATALOGUE-MISSING": remove("目录文件.XML"),
    "TRANSFER-CATALOGUE-UNREADABLE": put(CATALOGUE, b"<a"),
    "TRANSFER-CATALOGUE-FIELD": rewrite(CATALOGUE, "<保管期限>30年</保管期限>", ""),
    "TRANSFER-CATALOGUE-FIELD-ABSENT": rewrite(CATALOGUE, "<页数>1</页数>", ""),
    "TRANSFER-SEQUENCE": rewrite(CATALOGUE, "<顺序号>2", "<顺序号>3"),
    "TRANSFER-CODE-REPEATED": rewrite(CATALOGUE, "BGS-0002", "BGS-0001"),
    "TRANSFER-COUNT": rewrite("说明文件.TXT", "档案数量：2", "档案数量：3"),
    "TRANSFER-RANGE": rewrite("说明文件.TXT", "—Z109-WS·2026-D30-BGS-0002", "—Z109-WS·2026-D30-BGS-0009"),
    "TRANSFER-ROOT-EXTRA": put("多余.txt"),
    "TRANSFER-ITEM-MISSING": rewrite(CATALOGUE, "BGS-0002", "BGS-0003"),
    "TRANSFER-ITEM-EXTRA": put("Z109/WS/2026/Z109-WS·2026-D30-BGS-0009/正文.pdf"),
    "TRANSFER-ITEM-METADATA-MISSING": remove(METADATA),
    "TRANSFER-ITEM-METADATA-UNREADABLE": put(METADATA, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    "TRANSFER-ITEM-CODE-DIFFERS": rewrite(METADATA, "<档号>Z109-WS·2026-D30-BGS-0001", "<档号>Z109-WS·2026-D30-BGS-0007"),
    "TRANSFER-ITEM-CONTENT-MISSING": lambda folder: first_pdf(folder).unlink(),
    "TRANSFER-DIGESTS-MISSING": remove("其他/数字摘要.csv"),
    "TRANSFER-FILE-MISSING": lambda folder: first_pdf(folder).unlink(),
    "TRANSFER-FILE-EXTRA": put(f"{ITEM}/附件.pdf"),
    "TRANSFER-SIZE-DIFFERS": lambda folder: first_pdf(folder).write_bytes(b"%PDF 11"),
    "TRANSFER-DIGEST-DIFFERS": lambda folder: first_pdf(folder).write_bytes(b"%PDF 9"),
    "TRANSFER-LINK": lambda folder: (folder / ITEM / "附件.pdf").symlink_to("/etc/hostname"),
    "TRANSFER-PATH-UNSAFE": rewrite("其他/数字摘要.csv", ITEM + "/电子", "../电子"),
}


@pytest.mark.parametrize("code", BAD)
def test_every_fault_is_called_by_its_code(tmp_path: Path, code: str) -> None:
    folder = write(tmp_path / code)
    BAD[code](folder)
    assert code in codes(folder)


def test_no_requirement_is_without_a_bad_fixture_and_a_code() -> None:
    assert BAD.keys() == da_t_93.requirements().keys()
    assert da_t_93.requirements().keys() <= CODES.keys()
