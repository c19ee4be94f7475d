"""Volumes: what follows from their items, whatever they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core import volume
from lantai.core.archival_code import CodeParts, Template
from lantai.core.errors import Refusal
from lantai.core.volume import Item

PLACE = ("Z109", "WS", "2024", "BGS")
FORM = "{fonds}-{category}·{year}·{retention}-{volume:03d}-{item:03d}"
items = st.lists(
    st.builds(
        Item,
        id=st.uuids().map(str),
        title=st.just("通知"),
        date=st.sampled_from(("", "2024", "202403", "20240312", "20231230")),
        pages=st.one_of(st.none(), st.integers(0, 40)),
        retention=st.sampled_from(("", "Y", "D30", "D10", "C", "D")),
        place=st.just(PLACE),
    ),
    max_size=8,
)


@given(items)
def test_pages_run_through_and_sums_hold_every_item(given_items: list[Item]) -> None:
    sums, firsts = volume.sums(given_items), volume.first_pages([item.pages for item in given_items])
    assert sums.count == len(given_items) == len(firsts)
    is_counted = all(item.pages is not None for item in given_items)
    assert (sums.pages is None) is not is_counted
    for at, (item, first) in enumerate(zip(given_items, firsts, strict=True)):
        before = [each.pages for each in given_items[:at]]
        assert first == (None if None in before else 1 + sum(before))  # type: ignore[arg-type]
        assert not item.date or (sums.first_date <= item.date and sums.last_date)
        assert volume.longest([item.retention, sums.retention]) == sums.retention


@pytest.mark.parametrize(
    ("periods", "expected"),
    [(["D10", "Y", "D30"], "Y"), (["D10", "D30"], "D30"), (["C", "D30"], "C"), (["D", "D10"], "D"), (["", "D10"], "D10"), ([], "")],
)
def test_the_longest_period_is_that_of_the_volume(periods: list[str], expected: str) -> None:
    assert volume.longest(periods) == expected


def test_what_is_elsewhere_or_impeded_keeps_a_volume_open() -> None:
    one = Item("A", "通知", "20240312", 2, "D30", PLACE)
    other = Item("B", "决定", "20240312", 2, "D30", ("Z109", "WS", "2023", "BGS"))
    held = Item("C", "报告", "20240312", 2, "D30", PLACE, impediment="已冻结")
    found = list(volume.objections([one, other, held], PLACE))
    assert [(key, item.code) for key, item in found] == [("B", "VOLUME-ITEM-ELSEWHERE"), ("C", "VOLUME-ITEM-IMPEDED")]


def test_codes_by_volume_are_written_and_read() -> None:
    form = Template(FORM)
    parts = CodeParts("Z109", "WS", "2024", "D30", item=7, volume=form.volume_text(12))
    assert (form.is_by_volume, form.volumes_most) == (True, 999)
    assert form.volume_scope(parts) == "Z109-WS·2024·D30"
    assert form.scope(parts) == "Z109-WS·2024·D30-012"
    assert form.parse(form.format(parts)) == parts
    assert not Template("{fonds}-{category}·{year}-{retention}-{org}-{item:04d}").is_by_volume
    with pytest.raises(Refusal, match="CODE-VOLUME-OVERFLOW"):
        form.volume_text(1000)
