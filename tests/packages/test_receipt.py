"""A receipt as anybody may ask it: whoever signed it, nothing that stands in a file makes the question fail."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from lantai.adapters.signers.local import create
from lantai.core.errors import Refusal
from lantai.packages import receipt

PLAIN = {"format": receipt.FORMAT, "edition": 1, "accepted": [{"title": "通知"}], "returned": [], "batch": {"code": "PC-1"}}


def test_who_signed_and_whether_anything_was_changed(tmp_path: Path) -> None:
    signer = create(tmp_path / "keys")
    signed = PLAIN | {"signatures": [asdict(item) for item in signer.sign(receipt.message(PLAIN))]}
    read = receipt.read(json.dumps(signed).encode(), "回执.json")
    assert [(item.is_good, item.is_known) for item in receipt.judge(read)] == [(True, None)] * 2
    assert all(item.is_known for item in receipt.judge(read, signer.key_ids()))
    assert not any(item.is_known for item in receipt.judge(read, ("ed25519:00",)))
    assert not any(item.is_good for item in receipt.judge(read | {"returned": [{}]}, signer.key_ids()))


@pytest.mark.parametrize("odd", [5, "x", [1], ["a"], [{}], None, [{"algorithm": 1, "key_id": 2, "public_key": 3, "value": 4}]], ids=str)
def test_signatures_of_no_form_are_none(odd: object) -> None:
    assert receipt.judge(PLAIN | {"signatures": odd}) == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format":"lantai-receipt"}', json.dumps(PLAIN | {"accepted": [1]}), "[" * 100_000])
def test_what_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="RECEIPT-UNREADABLE"):
        receipt.read(text.encode(), "x.json")
