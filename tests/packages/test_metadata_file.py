"""A metadata scheme goes into a file and comes back the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.core.errors import Refusal
from lantai.core.metadata import Rule
from lantai.packages import metadata_file

WORD = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="|"), min_size=1, max_size=8)
RULE = st.builds(
    Rule,
    code=st.from_regex("[a-z][a-z0-9_]{1,9}", fullmatch=True),
    name=st.just("") | WORD,
    data_type=st.sampled_from(["", "text", "date"]),
    obligation=st.sampled_from(["", "M", "C", "O"]),
    condition=st.sampled_from(["", "title=甲|乙", "@signed"]),
    required_from=st.sampled_from(["", "arrival"]),
    is_repeatable=st.sampled_from([None, True, False]),
    max_length=st.none() | st.integers(0, 4000),
    values=st.lists(WORD, max_size=3).map(tuple),
    is_closed=st.sampled_from([None, True, False]),
    is_key=st.sampled_from([None, True, False]),
    pattern=st.sampled_from(["", r"\d{6}", '"[a]\\\\"']),
    default=st.just("") | WORD,
    help=st.just("") | WORD,
)


@pytest.mark.parametrize("form", metadata_file.FORMS)
@given(rules=st.lists(RULE, max_size=4).map(tuple))
@settings(max_examples=40, deadline=None)
def test_reading_undoes_writing(form: str, rules: tuple[Rule, ...]) -> None:
    assert metadata_file.read(f"scheme.{form}", metadata_file.write(rules, form)) == rules


BAD = {
    "no_scheme.txt": b"",
    "not_toml.toml": b"[[element]\n",
    "unknown_key.toml": b'[[element]]\ncode = "title"\nlenght = 3\n',
    "no_head.csv": "代码,名称\ntitle,题名\n".encode(),
    "empty.csv": b"",
    "length_no_number.csv": "元素代码,最大长度\ntitle,很长\n".encode(),
    "flag_no_flag.csv": "元素代码,可重复\ntitle,也许\n".encode(),
    "not_utf8.csv": "元素代码\n题名\n".encode("gbk"),
    "not_xlsx.xlsx": b"PK\x03\x04",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused(name: str) -> None:
    with pytest.raises(Refusal, match="METADATA-FILE-WRONG"):
        metadata_file.read(name, BAD[name])
