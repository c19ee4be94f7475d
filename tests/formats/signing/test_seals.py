"""Seals and the signatures made with them: what is right verifies on every level, and every fault is found on its own level."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.formats.signing.seals import verify_seal, verify_signed_value
from lantai.formats.signing.ses import parse_seal, parse_signature
from lantai.formats.signing.verdict import LEVELS, Verdict
from tests.formats.signing import made
from tests.formats.signing.made import Cms, Line, Ses

MESSAGE = b"<ofd:Signature>the message</ofd:Signature>"
KINDS = ("sm2", "rsa")
EXPIRED = datetime(2031, 1, 1, tzinfo=UTC)
LATE = datetime(2029, 1, 1, tzinfo=UTC)


def _levels(verdict: Verdict) -> dict[str, bool | None]:
    return {level: getattr(verdict, level) for level in LEVELS}


def _verify(who: Line, how: Ses = Ses(), message: bytes = MESSAGE) -> Verdict:  # noqa: B008 - frozen
    return verify_signed_value(made.ses(MESSAGE, who, how), message, anchors=[who.root, who.middle])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("edition", [1, 4])
def test_a_good_signature_is_good_on_every_level(kind: str, edition: int) -> None:
    verdict = _verify(made.line(kind), Ses(edition=edition))
    assert _levels(verdict) == dict.fromkeys(LEVELS, True)
    assert (verdict.altered, verdict.remarks) == ((), ())
    assert verdict.kind == {1: "SES GM/T 0031-2014", 4: "SES GB/T 38540-2020"}[edition]
    assert verdict.algorithm == {"sm2": "SM2-SM3", "rsa": "RSA-SHA256"}[kind]
    assert verdict.signed_at == "2026-01-05T01:30:00Z"
    assert verdict.seal_name == "云汀市发展和改革委员会公章"
    assert [item.subject for item in verdict.certificates] == ["云汀市发展和改革委员会", "云汀签发"]
    assert [line.partition("：")[0] for line in verdict.not_checked] == ["time_stamp", "revocation"]


def test_without_trusted_certificates_the_chain_is_not_checked_and_that_is_said() -> None:
    who = made.line("sm2")
    verdict = verify_signed_value(made.ses(MESSAGE, who), MESSAGE)
    assert verdict.chain_valid is None
    assert "chain_valid：没有设置受信任的根证书" in verdict.not_checked


BAD: dict[str, tuple[Ses, dict[str, bool | None]]] = {
    "digest_of_another_message": (Ses(digest_of=b"other"), {"digests_valid": False}),
    "expired_at_signing": (
        Ses(signed_at=EXPIRED),
        {"chain_valid": False, "time_valid": False, "seal_valid": False},
    ),
    "seal_expired": (Ses(signed_at=LATE), {"seal_valid": False}),
    "seal_not_yet_in_force": (Ses(signed_at=datetime(2025, 3, 1, tzinfo=UTC)), {"seal_valid": False}),
    "seal_made_before_its_makers_certificate": (Ses(created=datetime(2020, 1, 1, tzinfo=UTC)), {"seal_valid": False}),
    "seal_signed_by_another_maker": (Ses(maker_key=made.key("sm2", 9)), {"seal_valid": False}),
    "seal_altered": (Ses(seal_patch=(made.PICTURE, made.PICTURE.swapcase())), {"seal_valid": False}),
    "seal_of_somebody_else": (Ses(holder=made.line("sm2", subject="别人", serial=9).leaf), {"seal_valid": False}),
    "algorithm_mismatch": (Ses(algorithm=made.RSA_SHA256), {"signature_valid": False, "digests_valid": True}),
}


@pytest.mark.parametrize("fault", BAD)
def test_every_fault_is_found_on_its_level(fault: str) -> None:
    how, expected = BAD[fault]
    assert _levels(_verify(made.line("sm2"), how)) == dict.fromkeys(LEVELS, True) | expected


def test_a_fault_says_its_reason() -> None:
    who = made.line("sm2")
    assert "签章时印章不在有效期内" in _verify(who, Ses(signed_at=LATE)).remarks
    assert "签章人不在印章允许的签章人之列" in _verify(who, BAD["seal_of_somebody_else"][0]).remarks
    assert "印章不是由所附的制章者制作，或已被改动" in _verify(who, BAD["seal_altered"][0]).remarks


@pytest.mark.parametrize("edition", [1, 4])
def test_one_bit_flipped_in_the_message(edition: int) -> None:
    flipped = bytes([MESSAGE[0] ^ 1]) + MESSAGE[1:]
    verdict = _verify(made.line("sm2"), Ses(edition=edition), flipped)
    assert (verdict.digests_valid, verdict.signature_valid) == (False, True)


@pytest.mark.parametrize("edition", [1, 4])
def test_one_bit_flipped_in_the_signature_value(edition: int) -> None:
    who = made.line("sm2")
    good = made.ses(MESSAGE, who, Ses(edition=edition))
    value = parse_signature(good).value
    verdict = verify_signed_value(good.replace(value, value[:-1] + bytes([value[-1] ^ 1])), MESSAGE, anchors=[who.root])
    assert (verdict.digests_valid, verdict.signature_valid, verdict.seal_valid) == (True, False, True)


def test_makers_ways_of_writing_are_understood() -> None:
    """Bare r and s instead of ASN.1, a time without a zone (Chinese time), signers listed by digest."""
    who = made.line("sm2")
    assert all(_levels(_verify(who, Ses(is_bare=True))).values())
    assert _verify(who, Ses(is_zoneless=True)).signed_at == "2026-01-04T17:30:00Z"
    assert _verify(who, Ses(is_list_of_digests=True)).seal_valid is True
    other = made.line("sm2", subject="别人", serial=9).leaf
    assert _verify(who, Ses(is_list_of_digests=True, holder=other)).seal_valid is False


def test_a_time_stamp_proves_the_time() -> None:
    who, stamper = made.line("sm2"), made.authority()
    value = made.ses(MESSAGE, who, Ses(token_from=stamper))
    verdict = verify_signed_value(value, MESSAGE, anchors=[who.root, who.middle, stamper.root, stamper.middle])
    assert all(_levels(verdict).values())
    assert verdict.stamped_at == "2026-01-05T01:30:00Z"
    assert [line.partition("：")[0] for line in verdict.not_checked] == ["revocation"]


def test_a_value_without_a_certificate_cannot_be_checked() -> None:
    who = made.line("sm2")
    verdict = verify_signed_value(who.key.sign(MESSAGE, who.key.algorithm), MESSAGE)
    assert set(_levels(verdict).values()) == {None}
    assert len(verdict.not_checked) == len(LEVELS) + 1


def test_a_signed_data_is_taken_for_one() -> None:
    who = made.line("sm2")
    assert verify_signed_value(made.cms(MESSAGE, who, Cms()), MESSAGE).kind == "CMS"


def test_a_seal_by_itself() -> None:
    who = made.line("sm2")
    seal = parse_seal(made.seal(who))
    assert (seal.edition, seal.name, seal.id, seal.maker) == (4, "云汀市发展和改革委员会公章", "3301000001", "YUNTING")
    assert (seal.picture.data, seal.picture.format, seal.picture.width) == (made.PICTURE, "png", 40)
    assert seal.holders == (who.leaf,)
    good = verify_seal(made.seal(who), anchors=[who.root, who.middle])
    assert (good.seal_valid, good.chain_valid, good.signature_valid) == (True, True, None)
    assert verify_seal(made.seal(who, replace(Ses(), maker_key=made.key("sm2", 9)))).seal_valid is False


@cache
def _goods() -> tuple[bytes, ...]:
    who = made.line("sm2")
    return made.ses(MESSAGE, who), made.ses(MESSAGE, who, Ses(edition=1)), made.seal(who)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_that_is_fed_in_ends_in_a_raise(data: st.DataObject) -> None:
    who = made.line("sm2")
    good = bytearray(data.draw(st.sampled_from(_goods())))
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    raw = bytes(good[: data.draw(st.integers(0, len(good)))]) if data.draw(st.booleans()) else bytes(good)
    for verdict in (verify_signed_value(raw, MESSAGE, anchors=[who.root]), verify_seal(raw)):
        row = verdict.as_row("a")
        assert all(row[level] is not None or any(str(line).startswith(level) for line in row["not_checked"]) for level in LEVELS)  # type: ignore[attr-defined]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_no_signature(raw: bytes) -> None:
    assert verify_signed_value(raw, MESSAGE).signature_valid is None
    assert verify_seal(raw).seal_valid is None
