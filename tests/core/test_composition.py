"""The order inside an item: every pair that DA/T 22 names stands as it says, and nothing is lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core.composition import Letter, Part, letters_of, propose
from lantai.core.composition import in_order as ordered_by
from lantai.core.record import Role
from lantai.standards import da_t_22

PLACES = da_t_22.places()


def in_order(parts: list[Part]) -> list[Part]:
    return ordered_by(parts, PLACES)


#: What the standard's words are among the roles; languages are told by one being a translation of the other.
AS_ROLES = {
    "正文": Role.MAIN, "原件": Role.MAIN, "汉文文本": Role.MAIN, "中文本": Role.MAIN,
    "收文处理单": Role.PROCESSING_SLIP, "收文": Role.INCOMING,
    "少数民族文字文本": Role.TRANSLATION, "外文本": Role.TRANSLATION,
}  # fmt: skip
PARTS = st.lists(st.sampled_from(list(Role)), min_size=1, max_size=12).map(
    lambda roles: letters_of([(str(at), role) for at, role in enumerate(roles)], PLACES)
)


def test_every_role_has_its_place() -> None:
    assert set(da_t_22.places()) == set(Role)


@pytest.mark.parametrize(("before", "after"), da_t_22.order_in_record())
def test_every_order_that_the_standard_names_is_proposed(before: str, after: str) -> None:
    first, second = (AS_ROLES[name] if name in AS_ROLES else Role(name) for name in (before, after))
    parts = [Part("later", second), Part("earlier", first)]
    assert [part.key for part in in_order(parts)] == ["earlier", "later"]


@given(PARTS)
def test_ordering_loses_nothing_and_is_settled_at_once(parts: list[Part]) -> None:
    ordered = in_order(parts)
    assert sorted(part.key for part in ordered) == sorted(part.key for part in parts)
    assert in_order(ordered) == ordered


@given(PARTS)
def test_what_belongs_to_a_letter_stays_with_it(parts: list[Part]) -> None:
    letters = [part.letter for part in in_order(parts)]
    assert len([at for at in range(1, len(letters)) if letters[at] != letters[at - 1]]) == len(set(letters)) - 1


def letter(title: str, *names: str) -> Letter:
    return Letter(title, tuple((f"{title}/{name}", Role.ATTACHMENT if at else Role.MAIN, name) for at, name in enumerate(names)))


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        (
            [letter("关于增加编制的请示", "正文.ofd", "附件1.ofd"), letter("关于增加编制的批复", "正文.ofd")],
            [("关于增加编制的批复/正文.ofd", "复文"), ("关于增加编制的请示/正文.ofd", "来文"), ("关于增加编制的请示/附件1.ofd", "附件")],
        ),
        (
            [letter("省委关于防汛的通知", "正文.ofd"), letter("转发省委关于防汛的通知", "正文.ofd")],
            [("转发省委关于防汛的通知/正文.ofd", "转发文"), ("省委关于防汛的通知/正文.ofd", "被转发文")],
        ),
        (
            [letter("关于印发要点的通知", "正文.ofd", "发文稿纸.pdf"), letter("要点定稿", "a.docx"), letter("附件", "b.pdf")],
            [
                ("关于印发要点的通知/正文.ofd", "正本"),
                ("附件/b.pdf", "附件"),
                ("要点定稿/a.docx", "定稿"),
                ("关于印发要点的通知/发文稿纸.pdf", "发文稿纸"),
            ],
        ),
    ],
)
def test_titles_and_names_tell_the_roles(letters: list[Letter], expected: list[tuple[str, str]]) -> None:
    assert [(part.key, part.role.value) for part in propose(letters, PLACES)] == expected


def test_a_processing_slip_lies_before_what_came_in_and_after_what_went_out() -> None:
    assert [part.key for part in in_order([Part("in", Role.INCOMING), Part("slip", Role.PROCESSING_SLIP)])] == ["slip", "in"]
    assert [part.key for part in in_order([Part("slip", Role.PROCESSING_SLIP), Part("out", Role.MAIN)])] == ["out", "slip"]
