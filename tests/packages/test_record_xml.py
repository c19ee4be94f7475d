"""record.xml: written and read back without loss, valid under its schema, readable by a person."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from lxml import etree

from lantai.core.errors import Refusal
from lantai.core.record import Record
from lantai.packages import record_xml
from tests.packages.records import ODD, RECORDS, small_record


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
        '<电子档案 xmlns="urn:lantai:record:1" 模式="lantai-record" 模式版本="1" 元数据标准="DA/T 46-2009"'
    )


def test_control_characters_are_written_as_documented() -> None:
    text = record_xml.write(replace(small_record(), code="A\x01\u241b")).decode()
    assert "<档号>A\u241b0001;\u241b241B;<全宗号>" in text


GOOD = record_xml.write(small_record())
BAD = {
    "empty": b"",
    "not_xml": b"PK\x03\x04",
    "cut_short": GOOD[: len(GOOD) // 2],
    "other_root": b'<x xmlns="urn:lantai:record:1"/>',
    "later_edition": GOOD.replace('模式版本="1"'.encode(), '模式版本="2"'.encode()),
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
