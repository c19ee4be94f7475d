"""EEP packages: content streamed out of the XML byte for byte, hostile XML refused."""

import base64
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantai.core.record import Agent, Role
from lantai.packages import eep
from lantai.packages.eep_stream import parse

HEAD = (
    '<?xml version="1.0" encoding="{encoding}"?><电子文件封装包 xmlns="http://www.saac.gov.cn/standards/ERM/encapsulation">'
    '<版本>2009</版本><被签名对象 eep版本="2009"><封装包类型>原始型</封装包类型>'
    "<封装包创建时间>2026-03-01T09:00:00</封装包创建时间><封装内容>"
)
FOOT = "</封装内容></被签名对象></电子文件封装包>"
DESCRIBED = (
    "<聚合层次>文件</聚合层次><来源><立档单位名称>云汀市发展和改革委员会</立档单位名称></来源><电子文件号>YT-1</电子文件号>"
    "<档号>Z109-WS·2026-D30-0001<年度>2026</年度><保管期限>30年</保管期限></档号>"
    "<内容描述><题名>关于值班的通知</题名><责任者>委办公室</责任者><日期>20260301</日期><密级>公开</密级></内容描述>"
)
PROCESS = (
    "<业务实体块><业务实体><业务标识符>b1</业务标识符><机构人员标识符>a1</机构人员标识符><业务状态>历史行为</业务状态>"
    "<业务行为>签发</业务行为><行为时间>2026-03-01</行为时间></业务实体></业务实体块>"
    "<机构人员实体块><机构人员实体><机构人员标识符>a1</机构人员标识符><机构人员类型>个人</机构人员类型>"
    "<机构人员名称>沈知远</机构人员名称></机构人员实体></机构人员实体块>"
)


def document(number: int, main: str, *files: tuple[str, str]) -> str:
    codings = "".join(
        f"<编码><电子属性><计算机文件名>{name}</计算机文件名><计算机文件大小>9</计算机文件大小></电子属性>"
        f'<编码数据 编码数据ID="修改0-文档{number}-编码{at}">{data}</编码数据></编码>'
        for at, (name, data) in enumerate(files, 1)
    )
    head = f"<文档标识符>修改0-文档{number}</文档标识符><文档主从声明>{main}</文档主从声明><题名>T{number}</题名>"
    return f"<文档>{head}<文档数据>{codings}</文档数据></文档>"


def package(*documents: str, described: str = DESCRIBED, process: str = PROCESS) -> str:
    return f"{HEAD}<文件实体块><文件实体>{described}<文件数据>{''.join(documents)}</文件数据></文件实体></文件实体块>{process}{FOOT}"


def b64(content: bytes) -> str:
    return base64.encodebytes(content).decode()


def write(tmp_path: Path, text: str, encoding: str = "UTF-8") -> Path:
    path = tmp_path / "一.eep"
    path.write_bytes(text.replace("{encoding}", encoding).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030", "UTF-16"])
def test_an_eep_is_read_as_a_filing_package(tmp_path: Path, encoding: str) -> None:
    files = (("正文.ofd", b64(b"OFD")), ("正文.pdf", b64(b"%PDF" * 99)))
    path = write(tmp_path, package(document(1, "主文档", *files), document(2, "附属文档", ("正文.pdf", b64(b"other")))), encoding)
    assert eep.is_eep(path)
    read = eep.read(path, tmp_path / "out")
    assert read.findings == ()
    assert read.code == "YT-1"
    assert read.elements["title"] == "关于值班的通知"
    assert read.elements["archival_code"] == "Z109-WS·2026-D30-0001"
    assert read.elements["year"] == "2026"
    assert read.elements["fonds_constituting_unit_name"] == "云汀市发展和改革委员会"
    assert read.agents == (Agent("a1", "个人", "沈知远"),)
    assert [(item.activity, item.agent_id) for item in read.events] == [("签发", "a1")]
    assert [(item.role, item.title) for item in read.documents] == [(Role.MAIN, "T1"), (Role.ATTACHMENT, "T2")]
    assert [(item.path, item.name, item.size_bytes) for item in read.files] == [
        ("正文.ofd", "正文.ofd", 9),
        ("正文.pdf", "正文.pdf", 9),
        ("正文~2.pdf", "正文.pdf", 9),
    ]
    assert {item.name: item.read_bytes() for item in (tmp_path / "out").iterdir()} == {
        "正文.ofd": b"OFD",
        "正文.pdf": b"%PDF" * 99,
        "正文~2.pdf": b"other",
    }


@given(st.lists(st.binary(min_size=1, max_size=400), min_size=1, max_size=3), st.integers(1, 80))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_survive_any_line_breaks(tmp_path: Path, contents: list[bytes], width: int) -> None:
    def broken(content: bytes) -> str:
        text = base64.b64encode(content).decode()
        return "\r\n ".join(text[at : at + width] for at in range(0, len(text), width))

    path = write(tmp_path, package(*(document(at, "主文档", (f"{at}", broken(item))) for at, item in enumerate(contents))))
    (tmp_path / "parts").mkdir(exist_ok=True)
    _, parts = parse(path, tmp_path / "parts", limit_bytes=10_000)
    assert [parts[str(at)].path.read_bytes() for at in range(1, len(contents) + 1)] == contents
    assert not any(item.is_broken for item in parts.values())


def test_large_content_is_streamed(tmp_path: Path) -> None:
    content = bytes(range(256)) * 60_000
    read = eep.read(write(tmp_path, package(document(1, "主文档", ("大.bin", b64(content))))), tmp_path / "out")
    assert (tmp_path / "out" / read.files[0].path).read_bytes() == content


def test_one_content_referred_to_twice(tmp_path: Path) -> None:
    again = document(2, "附属文档", ("b", "")).replace("<编码数据 ", '<编码数据 引用编码数据ID="修改0-文档1-编码1" ')
    read = eep.read(write(tmp_path, package(document(1, "主文档", ("a", b64(b"1"))), again)), tmp_path / "out")
    assert [(tmp_path / "out" / item.path).read_bytes() for item in read.files] == [b"1", b"1"]


def test_of_a_modified_package_the_revision_counts(tmp_path: Path) -> None:
    inner = package(document(1, "主文档", ("old", b64(b"1")))).partition("<封装内容>")[2].partition("</封装内容>")[0]
    revised = inner.replace("值班", "节假日值班").replace("old", "new")
    whole = f"<修改封装内容><原封装包><被签名对象>{inner}</被签名对象></原封装包><修订内容>{revised}</修订内容></修改封装内容>"
    text = package().partition("<封装内容>")[0] + whole + FOOT.removeprefix("</封装内容>")
    read = eep.read(write(tmp_path, text), tmp_path / "out")
    assert read.elements["title"] == "关于节假日值班的通知"
    assert [item.name for item in read.files] == ["new"]


GOOD = package(document(1, "主文档", ("a.pdf", b64(b"content"))))
LAUGHS = '?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]>'
BAD = {
    "base64_goes_on_after_its_end": (GOOD.replace(b64(b"content"), b64(b"content") + "AAAA"), "EEP-DATA-INVALID"),
    "not_xml": ("x", "EEP-UNREADABLE"),
    "empty": ("", "EEP-UNREADABLE"),
    "cut_short": (GOOD[:-40], "EEP-UNREADABLE"),
    "other_root": ("<封装包/>", "EEP-UNREADABLE"),
    "with_dtd": (GOOD.replace("?>", '?><!DOCTYPE a SYSTEM "file:///etc/hostname">'), "EEP-UNREADABLE"),
    "billion_laughs": (
        GOOD.replace("?>", '?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]>').replace("值班", "&y;"),
        "EEP-UNREADABLE",
    ),
    "too_deep": ("<a>" * 300 + "</a>" * 300, "EEP-UNREADABLE"),
    "element_in_data": (GOOD.replace('编码1">', '编码1"><b/>'), "EEP-UNREADABLE"),
    "not_base64": (GOOD.replace(b64(b"content"), "不是"), "EEP-DATA-INVALID"),
    "base64_cut_short": (GOOD.replace(b64(b"content"), "Y29udGVud"), "EEP-DATA-INVALID"),
    "no_data": (GOOD.replace(b64(b"content"), ""), "EEP-DATA-EMPTY"),
    "no_documents": (package(), "FILING-CONTENT-MISSING"),
    "agent_unknown": (
        GOOD.replace("<机构人员标识符>a1</机构人员标识符><业务状态>", "<机构人员标识符>a9</机构人员标识符><业务状态>"),
        "FILING-AGENT-UNKNOWN",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_eep_is_read_with_a_finding(tmp_path: Path, name: str) -> None:
    text, code = BAD[name]
    read = eep.read(write(tmp_path, text), tmp_path / "out")
    assert code in [item.code for item in read.findings]
    assert not (tmp_path / "out" / ".eep").exists()


def test_content_over_the_limit_is_not_unpacked(tmp_path: Path) -> None:
    path = write(tmp_path, package(document(1, "主文档", ("a", b64(b"x" * 5000)))))
    assert [item.code for item in eep.read(path, tmp_path / "out", limit_bytes=1000).findings] == ["EEP-UNREADABLE"]
    assert list((tmp_path / "out").iterdir()) == []


def test_a_hostile_name_stays_inside(tmp_path: Path) -> None:
    read = eep.read(write(tmp_path, package(document(1, "主文档", ("../../x.pdf", b64(b"1"))))), tmp_path / "out")
    assert [(item.name, item.path) for item in read.files] == [("../../x.pdf", "..%2F..%2Fx.pdf")]
    assert [item.name for item in tmp_path.iterdir() if item.suffix == ".pdf"] == []


def test_what_is_no_eep(tmp_path: Path) -> None:
    assert not eep.is_eep(tmp_path / "没有")
    assert not eep.is_eep(write(tmp_path, "<xml/>"))


def test_the_abridged_form_of_a_public_tool_is_read(corpus: Path, tmp_path: Path) -> None:
    path = corpus / "metadata-xml" / "eep-nh-deep-sample.xml"
    assert eep.is_eep(path)
    read = eep.read(path, tmp_path / "out")
    assert read.elements["title"] == "x资料"
    assert read.elements["archival_code"] == "2021-2-Y-001"
    assert [item.role for item in read.documents] == [Role.MAIN]
    assert [item.code for item in read.findings] == [
        "EEP-DATA-EMPTY",
        "FILING-CONTENT-MISSING",
        "EEP-SIGNATURE-WEAK",
        "EEP-SIGNATURE-INVALID",
    ]
