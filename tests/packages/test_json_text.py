"""JSON laid out for people: to the byte what the library makes of it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from lantai.packages.json_text import laid_out

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside) | st.lists(inside).map(tuple),
    max_leaves=20,
)


@given(value=VALUES)
def test_it_is_what_the_library_writes(value: object) -> None:
    assert laid_out(value) == (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


def test_half_a_character_is_kept_readable() -> None:
    assert json.loads(laid_out({"name": "\udcff甲"})) == {"name": "\udcff甲"}
