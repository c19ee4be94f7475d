"""Filing packages: what is written is read, and every fault of a sender becomes a finding."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantai.core.findings import has_error
from lantai.core.record import Agent, BusinessEvent, Relation, Role
from lantai.packages import filing
from lantai.packages.filing import FilingDocument, FilingFile, FilingPackage

ELEMENTS = {
    "electronic_record_code": "YT-OA-2026-000123",
    "title": "关于报送数据归集情况的函",
    "document_number": "云发改函〔2026〕7号",
    "author": "云汀市发展和改革委员会",
    "date": "20260311",
    "descriptor": ["数据", "归集"],
    "copy_number": "000001",
    "签发人": "沈知远",
}
OFD, PDF = FilingFile("正本/正文.ofd", "正文.ofd"), FilingFile("正本/正文.pdf", "函 正文.pdf")
DOCUMENTS = (
    FilingDocument(1, Role.MAIN, "关于报送数据归集情况的函", (OFD, PDF)),
    FilingDocument(2, Role.ATTACHMENT, "附件1 情况表", (FilingFile("正本/附件1.xlsx", "附件1.xlsx"),)),
    FilingDocument(3, Role.FINAL_DRAFT, "", (FilingFile("定稿与修改稿/定稿.docx", "定稿.docx"),)),
    FilingDocument(4, Role.PROCESSING_SLIP, "", (FilingFile("处理单/收文处理单.pdf", "收文处理单.pdf"),)),
)
PACKAGE = FilingPackage(
    code="YT-OA-2026-000123",
    elements=ELEMENTS,
    documents=DOCUMENTS,
    agents=(Agent("a1", "单位", "云汀市发展和改革委员会", "11330000MB0000000X"), Agent("a2", "个人", "沈知远", "", "主任")),
    events=(BusinessEvent("e1", "a2", "签发", "2026-03-11T10:00:00+08:00", description="同意"),),
    relations=(Relation("YT-OA-2026-000100", "文件↔文件", "来文—复文"),),
    description={"形成系统": "云汀市协同办公系统"},
)
CONTENT = {item.path: f"{item.path} 的内容".encode() for item in PACKAGE.files}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    filing.write(tmp_path / "包", PACKAGE, CONTENT)
    return tmp_path / "包"


def codes(package: FilingPackage) -> list[str]:
    return sorted(item.code for item in package.findings)


def test_reading_undoes_writing(folder: Path) -> None:
    read = filing.read(folder)
    assert read.findings == ()
    assert (read.code, read.elements, read.agents, read.events, read.relations) == (
        PACKAGE.code,
        PACKAGE.elements,
        PACKAGE.agents,
        PACKAGE.events,
        PACKAGE.relations,
    )
    assert [(item.sequence, item.role, item.title) for item in read.documents] == [
        (item.sequence, item.role, item.title) for item in DOCUMENTS
    ]
    assert [(item.path, item.name) for item in read.files] == [(item.path, item.name) for item in PACKAGE.files]


def test_the_declared_sizes_and_digests_are_those_of_the_bytes(folder: Path) -> None:
    for item in filing.read(folder).files:
        content = CONTENT[item.path]
        assert item.size_bytes == len(content)
        assert item.sha256 == hashlib.sha256(content).hexdigest()
        assert item.sm3 == hashlib.new("sm3", content).hexdigest()


def test_description_counts_files_and_bytes(folder: Path) -> None:
    description = filing.read(folder).description
    assert description["形成系统"] == "云汀市协同办公系统"
    assert description["文件数"] == "5"
    assert description["字节数"] == str(sum(map(len, CONTENT.values())))


def test_what_describes_the_package_is_told_apart_from_content(folder: Path) -> None:
    assert set(filing.read(folder).own_files) == {filing.METADATA, filing.PROCESS, filing.DESCRIPTION, filing.MANIFEST}


PLAIN = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zs", "Zl", "Zp"]), min_size=1, max_size=12)
VALUES = PLAIN | st.lists(PLAIN, min_size=2, max_size=3)
NAMES = st.sampled_from(["title", "document_number", "author", "keyword", "annotation", "copy_number", "year", "自定义", "approver"])


@given(elements=st.dictionaries(NAMES, VALUES))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_elements_survive(tmp_path: Path, elements: dict[str, str | list[str]]) -> None:
    shutil.rmtree(tmp_path / "包", ignore_errors=True)
    filing.write(tmp_path / "包", FilingPackage(code="1", elements=elements, documents=DOCUMENTS), CONTENT)
    assert filing.read(tmp_path / "包").elements == elements


def test_packages_are_found_one_by_one_or_in_a_folder(tmp_path: Path) -> None:
    for name in ("10", "9"):
        filing.write(tmp_path / name, PACKAGE, CONTENT)
    (tmp_path / "其他").mkdir()
    assert filing.find_packages(tmp_path) == [tmp_path / "9", tmp_path / "10"]
    assert filing.find_packages(tmp_path / "9") == [tmp_path / "9"]
    assert filing.find_packages(tmp_path / "不存在") == []
    assert not filing.is_filing_package(tmp_path)
    assert not filing.is_filing_package(tmp_path / "9" / filing.METADATA)


def test_roles_follow_folders_and_names_where_the_metadata_lists_no_documents(tmp_path: Path) -> None:
    names = {
        "正本/正文.ofd": Role.MAIN,
        "正本/附件2.pdf": Role.ATTACHMENT,
        "正本/附件10.pdf": Role.ATTACHMENT,
        "正本/说明.pdf": Role.ATTACHMENT,
        "定稿与修改稿/定稿.docx": Role.FINAL_DRAFT,
        "定稿与修改稿/花脸稿.docx": Role.REVISION,
        "处理单/发文稿纸.pdf": Role.DISPATCH_SHEET,
        "处理单/收文处理单.pdf": Role.PROCESSING_SLIP,
        "其他材料/照片.jpg": Role.OTHER,
    }
    filing.write(tmp_path / "包", FilingPackage(elements={"title": "x"}), {})
    for path in names:
        (tmp_path / "包" / path).parent.mkdir(exist_ok=True)
        (tmp_path / "包" / path).write_bytes(b"x")
    documents = filing.read(tmp_path / "包").documents
    assert {item.files[0].path: item.role for item in documents} == names
    assert [item.files[0].path for item in documents][:4] == ["正本/正文.ofd", "正本/说明.pdf", "正本/附件2.pdf", "正本/附件10.pdf"]
    assert [item.sequence for item in documents] == list(range(1, 10))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_chinese_encoding_is_read_whatever_is_declared(folder: Path, encoding: str) -> None:
    for name in (filing.METADATA, filing.PROCESS, filing.DESCRIPTION, filing.MANIFEST):
        (folder / name).write_bytes((folder / name).read_text("utf-8-sig").encode(encoding))
    read = filing.read(folder)
    assert read.elements == ELEMENTS
    assert [item.code for item in read.findings if item.severity == "error"] == []


def test_names_of_gb_t_33480_and_nested_containers_are_known(folder: Path) -> None:
    xml = "<公文 xmlns='urn:x'><a><标题> 关于放假的通知\n</标题><b><发文字号>云办〔2026〕1号</发文字号></b></a><主送机关/></公文>"
    (folder / filing.METADATA).write_text(xml, "utf-8")
    assert filing.read(folder).elements == {"title": "关于放假的通知", "document_number": "云办〔2026〕1号"}


def test_manifests_in_the_form_of_bagit_are_read(folder: Path) -> None:
    (folder / filing.MANIFEST).unlink()
    lines = {name: "".join(f"{hashlib.new(kind, CONTENT[path]).hexdigest()}  {path}\n" for path in CONTENT) for name, kind in BAGIT.items()}
    for name, text in lines.items():
        (folder / name).write_text(text, "utf-8")
    read = filing.read(folder)
    assert read.findings == ()
    assert all(item.sha256 and item.sm3 and item.size_bytes is None for item in read.files)


BAGIT = {"manifest-sha256.txt": "sha256", "manifest-sm3.txt": "sm3"}


def _append(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes() + text.encode())


def _replace(name: str, old: str, new: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text((folder / name).read_text("utf-8-sig").replace(old, new, 1), "utf-8")


def _link(folder: Path) -> None:
    (folder / "正本/链接.pdf").symlink_to("/etc/hostname")


HOSTILE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><基本信息元数据><题名>&x;</题名></基本信息元数据>'
DEEP = "<a>" * 3000 + "</a>" * 3000
BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "file_missing": (lambda folder: (folder / "正本/附件1.xlsx").unlink(), "FILING-FILE-MISSING"),
    "file_extra": (lambda folder: (folder / "正本/多余.pdf").write_bytes(b"x"), "FILING-FILE-EXTRA"),
    "link": (_link, "FILING-LINK"),
    "no_metadata": (lambda folder: (folder / filing.METADATA).unlink(), "FILING-METADATA-MISSING"),
    "metadata_cut_short": (_replace(filing.METADATA, "</基本信息元数据>", ""), "FILING-METADATA-UNREADABLE"),
    "metadata_with_entity": (lambda folder: (folder / filing.METADATA).write_text(HOSTILE, "utf-8"), "FILING-METADATA-UNREADABLE"),
    "metadata_too_deep": (lambda folder: (folder / filing.METADATA).write_text(DEEP), "FILING-METADATA-UNREADABLE"),
    "metadata_of_no_encoding": (lambda folder: (folder / filing.METADATA).write_bytes(b"<a>\xff\xff</a>"), "FILING-METADATA-UNREADABLE"),
    "no_manifest": (lambda folder: (folder / filing.MANIFEST).unlink(), "FILING-MANIFEST-MISSING"),
    "manifest_climbs_out": (_append(filing.MANIFEST, "../../etc/passwd,1,,\r\n"), "FILING-PATH-UNSAFE"),
    "manifest_absolute": (_append(filing.MANIFEST, "/etc/passwd,1,,\r\n"), "FILING-PATH-UNSAFE"),
    "manifest_size_is_text": (_append(filing.MANIFEST, "正本/x,很多,,\r\n"), "FILING-MANIFEST-INVALID"),
    "manifest_digest_too_short": (_append(filing.MANIFEST, "正本/x,1,abc,\r\n"), "FILING-MANIFEST-INVALID"),
    "manifest_without_headings": (_replace(filing.MANIFEST, "路径", "名称"), "FILING-MANIFEST-INVALID"),
    "document_listed_but_absent": (_replace(filing.METADATA, "正本/正文.pdf", "正本/没有.pdf"), "FILING-FILE-MISSING"),
    "document_climbs_out": (_replace(filing.METADATA, "正本/正文.pdf", "../正文.pdf"), "FILING-PATH-UNSAFE"),
    "agent_unknown": (
        _replace(filing.PROCESS, "符>a2<", "符>a9<"),
        "FILING-AGENT-UNKNOWN",
    ),
    "no_content": (lambda folder: [shutil.rmtree(folder / name) for name in ("正本", "处理单", "定稿与修改稿")], "FILING-CONTENT-MISSING"),
    "no_main": (lambda folder: shutil.rmtree(folder / "正本"), "FILING-MAIN-MISSING"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_package_is_read_with_a_finding(folder: Path, name: str) -> None:
    damage, code = BAD[name]
    damage(folder)
    assert code in codes(filing.read(folder))


def test_a_missing_file_blocks_and_a_missing_manifest_does_not(folder: Path) -> None:
    (folder / filing.MANIFEST).unlink()
    assert not has_error(filing.read(folder).findings)
    filing.write(folder.with_name("二"), PACKAGE, CONTENT)
    (folder.with_name("二") / "正本/附件1.xlsx").unlink()
    assert has_error(filing.read(folder.with_name("二")).findings)


def test_an_event_may_name_its_agent_instead_of_pointing_to_it(folder: Path) -> None:
    event = "<业务实体><机构人员名称>{}</机构人员名称><业务行为>签发</业务行为><行为时间>2026</行为时间></业务实体>"
    xml = f"<处理过程元数据>{event.format('林屿')}{event.format('林屿')}{event.format('何青')}</处理过程元数据>"
    (folder / filing.PROCESS).write_text(xml, "utf-8")
    read = filing.read(folder)
    assert [item.name for item in read.agents] == ["林屿", "何青"]
    assert [item.agent_id for item in read.events] == ["机构人员1", "机构人员1", "机构人员2"]
    assert read.findings == ()


def test_a_package_is_never_written_over_another(folder: Path) -> None:
    with pytest.raises(FileExistsError):
        filing.write(folder, PACKAGE, CONTENT)
