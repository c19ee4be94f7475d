"""A backup carried from its place to a bucket and back (docs/design/recovery.md): the same names there, the same bytes.

The list of a backup is written last, its manifest at the very end: a backup without its manifest is none. What is there is not sent
again; every key that is sent is read back.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import BinaryIO

from lantai.core.errors import Coded, Fault, Refusal
from lantai.core.findings import Finding, finding
from lantai.core.recovery import A_DAY
from lantai.packages.backup_adding import Adding, Known
from lantai.packages.backup_folder import CODE, CONTENTS, DECLARATION, MANIFEST, SIGNATURES, BackupFolder, Entry, Manifest, day_of, told
from lantai.ports.keys import Keys
from lantai.ports.signer import Signer

_LISTS = (CONTENTS, SIGNATURES, MANIFEST)
_README = "README.md"
_A_CALL = 500
Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Carried:
    """What was carried: the backup's code, its pieces, those of them that were not there before, and their bytes."""

    code: str
    pieces: int
    new_pieces: int
    new_bytes: int


def send(folder: BackupFolder, keys: Keys, code: str, advance: Advance, *, rereads: bool = False) -> Carried:
    """Send a backup; one that *rereads* believes of the pieces that are there only what it has read.

    Raises Refusal BACKUP-UNKNOWN, BACKUP-DAMAGED, BACKUP-PLACE-WRONG, BACKUP-SENT-OTHER; Faults of the bucket, BACKUP-FAILED.
    """
    manifest = folder.manifest(code)
    _found(folder, keys)
    if keys.get(f"backups/{code}/{MANIFEST}") not in {None, (folder.backups / code / MANIFEST).read_bytes()}:
        raise Refusal("BACKUP-SENT-OTHER", code, bucket=keys.named(""))
    there = {key.rpartition("/")[2] for key, _ in keys.listing("pieces")}
    pieces = new_pieces = new_bytes = 0
    for entry in _unique(folder.entries(manifest.code)):
        pieces += 1
        if entry.piece not in there or (rereads and _wrong(keys, entry)):
            key = _place(entry.piece)
            keys.put(key, folder.place(entry.piece))
            if _digest(keys.open(key)) != entry.piece:
                raise Fault("BACKUP-FAILED", keys.named(key), reason="回读的内容与备份的不一致")
            new_pieces, new_bytes = new_pieces + 1, new_bytes + entry.size_bytes
        advance(1)
    _demand_all(folder, keys, code)
    for name in _LISTS:
        body = (folder.backups / code / name).read_bytes()
        keys.put(f"backups/{code}/{name}", body)
        if keys.get(f"backups/{code}/{name}") != body:
            raise Fault("BACKUP-FAILED", keys.named(f"backups/{code}/{name}"), reason="回读的内容与备份的不一致")
    return Carried(code, pieces, new_pieces, new_bytes)


def codes(keys: Keys) -> list[str]:
    """Return the codes of the backups in a bucket, the oldest first."""
    found = (key.split("/")[-2] for key, _ in keys.listing("backups") if key.endswith(f"/{MANIFEST}"))
    return sorted(filter(CODE.fullmatch, found))


def of_others(keys: Keys, signer: Signer) -> list[Manifest]:
    """Return the backups in a bucket that are signed well, but with keys that *signer* never had: another installation sent them."""
    found: list[Manifest] = []
    for code in codes(keys):
        with suppress(Refusal), _lists(keys, code, (MANIFEST, SIGNATURES)) as folder:
            found += folder.of_others(signer)
    return found


def newest(keys: Keys) -> str:
    """Return the code of the newest backup in a bucket. Raises Refusal BACKUP-NONE."""
    found = codes(keys)[::-1]
    if not found:
        raise Refusal("BACKUP-NONE", keys.named(""))
    latest = datetime.now(UTC) + A_DAY  # one of days to come was made while the clock was wrong
    return next((code for code in found if _shows(keys, code) <= latest), found[0])


def _shows(keys: Keys, code: str) -> datetime:
    """Return the instant that a backup shows; one that says none is found damaged by whoever reads it next."""
    try:
        return datetime.fromisoformat(json.loads(keys.get(f"backups/{code}/{MANIFEST}") or b"")["taken_at"]).astimezone(UTC)
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)


def check(keys: Keys, code: str, signer: Signer | None, advance: Advance) -> list[Finding]:
    """Read every byte of a backup in a bucket and return what is wrong. Raises Refusal BACKUP-UNKNOWN, BACKUP-DAMAGED."""
    with _lists(keys, code) as folder:
        found = list(folder.lists(folder.manifest(code), signer))
        for entry in _unique(folder.entries(code)) if not found else ():
            wrong = _wrong(keys, entry)
            found += [finding(wrong, told(entry))] if wrong else []
            advance(1)
    return found


def fetch(keys: Keys, folder: BackupFolder, code: str, advance: Advance) -> Carried:
    """Bring a backup back into a backup place, every byte compared. Raises Refusal BACKUP-UNKNOWN, BACKUP-DAMAGED, BACKUP-BUSY; Faults."""
    folder.found()
    with _lists(keys, code) as listed, folder.alone():
        adding, pieces = Adding(folder, rereads=True), 0
        for entry in _unique(listed.entries(code)):
            made = adding.add(entry.kind, entry.path, lambda stream: _pour(keys, entry, stream), known=Known(entry.piece, entry.size_bytes))  # noqa: B023 - at once
            if made.piece != entry.piece:
                raise Refusal("BACKUP-DAMAGED", entry.path, reasons=(finding("BACKUP-PIECE-ALTERED", told(entry)),))
            pieces += 1
            advance(1)
        adding.flush()
        if code not in folder.codes():
            folder.take(code, listed.backups / code)
    return Carried(code, pieces, adding.new_pieces, adding.new_bytes)


def _found(folder: BackupFolder, keys: Keys) -> None:
    """Make an empty place a backup place, its declaration last. Raises Refusal BACKUP-PLACE-WRONG."""
    own = (folder.root / DECLARATION).read_bytes()
    declared = keys.get(DECLARATION)
    if declared is None:
        if next((key for key, _ in keys.listing() if key != _README), None) is not None:
            raise Refusal("BACKUP-PLACE-WRONG", keys.named(""), reason="其中已有别的内容")
        keys.put(_README, (folder.root / _README).read_bytes())
        keys.put(DECLARATION, own)
    elif declared != own:
        raise Refusal("BACKUP-PLACE-WRONG", keys.named(""), reason="不是备份处，或其声明已损坏")


@dataclass(frozen=True, slots=True)
class Sent:
    """A backup in a bucket: its code, the instant it shows, whether its lists are as signed and every piece of it is there.

    Of one that is not *is_readable* the lists say nothing: the instant is the day in its code, and which pieces are its own nobody knows.
    """

    code: str
    taken_at: datetime
    is_whole: bool
    is_readable: bool = True


def sent(keys: Keys, signer: Signer | None) -> list[Sent]:
    """Return the backups in a bucket, the oldest first; no piece is read."""
    there = {key.rpartition("/")[2] for key, _ in keys.listing("pieces")}
    return [_sent(keys, code, there, signer) for code in codes(keys)]


def _sent(keys: Keys, code: str, there: set[str], signer: Signer | None) -> Sent:
    try:
        with _lists(keys, code) as folder:
            manifest = folder.manifest(code)
            has_all = all([entry.piece in there for entry in folder.entries(code)])  # noqa: C419 - a list that breaks off is none
            return Sent(code, datetime.fromisoformat(manifest.taken_at), has_all and not list(folder.lists(manifest, signer)))
    except Refusal:
        return Sent(code, day_of(code), is_whole=False, is_readable=False)


def drop(keys: Keys, gone: Sequence[str], spared: datetime | None) -> tuple[int, int]:
    """Let backups in a bucket be no more, then remove the pieces that no other lists; return how many and their bytes.

    A manifest goes first, so that no half of a backup is taken for one. Pieces written since the instant *spared* stay: they may be
    of a backup that is being sent; without one they all stay. Raises Refusal BACKUP-DAMAGED where a list that stays cannot be read.
    """
    kept: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for code in codes(keys) if spared else ():
        if code not in gone:
            kept |= _sizes(keys, code)
            continue
        with suppress(Refusal):  # how large its pieces were is then not told
            sizes |= _sizes(keys, code)
    for code in gone:
        for name in reversed(_LISTS):
            keys.delete([f"backups/{code}/{name}"])
    if spared is None:
        return 0, 0
    doomed = [key for key, written in keys.listing("pieces") if key.rpartition("/")[2] not in kept and written < spared]
    for part in batched(doomed, _A_CALL):  # of unequal lengths: the last may be short
        keys.delete(part)
    return len(doomed), sum(sizes.get(key.rpartition("/")[2], 0) for key in doomed)


def _sizes(keys: Keys, code: str) -> dict[str, int]:
    """Return the bytes of each piece of a backup. Raises Refusal BACKUP-DAMAGED."""
    with _lists(keys, code) as folder:
        return {entry.piece: entry.size_bytes for entry in folder.entries(code)}


def _demand_all(folder: BackupFolder, keys: Keys, code: str) -> None:
    """Raise Fault BACKUP-FAILED where a piece of a backup that is being sent went meanwhile: somebody is pruning there."""
    there = {key.rpartition("/")[2] for key, _ in keys.listing("pieces")}
    lost = next((entry.piece for entry in folder.entries(code) if entry.piece not in there), "")
    if lost:
        raise Fault("BACKUP-FAILED", keys.named(_place(lost)), reason="送出期间被清除，请再送一次")


@contextmanager
def _lists(keys: Keys, code: str, names: Sequence[str] = _LISTS) -> Iterator[BackupFolder]:
    """Lend the lists of a backup in a bucket as a backup place that holds nothing else. Raises Refusal BACKUP-UNKNOWN."""
    with tempfile.TemporaryDirectory(prefix="lantai-") as place:
        folder = BackupFolder(Path(place))
        (folder.backups / code).mkdir(parents=True)
        for name in names:
            body = keys.get(f"backups/{code}/{name}")
            if body is None:
                raise Refusal("BACKUP-UNKNOWN", code)
            (folder.backups / code / name).write_bytes(body)
        yield folder


def _wrong(keys: Keys, entry: Entry) -> str:
    try:
        return "" if _digest(keys.open(_place(entry.piece))) == entry.piece else "BACKUP-PIECE-ALTERED"
    except Coded as problem:
        if problem.code != "STORE-ABSENT":
            raise
        return "BACKUP-PIECE-MISSING"


def _pour(keys: Keys, entry: Entry, stream: BinaryIO) -> None:
    with keys.open(_place(entry.piece)) as source:
        shutil.copyfileobj(source, stream, 1 << 20)


def _digest(stream: BinaryIO) -> str:
    with stream:
        digest = hashlib.sha256()
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
        return digest.hexdigest()


def _place(piece: str) -> str:
    return f"pieces/{piece[:2]}/{piece}"


def _unique(entries: Iterable[Entry]) -> Iterator[Entry]:
    seen: set[str] = set()
    for entry in entries:
        if entry.piece not in seen:
            seen.add(entry.piece)
            yield entry
