"""The evidence package 证据包 (docs/design/evidence-package.md): a record as archived, why the ledger has it, a verifier of one file."""

import base64
import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lantai.core.checkpoint import Checkpoint
from lantai.core.events import instant_text
from lantai.ports.signer import Handover, PublicKey
from lantai.ports.stamper import Stamp

FORMAT = "lantai-evidence"
EDITION = 3
LEDGER = "ledger.json"
INVENTORY = "inventory.json"
RECORD = "record"
STAMPED = "timestamp"
VERIFIER = "verify.py"
README = "README.md"
_BLOCK = 1 << 20
# The first instant a zip can tell: the same evidence gives the same bytes.
_NO_DATE = (1980, 1, 1, 0, 0, 0)

#: Writes one file of the package: its path below the package, and where its bytes come from.
Put = Callable[[str, BinaryIO | bytes], None]


@dataclass(frozen=True, slots=True)
class Stamped:
    """Bytes that were time-stamped, and the stamps; of a checkpoint the note and the path of the archiving event to its root, too."""

    message: bytes
    stamps: tuple[Stamp, ...]
    checkpoint: Checkpoint | None = None
    path: tuple[bytes, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return what ledger.json says of it."""
        rows = [
            {
                "digest": item.digest,
                "token": base64.b64encode(item.token).decode(),
                "instant": instant_text(item.instant),
                "authority": item.authority,
                "until": instant_text(item.until),
                "certificates": [base64.b64encode(one).decode() for one in item.certificates],
                "lists": [base64.b64encode(one).decode() for one in item.lists],
                "answers": [base64.b64encode(one).decode() for one in item.answers],
            }
            for item in self.stamps
        ]
        told: dict[str, object] = {"stamps": rows}
        if self.checkpoint is not None:
            told |= {"checkpoint": self.checkpoint.note(), "path": [item.hex() for item in self.path]}
        return told


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is proved and by what: the archiving event (entry, salt, body), its place, the checkpoint, and the agency's keys.

    ``root`` are the stamps of the batch root, None where there are none; ``later`` those of checkpoints that go on for them, in order.
    ``handovers`` are the changes of keys, the first first.
    """

    record_id: str
    code: str
    title: str
    version: int
    entry: bytes
    salt: str
    body: str
    position: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint
    keys: tuple[PublicKey, ...]
    root: Stamped | None = None
    later: tuple[Stamped, ...] = ()
    handovers: tuple[Handover, ...] = ()

    def ledger(self) -> bytes:
        """Return ledger.json."""
        document = {
            "format": FORMAT,
            "edition": EDITION,
            "record": self.record_id,
            "code": self.code,
            "title": self.title,
            "version": self.version,
            "entry": self.entry.decode(),
            "salt": self.salt,
            "body": self.body,
            "position": self.position,
            "path": [item.hex() for item in self.path],
            "checkpoint": self.checkpoint.note(),
            "keys": [{"algorithm": key.algorithm, "key_id": key.key_id, "public_key": key.public_key} for key in self.keys],
            "handovers": [handover_json(item) for item in self.handovers],
            "time_stamp": self.root.as_json() if self.root else None,
            "later_stamps": [item.as_json() for item in self.later],
        }
        return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")

    def readme(self) -> bytes:
        """Return the README for a person: what this is, and how to verify it with and without the verifier."""
        text = (files(__name__) / "README.md").read_text(encoding="utf-8")
        keys = "\n".join(f"    {key.algorithm:8} {base64.b64decode(key.public_key).hex()}" for key in self.keys)
        facts = {"CODE": self.code or self.record_id, "TITLE": self.title, "FINGERPRINT": self.checkpoint.fingerprint(), "KEYS": keys}
        for name, value in facts.items():
            text = text.replace(f"@{name}@", " ".join(value.split()) if name == "TITLE" else value)
        return text.encode("utf-8", "backslashreplace")


def handover_json(made: Handover) -> dict[str, object]:
    """Return a change of keys: the new keys, and the former ones' signatures of that."""
    current = [{"algorithm": key.algorithm, "public_key": key.public_key} for key in made.current]
    signed = [{"algorithm": item.algorithm, "public_key": item.public_key, "value": item.value} for item in made.signatures]
    return {"current": current, "signatures": signed}


def verifier() -> bytes:
    """Return the verifier, the one file that is handed out with every package."""
    return (files(__name__) / VERIFIER).read_bytes()


def write(put: Put, evidence: Evidence, inventory: bytes, contents: Mapping[str, Callable[[], BinaryIO]]) -> None:
    """Write the package file by file with *put*; *contents* are the version's logical paths and how each is opened. Streams."""
    put(README, evidence.readme())
    put(VERIFIER, verifier())
    put(LEDGER, evidence.ledger())
    put(INVENTORY, inventory)
    if evidence.root is not None:
        _put_stamps(put, "batch", evidence.root)
    for number, later in enumerate(evidence.later, start=1):
        _put_stamps(put, f"checkpoint-{number}" if number > 1 else "checkpoint", later)
    for path, opened in contents.items():
        with opened() as stream:
            put(f"{RECORD}/{path}", stream)


def _put_stamps(put: Put, name: str, stamped: Stamped) -> None:
    """Write what was stamped and the stamps as files, for whoever verifies them with openssl alone."""
    put(f"{STAMPED}/{name}.txt", stamped.message)
    for item in stamped.stamps:
        put(f"{STAMPED}/{name}-{item.digest}.tst", item.token)
        put(f"{STAMPED}/{name}-{item.digest}.pem", "".join(map(ssl.DER_cert_to_PEM_cert, item.certificates)).encode())
        for number, one in enumerate(item.lists, start=1):
            put(f"{STAMPED}/{name}-{item.digest}-{number}.crl", one)
        for number, one in enumerate(item.answers, start=1):
            put(f"{STAMPED}/{name}-{item.digest}-{number}.ocsp", one)


@contextmanager
def zipped(target: BinaryIO) -> Iterator[Put]:
    """Yield what writes files into a zip; the same files give the same bytes."""
    with ZipFile(target, "w", ZIP_DEFLATED) as made:

        def put(path: str, content: BinaryIO | bytes) -> None:
            told = ZipInfo(path, _NO_DATE)
            told.compress_type, told.external_attr = ZIP_DEFLATED, 0o644 << 16
            with made.open(told, "w", force_zip64=True) as out:
                _copy(content, out.write)

        yield put


def into(folder: Path) -> Put:
    """Return what writes files below *folder*."""

    def put(path: str, content: BinaryIO | bytes) -> None:
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as out:
            _copy(content, out.write)

    return put


def _copy(content: BinaryIO | bytes, write_block: Callable[[bytes], int]) -> None:
    if isinstance(content, bytes):
        write_block(content)
        return
    while block := content.read(_BLOCK):
        write_block(block)
