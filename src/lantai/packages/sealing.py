"""Sealing suspected state secrets: bytes go into an encrypted quarantine, their plain copy is erased, nothing tells what they were.

A sealed file is ``quarantine/<random id>.sealed``: the magic line, a 12-byte nonce, and AES-256-GCM over a name header and the
bytes, ended by the 16-byte tag; the random id is the associated data, so that one sealed file cannot stand in for another. The
key is ``keys/quarantine.key`` (32 bytes, mode 0600), of its own and outside vault, index, backup and replicas.
"""

import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import AEADDecryptionContext, Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from lantai.core.errors import Fault

SUFFIX = ".sealed"
_MAGIC = b"LANTAI-SEALED-1\n"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_BYTES = 32
_NAME_BYTES = 255
_CHUNK_BYTES = 1 << 20
_TEXT_PREFIX = "sealed:"
_TEXT_LABEL = b"LANTAI-SEALED-TEXT-1"
_FRAME_BYTES = len(_MAGIC) + _NONCE_BYTES + _TAG_BYTES


def seal(staged: Path, data: Path, *, name: str = "") -> str:
    """Encrypt *staged* into the quarantine under *data*, erase the plain copy and the page text beside it; return the sealed name.

    The sealed file is durable before anything is erased. *name* (the original file name) is kept inside the encryption only, so
    that a false alarm can be put back under it. Raises Fault QUARANTINE-KEY or QUARANTINE-NOT-WRITTEN, FileNotFoundError where
    nothing is staged. A crash between sealing and the caller's row leaves a sealed file that no row names: see :func:`strays`.
    """
    staged.lstat()
    sealed_name = secrets.token_hex(16) + SUFFIX
    key = load_key(data)
    try:
        (data / "quarantine").mkdir(mode=0o700, parents=True, exist_ok=True)
        with _created(data / "quarantine" / sealed_name) as out:
            _encrypt(staged, out, key=key, sealed_name=sealed_name, name=name.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise Fault("QUARANTINE-NOT-WRITTEN", reason=error.strerror or str(error)) from error
    for plain in (staged, staged.with_name(staged.name + ".text.json")):
        erase(plain)
    return sealed_name


def unseal(data: Path, sealed_name: str, folder: Path) -> Path:
    """Decrypt a sealed file into *folder* and return the path: the original name where it was kept, else the random id.

    Nothing appears under that path before every byte is authenticated; an older file there is replaced. The sealed file
    stays. Raises Fault QUARANTINE-DAMAGED or QUARANTINE-KEY.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / (sealed_name + ".part")
    try:
        name = _decrypt(data, sealed_name, part)
    except (InvalidTag, ValueError, FileNotFoundError) as error:
        erase(part)
        raise Fault("QUARANTINE-DAMAGED", sealed_name) from error
    target = folder / (_file_name(name) or sealed_name.removesuffix(SUFFIX))
    part.replace(target)
    _sync_folder(folder)
    return target


def seal_text(text: str, data: Path) -> str:
    """Return *text* encrypted with the quarantine key, for a column that must not tell a name. Raises Fault QUARANTINE-KEY."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(load_key(data)).encrypt(nonce, text.encode("utf-8", "surrogateescape"), _TEXT_LABEL)
    return _TEXT_PREFIX + b64encode(nonce + sealed).decode()


def is_sealed_text(text: str) -> bool:
    """Tell whether *text* came from :func:`seal_text`."""
    return text.startswith(_TEXT_PREFIX)


def unseal_text(text: str, data: Path) -> str:
    """Return what :func:`seal_text` was given. Raises Fault QUARANTINE-KEY, also where it was sealed with another key."""
    try:
        raw = b64decode(text.removeprefix(_TEXT_PREFIX), validate=True)
        return AESGCM(load_key(data)).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _TEXT_LABEL).decode("utf-8", "surrogateescape")
    except (InvalidTag, ValueError) as error:
        raise Fault("QUARANTINE-KEY", str(data / "keys" / "quarantine.key")) from error


def destroy(data: Path, sealed_name: str) -> None:
    """Erase a sealed file from the quarantine; nothing happens where it is gone already."""
    erase(data / "quarantine" / sealed_name)


def strays(data: Path, known: set[str]) -> list[str]:
    """Return the names of sealed files in the quarantine that are not *known* to any row, left behind by a crash."""
    return sorted(path.name for path in (data / "quarantine").glob(f"*{SUFFIX}") if path.name not in known)


def erase(path: Path) -> None:
    """Overwrite a file with random bytes, flush, and unlink it; nothing happens where it is gone already.

    Honest about its limits: a journalled or copy-on-write file system, a solid-state drive, a snapshot or a backup may keep the
    old blocks; a medium that held a real secret must still be handed in. A file with other hard links is only unlinked.
    """
    try:
        with path.open("r+b") as file:
            status = os.fstat(file.fileno())
            if status.st_nlink == 1:
                _overwrite(file, status.st_size)
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def load_key(data: Path) -> bytes:
    """Return the quarantine key, made on first use (mode 0600, durable before it is used). Raises Fault QUARANTINE-KEY."""
    path = data / "keys" / "quarantine.key"
    if not path.exists():
        _make_key(path)
    try:
        key = path.read_bytes()
    except OSError as error:
        raise Fault("QUARANTINE-KEY", str(path)) from error
    if len(key) != _KEY_BYTES or path.stat().st_mode & 0o077:
        raise Fault("QUARANTINE-KEY", str(path))
    return key


def _make_key(path: Path) -> None:
    """Write the key aside and link it into place, so that two who make it at once agree on one whole key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f".{secrets.token_hex(8)}")
    with _created(aside) as out:
        out.write(secrets.token_bytes(_KEY_BYTES))
    try:
        path.hardlink_to(aside)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
    _sync_folder(path.parent)


def _encrypt(source: Path, out: BinaryIO, *, key: bytes, sealed_name: str, name: bytes) -> None:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    encryptor = Cipher(AES(key), GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(_label(sealed_name))
    out.write(_MAGIC + nonce + encryptor.update(len(name).to_bytes(4) + name))
    with source.open("rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK_BYTES), b""):
            out.write(encryptor.update(chunk))
    out.write(encryptor.finalize() + encryptor.tag)


def _decrypt(data: Path, sealed_name: str, target: Path) -> str:
    with (data / "quarantine" / sealed_name).open("rb") as file:
        left = os.fstat(file.fileno()).st_size - _FRAME_BYTES
        if left < 0 or file.read(len(_MAGIC)) != _MAGIC:
            raise ValueError(sealed_name)
        nonce = file.read(_NONCE_BYTES)
        decryptor = Cipher(AES(load_key(data)), GCM(nonce, _tag(file))).decryptor()
        decryptor.authenticate_additional_data(_label(sealed_name))
        file.seek(len(_MAGIC) + _NONCE_BYTES)
        erase(target)
        with _created(target) as out:
            return _pour(file, out, decryptor=decryptor, left=left)


def _pour(file: BinaryIO, out: BinaryIO, *, decryptor: AEADDecryptionContext, left: int) -> str:
    """Write the plain bytes and return the name from the header; InvalidTag where any bit differs."""
    name_bytes = min(int.from_bytes(decryptor.update(file.read(4))), left - 4)
    if name_bytes < 0:
        raise ValueError("no header")
    name = decryptor.update(file.read(name_bytes))
    left -= 4 + name_bytes
    while chunk := file.read(min(left, _CHUNK_BYTES)):
        left -= len(chunk)
        out.write(decryptor.update(chunk))
    decryptor.finalize()
    return name.decode("utf-8", "surrogateescape")


def _tag(file: BinaryIO) -> bytes:
    file.seek(-_TAG_BYTES, os.SEEK_END)
    return file.read(_TAG_BYTES)


def _file_name(name: str) -> str:
    """Return the last part of a kept name, empty where no file system would take it."""
    last = name.rsplit("/", 1)[-1]
    return "" if last in {"", ".", ".."} or "\0" in last or len(last.encode("utf-8", "surrogateescape")) > _NAME_BYTES else last


def _label(sealed_name: str) -> bytes:
    return _MAGIC + sealed_name.encode()


@contextmanager
def _created(path: Path) -> Iterator[BinaryIO]:
    """Open a new file of mode 0600 for writing; durable, with its folder, when the block is left well, gone when not."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as plain:  # noqa: PTH123 - a descriptor, not a path
            yield plain
            plain.flush()
            os.fsync(plain.fileno())
    except BaseException:
        erase(path)
        raise
    _sync_folder(path.parent)


def _overwrite(file: BinaryIO, size: int) -> None:
    for start in range(0, size, _CHUNK_BYTES):
        file.write(secrets.token_bytes(min(_CHUNK_BYTES, size - start)))
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
