"""The receipt 回执 of a batch as a document: what is signed of it, and who signed it. Anybody can ask, without a store."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import astuple
from typing import Any

from lantai.core.errors import Refusal
from lantai.core.evidence import canonical_json
from lantai.formats.signing import keyed
from lantai.formats.signing.keyed import Signed
from lantai.ports.signer import Signature

FORMAT, EDITION = "lantai-receipt", 1


def message(receipt: Mapping[str, Any]) -> bytes:
    """Return the bytes that are signed: a heading, and the SHA-256 of the canonical JSON of all but the signatures."""
    said = {name: value for name, value in receipt.items() if name != "signatures"}
    return b"lantai receipt v1\n" + hashlib.sha256(canonical_json(said)).hexdigest().encode() + b"\n"


def read(content: bytes, name: str) -> dict[str, Any]:
    """Return the receipt that a file called *name* holds. Raises Refusal RECEIPT-UNREADABLE."""
    try:
        receipt = json.loads(content)
        if not isinstance(receipt, dict) or receipt.get("format") != FORMAT:
            raise ValueError("format")
        rows = [*receipt["accepted"], *receipt["returned"]]
        if not all(isinstance(row, dict) for row in (*rows, receipt["batch"])):
            raise TypeError("accepted, returned, batch")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refusal("RECEIPT-UNREADABLE", name, reason=str(error)) from error
    return receipt


def judge(receipt: Mapping[str, Any], keys: Collection[str] = ()) -> tuple[Signed, ...]:
    """Return the verdict on every signature; none where there is none or they are not of the form. *keys* are those that may sign."""
    try:
        signatures = [Signature(**row) for row in receipt.get("signatures", ())]
        said = message(receipt)
    except (TypeError, ValueError, RecursionError):
        return ()
    is_text = all(isinstance(value, str) for item in signatures for value in astuple(item))
    return keyed.judge(said, signatures, keys) if is_text else ()
