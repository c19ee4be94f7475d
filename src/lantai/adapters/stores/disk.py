"""The disk under the local vault: many small files made at once, one flush, and errors in words."""

import ctypes
import errno
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lantai.core.errors import Fault, said
from lantai.packages import layout, ocfl
from lantai.packages.digesting import SMALL_BYTES, digest_and_size, small
from lantai.packages.ocfl_place import LIMIT_BYTES
from lantai.ports.store import Draft, Source, Stored

_LIBC = ctypes.CDLL(None, use_errno=True)
_CODES = {
    errno.ENOSPC: "STORE-FULL",
    errno.EDQUOT: "STORE-FULL",
    errno.EROFS: "STORE-READ-ONLY",
    errno.EACCES: "STORE-DENIED",
    errno.EPERM: "STORE-DENIED",
    # what a disk, and a file system that checks itself, say of bytes that are lost: of one file, not of the place
    **dict.fromkeys((errno.EIO, errno.EUCLEAN, errno.EBADMSG, errno.EREMOTEIO, errno.EILSEQ), "STORE-DAMAGED"),
}
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# A link, a socket, or a file where a folder must be.
_NOT_OURS = frozenset({errno.ELOOP, errno.ENOTDIR, errno.ENXIO})
# AT_FDCWD and RENAME_EXCHANGE of renameat2.
_HERE, _EXCHANGE = -100, 2
# Where a file cannot be linked it is copied: another file system, one without links, or too many of them.
_NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS})


@dataclass(frozen=True, slots=True)
class File:
    """A file to be made: its bytes, a staged file to link or what opens a stream, and its SHA-256 in hex.

    ``is_reckoned``: that digest is of these very bytes, not one that came with them and is still to be held against them.
    """

    source: Source
    sha256: str
    is_reckoned: bool = False


_DECLARATION = File(ocfl.OBJECT_DECLARATION_BYTES, hashlib.sha256(ocfl.OBJECT_DECLARATION_BYTES).hexdigest(), is_reckoned=True)


@contextmanager
def faults(where: Path) -> Iterator[None]:
    """Turn an error of the system into the Fault that tells a person what to do about it."""
    try:
        yield
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else str(where)
        code = _CODES.get(error.errno or 0, "STORE-FAILED")
        raise Fault(code, place, reason=said(error)) from error


def flush(folder: Path) -> None:
    """Make everything on the file system of *folder* durable: one syncfs, or sync where there is none.

    Raises OSError where the device reports that bytes were lost.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if not hasattr(_LIBC, "syncfs"):
            os.sync()
        elif _LIBC.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)


def exchange(one: Path, other: Path) -> None:
    """Let two folders of one file system change places: in one step where the kernel can, else in two. *other* may be absent."""
    if not other.exists():
        one.rename(other)
        return
    renameat2 = getattr(_LIBC, "renameat2", None)
    if renameat2 is not None and renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return
    between = one.with_name(one.name + "~")
    other.rename(between)
    one.rename(other)
    between.rename(one)


def plain_files(plan: ocfl.Plan, *, is_new: bool) -> Sequence[tuple[str, File]]:
    """Return every file that *plan* brings, by path below the object; the declaration only for a new object."""
    inventory = File(plan.inventory, plan.inventory_sha256, is_reckoned=True)
    sidecar = File(plan.sidecar, hashlib.sha256(plan.sidecar).hexdigest(), is_reckoned=True)
    own = [(f"{plan.head}/{ocfl.INVENTORY}", inventory), (f"{plan.head}/{ocfl.SIDECAR}", sidecar)]
    root = [(ocfl.INVENTORY, inventory), (ocfl.SIDECAR, sidecar)]
    contents = [(path, File(item.source, item.sha256)) for path, item in plan.contents]
    return [*contents, *own, *root, *([(ocfl.OBJECT_DECLARATION, _DECLARATION)] if is_new else [])]


def make(folder: str, files: Sequence[tuple[str, File]]) -> int:
    """Make *folder* with *files*, read-only; return how many files and folders that took. Nothing is durable yet."""
    os.mkdir(folder)  # noqa: PTH102 - as those below
    base = f"{folder}/"
    below = layout.folders(path for path, _ in files)
    for path in below:
        os.mkdir(base + path)  # noqa: PTH102 - ten thousand times a batch
    for path, item in files:
        if isinstance(item.source, bytes):
            _put(base + path, item.source)
        elif isinstance(item.source, Path):
            _link(item.source, base + path)
        else:
            _copy(item.source, base + path)
    return 1 + len(below) + len(files)


def opened(folder: str, path: str) -> BinaryIO:
    """Open the plain file at *path* below *folder* step by step: no link is followed, whoever put it there, and a pipe never waited for.

    Raises OSError; Fault STORE-DAMAGED where something else stands there.
    """
    place = f"{folder}/{path}"
    *above, name = path.split("/")
    try:
        descriptor = _stepped(folder, above, name)
    except ValueError as error:  # no name that a file can have
        raise Fault("STORE-DAMAGED", place) from error
    except OSError as error:
        if error.errno in _NOT_OURS:
            raise Fault("STORE-DAMAGED", place) from error
        error.filename = place
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Fault("STORE-DAMAGED", place)
    return os.fdopen(descriptor, "rb")


def describing(folder: str, path: str) -> bytes:
    """Return the bytes of the inventory at *path* below *folder*. Raises as :func:`opened`; STORE-DAMAGED beyond measure, too."""
    with opened(folder, path) as stream:
        if os.fstat(stream.fileno()).st_size > LIMIT_BYTES:
            raise Fault("STORE-DAMAGED", f"{folder}/{path}")
        return stream.read()


def _stepped(folder: str, above: Sequence[str], name: str) -> int:
    here = os.open(folder, _FOLDER)
    try:
        for part in above:
            below = os.open(part, _FOLDER, dir_fd=here)
            os.close(here)
            here = below
        return os.open(name, _PLAIN, dir_fd=here)
    finally:
        os.close(here)


def copied(source: Path, target: Path, *, through: Path) -> None:
    """Put a copy of the small file *source* in place of *target* in one step, by way of the folder *through*."""
    descriptor, name = tempfile.mkstemp(dir=through)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(source.read_bytes())
        os.fsync(stream.fileno())
        os.fchmod(stream.fileno(), 0o444)
    Path(name).replace(target)


def waves(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    """Yield the drafts in order, a new wave wherever a record comes a second time."""
    wave: dict[str, Draft] = {}
    for draft in drafts:
        if draft.record_id in wave:
            yield list(wave.values())
            wave = {}
        wave[draft.record_id] = draft
    if wave:
        yield list(wave.values())


def is_same(draft: Draft, stored: Mapping[str, tuple[str, str]]) -> bool:
    """Tell whether a stored version holds the files of *draft*, byte for byte."""
    return {item.path: item.sha256 for item in draft.files} == {path: digest for path, (_, digest) in stored.items()}


def compared(path: str, sha256: str) -> int:
    """Read one file back and return its size in bytes; Fault STORE-DAMAGED where its digest is another."""
    try:
        digest, size = digest_and_size(path)
    except ValueError as error:  # no name that a file can have
        raise Fault("STORE-DAMAGED", path) from error
    if digest != sha256:
        raise Fault("STORE-DAMAGED", path)
    return size


def read_back(path: str, item: File) -> int:
    """Read a file that was just made and return its size in bytes; Fault STORE-DAMAGED where it is another."""
    content = item.source
    if not item.is_reckoned or not isinstance(content, bytes) or len(content) >= SMALL_BYTES:
        return compared(path, item.sha256)
    if small(path) != content:  # byte by byte is surer than a digest, and cheaper
        raise Fault("STORE-DAMAGED", path)
    return len(content)


def described(folder: Path, record_id: str, number: int, logical: Mapping[str, tuple[str, str]]) -> Stored:
    """Read a version back that stands in the object *folder* and describe it; Fault STORE-DAMAGED where a byte differs.

    *logical* maps its logical paths to (path below the object, sha256).
    """
    version = folder / f"v{number}"
    inventory = describing(str(folder), f"v{number}/{ocfl.INVENTORY}")
    for path, digest in logical.values():
        compared(f"{folder}/{path}", digest)
    below = [folder, *version.rglob("*"), version] if number > 1 else [folder, *folder.rglob("*")]
    sizes = [item.stat().st_size for item in below if item.is_file()]
    return Stored(record_id, number, hashlib.sha256(inventory).hexdigest(), len(below), sum(sizes))


@contextmanager
def locked(folder: Path, how: int) -> Iterator[None]:
    """Hold a lock (``fcntl.LOCK_SH`` or ``LOCK_EX``) on *folder*; it goes with the process, however that ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def has_content(folder: Path, *, besides: Collection[str]) -> bool:
    """Tell whether *folder* holds anything but what *besides* begins with."""
    known = {path.split("/", 1)[0] for path in besides}
    return any(item.name not in known for item in folder.iterdir())


def _put(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    try:
        while content:
            content = content[os.write(descriptor, content) :]
    finally:
        os.close(descriptor)


def _copy(opener: Callable[[], BinaryIO], target: str) -> None:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    with os.fdopen(descriptor, "wb") as stream, opener() as source:
        shutil.copyfileobj(source, stream, 1 << 20)


def _link(source: Path, target: str) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copyfile(source, target)
    os.chmod(target, 0o444)  # noqa: PTH101 - ten thousand times a batch
