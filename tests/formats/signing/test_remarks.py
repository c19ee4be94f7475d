"""Rows of signatures as findings and as facts for checks."""

import pytest

from lantai.core.checks import SignatureFacts
from lantai.formats.signing.remarks import findings
from lantai.formats.signing.verdict import LEVELS

GOOD = dict.fromkeys(LEVELS, True) | {"name": "Signature1", "kind": "CMS", "altered": [], "remarks": []}


def _codes(**changes: object) -> list[str]:
    return [item.code for item in findings([GOOD | changes], "a.pdf")]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        (dict.fromkeys(LEVELS), []),
        ({"digests_valid": False}, ["SIGNATURE-CONTENT-CHANGED"]),
        ({"digests_valid": False, "altered": ["Doc_0/Signs/Signatures.xml"]}, []),
        ({"digests_valid": False, "altered": ["Content.xml"]}, ["SIGNATURE-CONTENT-CHANGED", "SIGNATURE-NOT-COVERED"]),
        ({"signature_valid": False}, ["SIGNATURE-VALUE-INVALID"]),
        ({"seal_valid": False}, ["SIGNATURE-SEAL-INVALID"]),
        ({"chain_valid": False}, ["SIGNATURE-CHAIN-INVALID"]),
        ({"time_valid": False}, ["SIGNATURE-TIME-INVALID"]),
        ({"remarks": ["使用已不安全的摘要算法 SHA-1", "别的"]}, ["SIGNATURE-WEAK"]),
    ],
)
def test_what_is_wrong_becomes_a_finding(changes: dict[str, object], codes: list[str]) -> None:
    assert _codes(**changes) == codes


@pytest.mark.parametrize(
    ("changes", "is_valid"),
    [
        ({}, True),
        ({"seal_valid": None}, True),
        ({"chain_valid": None}, None),
        ({"time_valid": None}, None),
        ({"seal_valid": False}, False),
        ({"altered": ["x"]}, False),
        (dict.fromkeys(LEVELS), None),
        ({"chain_valid": None, "digests_valid": False}, False),
    ],
)
def test_not_executed_is_never_passed(changes: dict[str, object], is_valid: bool | None) -> None:
    assert SignatureFacts.of(GOOD | changes) == SignatureFacts("Signature1", "CMS", is_valid)
    assert SignatureFacts.of({}).is_valid is None
