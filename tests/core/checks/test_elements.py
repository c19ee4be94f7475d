"""Every element of DA/T 46 that a gate judges is broken once a fault, and the item named tells."""

import pytest

from lantai.standards import da_t_46
from tests.core.checks.good import a_record, item_of
from tests.support.elements import Broken, broken, by_element


@pytest.mark.parametrize("row", broken(), ids=lambda row: row.name)
def test_a_broken_element_is_told(row: Broken) -> None:
    result = item_of(row.facts, row.number)
    assert row.code in [remark.code for remark in result.findings]
    assert result.outcome in row.outcomes
    assert row.code not in [remark.code for remark in item_of(a_record(), row.number).findings]


def test_what_has_no_fixture_is_kept_elsewhere() -> None:
    without = {item.code for item in da_t_46.elements() if item.kind != "container"} - by_element().keys()
    kept = {item.kept_in for item in da_t_46.elements() if item.code in without}
    assert kept <= {"documents", "vault"}, without
