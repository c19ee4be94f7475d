"""Patterns that persons enter: what could stop the process is refused, what agencies write is not."""

import re

import pytest

from lantai.core import patterns


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+b", "((a+))+b", "(a|a)*b", "(?:a|aa)+b", "(?:(?:a)*)*b", "(.*a){12}", "(a?){30}a{30}", "(?P<x>a*)+", "([)]*)*", "(a{1,9}){2,}",
     "a*a*a*a*b", "a?" * 30 + "b", "a{0,9}" * 20 + "b",
     "a{0,999}" * 4 + "b", r"(a)\1", "(?P<x>a)(?P=x)", "(?>a)", "(?(1)a|b)", "a" * 201, "((a|b){1,3})*",
     r"(\(+)+"],
)  # fmt: skip
def test_what_could_run_for_ever_is_refused(pattern: str) -> None:
    assert patterns.problem(pattern)


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        (r"\d{6}", "000123"),
        (r"[^〔]+〔\d{4}〕\d+号(（\d+）)?", "云发改〔2025〕12号（2）"),
        (r"(?:甲|乙)?\d{4}(0[1-9]|1[0-2])", "乙202512"),
        (r"[]a-z]*[\])(]{1,3}", "a])("),
        (r"(?i:ab)+c*", "ABab"),
        (r"(\d{4}-){2}\d+?", "2025-2026-1"),
        (r"(?=\d)\w+", "1a"),
        (r"{x}", "{x}"),
    ],
)
def test_what_agencies_write_is_taken(pattern: str, value: str) -> None:
    assert patterns.problem(pattern) == ""
    assert patterns.fits(re.compile(pattern), value)


def test_a_value_longer_than_any_that_is_matched_fits_no_pattern() -> None:
    assert patterns.fits(re.compile("a*a*a*"), "a" * patterns.LONGEST_VALUE)
    assert not patterns.fits(re.compile("a*a*a*b"), "a" * patterns.LONGEST_VALUE)
    assert not patterns.fits(re.compile("a*"), "a" * (patterns.LONGEST_VALUE + 1))


def test_a_pattern_that_is_none_says_so() -> None:
    assert "写得不对" in patterns.problem("(")
    assert "写得不对" in patterns.problem("[a")
    assert "写得不对" in patterns.problem("*")
