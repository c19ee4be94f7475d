"""Writing EEP packages: reading undoes writing, our own schema holds, signatures and layers stand; every fault is called by its code."""

import base64
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from lantai.core.codes import CODES
from lantai.core.record import Agent, BusinessEvent, ComputerFile, ContentBasis, Document, Record, Relation, Role
from lantai.formats.signing import sm2
from lantai.packages import eep, eep_layers, eep_validate, eep_write
from lantai.packages.eep_signing import SealMaker
from lantai.packages.eep_write import Packing
from lantai.packages.parcel import Parcel
from lantai.standards import da_t_48
from tests.formats.signing import made
from tests.packages.essence import ELEMENTS, NAMES, PLAIN, essence_of, essence_read
from tests.packages.records import small_record

PACKING = Packing("2026-11-28T09:00:00", "云汀市发展和改革委员会")


def parcel(record: Record, contents: dict[str, bytes]) -> Parcel:
    return Parcel(record, lambda item: io.BytesIO(contents[item.id]))


def numbered(record: Record | None = None) -> Record:
    record = record or small_record()
    return replace(record, elements=record.elements | {"agency_item_number": "1"})


def small(content: bytes = b"%PDF-1.4 content") -> Parcel:
    record = numbered()
    document = record.documents[0]
    item = replace(document.files[0], size_bytes=len(content))
    return parcel(replace(record, documents=(replace(document, files=(item,)),)), {item.id: content})


def seal() -> SealMaker:
    private, public = sm2.engine().generate()
    return SealMaker(
        lambda message: (sm2.sign(private, public, message), public), "云汀市发展和改革委员会", datetime(2026, 11, 28, tzinfo=UTC)
    )


def codes(path: Path) -> list[str]:
    return [item.code for item in eep_validate.validate(path)]


def test_what_is_written_is_valid_and_read_back(tmp_path: Path) -> None:
    eep.write(tmp_path / "一.eep", small(), PACKING)
    assert codes(tmp_path / "一.eep") == ["EEP-SIGNATURE-ABSENT"]
    read = eep.read(tmp_path / "一.eep", tmp_path / "out")
    assert read.findings == ()
    assert essence_read(read, tmp_path / "out") == essence_of(small())


FILES = st.builds(
    ComputerFile, id=PLAIN, name=PLAIN, size_bytes=st.just(0), sha256=st.just(""), sm3=st.just(""), format_name=PLAIN | st.just("")
)


@st.composite
def parcels(draw: st.DrawFn) -> Parcel:
    contents: dict[str, bytes] = {}
    documents = []
    for at, count in enumerate(draw(st.lists(st.integers(1, 2), min_size=1, max_size=3)), 1):
        files = []
        for number in range(count):
            content = draw(st.binary(max_size=300))
            item = replace(draw(FILES), id=f"{at}-{number}", size_bytes=len(content))
            contents[item.id] = content
            files.append(item)
        documents.append(Document(at, draw(st.sampled_from(Role)), draw(PLAIN | st.just("")), tuple(files)))
    ids = draw(st.lists(PLAIN, min_size=0, max_size=3, unique=True))
    kinds = st.sampled_from(["单位", "内设机构", "个人"])
    agents = tuple(Agent(key, draw(kinds), draw(PLAIN), draw(PLAIN | st.just(""))) for key in ids)
    events = tuple(BusinessEvent(f"{key}事", key, draw(PLAIN), draw(PLAIN), mandate=draw(PLAIN | st.just(""))) for key in ids)
    relations = tuple(Relation(draw(PLAIN), "文件↔文件", draw(PLAIN), "") for _ in ids)
    elements = draw(st.dictionaries(NAMES, ELEMENTS, max_size=8))
    record = Record(
        "1", draw(PLAIN), 1, ContentBasis.DIGITAL, elements, tuple(documents), agents, events, relations, draw(PLAIN | st.just(""))
    )
    return parcel(record, contents)


@given(parcels())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_record_survives(tmp_path_factory: pytest.TempPathFactory, given_parcel: Parcel) -> None:
    folder = tmp_path_factory.mktemp("eep")
    eep.write(folder / "一.eep", given_parcel, PACKING)
    read = eep.read(folder / "一.eep", folder / "out")
    assert [item.code for item in read.findings] == []
    assert essence_read(read, folder / "out") == essence_of(given_parcel)
    said = set(codes(folder / "一.eep"))
    assert said <= {"EEP-SIGNATURE-ABSENT", "EEP-ITEM-NUMBER", "EEP-ELEMENT-MISSING", "EEP-SCHEMA", "EEP-DATA-KEYWORD"}


def test_a_signed_package_is_locked_and_verifies(tmp_path: Path) -> None:
    path = tmp_path / "一.eep"
    eep.write(path, small(), replace(PACKING, sign=seal()))
    assert codes(path) == []
    path.write_bytes(path.read_bytes().replace("归集".encode(), "归档".encode()))
    assert "EEP-SIGNATURE-INVALID" in codes(path)


def test_one_byte_of_the_content_changed_breaks_the_signature(tmp_path: Path) -> None:
    path = tmp_path / "一.eep"
    eep.write(path, small(), replace(PACKING, sign=seal()))
    path.write_bytes(path.read_bytes().replace(b"JVBERi0x", b"JVBERi0y"))
    assert codes(path) == ["EEP-SIGNATURE-INVALID"]
    assert "EEP-SIGNATURE-INVALID" in [item.code for item in eep.read(path, tmp_path / "out").findings]


def test_modified_packages_lie_one_in_another(tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{at}.eep" for at in range(3))
    eep.write(first, small(), replace(PACKING, sign=seal()))
    eep.write(second, small(b"%PDF second"), replace(PACKING, sign=seal(), before=first))
    eep.write(third, small(b"%PDF third"), replace(PACKING, sign=seal(), before=second))
    assert codes(third) == []
    assert eep_layers.layers_of(third).modifications == 2
    read = eep.read(third, tmp_path / "out")
    assert [(tmp_path / "out" / item.path).read_bytes() for item in read.files] == [b"%PDF third"]
    third.write_bytes(third.read_bytes().replace(b"JVBERi0x", b"JVBERi0y"))
    assert sorted(codes(third)) == ["EEP-SIGNATURE-INVALID"] * 3


def test_a_package_in_another_namespace_is_not_enclosed(tmp_path: Path) -> None:
    (tmp_path / "a.eep").write_text('<x:电子文件封装包 xmlns:x="urn:x"><x:被签名对象></x:被签名对象></x:电子文件封装包>', "utf-8")
    with pytest.raises(ValueError, match="namespace"):
        eep.write(tmp_path / "b.eep", small(), replace(PACKING, before=tmp_path / "a.eep"))


SHA1 = ("1.3.14.3.2.26", "sha1")


@pytest.mark.parametrize("kind", ["cms", "cms-sha1", "bare-sha1"])
def test_old_signatures_by_rsa_are_verified(tmp_path: Path, kind: str) -> None:
    who, path = made.line("rsa"), tmp_path / "一.eep"
    eep.write(path, small(), PACKING)
    message = b"".join(eep_layers.pieces(path, eep_layers.layers_of(path).signed[0]))
    how = made.Cms(has_certificates=False)
    if kind == "cms-sha1":
        how = replace(how, digest_name=SHA1, algorithm=made.RSA_SHA1)
    value = who.key.sign(message, made.RSA_SHA1) if kind == "bare-sha1" else made.cms(message, who, how)
    signed_by(path, eep_write.Signed("PKCS#7", "2026-11-28T09:00:00", "沈知远", value, (who.leaf,), "RSA-SHA1"))
    said = codes(path)
    assert "EEP-SIGNATURE-INVALID" not in said
    assert ("EEP-SIGNATURE-WEAK" in said) == (kind != "cms")
    path.write_bytes(path.read_bytes().replace(b"JVBERi0x", b"JVBERi0y"))
    assert "EEP-SIGNATURE-INVALID" in codes(path)


def signed_by(path: Path, signed: eep_write.Signed) -> None:
    text = b"".join(
        [
            "<电子签名块><电子签名><签名标识符>修改0-签名1</签名标识符><签名规则>".encode(),
            f"{signed.rule}</签名规则><签名结果>{base64.b64encode(signed.value).decode()}</签名结果><证书块><证书>".encode(),
            base64.b64encode(signed.certificates[0]),
            f"</证书></证书块><签名算法标识>{signed.algorithm}</签名算法标识></电子签名></电子签名块>".encode(),
        ]
    )
    end = "</电子文件封装包>".encode()
    path.write_bytes(path.read_bytes().replace(end, text + end))


# --- the table, the schema and the faults

XS = "{http://www.w3.org/2001/XMLSchema}"


def test_the_schema_and_the_table_agree() -> None:
    raw = (Path(eep_validate.__file__).parent / "schemas" / "eep-2009.xsd").read_bytes()
    types = {node.get("name"): node for node in etree.fromstring(raw).iter(XS + "complexType") if node.get("name")}
    assert types.keys() == da_t_48.model().keys()
    for parent, slots in da_t_48.model().items():
        names = list(dict.fromkeys(node.get("name") for node in types[parent].iter(XS + "element")))
        assert names == [slot.name for slot in slots]
        many = {node.get("name") for node in types[parent].iter(XS + "element") if node.get("maxOccurs") == "unbounded"}
        assert many == {slot.name for slot in slots if slot.is_many}


def test_every_requirement_has_a_code_and_a_level() -> None:
    for row in da_t_48.requirements().values():
        assert row.code in CODES
        assert row.level in ("must", "should", "may")
        assert row.certainty in ("S", "K", "?")
    assert {code for code in CODES if code.startswith("EEP-")} == da_t_48.requirements().keys() | {"EEP-UNREADABLE"}


def good(tmp_path: Path) -> str:
    path = tmp_path / "good.eep"
    eep.write(path, small(), replace(PACKING, sign=seal()))
    return path.read_text("utf-8")


def swap(old: str, new: str, count: int = -1) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, count)

    return change


def without_signatures(text: str) -> str:
    return text[: text.index("<电子签名块>")] + "</电子文件封装包>"


def without_lock(text: str) -> str:
    return text[: text.index("<锁定签名>")] + "</电子文件封装包>"


DATA_ID = "修改0-文档1-文档数据1-编码1-编码数据1"
BAD: dict[str, Callable[[str], str]] = {
    "EEP-ROOT": swap(da_t_48.NAMESPACE, "urn:x"),
    "EEP-VERSION": swap("<版本>2009</版本>", "<版本>2010</版本>"),
    "EEP-VERSION-ATTRIBUTE": swap('eep版本="2009"', 'eep版本="2010"'),
    "EEP-TYPE": swap("<封装包类型>原始型", "<封装包类型>原型"),
    "EEP-TYPE-TEXT": swap("原始封装，未经修改", "系修改封装"),
    "EEP-CONTENT": swap("<封装包类型>原始型", "<封装包类型>修改型"),
    "EEP-ELEMENT-MISSING": swap("<密级>公开</密级>", ""),
    "EEP-ELEMENT-REPEATED": swap("<密级>公开</密级>", "<密级>公开</密级><密级>公开</密级>"),
    "EEP-ELEMENT-UNKNOWN": swap("<密级>公开</密级>", "<密级>公开</密级><项目名称>x</项目名称>"),
    "EEP-ELEMENT-ORDER": swap("<密级>公开</密级>", "<密级>公开</密级><文种>函</文种>"),
    "EEP-VALUE": swap("<年度>2026</年度>", "<年度>二〇二六</年度>"),
    "EEP-ITEM-NUMBER": swap("<室编件号>1</室编件号>", ""),
    "EEP-ID-MISSING": swap(f' 编码数据ID="{DATA_ID}"', ""),
    "EEP-ID-REPEATED": swap(f'编码数据ID="{DATA_ID}"', '编码数据ID="修改0-文档1"'),
    "EEP-ID-NAME": swap("<文档标识符>修改0-文档1<", "<文档标识符>修改 0-文档 1<"),
    "EEP-ID-FORM": swap("<文档标识符>修改0-文档1<", "<文档标识符>文档一<"),
    "EEP-REFERENCE": swap("<编码数据 ", '<编码数据 引用编码数据ID="修改0-文档9" '),
    "EEP-EVENT-AGENT": swap("<机构人员标识符>a2</机构人员标识符>\n<文件标识符>", "<机构人员标识符>a9</机构人员标识符>\n<文件标识符>"),
    "EEP-EVENT-RECORD": swap("<文件标识符>01JD0000000000000000000001", "<文件标识符>X"),
    "EEP-DATA-EMPTY": swap("JVBERi0xLjQgY29udGVudA==", ""),
    "EEP-DATA-INVALID": swap("JVBERi0xLjQgY29udGVudA==", "JVBERi0xLjQ*"),
    "EEP-DATA-SIZE": swap("<计算机文件大小>16<", "<计算机文件大小>17<"),
    "EEP-DATA-KEYWORD": swap("base64-pdf", "base64-ofd"),
    "EEP-DATA-OUTSIDE": swap("base64-pdf", "sha256-base64Binary"),
    "EEP-SCHEMA": swap("<编码描述>", '<编码描述 x="1">'),
    "EEP-SIGNATURE-GROUP": without_lock,
    "EEP-SIGNATURE-INVALID": swap("<封装包创建单位>云汀", "<封装包创建单位>云亭"),
    "EEP-SIGNATURE-WEAK": lambda text: md5(text),
    "EEP-SIGNATURE-NOT-CHECKED": swap("<签名结果>", "<签名结果>*"),
    "EEP-SIGNATURE-ABSENT": without_signatures,
    "EEP-CERTIFICATE": swap("<证书>", "<证书>QUJD</证书><证书>"),
    "EEP-LOCK-TARGET": swap("<被锁定签名标识符>修改0-签名1", "<被锁定签名标识符>修改0-签名2"),
    "EEP-LOCK-INVALID": lambda text: text.replace("<签名结果>MI", "<签名结果>NI", 1),
    "EEP-LAYER-ORDER": lambda text: text,
    "EEP-UNREADABLE": lambda text: text[:-30],
}


def md5(text: str) -> str:
    digest = "0" * 32
    block = f"<电子签名块><签名标识符号>MD5</签名标识符号><签名规则>摘要签名</签名规则><签名结果>{digest}</签名结果></电子签名块>"
    return text[: text.index("<电子签名块>")] + block + "</电子文件封装包>"


@pytest.mark.parametrize("code", BAD)
def test_every_fault_is_called_by_its_code(tmp_path: Path, code: str) -> None:
    path = tmp_path / f"{code}.eep"
    if code == "EEP-LAYER-ORDER":
        (tmp_path / "before.eep").write_text(good(tmp_path), "utf-8")
        eep.write(path, small(), replace(PACKING, before=tmp_path / "before.eep"))
        path.write_text(path.read_text("utf-8").replace("<修改标识符>修改1<", "<修改标识符>修改7<"), "utf-8")
    else:
        path.write_text(BAD[code](good(tmp_path)), "utf-8")
    assert code in codes(path)


def test_no_requirement_is_without_a_bad_fixture() -> None:
    assert BAD.keys() == da_t_48.requirements().keys() | {"EEP-UNREADABLE"}


def test_an_md5_that_fits_is_weak_and_not_invalid(tmp_path: Path) -> None:
    path = tmp_path / "一.eep"
    path.write_text(md5(good(tmp_path)), "utf-8")
    layer = b"".join(eep_layers.pieces(path, eep_layers.layers_of(path).signed[0]))
    path.write_text(path.read_text("utf-8").replace("0" * 32, hashlib.md5(layer, usedforsecurity=False).hexdigest()), "utf-8")
    said = codes(path)
    assert "EEP-SIGNATURE-WEAK" in said
    assert "EEP-SIGNATURE-INVALID" not in said


def test_a_namespace_without_a_canonical_form_ends_nothing(tmp_path: Path) -> None:
    """A relative namespace cannot be written as canonical XML: the signature is held against the bytes as they stand."""
    path = tmp_path / "一.eep"
    path.write_text(md5(good(tmp_path)).replace(da_t_48.NAMESPACE, "standards/ERM"), "utf-8")
    said = [item.code for item in eep.read(path, tmp_path / "out").findings]
    assert {"EEP-SIGNATURE-WEAK", "EEP-SIGNATURE-INVALID"} <= set(said)


def test_findings_are_json(tmp_path: Path) -> None:
    eep.write(tmp_path / "一.eep", small(), PACKING)
    assert json.dumps([item.as_json() for item in eep_validate.validate(tmp_path / "一.eep")], ensure_ascii=False)
