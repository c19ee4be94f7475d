"""The excerpt of the ledger 审计摘录 (docs/design/evidence-package.md): events, each with its place in the log, for an inspector."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from lantai.core.checkpoint import Checkpoint
from lantai.packages.evidence import Put, handover_json
from lantai.packages.evidence import verifier as evidence_verifier
from lantai.ports.signer import Handover, PublicKey

FORMAT = "lantai-excerpt"
EDITION = 1
EXCERPT = "excerpt.json"
TABLE = "events.csv"


@dataclass(frozen=True, slots=True)
class Told:
    """One event: position, entry, path to the checkpoint's root, what it says for people, and its payload where that may be shown."""

    position: int
    entry: bytes
    path: tuple[bytes, ...]
    words: tuple[str, ...]
    salt: str = ""
    body: str = ""
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is handed out: what was asked for in words, whether it is a range without gaps, the events, the checkpoint, the keys."""

    asked: str
    agency: str
    is_range: bool
    checkpoint: Checkpoint
    keys: tuple[PublicKey, ...]
    handovers: tuple[Handover, ...] = ()

    def head(self) -> dict[str, object]:
        """Return excerpt.json without its events."""
        return {
            "format": FORMAT,
            "edition": EDITION,
            "agency": self.agency,
            "asked": self.asked,
            "is_range": self.is_range,
            "checkpoint": self.checkpoint.note(),
            "keys": [{"algorithm": key.algorithm, "key_id": key.key_id, "public_key": key.public_key} for key in self.keys],
            "handovers": [handover_json(item) for item in self.handovers],
        }


def write(put: Put, excerpt: Excerpt, events: Sequence[Told]) -> None:
    """Write the excerpt file by file with *put*."""
    document = excerpt.head() | {"events": [_event(item) for item in events]}
    put("README.md", _readme(excerpt, len(events)))
    put("verify.py", evidence_verifier())
    put(EXCERPT, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace"))
    put(TABLE, _table(events))


def _event(item: Told) -> dict[str, object]:
    told: dict[str, object] = {"position": item.position, "entry": item.entry.decode(), "path": [step.hex() for step in item.path]}
    return told | ({"withheld": item.withheld} if item.withheld else {"salt": item.salt, "body": item.body})


def _table(events: Sequence[Told]) -> bytes:
    """Return the table for people; quoted, and nothing in it begins as a formula does."""
    rows = [("序号", "时间", "人员", "操作", "对象", "内容"), *((str(item.position), *item.words) for item in events)]
    return ("\ufeff" + "".join(",".join(map(_cell, row)) + "\r\n" for row in rows)).encode("utf-8", "backslashreplace")


def _cell(text: str) -> str:
    safe = f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
    return '"' + safe.replace('"', '""') + '"'


def _readme(excerpt: Excerpt, count: int) -> bytes:
    text = (files(__name__) / "README.md").read_text(encoding="utf-8")
    keys = "\n".join(f"    {key.algorithm:8} {base64.b64decode(key.public_key).hex()}" for key in excerpt.keys if key.is_current)
    facts = {"ASKED": excerpt.asked, "COUNT": str(count), "FINGERPRINT": excerpt.checkpoint.fingerprint(), "KEYS": keys}
    for name, value in (facts | {"AGENCY": excerpt.agency or "兰台"}).items():
        text = text.replace(f"@{name}@", value)
    return text.encode("utf-8", "backslashreplace")
