"""Simple types: arrays with groups, matrices, paths, digests of every name."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.formats.ofd.abbreviated import PathSegment, parse_path, write_path
from lantai.formats.ofd.digests import algorithm, declared_bytes, digest
from lantai.formats.ofd.geometry import IDENTITY, apply, moved, then
from lantai.formats.ofd.values import array, box, deltas, matrix, number, point, whole, yes
from tests.support.ofd_writer import grouped

_NUMBER = st.floats(-1e6, 1e6, allow_nan=False)
_MATRIX = st.tuples(*[st.floats(-100, 100)] * 6)
_COUNTS = {"M": 2, "S": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


@given(st.lists(st.sampled_from([0.0, 5.0, -2.5, 3.175]) | _NUMBER, max_size=40))
def test_steps_in_groups_read_as_they_were(steps: list[float]) -> None:
    assert deltas(grouped(steps), 1000) == tuple(steps)
    assert deltas(" ".join(map(repr, steps)), 1000) == tuple(steps)


@pytest.mark.parametrize(
    ("raw", "steps"),
    [
        ("g 3 5", (5, 5, 5)),
        ("1 g 2 4 7", (1, 4, 4, 7)),
        ("g3 5", (5, 5, 5)),
        ("g 0 5 1", (1,)),
        ("g 2", ()),
        ("g x 5", ()),
        ("g 2 nan", ()),
        ("1 2 x 4", (1, 2)),
        ("", ()),
        (None, ()),
        ("g 999999999 1", (1,) * 6),
        ("1 2 3 4 5 6 7 8", (1, 2, 3, 4, 5, 6)),
    ],
)
def test_odd_steps(raw: str | None, steps: tuple[float, ...]) -> None:
    assert deltas(raw, 6) == steps


@given(_MATRIX, _MATRIX, st.floats(-100, 100), st.floats(-100, 100))
def test_matrices_compose(first: tuple[float, ...], second: tuple[float, ...], x: float, y: float) -> None:
    one, two = matrix(" ".join(map(repr, first))), matrix(" ".join(map(repr, second)))
    assert one == pytest.approx(first)
    expected = apply(two, *apply(one, x, y))
    assert apply(then(one, two), x, y) == pytest.approx(expected, rel=1e-9, abs=1e-3)
    assert apply(moved(one, 3, 4), x, y) == pytest.approx((apply(one, x, y)[0] + 3, apply(one, x, y)[1] + 4), abs=1e-6)


@pytest.mark.parametrize("raw", [None, "", "1 2 3", "a b c d e f", "1 0 0 1 0 nan", "1 0 0 1 0 inf", "1 0 0 1 0 0 0"])
def test_a_matrix_without_sense_changes_nothing(raw: str | None) -> None:
    assert matrix(raw) == IDENTITY


@st.composite
def _segments(draw: st.DrawFn) -> tuple[PathSegment, ...]:
    ops = draw(st.lists(st.sampled_from(sorted(_COUNTS)), max_size=12))
    return tuple(PathSegment(op, tuple(draw(st.lists(_NUMBER, min_size=_COUNTS[op], max_size=_COUNTS[op])))) for op in ops)


@given(_segments())
def test_paths_read_as_they_were_written(segments: tuple[PathSegment, ...]) -> None:
    assert parse_path(write_path(segments)) == segments


@pytest.mark.parametrize(
    ("data", "ops"),
    [
        ("M0 0L10,10C", "MLC"),
        ("M 0 0 10 10 20 20", "MMM"),
        ("M 0 0 L 1", "M"),
        ("M 0 0 X 1 1 L 2 2", "M"),
        ("0 0 L 1 1", ""),
        ("S 1 1 B 1 1 2 2 3 3 Q 1 1 2 2 A 1 1 0 1 0 5 5 C", "SBQAC"),
        ("M 1e-3 -.5 L 1 nan", "M"),
        ("C 1 1 L 2 2", "C"),
        ("", ""),
    ],
)
def test_odd_paths_end_where_sense_ends(data: str, ops: str) -> None:
    assert "".join(segment.op for segment in parse_path(data)) == ops


def test_simple_types_forgive() -> None:
    assert (number("1.5"), number("x"), number("inf"), number(None), number("")) == (1.5, None, None, None, None)
    assert (whole("7.9", 0), whole("x", 3), whole("1e300", 4)) == (7, 3, 4)
    assert (yes("1", otherwise=False), yes("FALSE", otherwise=True), yes("ja", otherwise=True)) == (True, False, True)
    assert box("1 2 3") is None
    assert point("1 2 3") == (0.0, 0.0)
    assert array("1 x") == ()
    assert math.isclose(array("1.25 2")[0], 1.25)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("SM3", "sm3"), ("sm3", "sm3"), ("1.2.156.10197.1.401", "sm3"), ("urn:oid:1.2.156.10197.1.401", "sm3"),
        ("MD5", "md5"), ("", "md5"), ("1.2.840.113549.2.5", "md5"), ("SHA-1", "sha1"), ("1.3.14.3.2.26", "sha1"),
        ("SHA_256", "sha256"), ("2.16.840.1.101.3.4.2.1", "sha256"), ("sha-512", "sha512"), ("rot13", ""), ("1.2.3", ""),
    ],
)  # fmt: skip
def test_digest_algorithms_by_name_and_number(name: str, plain: str) -> None:
    assert algorithm(name) == plain


def test_digests_of_known_material() -> None:
    assert digest([b"a", b"bc"], "sm3").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert digest([], "md5").hex() == "d41d8cd98f00b204e9800998ecf8427e"
    raw = bytes(range(32))
    assert declared_bytes(raw.hex().upper(), 32) == raw
    assert declared_bytes(" AAEC\n", 3) == b"\0\1\2"
    assert declared_bytes("§§", 3) == b""
