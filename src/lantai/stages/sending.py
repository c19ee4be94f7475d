"""送入 in parts: a delivery too large for one request, which goes on after a lost connection, a closed page or a crash of ours.

The files are one stream of bytes in the order they were listed, cut into parts of equal size. A part is written at its place, flushed to
the disk, and only then noted with its digest; so what is noted is there, and what a crash left half-written is written again. At the end
every byte is read back and held against the digests that the sender made of its own files. Unfinished ones lie in ``unfinished/`` and
reach no batch; they are swept after the setting ``upload_unfinished_hours``.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Protocol

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.ports import House
from lantai.shelves.intake.models import Batch
from lantai.stages import capture, leftovers
from lantai.stages.capture import sources

LONGEST_NAME_BYTES = 255
#: A disk takes a path of 4096 bytes; what leads to the files, here and wherever they are put later, is a part of it.
LONGEST_PATH_BYTES = 3000
_LIST, _NOTED, _FILES = "sending.json", "parts.txt", "files"
_DIGEST_CHARACTERS = 64
_CHUNK = 1 << 20


class Readable(Protocol):
    """Where the bytes of a part come from."""

    def read(self, size: int, /) -> bytes:
        """Return at most *size* bytes, none at the end."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of a delivery: its relative path, its size in bytes, and when the sender says it was changed, for knowing it again."""

    path: str
    size_bytes: int
    modified: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the batch will be told of a delivery."""

    channel: str = "manual"
    department: str = ""
    title: str = ""
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Sending:
    """An unfinished delivery: how large it is, how many parts are here, and since when."""

    id: str
    files: tuple[Listed, ...]
    delivery: Delivery
    part_bytes: int
    parts_here: int
    begun_at: datetime

    @property
    def size_bytes(self) -> int:
        """Return the size of all files together."""
        return sum(item.size_bytes for item in self.files)

    @property
    def parts(self) -> int:
        """Return how many parts there are."""
        return -(-self.size_bytes // self.part_bytes)

    @property
    def percent(self) -> int:
        """Return how much of it is here."""
        return 100 * self.parts_here // self.parts if self.parts else 100

    @property
    def name(self) -> str:
        """Return what a person calls it."""
        first = PurePosixPath(self.files[0].path).parts[0]
        return self.delivery.title or (first if len(self.files) == 1 else f"{first} 等 {len(self.files)} 个文件")


def safe_path(path: str) -> Path:
    """Return the relative path. Raises Refusal UPLOAD-PATH for one that is absolute, leads outside, or is too long for a disk."""
    asked = PurePosixPath(path.replace("\\", "/"))
    is_wrong = asked.is_absolute() or not asked.parts or any(part == ".." or "\0" in part or part[1:2] == ":" for part in asked.parts)
    if is_wrong or _is_too_long(asked):
        raise Refusal("UPLOAD-PATH", path)
    return Path(*asked.parts)


def _is_too_long(path: PurePosixPath) -> bool:
    """Tell whether a disk cannot take a path: too long as a whole or in a part."""
    lengths = [len(os.fsencode(part)) for part in path.parts]
    return max(lengths) > LONGEST_NAME_BYTES or sum(lengths) + len(lengths) > LONGEST_PATH_BYTES


def begin(house: House, actor: Actor, files: Sequence[Listed], delivery: Delivery) -> Sending:
    """Begin a delivery, or return the unfinished one of the same files and person.

    Raises Refusal where the actor may deliver nothing there, a path will not do, it is larger than the setting ``upload_parts_bytes`` or
    more files than ``unpacked_entries``, or the disk has no room for it beside what other unfinished deliveries are still to bring.
    """
    access.require(actor, "intake:batch:open", {"department": delivery.department or actor.department})
    if not files:
        raise Refusal("UPLOAD-EMPTY")
    size = sum(item.size_bytes for item in files)
    if size > house.settings.upload_parts_bytes:
        raise Refusal("UPLOAD-TOO-LARGE", limit=house.settings.upload_parts_bytes // 1024**2)
    if len(files) > house.settings.unpacked_entries:
        raise Refusal("UPLOAD-TOO-MANY", limit=house.settings.unpacked_entries)
    _require_apart([safe_path(item.path) for item in files])
    before = next((item for item in unfinished(house, actor) if item.files == tuple(files)), None)
    if before is not None:
        return before
    if size + _awaited(house) > leftovers.room(house):
        raise Refusal("UPLOAD-NO-ROOM", size=size // 1024**2)
    folder = _place(house) / house.ids.new()
    (folder / _FILES).mkdir(parents=True)
    listed = {
        "actor": actor.id,
        "part_bytes": house.settings.upload_part_bytes,
        "begun_at": house.clock.now().timestamp(),
        "files": [[item.path, item.size_bytes, item.modified] for item in files],
        "delivery": [delivery.channel, delivery.department, delivery.title, delivery.carrier],
    }
    (folder / _NOTED).write_bytes(b"")
    _put(folder, json.dumps(listed, ensure_ascii=False))
    return _read(folder)


def _put(folder: Path, listed: str) -> None:
    """Write the list whole or not at all: where the disk is full or the process dies, there is no delivery, and none is in the way."""
    draft = folder / f"{_LIST}.tmp"
    try:
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(listed)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as problem:
        shutil.rmtree(folder, ignore_errors=True)
        raise Fault("UPLOAD-NOT-WRITTEN", folder.name, detail=problem.strerror or str(problem)) from problem
    draft.rename(folder / _LIST)


def unfinished(house: House, actor: Actor) -> tuple[Sending, ...]:
    """Return the deliveries of *actor* that are not finished, the newest first."""
    folders = sorted(_place(house).glob(f"*/{_LIST}"), reverse=True)
    return tuple(_read(path.parent) for path in folders if _owner(path.parent) == actor.id)


def take(house: House, actor: Actor, sending_id: str, number: int, content: Readable, digest: str) -> Sending:
    """Take part *number* (from 0), whose bytes have the SHA-256 *digest*; one that is here already is not read again.

    Raises Refusal UPLOAD-PART where another part is due, UPLOAD-PART-DIGEST where the bytes are other ones or not as many, UPLOAD-BUSY
    where somebody else writes to it, UPLOAD-NO-ROOM where the disk has filled up meanwhile, Fault UPLOAD-NOT-WRITTEN where the disk fails.
    """
    folder = _folder(house, actor, sending_id)
    with _alone(folder):
        sending = _read(folder)
        if number < sending.parts_here:
            return sending
        if number != sending.parts_here or number >= sending.parts:
            raise Refusal("UPLOAD-PART", sending_id, due=sending.parts_here + 1)
        start = number * sending.part_bytes
        if sending.part_bytes > leftovers.room(house):
            raise Refusal("UPLOAD-NO-ROOM", size=sending.part_bytes // 1024**2)
        try:
            _write(folder, sending, start, min(start + sending.part_bytes, sending.size_bytes), _Checked(content, digest.lower()))
        except OSError as problem:
            raise Fault("UPLOAD-NOT-WRITTEN", sending_id, detail=problem.strerror or str(problem)) from problem
        return _read(folder)


def finish(house: House, actor: Actor, sending_id: str, digest: str) -> str:
    """Make a batch of a delivery that is here whole, and return its ULID.

    *digest* is the SHA-256 over the hexadecimal SHA-256 of every part in order, made by the sender of its files. Raises Refusal
    UPLOAD-PART where parts are missing, UPLOAD-DIGEST where the bytes on the disk are not those, and what opening a batch raises; what
    was sent stays until it is given up or swept.
    """
    folder = _folder(house, actor, sending_id)
    with _alone(folder):
        sending = _read(folder)
        if sending.parts_here < sending.parts:
            raise Refusal("UPLOAD-PART", sending_id, due=sending.parts_here + 1)
        if batch_id := _opened_before(house, folder, sending):
            return batch_id
        _fill(folder, sending)
        if _digest(folder, sending) != digest.lower():
            (folder / _NOTED).write_bytes(b"")
            raise Refusal("UPLOAD-DIGEST", sending.name)
        return _open(house, actor, folder, sending)


def discard(house: House, actor: Actor, sending_id: str) -> None:
    """Give up a delivery: its bytes are removed. Raises Refusal UPLOAD-UNKNOWN, UPLOAD-BUSY."""
    folder = _folder(house, actor, sending_id)
    with _alone(folder):
        leftovers.remove(folder, is_secret=True)


def sweep(house: House) -> int:
    """Remove deliveries to which nothing came for as long as the setting says; return how many."""
    oldest = house.clock.now().timestamp() - house.settings.upload_unfinished_hours * 3600
    folders = [path for path in _place(house).glob("*") if path.is_dir() and not path.is_symlink()]
    old = [folder for folder in folders if leftovers.newest(folder) < oldest]
    for folder in old:
        leftovers.remove(folder, is_secret=True)
    return len(old)


# --- the folder of one delivery


def _awaited(house: House) -> int:
    """Return how many bytes the unfinished deliveries of everybody are still to bring: all were promised the same disk."""
    total = 0
    for path in _place(house).glob(f"*/{_LIST}"):
        with contextlib.suppress(FileNotFoundError):  # finished or given up a moment ago
            item = _read(path.parent)
            total += max(item.size_bytes - item.parts_here * item.part_bytes, 0)
    return total


def _place(house: House) -> Path:
    return house.data / "unfinished"


def _folder(house: House, actor: Actor, sending_id: str) -> Path:
    folder = _place(house) / sending_id
    if not sending_id.isalnum() or not (folder / _LIST).is_file() or _owner(folder) != actor.id:
        raise Refusal("UPLOAD-UNKNOWN", sending_id)
    return folder


def _owner(folder: Path) -> str:
    return str(json.loads((folder / _LIST).read_text("utf-8"))["actor"])


def _read(folder: Path) -> Sending:
    listed = json.loads((folder / _LIST).read_text("utf-8"))
    return Sending(
        folder.name,
        tuple(Listed(*item) for item in listed["files"]),
        Delivery(*listed["delivery"]),
        listed["part_bytes"],
        len(_noted(folder)),
        datetime.fromtimestamp(listed["begun_at"], UTC),
    )


def _noted(folder: Path) -> list[str]:
    """Return the digests of the parts that are here; a line that a crash cut off is none."""
    text = (folder / _NOTED).read_text("ascii")
    return [line for line in text.splitlines() if len(line) == _DIGEST_CHARACTERS]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other requests away from a delivery; the system lets go where the process dies."""
    try:
        handle = os.open(folder / _LIST, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Refusal("UPLOAD-UNKNOWN", folder.name) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal("UPLOAD-BUSY", folder.name) from None
        yield
    finally:
        os.close(handle)


def _require_apart(paths: Sequence[Path]) -> None:
    """Refuse two files of one path, and a file where another has a folder."""
    whole = set(paths)
    folders = {parent for path in paths for parent in path.parents}
    if len(whole) < len(paths) or whole & folders:
        raise Refusal("UPLOAD-PATH", str(next(iter(whole & folders), paths[0])))


# --- the bytes


class _Checked:
    """The bytes of one part as they come: counted and digested."""

    def __init__(self, content: Readable, digest: str) -> None:
        self._content, self._expected = content, digest
        self._digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """Return exactly *size* bytes. Raises Refusal UPLOAD-PART-DIGEST where there are fewer."""
        chunks = []
        while size and (chunk := self._content.read(size)):
            chunks.append(chunk)
            size -= len(chunk)
        if size:
            raise Refusal("UPLOAD-PART-DIGEST")
        whole = b"".join(chunks)
        self._digest.update(whole)
        return whole

    def close(self) -> str:
        """Return the digest at the end. Raises Refusal UPLOAD-PART-DIGEST where more comes, or it is another."""
        if self._content.read(1) or self._digest.hexdigest() != self._expected:
            raise Refusal("UPLOAD-PART-DIGEST")
        return self._expected


def _stretches(sending: Sending, start: int, end: int) -> Iterator[tuple[Path, int, int]]:
    """Yield (path, offset, bytes) of every stretch of a file between two places of the stream."""
    at = 0
    for item in sending.files:
        first, last = max(start, at), min(end, at + item.size_bytes)
        if first < last:
            yield safe_path(item.path), first - at, last - first
        at += item.size_bytes


def _write(folder: Path, sending: Sending, start: int, end: int, content: _Checked) -> None:
    """Write one part, make it durable, and note it."""
    for path, offset, size in _stretches(sending, start, end):
        target = folder / _FILES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600), "wb") as stream:
            stream.seek(offset)
            left = size
            while left:
                left -= stream.write(content.read(min(left, _CHUNK)))
            stream.flush()
            os.fsync(stream.fileno())
    digest = content.close()
    with (folder / _NOTED).open("r+b") as stream:
        stream.truncate(sending.parts_here * (_DIGEST_CHARACTERS + 1))  # a line that a crash cut off goes
        stream.seek(0, os.SEEK_END)
        stream.write(f"{digest}\n".encode("ascii"))
        stream.flush()
        os.fsync(stream.fileno())


def _fill(folder: Path, sending: Sending) -> None:
    """Make the empty files, which no part holds; cut off what is longer than it was told to be."""
    for item in sending.files:
        target = folder / _FILES / safe_path(item.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("ab") as stream:
            stream.truncate(item.size_bytes)


def _digest(folder: Path, sending: Sending) -> str:
    """Return the digest over the digests of all parts, from the bytes on the disk."""
    over = hashlib.sha256()
    for number in range(sending.parts):
        part = hashlib.sha256()
        start = number * sending.part_bytes
        for path, offset, size in _stretches(sending, start, min(start + sending.part_bytes, sending.size_bytes)):
            _feed(part.update, folder / _FILES / path, offset, size)
        over.update(part.hexdigest().encode("ascii"))
    return over.hexdigest()


def _feed(update: Callable[[bytes], None], path: Path, offset: int, size: int) -> None:
    with path.open("rb") as stream:
        stream.seek(offset)
        while size and (chunk := stream.read(min(size, _CHUNK))):
            update(chunk)
            size -= len(chunk)


def _opened_before(house: House, folder: Path, sending: Sending) -> str:
    """Return the batch that was opened before a crash kept it from being told; where there is none, the files are put back."""
    root = house.data / "uploads" / sending.id
    if (folder / _FILES).is_dir():
        return ""
    for batch in Batch.objects.filter(is_upload=True, created_at__gte=sending.begun_at):
        if any(path.is_relative_to(root.resolve()) for path in sources.recall(house, batch)):
            shutil.rmtree(folder, ignore_errors=True)
            return batch.id
    if not root.is_dir():
        raise Refusal("UPLOAD-UNKNOWN", sending.id)
    root.rename(folder / _FILES)
    return ""


def _open(house: House, actor: Actor, folder: Path, sending: Sending) -> str:
    """Move the files to where uploads lie and open the batch; where that is refused, they go back."""
    root = house.data / "uploads" / sending.id
    root.parent.mkdir(parents=True, exist_ok=True)
    (folder / _FILES).rename(root)
    try:
        batch_id = capture.open_batch(
            house,
            actor,
            sorted(root.iterdir()),
            channel=sending.delivery.channel,
            title=sending.delivery.title,
            department=sending.delivery.department,
            is_upload=True,
            carrier=sending.delivery.carrier,
        )
    except BaseException:
        root.rename(folder / _FILES)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return batch_id
