"""Which row a file belongs to: the surest sign alone, look-alikes taken for the same, several told as several."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core.attaching import Found, Offer, Wanting, match

ROWS = [
    Wanting("a", ("Z109-WS·2011-D30-BGS-0007",), "云发改〔2011〕3号", "关于库房搬迁的通知"),
    Wanting("b", ("C038-001-002-003",), "云发改〔1988〕2号", "关于成立临时小组的决定", frozenset({"ab" * 32})),
    Wanting("c", (), "", "关于库房搬迁的通知"),
]


@pytest.mark.parametrize(
    ("name", "way", "rows"),
    [
        ("Z109-WS·2011-D30-BGS-0007", "code", ("a",)),
        ("z109-ws.2011-d30-bgs-0007", "code", ("a",)),
        ("Z109_WS_2011_D30_BGS_0007", "code", ("a",)),
        ("C038-001-002-003 正文", "code", ("b",)),
        ("C038-001-002-003（附件）", "code", ("b",)),
        ("云发改[2011]3号", "number", ("a",)),
        ("云发改〔１９８８〕2号", "number", ("b",)),
        ("关于库房搬迁的通知", "title", ("a", "c")),
        ("C038-001-002-0031", "", ()),
        ("", "", ()),
    ],
)
def test_a_name_tells_its_row(name: str, way: str, rows: tuple[str, ...]) -> None:
    assert match([Offer("file", (name,))], ROWS) == [Found("file", way, rows)]


def test_a_digest_tells_more_than_a_name() -> None:
    assert match([Offer("f", ("Z109-WS·2011-D30-BGS-0007",), frozenset({"ab" * 32}))], ROWS) == [Found("f", "digest", ("b",))]


@given(st.lists(st.text(max_size=12), max_size=6), st.lists(st.text(max_size=12), max_size=6))
def test_every_offer_gets_an_answer_and_only_rows_that_are_there(names: list[str], titles: list[str]) -> None:
    wanting = [Wanting(str(at), (title,), title, title) for at, title in enumerate(titles)]
    found = match([Offer(str(at), (name,)) for at, name in enumerate(names)], wanting)
    assert [item.offer for item in found] == [str(at) for at in range(len(names))]
    assert all(set(item.rows) <= {row.key for row in wanting} for item in found)
