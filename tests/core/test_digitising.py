"""Rules of the paper line: states, order of steps, samples, what a page says against a catalogue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core import digitising as rules
from lantai.core.digitising import Figures, ItemState, Limits, Marks, Measured, Verdict
from lantai.core.digitising.states import FINAL
from lantai.standards import da_t_31

IDS = st.dictionaries(st.text("abcdefgh0123", min_size=3, max_size=8), st.sampled_from("xyz"), min_size=1, max_size=60)


def test_every_state_is_reached_and_left() -> None:
    assert {row.origin for row in rules.MOVES} | FINAL == set(ItemState)
    assert set(rules.ITEM_NAMES) == set(ItemState)
    with pytest.raises(KeyError):
        rules.origins("fly")


@pytest.mark.parametrize("shape", list(rules.Shape))
def test_steps_come_one_after_the_other(shape: str) -> None:
    order = [item.name for item in da_t_31.steps(shape)]
    done: set[str] = set()
    for step in order:
        assert rules.next_steps(order, done) == (step,)
        assert rules.objection(order, done, step) == ""
        assert step == order[-1] or rules.objection(order, done, order[-1]) == step
        done.add(step)
    assert rules.next_steps(order, done) == ()


def test_the_two_shapes_differ_in_the_catalogue_alone() -> None:
    first, second = ({item.name for item in da_t_31.steps(shape)} for shape in rules.Shape)
    assert first - second == {"catalogue"}
    assert second < first


#: What a batch holds by media type → whether it is remarked, and what is named the usual.
FORMATS = {
    "good": ({"image/tiff": 240}, ""),
    "good_nothing_yet": ({}, ""),
    "boundary_a_type_that_nobody_knows": ({"image/tiff": 240, "": 3}, ""),
    "boundary_none_of_another": ({"image/tiff": 240, "image/jpeg": 0}, ""),
    "boundary_one_of_another": ({"image/tiff": 240, "image/jpeg": 1}, "tiff 240"),
    "bad_half_and_half": ({"image/tiff": 2, "application/pdf": 2}, "pdf 2"),
    "bad_three_kinds": ({"image/tiff": 2, "application/pdf": 3, "image/jp2": 1}, "pdf 3"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_scans_of_a_batch_are_of_one_format(name: str) -> None:
    formats, usual = FORMATS[name]
    told = rules.same_format(formats)
    assert [item.code for item in told] == (["DIGITISE-FORMATS-DIFFER"] if usual else [])
    assert all(f"多数是 {usual} 个" in item.message for item in told)


@given(IDS, st.integers(5, 100), st.integers(0, 9))
def test_a_sample_is_large_enough_fair_and_always_the_same(strata: dict[str, str], percent: int, seed: int) -> None:
    chosen = rules.sample(str(seed), strata, percent=percent, least=4)
    assert len(chosen) * 100 >= percent * len(strata)
    assert len(chosen) >= min(4, len(strata))
    assert {strata[key] for key in chosen} == set(strata.values())
    assert chosen == rules.sample(str(seed), dict(reversed(strata.items())), percent=percent, least=4)
    assert set(chosen) <= set(rules.sample(str(seed), strata, percent=100))


def test_another_seed_takes_others() -> None:
    strata = {f"{at:03d}": "x" for at in range(200)}
    assert rules.sample("1", strata, percent=5) != rules.sample("2", strata, percent=5)


@pytest.mark.parametrize(
    ("figures", "passes"),
    [
        (Figures(100, 95), True),
        (Figures(100, 94), False),
        (Figures(100, 99, undecided=1), False),
        (Figures(100, 100, zero_tolerance=1), False),
        (Figures(0, 0), False),
    ],
)
def test_a_batch_passes_or_goes_back(figures: Figures, passes: bool) -> None:
    judged = rules.judge(figures, least_percent=95)
    assert judged.passes is passes
    assert bool(judged.reasons) is not passes


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ((1, 2, 3), ()),
        ((1, 0, 3), ()),
        ((1, 3), ((2, 1, 3),)),
        ((1, 2, 1, 2), ()),
        ((2, 1), ()),
        ((3, 2), ((2, 3, 2),)),
        ((0, 0), ()),
    ],
)
def test_gaps_in_printed_numbers(printed: tuple[int, ...], expected: tuple[tuple[int, int, int], ...]) -> None:
    assert rules.jumps(printed) == expected


def test_count_order_and_catalogue_are_remarked() -> None:
    told = rules.remarks("件", rules.Expected(3, is_listed=False), rules.Found(2, (1, 3)))
    assert [item.code for item in told] == ["DIGITISE-NOT-IN-CATALOGUE", "DIGITISE-PAGES-DIFFER", "DIGITISE-PAGE-GAP"]
    assert rules.remarks("件", rules.Expected(2), rules.Found(2, (1, 2))) == ()


def test_a_sheet_drawn_in_with_its_neighbour_is_long() -> None:
    assert rules.too_long([297, 297, 594, 297, 0]) == (2,)
    assert rules.too_long([297, 594]) == ()


def test_pages_that_look_alike() -> None:
    assert rules.alike(["0f", "", "0f", "f0ffffffff"]) == ((2, 0),)


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (Measured(), ()),
        (Measured(dpi=150), ("resolution",)),
        (Measured(dpi=300, skew=-2.6, border=5.0), ("skew", "border")),
        (Measured(turn=2), ("upside_down",)),
        (Measured(sharpness=0.1, contrast=0.1), ("blur", "faint")),
        (Measured(sharpness=0.1, contrast=0.1, is_blank=True), ("blank",)),
        (Measured(has_colour=True, mode="1"), ("colour",)),
        (Measured(is_clipped=True, has_lost_corner=True), ("corner", "clipped")),
    ],
)
def test_what_stands_out(page: Measured, names: tuple[str, ...]) -> None:
    found = rules.defects(page, Limits())
    assert tuple(item.name for item in found) == names
    assert all(item.name in da_t_31.defects() for item in found)


def test_differences_are_ranked_by_harm() -> None:
    said = {"title": "关于印发方案的通知", "document_number": "云发改〔2023〕5号", "date": "20240112", "author": "云汀市发改委"}
    read = {
        "title": ("关于印发中期评估方案的通知", 0.98),
        "document_number": ("云发改〔2024〕5号", 0.97),
        "date": ("2024年1月12日", 0.99),
        "author": ("云汀市发展和改革委员会", 0.6),
        "principal_receiver": ("各县发展和改革局", 0.9),
    }
    found = rules.compare(said, read)
    assert [item.name for item in found] == ["document_number", "title", "author", "principal_receiver"]
    assert [item.risk for item in found] == sorted((item.risk for item in found), reverse=True)
    assert found[0].reason == "年份不同。"
    assert found[1].reason == "有 4 个字不同。"


def test_what_must_be_looked_at_before_submitting() -> None:
    read, marks = {"title": 0.99, "date": 0.64, "author": 0.85}, Marks()
    values = {"title": "通知", "date": "20240112", "author": "委员会"}
    assert rules.open_fields(read, values, (), ("title", "year"), marks) == (("year", "必填"), ("date", "必须核对"))
    assert rules.open_fields(read, values, ("date",), ("title",), marks) == ()
    assert [rules.level(value, marks) for value in (0.95, 0.8, 0.79)] == ["sure", "glance", "must"]


def test_what_goes_first_is_explained() -> None:
    found = rules.ranked([("a", ["used"]), ("b", ["fragile", "permanent"]), ("c", [])])
    assert [item.key for item in found] == ["b", "a", "c"]
    assert found[0].words[0].startswith("纸张破损")


def test_verdicts_have_three_words() -> None:
    assert set(Verdict) == {"good", "rescan", "doubt"}
