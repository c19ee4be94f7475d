"""A repeated run held against its report: files, outcomes, rules and tools are told apart."""

import copy
from typing import Any

from hypothesis import given

from lantai.core import checks
from lantai.core.checks import Gate, Grounds, ItemResult, Outcome, Piece, Run, Subject, Tool, compare
from lantai.standards.da_t_70 import telling
from tests.core.checks.test_checks_packed import runs

EDITION = telling.current(Gate.ARCHIVING)
TOOLS = {kind: Tool(kind, "1.0") for kind in ("lantai", "identify", "reader", "virus")}


def report(outcome: Outcome = Outcome.PASS, reason: str = "") -> dict[str, Any]:
    results = [
        ItemResult(asked.id, asked.code, asked.name, asked.property, outcome, asked.method, asked.severity, (), reason)
        for asked in EDITION.lines
    ]
    run = Run(grounds=Grounds(EDITION, TOOLS, {}, (Piece("a.pdf", 3, "aa"), Piece("b.pdf", 4, "bb"))))
    made: dict[str, Any] = checks.as_report(Gate.ARCHIVING, results, subject=Subject("record", "R"), run=run)
    return copy.deepcopy(made)


@given(runs())
def test_a_report_equals_itself(run: tuple[Gate, list[ItemResult]]) -> None:
    gate, results = run
    made: Any = checks.as_report(gate, results, subject=Subject("record", "R"))
    found = compare(made, made)
    assert found.is_same
    assert not found.is_material_known
    assert found.repeated + len(found.not_repeated) == len(results)


def test_a_changed_file_is_a_difference_and_the_cause_of_others() -> None:
    now = report()
    now["material"][0]["sha256"] = "ac"
    now["items"][3]["outcome"] = "fail"
    found = compare(report(), now)
    assert [(item.kind, item.where, item.cause) for item in found.differences] == [("material", "a.pdf", ""), ("outcome", "", "material")]
    assert found.differences[1].item == EDITION.lines[3].code


def test_a_missing_and_an_added_file_are_differences() -> None:
    now = report()
    now["material"][1]["path"] = "c.pdf"
    assert [(item.where, item.before, item.now) for item in compare(report(), now).differences] == [
        ("b.pdf", "bb 4", ""),
        ("c.pdf", "", "bb 4"),
    ]


def test_other_rules_and_tools_are_told_apart_from_other_material() -> None:
    now = report()
    now["items"][0]["rule"] = "2-00000000"
    now["items"][1]["tool"] = {"name": "reader", "version": "2.0"}
    found = compare(report(), now)
    assert found.is_same
    assert [item.kind for item in found.versions] == ["rule", "tool"]
    now["items"][0]["outcome"] = "warn"
    (only,) = compare(report(), now).differences
    assert (only.kind, only.cause) == ("outcome", "rule")


def test_what_the_material_does_not_decide_is_told_and_not_compared() -> None:
    answered, absent = report(Outcome.PASS, "answered:沈静宜"), report(Outcome.NOT_APPLICABLE, "not_compared")
    assert not compare(answered, absent).differences
    assert {item.reason for item in compare(answered, absent).not_repeated} == {"answered"}
    assert {item.reason for item in compare(report(), absent).not_repeated} == {"not_compared"}
    now = report()
    now["items"][0]["outcome"] = "fail"
    assert compare(report(), now, elsewhere=frozenset({"1.01"})).is_same


def test_an_item_that_is_gone_is_a_difference() -> None:
    now = report()
    del now["items"][0]
    (only,) = compare(report(), now).differences
    assert (only.item, only.before, only.now) == (EDITION.lines[0].code, "pass", "")
