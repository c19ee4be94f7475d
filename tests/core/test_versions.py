"""Versions compared: by elements and by the digests of files."""

from hypothesis import given
from hypothesis import strategies as st

from lantai.core.versions import applied, changed_elements, changed_files

VALUES = st.one_of(st.text(max_size=4), st.lists(st.text(max_size=3), max_size=3))
ELEMENTS = st.dictionaries(st.sampled_from("abcdef"), VALUES)
FILES = st.dictionaries(st.sampled_from(("01/a", "01/b", "02/a", "02/c")), st.sampled_from(("11", "22", "33")))


@given(ELEMENTS, ELEMENTS)
def test_what_changed_leads_from_one_version_to_the_other(before: dict[str, str | list[str]], after: dict[str, str | list[str]]) -> None:
    changes = {item.name: item.after for item in changed_elements(before, after)}
    assert applied(before, changes) == after
    assert changed_elements(after, after) == ()


@given(FILES, FILES)
def test_every_file_is_the_same_or_named(before: dict[str, str], after: dict[str, str]) -> None:
    found = changed_files(before, after)
    named = {item.path for item in found} | {item.was for item in found}
    assert {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} <= named
    assert all(before.get(item.was, "") == item.before_sha256 and after.get(item.path, "") == item.after_sha256 for item in found)


def test_kinds_of_change() -> None:
    found = changed_files({"a": "1", "b": "2", "c": "3"}, {"a": "9", "d": "2", "e": "5"})
    assert [(item.kind, item.path, item.was) for item in found] == [
        ("changed", "a", "a"),
        ("removed", "c", "c"),
        ("moved", "d", "b"),
        ("added", "e", ""),
    ]
