"""The fixtures of the gates against the table of items: every sure one has good, bad and boundary, and each comes out as named."""

import pytest

from lantai.core.checks import Gate
from lantai.core.codes import CODES
from lantai.standards import da_t_70
from tests.core.checks.good import item_of
from tests.support.gates import FIXTURES, Fixture, shown

SURE = [item.number for item in da_t_70.items() if item.is_enabled]


@pytest.mark.parametrize("number", SURE)
def test_every_sure_item_has_a_good_a_bad_and_a_boundary_fixture(number: str) -> None:
    assert {row.kind for row in FIXTURES if row.number == number} == {"good", "bad", "boundary"}


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda row: row.name)
def test_a_fixture_comes_out_as_it_is_named(fixture: Fixture) -> None:
    result = item_of(fixture.facts, fixture.number)
    assert result.outcome is fixture.outcome
    assert fixture.kind == "bad" or result.findings == ()
    assert not fixture.code or fixture.code in [remark.code for remark in result.findings]


def test_names_are_those_of_the_table() -> None:
    names = [row.name for row in FIXTURES]
    assert len(names) == len(set(names))
    assert all(row.name.partition("/")[2].partition("_")[0] == shown(row.number) for row in FIXTURES)
    assert {shown(number) for number in SURE} <= {item.code for item in da_t_70.scheme(Gate.ARCHIVING).items}


def test_a_bad_fixture_is_named_after_a_code_of_the_table() -> None:
    assert all(row.code in CODES for row in FIXTURES if row.code)
