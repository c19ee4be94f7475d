"""Items about described metadata: a good case, bad cases named after their fault, and the boundaries."""

from dataclasses import replace

import pytest

from lantai.core.checks import Gate, Outcome, RecordFacts
from lantai.core.findings import finding
from lantai.standards import da_t_46
from tests.core.checks.good import ELEMENTS, a_record, item_of, without

GOOD = ("1.02", "1.03", "1.04", "1.05", "1.06", "1.07", "1.08", "2.03", "2.04", "2.05")


@pytest.mark.parametrize("number", GOOD)
def test_nothing_wrong(number: str) -> None:
    result = item_of(a_record(), number)
    assert (result.outcome, result.findings) == (Outcome.PASS, ())


def test_a_code_that_did_not_parse_fails() -> None:
    remark = finding("GD-1-7-PART", "X", element="年度", part="1", value="2")
    assert item_of(a_record(code_findings=(remark,)), "1.07").outcome is Outcome.FAIL


def test_every_missing_element_is_named() -> None:
    facts = replace(a_record(), elements={})
    messages = " ".join(remark.message for remark in item_of(facts, "2.04").findings)
    assert all(label in messages for label in ("题名", "责任者", "日期", "保管期限", "年度", "密级", "聚合层次"))


class TestArrival:
    """What cannot be known on arrival is not applicable, with the reason."""

    def at(self, facts: RecordFacts, number: str) -> tuple[Outcome, str]:
        result = item_of(facts, number, Gate.ARRIVAL)
        return result.outcome, result.reason

    @pytest.mark.parametrize("number", ["1.02", "1.03", "1.04", "1.05", "2.03", "2.04", "2.05"])
    def test_a_plain_folder_waits_for_description(self, number: str) -> None:
        facts = replace(a_record(events=()), elements={}, has_metadata=False)
        assert self.at(facts, number) == (Outcome.NOT_APPLICABLE, "before_description")

    def test_the_code_waits_for_arrangement(self) -> None:
        assert self.at(a_record(code=""), "1.07") == (Outcome.NOT_APPLICABLE, "before_arrangement")

    def test_a_code_that_came_is_checked(self) -> None:
        assert self.at(a_record(code_parts={"year": "2025"}), "1.07")[0] is Outcome.FAIL

    def test_elements_of_arrangement_are_not_asked_for(self) -> None:
        facts = replace(a_record(), elements=without("year", "retention_period", "aggregation_level"))
        assert self.at(facts, "2.04") == (Outcome.PASS, "")

    @pytest.mark.parametrize("name", ["title", "author", "date"])
    def test_elements_of_the_sender_are(self, name: str) -> None:
        assert self.at(replace(a_record(), elements=without(name)), "2.04")[0] is Outcome.FAIL


def test_before_archiving_metadata_must_be_there() -> None:
    facts = replace(a_record(), elements={}, has_metadata=False)
    assert item_of(facts, "2.04").outcome is Outcome.FAIL


def test_the_good_elements_are_all_known() -> None:
    assert ELEMENTS.keys() <= da_t_46.by_code().keys()
