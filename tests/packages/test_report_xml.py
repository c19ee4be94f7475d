"""The XML form of a report says what the JSON form says, both ways, and the schema that is shipped agrees."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lantai.core import checks
from lantai.core.checks import Gate, Grounds, ItemResult, Outcome, Piece, Run, Subject, Tool
from lantai.core.errors import Refusal
from lantai.core.findings import Finding, Severity
from lantai.packages import report_xml
from lantai.standards.da_t_70 import telling

TEXT = st.text(st.characters(), max_size=12)
FINDINGS = st.lists(st.builds(Finding, st.just("GD-2-3"), st.sampled_from(list(Severity)), TEXT, TEXT), max_size=2)


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    gate = draw(st.sampled_from(list(Gate)))
    edition = telling.current(gate)
    results = [
        ItemResult(
            asked.id, asked.code, draw(TEXT), asked.property, draw(st.sampled_from(list(Outcome))), draw(st.sampled_from(("A", "M/H"))),
            asked.severity, tuple(draw(FINDINGS)), draw(st.sampled_from(("", "no_package", "answered:沈\x00静宜"))),
        )
        for asked in edition.lines[:4]
    ]  # fmt: skip
    material = draw(st.none() | st.lists(st.builds(Piece, TEXT, st.integers(0, 2**40), st.just("ab" * 32)), max_size=2).map(tuple))
    grounds = Grounds(edition, {"lantai": Tool("lantai", draw(TEXT))}, {"1.01": draw(TEXT)}, material)
    run = Run(draw(TEXT), draw(TEXT), operator=draw(TEXT), grounds=draw(st.sampled_from((grounds, None))))
    report = checks.as_report(gate, results, subject=Subject("record", draw(TEXT), title=draw(TEXT)), run=run, is_trial=draw(st.booleans()))
    more = draw(st.dictionaries(st.sampled_from(("records", "rejected")), st.integers() | st.lists(TEXT, max_size=2), max_size=2))
    return json.loads(json.dumps(report | more))


@given(reports())
def test_both_forms_say_the_same(report: dict[str, Any]) -> None:
    content = report_xml.write(report)
    assert report_xml.read(content) == report
    report_xml.schema().assertValid(etree.fromstring(content))


@pytest.mark.parametrize(
    "content",
    [b"", b"<x/>", b"\x00", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<检测报告 xmlns='urn:lantai:report:2' 模式版本='2'/>".encode()],
)
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(Refusal, match="REPORT-UNREADABLE"):
        report_xml.read(content)


def test_a_later_edition_is_refused(tmp_path: object) -> None:
    report = checks.as_report(Gate.ARRIVAL, [], subject=Subject("record", "R"))
    with pytest.raises(Refusal, match="报告版本 9"):
        report_xml.read(report_xml.write(report | {"edition": 9, "format": "lantai-report", "tools": {}}))
