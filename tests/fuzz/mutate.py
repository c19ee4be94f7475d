"""Mutations: of bytes, of the text of markup, and of single parts inside a zip, whose directory stays right."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random

_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_WORDS = (
    b"",
    b"-1",
    b"0",
    b"99999999999999999999",
    b"1e400",
    b"nan",
    b"\xef\xbf\xbf",
    b"\x00",
    b"<!DOCTYPE a>",
    b"&a;",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"endobj",
    b"stream\n",
    b"1 0 R",
    b"<<",
    b">>",
    b"[[[[",
    b"((((",
    b"g 99999999 1",
    b"../../..",
    b"\xff\xfe",
    b"{\\rtf",
    b"\\bin99999999 ",
    b"}}}}",
)
_DIGITS = re.compile(rb"[0-9]+")
_LARGEST_PART = 1 << 20


def of_bytes(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """Change *data* in one to eight places; a piece of another seed may be put in."""
    for _ in range(1 << rng.randrange(4)):
        data = rng.choice(_CHANGES)(data, others, rng)
    return data


def of_zip(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """Change one part of a zip and write it anew; every fourth time the bytes of the zip itself. What is no zip is changed as bytes."""
    if not rng.randrange(4):
        return of_bytes(data, others, rng)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(info.filename, archive.read(info)) for info in archive.infolist() if info.file_size <= _LARGEST_PART]
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, NotImplementedError, struct.error, EOFError):
        return of_bytes(data, others, rng)
    if not parts:
        return of_bytes(data, others, rng)
    chosen = rng.randrange(len(parts))
    parts[chosen] = (parts[chosen][0], of_bytes(parts[chosen][1], [content for _, content in parts], rng))
    if not rng.randrange(8):
        parts.pop(rng.randrange(len(parts)))
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as archive:
        for name, content in dict(parts).items():
            archive.writestr(name or "x", content)
    return room.getvalue()


def _at(data: bytes, rng: Random) -> int:
    return rng.randrange(len(data) + 1)


def _flip(data: bytes, _: Sequence[bytes], rng: Random) -> bytes:
    if not data:
        return data
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def _cut(data: bytes, _: Sequence[bytes], rng: Random) -> bytes:
    at = _at(data, rng)
    return data[:at] + data[at + rng.randrange(1, 64) :]


def _end(data: bytes, _: Sequence[bytes], rng: Random) -> bytes:
    return data[: _at(data, rng)]


def _word(data: bytes, _: Sequence[bytes], rng: Random) -> bytes:
    at = _at(data, rng)
    return data[:at] + rng.choice(_WORDS) + data[at + rng.choice((0, 0, 1, 4)) :]


def _number(data: bytes, _: Sequence[bytes], rng: Random) -> bytes:
    at = _at(data, rng)
    form = rng.choice(("<B", "<H", ">H", "<I", ">I"))
    return data[:at] + struct.pack(form, rng.choice(_NUMBERS) & (1 << 8 * struct.calcsize(form)) - 1) + data[at + struct.calcsize(form) :]


def _written(data: bytes, _: Sequence[bytes], rng: Random) -> bytes:
    """Put another number where one is written in digits."""
    found = list(_DIGITS.finditer(data[:65_536]))
    if not found:
        return data
    match = rng.choice(found)
    return (
        data[: match.start()] + rng.choice((b"0", b"-1", b"4294967296", b"1e309", str(rng.randrange(300)).encode())) + data[match.end() :]
    )


def _again(data: bytes, _: Sequence[bytes], rng: Random) -> bytes:
    at = _at(data, rng)
    return data[:at] + data[at : at + rng.randrange(1, 256)] * rng.choice((2, 3, 50)) + data[at:]


def _splice(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    other = rng.choice(others) if others else data
    start = _at(other, rng)
    at = _at(data, rng)
    return data[:at] + other[start : start + rng.randrange(1, 512)] + data[at + rng.choice((0, 16, 512)) :]


def _noise(data: bytes, _: Sequence[bytes], rng: Random) -> bytes:
    at = _at(data, rng)
    return data[:at] + rng.randbytes(rng.randrange(1, 16)) + data[at:]


_CHANGES: tuple[Callable[[bytes, Sequence[bytes], Random], bytes], ...] = (
    _flip, _flip, _cut, _end, _word, _word, _number, _number, _written, _written, _again, _splice, _noise,
)  # fmt: skip
