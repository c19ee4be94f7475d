"""Signing with keys in a folder: Ed25519 (RFC 8032) and SM2 with SM3 (GB/T 32918.2, user id 1234567812345678).

Two files, ``ed25519.pem`` (PKCS #8) and ``sm2.pem`` (SEC 1, curve 1.2.156.10197.1.301), both as openssl reads them. Of keys that were
in use before, ``former/`` holds the public halves, one JSON file a key: what they signed stays verifiable. ``handover.json`` is a change of
keys that the ledger has not been told of yet.
"""

import base64
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lantai.core.errors import Fault, Refusal
from lantai.formats.signing import sm2
from lantai.formats.signing.keyed import ED25519, SM2, is_good, key_id
from lantai.ports.signer import Handover, PublicKey, Signature

_ED25519_FILE = "ed25519.pem"
_SM2_FILE = "sm2.pem"
_FORMER = "former"
_HANDOVER = "handover.json"
_BEGIN, _END = "-----BEGIN EC PRIVATE KEY-----", "-----END EC PRIVATE KEY-----"
# SEC 1 ECPrivateKey of this one curve has a fixed shape: version 1, 32 bytes of key, the curve, 65 bytes of public point.
_SM2_HEAD = bytes.fromhex("30770201010420")
_SM2_CURVE = bytes.fromhex("a00a06082a811ccf5501822da144034200")
_UNCOMPRESSED = b"\x04"
_ENGINE = sm2.engine()


def create(keys_dir: Path) -> "LocalSigner":
    """Make both keys in *keys_dir* (0700, files 0600) and return their signer.

    Raises Refusal SIGNER-KEYS-EXIST where either is there: a key is never replaced.
    """
    places = [keys_dir / name for name in (_ED25519_FILE, _SM2_FILE)]
    if any(place.exists() for place in places):
        raise Refusal("SIGNER-KEYS-EXIST", str(keys_dir))
    keys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys_dir.chmod(0o700)
    private, public = _ENGINE.generate()
    for place, content in zip(places, (_ed25519_pem(Ed25519PrivateKey.generate()), _sm2_pem(private, public)), strict=True):
        _put(place, content)
    return LocalSigner(keys_dir)


@dataclass(frozen=True, slots=True)
class _Held:
    """The keys as they lay in the folder at one moment; ``mark`` changes when they do."""

    mark: tuple[int, ...]
    ed25519: Ed25519PrivateKey
    sm2: tuple[bytes, bytes]
    public: dict[str, bytes]
    former: tuple[PublicKey, ...]

    def current(self) -> tuple[PublicKey, ...]:
        """Return the keys in use."""
        return tuple(PublicKey(name, key_id(name, public), _b64(public)) for name, public in self.public.items())


class LocalSigner:
    """A signer whose keys lie in *keys_dir*, read at once and again whenever they were changed.

    Raises Fault SIGNER-KEYS-MISSING or SIGNER-KEYS-UNREADABLE.
    """

    def __init__(self, keys_dir: Path) -> None:
        self._dir = keys_dir
        self._kept = _load(keys_dir)

    def sign(self, message: bytes) -> tuple[Signature, ...]:
        """Sign *message* with both keys, Ed25519 first."""
        held = self._held()
        values = {ED25519: held.ed25519.sign(message), SM2: sm2.sign(*held.sm2, message)}
        return tuple(Signature(key.algorithm, key.key_id, key.public_key, _b64(values[key.algorithm])) for key in held.current())

    def verify(self, message: bytes, signature: Signature) -> bool:
        """Tell whether *signature* is good for *message* under the public key it names, and its key id is that key's.

        Whether the key is to be trusted is another question: see :meth:`key_ids`.
        """
        return is_good(message, signature)

    def key_ids(self) -> tuple[str, ...]:
        """Return the identifiers of the keys held."""
        return tuple(key.key_id for key in self._held().current())

    def public_keys(self) -> tuple[PublicKey, ...]:
        """Return the keys in use, then the former ones."""
        held = self._held()
        current = held.current()
        known = {key.key_id for key in current}
        return (*current, *(key for key in held.former if key.key_id not in known))

    def rotate(self) -> Handover:
        """Make new keys, keep the public halves of the old ones; the old private keys are gone.

        The public halves and the handover are durable before the first new key takes its place.
        """
        waiting = _waiting(self._dir / _HANDOVER)
        if waiting is not None and [key.key_id for key in waiting.current] == list(self.key_ids()):
            return waiting
        ed25519, (private, public) = Ed25519PrivateKey.generate(), _ENGINE.generate()
        halves = {ED25519: ed25519.public_key().public_bytes_raw(), SM2: _UNCOMPRESSED + public}
        current = tuple(PublicKey(name, key_id(name, half), _b64(half)) for name, half in halves.items())
        made = Handover(tuple(replace(key, is_current=False) for key in self._held().current()), current)
        made = replace(made, signatures=self.sign(made.message()))
        self._keep_former(made)
        _replace(self._dir / _HANDOVER, json.dumps(asdict(made)).encode())
        _replace(self._dir / _ED25519_FILE, _ed25519_pem(ed25519))
        _replace(self._dir / _SM2_FILE, _sm2_pem(private, public))
        return made

    def settle(self) -> None:
        """Take the note of the last handover away."""
        (self._dir / _HANDOVER).unlink(missing_ok=True)

    def _keep_former(self, made: Handover) -> None:
        (self._dir / _FORMER).mkdir(mode=0o700, exist_ok=True)
        for key in made.former:
            place = self._dir / _FORMER / f"{key.key_id.replace(':', '-')}.json"
            if not place.exists():
                _put(place, json.dumps({"algorithm": key.algorithm, "public_key": key.public_key}).encode())

    def _held(self) -> _Held:
        """Return the keys as they are now."""
        if self._kept.mark != _mark(self._dir):
            self._kept = _load(self._dir)
        return self._kept


def _mark(keys_dir: Path) -> tuple[int, ...]:
    """Return what changes when a key does, in use or former: inode and time of each file."""
    try:
        places = [keys_dir / _ED25519_FILE, keys_dir / _SM2_FILE, *sorted((keys_dir / _FORMER).glob("*.json"))]
        found = [place.stat() for place in places]
    except OSError:
        return ()
    return tuple(number for item in found for number in (item.st_ino, item.st_mtime_ns))


def _load(keys_dir: Path) -> _Held:
    mark = _mark(keys_dir)
    ed25519, pair = _load_ed25519(keys_dir / _ED25519_FILE), _load_sm2(keys_dir / _SM2_FILE)
    public = {ED25519: ed25519.public_key().public_bytes_raw(), SM2: _UNCOMPRESSED + pair[1]}
    return _Held(mark, ed25519, pair, public, _load_former(keys_dir / _FORMER))


def _waiting(place: Path) -> Handover | None:
    """Return the handover that waits to be told, None where there is none."""
    if not place.exists():
        return None
    try:
        told = json.loads(_read(place))
        former, current = (tuple(PublicKey(**key) for key in told[name]) for name in ("former", "current"))
        return Handover(former, current, tuple(Signature(**item) for item in told["signatures"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Fault("SIGNER-KEYS-UNREADABLE", str(place), reason=str(error)) from error


def _load_ed25519(place: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(_read(place), None)
    except (ValueError, TypeError) as error:
        raise Fault("SIGNER-KEYS-UNREADABLE", str(place), reason=str(error)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Fault("SIGNER-KEYS-UNREADABLE", str(place), reason=type(key).__name__)
    return key


def _load_sm2(place: Path) -> tuple[bytes, bytes]:
    lines = _read(place).decode("ascii", "replace").split()
    body = "".join(lines).removeprefix(_BEGIN.replace(" ", "")).removesuffix(_END.replace(" ", ""))
    try:
        der = base64.b64decode(body, validate=True)
    except ValueError as error:
        raise Fault("SIGNER-KEYS-UNREADABLE", str(place), reason="PEM") from error
    private, public = der[7:39], der[57:]
    if der != _SM2_HEAD + private + _SM2_CURVE + _UNCOMPRESSED + public or len(public) != 64:
        raise Fault("SIGNER-KEYS-UNREADABLE", str(place), reason="SM2")
    return private, public


def _load_former(folder: Path) -> tuple[PublicKey, ...]:
    found = []
    for place in sorted(folder.glob("*.json")):
        try:
            told = json.loads(_read(place))
            public = base64.b64decode(told["public_key"], validate=True)
            found.append(PublicKey(told["algorithm"], key_id(told["algorithm"], public), told["public_key"], is_current=False))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Fault("SIGNER-KEYS-UNREADABLE", str(place), reason=str(error)) from error
    return tuple(found)


def _ed25519_pem(key: Ed25519PrivateKey) -> bytes:
    encoding, shape, none = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(encoding, shape, none)


def _read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except FileNotFoundError as error:
        raise Fault("SIGNER-KEYS-MISSING", str(place)) from error
    except OSError as error:
        raise Fault("SIGNER-KEYS-UNREADABLE", str(place), reason=error.strerror or str(error)) from error


def _sm2_pem(private: bytes, public: bytes) -> bytes:
    body = _b64(_SM2_HEAD + private + _SM2_CURVE + _UNCOMPRESSED + public)
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join([_BEGIN, *lines, _END, ""]).encode()


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _replace(place: Path, content: bytes) -> None:
    """Write a file whole, in place of what is there."""
    aside = place.with_name(f"{place.name}.new")
    aside.unlink(missing_ok=True)
    _put(aside, content)
    aside.replace(place)


def _put(place: Path, content: bytes) -> None:
    """Write a key where none is, for its owner only, durable."""
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
