"""Checkpoints: the state of a log in a few signed lines (C2SP tlog-checkpoint over C2SP signed-note).

The text is the log's origin, its size and its root in base64, a line each; after an empty line follow signatures, a line each:
``— NAME BASE64``, where the base64 holds four bytes that tell the key and then the value. An Ed25519 key is told as the
specification says (kind 01), so that any verifier of such notes can read ours. An SM2 key is of kind ff with the words
``SM2-SM3`` behind it, which the specification leaves to whoever needs it; a verifier that does not know it passes the line by.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

ED25519 = "Ed25519"
SM2 = "SM2-SM3"
_KINDS = {ED25519: b"\x01", SM2: b"\xffSM2-SM3\n"}
_MARK = "— "


@dataclass(frozen=True, slots=True)
class Line:
    """One signature of a note: the key's name, the four bytes that tell the key, the value."""

    name: str
    key_hash: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: who it is, how many entries it has, the root of its tree, and who signed that."""

    origin: str
    size: int
    root: bytes
    lines: tuple[Line, ...] = ()

    def body(self) -> bytes:
        """Return the bytes that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n".encode()

    def note(self) -> str:
        """Return the note as it is kept and handed out."""
        signed = "".join(f"{_MARK}{line.name} {base64.b64encode(line.key_hash + line.value).decode()}\n" for line in self.lines)
        return f"{self.body().decode()}\n{signed}"

    def fingerprint(self) -> str:
        """Return what is printed on registers: the first 32 hexadecimal digits of the SHA-256 of the signed bytes, in fours."""
        digest = hashlib.sha256(self.body()).hexdigest()[:32]
        return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


def key_hash(name: str, algorithm: str, public_key: bytes) -> bytes:
    """Return the four bytes that tell a key in a note. Raises KeyError for an algorithm that is not in notes."""
    return hashlib.sha256(name.encode() + b"\n" + _KINDS[algorithm] + public_key).digest()[:4]


def verifier_key(name: str, public_key: bytes) -> str:
    """Return an Ed25519 key as verifiers of signed notes take it: ``NAME+HASH+BASE64``."""
    packed = base64.b64encode(_KINDS[ED25519] + public_key).decode()
    return f"{name}+{key_hash(name, ED25519, public_key).hex()}+{packed}"


def parse(note: str) -> Checkpoint:
    """Return what a note says, its signatures unchecked. Raises ValueError for anything that is not a checkpoint."""
    text, gap, signed = note.partition("\n\n")
    parts = text.split("\n")
    if not gap or len(parts) < 3 or not parts[0] or not parts[1].isascii() or not parts[1].isdigit() or str(int(parts[1])) != parts[1]:
        raise ValueError("checkpoint: not origin, size and root")
    if len(parts) > 3:
        raise ValueError("checkpoint: further lines are not used here")
    root = _decoded(parts[2])
    if len(root) != hashlib.sha256().digest_size:
        raise ValueError("checkpoint: root")
    if not signed.endswith("\n"):
        raise ValueError("checkpoint: no signature")
    return Checkpoint(parts[0], int(parts[1]), root, tuple(_line(line) for line in signed.removesuffix("\n").split("\n")))


def lines_of(checkpoint: Checkpoint, name: str, algorithm: str, public_key: bytes) -> Sequence[bytes]:
    """Return the values that the key's lines hold (one for a well-formed note, none where the key did not sign)."""
    told = key_hash(name, algorithm, public_key)
    return [line.value for line in checkpoint.lines if (line.name, line.key_hash) == (name, told)]


def _line(line: str) -> Line:
    mark, _, rest = line.partition(_MARK)
    name, space, packed = rest.partition(" ")
    content = _decoded(packed)
    if mark or not space or not name or len(content) < 5:
        raise ValueError("checkpoint: signature line")
    return Line(name, content[:4], content[4:])


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("checkpoint: base64") from error
