"""The element table of DA/T 46: complete, consistent, and with a known certainty in every row."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.standards import da_t_46

ROOT = Path(da_t_46.__file__).parents[1]


def test_all_88_elements_in_order() -> None:
    assert [item.number for item in da_t_46.elements()] == [f"M{n}" for n in range(1, 89)]


def test_names_and_codes_are_unique() -> None:
    rows = da_t_46.elements()
    assert len({item.code for item in rows}) == len({item.name for item in rows}) == 88


def test_every_cell_is_of_its_kind() -> None:
    for item in da_t_46.elements():
        assert item.entity in ("record", "agent", "business", "relation")
        assert item.kind in ("container", "composite", "simple")
        assert item.obligation in ("M", "C", "O")
        assert item.data_type in ("", "text", "date", "year", "integer", "instant", "base64", "uri")
        assert item.required_from in ("", "arrival", "description", "arrangement", "archiving")
        assert item.certainty in ("S", "K", "?")
        assert item.source


def test_parents_are_containers_that_come_before() -> None:
    seen: dict[str, str] = {}
    for item in da_t_46.elements():
        assert not item.parent or seen[item.parent] in ("container", "composite")
        seen[item.number] = item.kind


def test_containers_hold_no_value() -> None:
    assert all(not item.data_type and not item.max_length for item in da_t_46.elements() if item.kind == "container")


def test_only_conditional_elements_have_a_condition() -> None:
    assert all(bool(item.condition) == (item.obligation == "C") for item in da_t_46.elements())


def test_conditions_that_are_evaluated_name_an_element() -> None:
    named = [item.condition.partition("=")[0] for item in da_t_46.elements() if "=" in item.condition]
    assert named
    assert all(name in da_t_46.by_code() for name in named)


def test_an_uncertain_obligation_is_never_enforced() -> None:
    assert not [item.code for item in da_t_46.elements() if item.required_from and item.certainty == "?"]


def test_domains_are_used_and_known() -> None:
    named = {item.domain for item in da_t_46.elements() if item.domain}
    assert named == da_t_46.domains().keys()


def test_one_domain_stands_together_and_is_open_or_closed() -> None:
    rows = da_t_46.domain_rows()
    for name in da_t_46.domains():
        assert len({row.is_closed for row in rows if row.domain == name}) == 1
    assert sum(len([row for row in rows if row.domain == name]) for name in da_t_46.domains()) == len(rows)


def test_fifteen_statutory_types_and_others() -> None:
    values = [row.value for row in da_t_46.domain_rows() if row.domain == "document_type"]
    assert len(values) == 16
    assert values[-1] == "其他"


def test_a_spelling_means_one_value() -> None:
    for domain in da_t_46.domains().values():
        assert all(domain.canonical[value] == value for value in domain.canonical.values())


def test_no_secret_level_is_admitted() -> None:
    levels = da_t_46.domains()["security_classification"]
    assert levels.forbidden == {"绝密", "机密", "秘密"}
    assert not any(levels.admits(level) for level in levels.forbidden)


@given(st.integers(1, 999))
def test_every_period_of_years_is_admitted_in_both_forms(years: int) -> None:
    retention = da_t_46.domains()["retention"]
    assert retention.admits(f"{years}年")
    assert retention.admits(f"D{years}")


@given(st.text(max_size=6))
def test_a_domain_never_raises(value: str) -> None:
    for domain in da_t_46.domains().values():
        assert domain.admits(value) in (True, False)


@pytest.mark.parametrize("table", sorted(ROOT.glob("da_t_[47][06]/*.csv")), ids=lambda path: path.name)
def test_every_row_has_as_many_cells_as_headings(table: Path) -> None:
    rows = list(csv.reader(table.read_text(encoding="utf-8").splitlines()))
    assert {len(row) for row in rows} == {len(rows[0])}
