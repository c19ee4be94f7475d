"""record.xml: written and read back without loss, valid under its schema, readable by a person."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from lantai.core.errors import Refusal
from lantai.core.record import Document, Record, Role, Signature
from lantai.packages import record_names, record_xml
from lantai.standards import da_t_46
from tests.packages.records import ODD, RECORDS, TEXT, small_record


@given(RECORDS)
@settings(max_examples=200, deadline=None)
def test_reading_undoes_writing(record: Record) -> None:
    assert record_xml.read(record_xml.write(record)) == record


@given(RECORDS)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_valid(record: Record) -> None:
    record_xml.schema().assertValid(etree.fromstring(record_xml.write(record)))


@pytest.mark.parametrize("text", ODD)
def test_odd_characters_survive_everywhere(text: str) -> None:
    record = replace(small_record(), id=text, code=text, elements={text: text, "title": [text, text], "keyword": []})
    assert record_xml.read(record_xml.write(record)) == record


def test_every_element_of_the_edition_has_its_chinese_name_and_is_valid() -> None:
    elements = {name: [f"{name}"] for name in record_xml.element_names()}
    written = record_xml.write(replace(small_record(), elements=elements))
    record_xml.schema().assertValid(etree.fromstring(written))
    assert "<元素" not in written.decode()
    assert record_xml.read(written).elements == elements


def test_a_person_can_read_it() -> None:
    text = record_xml.write(small_record()).decode()
    for line in (
        "<题名>关于印发云汀市数据归集办法的通知</题名>",
        "<文件编号>云发改〔2026〕12号</文件编号>",
        '<元素 名称="copy_number">000001</元素>',
        '<数字摘要 算法="SM3">' + "b" * 64 + "</数字摘要>",
        '<格式信息 PUID="fmt/18" MIME="application/pdf">Acrobat PDF 1.4</格式信息>',
        "<业务行为>签发</业务行为>",
    ):
        assert line in text.splitlines()
    assert text.splitlines()[1].startswith(
        '<电子档案 xmlns="urn:lantai:record:3" 模式="lantai-record" 模式版本="3" 元数据标准="DA/T 46-2009"'
    )


def test_control_characters_are_written_as_documented() -> None:
    text = record_xml.write(replace(small_record(), code="A\x01\u241b")).decode()
    assert "<档号>A\u241b0001;\u241b241B;<全宗号>" in text


GOOD = record_xml.write(small_record())
BAD = {
    "empty": b"",
    "not_xml": b"PK\x03\x04",
    "cut_short": GOOD[: len(GOOD) // 2],
    "other_root": b'<x xmlns="urn:lantai:record:3"/>',
    "later_edition": GOOD.replace('模式版本="3"'.encode(), '模式版本="4"'.encode()),
    "namespace_of_another_edition": GOOD.replace(b"urn:lantai:record:3", b"urn:lantai:record:1"),
    "unknown_role": GOOD.replace('类别="正本"'.encode(), '类别="副本"'.encode()),
    "size_not_a_number": GOOD.replace(b">46080<", b">45 KiB<"),
    "no_digest": GOOD.replace(b"SHA-256", b"MD5"),
    "document_type_with_entity": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + GOOD.split(b"?>", 1)[1],
    "without_identity": GOOD.replace(' 标识="01JD0000000000000000000001"'.encode(), b""),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_record_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        record_xml.read(BAD[name])
    assert caught.value.code == "RECORD-XML-INVALID"


def test_an_edition_1_is_still_read() -> None:
    content = (Path(__file__).parent / "editions" / "record-1.xml").read_bytes()
    record_xml.schema("1").assertValid(etree.fromstring(content))
    expected = small_record()
    assert record_xml.read(content) == replace(expected, elements=expected.elements | {"descriptor": [], "annotation": ["一\n二", "␛"]})


def test_an_edition_2_is_still_read() -> None:
    content = (Path(__file__).parent / "editions" / "record-2.xml").read_bytes()
    record_xml.schema("2").assertValid(etree.fromstring(content))
    assert record_xml.read(content) == small_record()


def test_an_own_element_is_told_by_its_chinese_name() -> None:
    record = small_record()
    written = record_xml.write(record, labels={"copy_number": "份号"})
    assert '<元素 名称="copy_number" 中文名="份号">000001</元素>' in written.decode()
    record_xml.schema().assertValid(etree.fromstring(written))
    assert record_xml.read(written) == record


#: Where a record keeps an element that is not among its own described ones, as a function from a value to the record.
_ENTITIES: dict[str, Callable[[Record, str, Any], Record]] = {
    "files": lambda record, code, value: replace(
        record, documents=(Document(1, Role.MAIN, files=(replace(record.files[0], **_file_field(code, value)),)),)
    ),
    "signatures": lambda record, code, value: replace(
        record, signatures=(replace(Signature("s1", "r", "v", "a"), **{_SIGNATURE_FIELDS[code]: value}),)
    ),
    "agents": lambda record, code, value: replace(record, agents=(replace(record.agents[0], **{_AGENT_FIELDS[code]: value}),)),
    "events": lambda record, code, value: replace(record, events=(replace(record.events[0], **{_EVENT_FIELDS[code]: value}),)),
    "relations": lambda record, code, value: replace(record, relations=(replace(record.relations[0], **{_RELATION_FIELDS[code]: value}),)),
    "documents": lambda record, code, value: replace(record, documents=(Document(value, Role.ATTACHMENT),)),
    "record": lambda record, code, value: replace(record, **{"code" if code == "archival_code" else code: value}),
}
_SIGNATURE_FIELDS = {
    "signature_rules": "rules",
    "signature_time": "time",
    "signer": "signer",
    "signature": "value",
    "certificate": "certificates",
    "certificate_reference": "certificate_reference",
    "signature_algorithm_identifier": "algorithm",
}
_AGENT_FIELDS = {"agent_type": "kind", "agent_name": "name", "organization_code": "organization_code", "position_name": "position"}
_EVENT_FIELDS = {
    "business_status": "status",
    "business_activity": "activity",
    "action_time": "time",
    "action_mandate": "mandate",
    "action_description": "description",
}
_RELATION_FIELDS = {
    "entity_identifier": "target",
    "relation_type": "kind",
    "relation": "relation",
    "relation_description": "description",
}
_FILE_FIELDS = {"format_information": "format_name", "computer_file_name": "name", "computer_file_size": "size_bytes"}


def _file_field(code: str, value: object) -> dict[str, Any]:
    return {_FILE_FIELDS[code]: value} if code in _FILE_FIELDS else {"elements": {code: value}}


def _values(item: da_t_46.Element) -> st.SearchStrategy[Any]:
    if item.code in ("computer_file_size", "document_sequence_number"):
        return st.integers(1, 10**15)
    if item.code == "certificate":
        return st.lists(TEXT, max_size=3).map(tuple)
    is_plain = item.kept_in in ("record", "agents", "events", "relations", "signatures") or item.code in _FILE_FIELDS
    return TEXT if is_plain else TEXT | st.lists(TEXT, max_size=3)


@pytest.mark.parametrize("item", [item for item in da_t_46.elements() if item.kept_in != "container"], ids=lambda item: item.number)
@given(data=st.data())
@settings(max_examples=6, deadline=None)
def test_each_element_of_the_standard_is_written_and_read_back_equal(item: da_t_46.Element, data: st.DataObject) -> None:
    value = data.draw(_values(item))
    place = _ENTITIES.get(item.kept_in)
    base = small_record()
    record = place(base, item.code, value) if place else replace(base, elements=base.elements | {item.code: value})
    written = record_xml.write(record)
    assert record_xml.read(written) == record
    assert f"<{item.name}" in written.decode() or value in ("", [], ()) or item.code == "document_sequence_number"
    record_xml.schema().assertValid(etree.fromstring(written))


def test_the_containers_of_the_standard_are_those_of_the_schema() -> None:
    containers = {item.name for item in da_t_46.elements() if item.kept_in == "container"}
    own = set(record_names.CONTAINERS) - {"档号"}
    assert containers == own
