"""Where an OCFL object lies: what a validator asks of a folder, or of a store that has no folders."""

import errno
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from lantai.packages.digesting import DigestsOf, digests_of
from lantai.packages.ocfl_inventory import DIGEST_CHARACTERS

Digester = Callable[[Path, Iterable[str]], dict[str, str]]
#: What an inventory or sidecar may take; more is no description of anything.
LIMIT_BYTES = 256 * 1024**2
_HASHLIB = {"sha512/256": "sha512_256"}
# What an errno says of the medium and not of our rights to it: the byte is as good as altered.
_UNREADABLE = frozenset({errno.EIO, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EUCLEAN, errno.EINVAL, errno.ENXIO})
# What stands there is a link, a socket, or nothing.
_NO_FILE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO})


class Place(Protocol):
    """An object's place. Paths are below it, with ``/``; what cannot be read because of the medium is as if it were not there."""

    @property
    def name(self) -> str:
        """What the place is called, for a person."""
        ...

    def names(self, below: str) -> dict[str, str]:
        """Return what stands directly below a path (the object itself where empty): ``d`` folders, ``f`` files, ``l`` anything else."""
        ...

    def small(self, path: str) -> bytes:
        """Return the bytes of a file that describes others; none where it is no plain file or is beyond measure."""
        ...

    def digests(self, path: str, algorithms: Iterable[str]) -> dict[str, str]:
        """Return the digests of a file by their names in OCFL, from one reading; nothing where it cannot be had."""
        ...


class Folder:
    """An object in a folder of a file system. Raises OSError only where rights or machine are at fault, not the object."""

    def __init__(self, path: Path, digests: Digester | None = None) -> None:
        self.path = path
        self._base = f"{path}/"
        self._digests = digests

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    def names(self, below: str) -> dict[str, str]:
        """Return what stands in a folder by name and kind."""
        return listing(self._base + below)

    def small(self, path: str) -> bytes:
        """Return the bytes of a small file."""
        return small(self._base + path)

    def digests(self, path: str, algorithms: Iterable[str]) -> dict[str, str]:
        """Return the digests of a file."""
        return self._digests(self.path / path, algorithms) if self._digests else file_digests(self._base + path, algorithms)


def hash_names(algorithms: Iterable[str]) -> dict[str, str]:
    """Return those of *algorithms* that can be reckoned, each with its name in hashlib."""
    return {name: _HASHLIB.get(name, name) for name in algorithms if name in DIGEST_CHARACTERS or name == "sm3"}


def file_digests(path: str, algorithms: Iterable[str], read_by: DigestsOf = digests_of) -> dict[str, str]:
    """Return the digests of a file by their names in OCFL; nothing where it is no plain file or the medium gives none back.

    Algorithms that are not known here are left out.
    """
    known = hash_names(algorithms)
    try:
        found = read_by(path, known.values())
    except OSError as error:
        if error.errno not in _UNREADABLE:
            raise
        return {}
    return dict(zip(known, found, strict=True))


def small(path: str | Path) -> bytes:
    """Return the bytes of a file that describes others; none where it is no plain file or is beyond measure. Links are not followed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError:
        return b""
    except OSError as error:
        if error.errno in _NO_FILE:
            return b""
        raise
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        about = os.fstat(descriptor)
        return stream.read() if stat.S_ISREG(about.st_mode) and about.st_size <= LIMIT_BYTES else b""


def listing(folder: str | Path) -> dict[str, str]:
    """Return what stands in a folder by name: ``d`` folders, ``f`` files, ``l`` links and what is neither."""
    try:
        with os.scandir(folder) as items:
            return dict(sorted([(item.name, _kind(item)) for item in items]))
    except OSError as error:
        if error.errno not in {*_UNREADABLE, errno.ENAMETOOLONG}:
            raise
        return {}


def _kind(item: os.DirEntry[str]) -> str:
    if item.is_dir(follow_symlinks=False):
        return "d"
    return "f" if item.is_file(follow_symlinks=False) else "l"
