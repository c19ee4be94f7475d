"""Digests of files: all that are asked for from one reading, in a buffer that is used again and fits the processor's cache."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from threading import local

from lantai.core.digests import started

_CHUNK = 1 << 18
#: What :func:`small` reads is smaller than this.
SMALL_BYTES = 1 << 16
_PAGE = 1 << 12
_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_kept = local()


#: Reads the plain file at a path once and returns its digests in hex, one for each algorithm; raises OSError as :func:`digests_of` does.
DigestsOf = Callable[[str, Iterable[str]], list[str]]


def digests_of(path: str, algorithms: Iterable[str]) -> list[str]:
    """Return the digests of the plain file at *path* in hex, one for each algorithm in order, from one reading.

    Links are not followed and a pipe never waited for. Raises OSError, ValueError for an algorithm that is not to be had.
    """
    running = [started(name) for name in algorithms]
    descriptor = os.open(path, _PLAIN)
    try:
        for chunk in _chunks(descriptor):
            for item in running:
                item.update(chunk)
    finally:
        os.close(descriptor)
    return [item.hexdigest() for item in running]


def digest_of(path: str, folder: int | None = None) -> str:
    """Return the SHA-256 of the plain file at *path* in hex, below an open *folder* where one is given. Raises OSError as
    :func:`digests_of`."""
    return digest_and_size(path, folder)[0]


def digest_and_size(path: str, folder: int | None = None) -> tuple[str, int]:
    """Return the SHA-256 of the plain file at *path* in hex, and its bytes. Raises OSError as :func:`digests_of`."""
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, _PLAIN, dir_fd=folder)
    try:
        for chunk in _chunks(descriptor):
            digest.update(chunk)
            size += len(chunk)
    finally:
        os.close(descriptor)
    return digest.hexdigest(), size


def small(path: str, folder: int | None = None) -> bytes:
    """Return the bytes of a small file, below an open *folder* where one is given; links are not followed and a pipe never waited for.

    Raises OSError, ValueError for a file that is larger than small ones are.
    """
    descriptor = os.open(path, _PLAIN, dir_fd=folder)
    try:
        content = os.read(descriptor, _PAGE)
        if len(content) == _PAGE:
            content += os.read(descriptor, SMALL_BYTES - _PAGE)
    finally:
        os.close(descriptor)
    if len(content) == SMALL_BYTES:
        raise ValueError(path)
    return content


def _chunks(descriptor: int) -> Iterator[memoryview]:
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        raise OSError(22, "不是普通文件")
    buffer, left = _buffer(), about.st_size
    # where the end is known nobody asks past it: that is a call of the system more for every file
    while (left > 0 or not about.st_size) and (size := os.readv(descriptor, [buffer])):
        left -= size
        yield buffer[:size]


def _buffer() -> memoryview:
    """Return the buffer of this thread: a fresh one costs more than hashing a small file does."""
    try:
        return _kept.buffer  # type: ignore[no-any-return]
    except AttributeError:
        _kept.buffer = memoryview(bytearray(_CHUNK))
        return _kept.buffer  # type: ignore[no-any-return]
