"""The walk over BER and DER: what it takes, what it refuses, and that it is bounded."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.formats.signing import der
from lantai.formats.signing.certificates import load, load_all
from lantai.formats.signing.verdict import LEVELS, Verdict, all_of, unreadable
from tests.formats.signing import made


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_what_is_written_is_read(items: list[bytes]) -> None:
    read = der.node(der.sequence(*(made.octets(item) for item in items)))
    assert [child.octets for child in read.children] == items


@given(st.integers(-(2**100), 2**100), st.text("abc/云", max_size=20))
def test_numbers_and_texts(number: int, text: str) -> None:
    assert der.node(made.integer(number)).integer == number
    assert der.node(made.utf8(text)).text == text


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=8))
def test_object_identifiers(parts: list[int]) -> None:
    dotted = ".".join(map(str, [1, 2, *parts]))
    assert der.node(made.oid(dotted)).oid == dotted


def test_indefinite_lengths_are_followed() -> None:
    raw = b"\x30\x80" + made.octets(b"a") + b"\x30\x80" + made.octets(b"b") + b"\x00\x00\x00\x00"
    first, second = der.node(raw + b"rest").children
    assert (first.octets, second.children[0].octets) == (b"a", b"b")


@pytest.mark.parametrize(
    ("raw", "is_short", "expected"),
    [
        ("20260105013000Z", False, datetime(2026, 1, 5, 1, 30, tzinfo=UTC)),
        ("20260105013000.25Z", False, datetime(2026, 1, 5, 1, 30, tzinfo=UTC)),
        ("20260105093000", False, datetime(2026, 1, 5, 1, 30, tzinfo=UTC)),
        ("20260105093000+0800", False, datetime(2026, 1, 5, 1, 30, tzinfo=UTC)),
        ("260105013000Z", True, datetime(2026, 1, 5, 1, 30, tzinfo=UTC)),
        ("990105013000Z", True, datetime(1999, 1, 5, 1, 30, tzinfo=UTC)),
    ],
)
def test_instants(raw: str, is_short: bool, expected: datetime) -> None:
    assert der.instant(raw, is_short=is_short) == expected


@pytest.mark.parametrize("raw", ["", "Z", "2026", "20261305000000Z", "二〇二六年一月", "20260105013000+9999", "-1"])
def test_what_is_no_instant(raw: str) -> None:
    with pytest.raises(ValueError):
        der.instant(raw, is_short=False)


@pytest.mark.parametrize("raw", [b"", b"\x30", b"\x30\x05\x04", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80", b"\x1f\xff\xff\xff"])
def test_what_is_cut_short_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        der.nodes(raw or b"\x30")


def test_too_many_values_are_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        der.nodes(b"\x05\x00" * 5000)


@pytest.mark.parametrize("ask", ["octets", "bits", "integer", "text", "oid", "instant"])
def test_a_value_of_another_type_is_told(ask: str) -> None:
    with pytest.raises(ValueError):
        getattr(der.node(made.seq()), ask)


@given(st.binary(max_size=400))
def test_noise_is_no_certificate(raw: bytes) -> None:
    assert load_all([raw]) == []
    with pytest.raises(ValueError, match="certificate"):
        load(raw)


def test_certificates_come_as_der_or_pem_and_say_who_they_are() -> None:
    who = made.line("sm2")
    (found,) = load_all([who.leaf])
    assert (found.name, found.issuer_name, found.serial) == ("云汀市发展和改革委员会", "云汀签发", 7)
    assert (found.facts.not_before, found.facts.not_after) == ("2025-01-01T00:00:00Z", "2030-01-01T00:00:00Z")
    from asn1crypto import pem

    both = pem.armor("CERTIFICATE", who.leaf) + pem.armor("CERTIFICATE", who.root)
    assert [item.name for item in load_all([both])] == ["云汀市发展和改革委员会", "云汀根"]


def test_a_level_that_is_not_checked_always_has_a_reason() -> None:
    for verdict in (Verdict(), unreadable("CMS", "读不出"), Verdict(digests_valid=True).without("chain_valid", "没有根证书")):
        row = verdict.as_row("a")
        silent = [level for level in LEVELS if row[level] is None and not any(x.startswith(level) for x in row["not_checked"])]  # type: ignore[attr-defined]
        assert silent == []


@pytest.mark.parametrize(
    ("levels", "joined"),
    [((True, True), True), ((True, None), None), ((None, False), False), ((True, False), False), ((), None)],
)
def test_levels_joined(levels: tuple[bool | None, ...], joined: bool | None) -> None:
    assert all_of(*levels) is joined
