"""A place where backups lie (docs/design/recovery.md, normative): pieces named by their digest, and lists of what belongs to each backup.

::

    PLACE/
      lantai-backup.json              what this is
      README.md                       for a person without Lantai
      pieces/3f/3f6c…                 bytes, named by their SHA-256; a piece is never written otherwise
      pieces/.new/…                   being written; nobody's
      backups/BF-20261128-01/         contents.jsonl.gz, manifest.json, manifest.json.sig

A piece is durable and has been read back before it gets its name, and a backup is there with its folder, renamed into place last: what
is broken off leaves the earlier backups whole, and pieces that the next run finds again.
"""

import errno
import fcntl
import gzip
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import resources
from io import BufferedReader
from pathlib import Path
from typing import Any

from lantai.core import beijing
from lantai.core.errors import Fault, Refusal, said
from lantai.core.findings import Finding, finding
from lantai.core.recovery import A_DAY
from lantai.formats.signing.keyed import is_good
from lantai.packages import recovery_key
from lantai.packages.recovery_key import RecoveryKey
from lantai.ports.durability import make_durable
from lantai.ports.signer import Signature, Signer

FORMAT, MANIFEST_FORMAT, EDITION = "lantai-backup", "lantai-backup-manifest", 1
DECLARATION, CONTENTS, MANIFEST, SIGNATURES = "lantai-backup.json", "contents.jsonl.gz", "manifest.json", "manifest.json.sig"
_DECLARED = f'{{"format": "{FORMAT}", "edition": {EDITION}}}\n'.encode()
_OWN = frozenset({"pieces", "backups", "README.md", f".{DECLARATION}.new", ".README.md.new"})
_CHUNK_BYTES = 1 << 20
_PIECE = re.compile(r"[0-9a-f]{64}")
CODE = re.compile(r"BF-\d{8}-\d{2,4}", re.ASCII)
_LINE_BYTES = 1 << 20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a backup's contents: what kind of thing, its path there, the piece that holds it, bytes; ``mark`` as the kind has it."""

    kind: str
    path: str
    piece: str
    size_bytes: int
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A backup as its list says: code, the instant it shows, and the document as it stands."""

    code: str
    taken_at: str
    document: dict[str, Any]
    sha256: str

    def key(self) -> RecoveryKey:
        """Return the recovery key that its secrets are sealed under. Raises Refusal RECOVERY-KEY-UNREADABLE."""
        return recovery_key.read(json.dumps(self.document.get("recovery_key")).encode())


class BackupFolder:
    """The backup place at *root*. Raises Refusal BACKUP-PLACE-WRONG, Fault BACKUP-FULL, BACKUP-FAILED."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pieces = root / "pieces"
        self.backups = root / "backups"

    # --- the place

    def found(self) -> None:
        """Make an empty folder a backup place; its declaration comes last. One that is a backup place already is left alone."""
        with faults(self.root):
            if self.is_one():
                return
            if self.root.is_dir() and any(item.name not in _OWN for item in self.root.iterdir()):
                raise Refusal("BACKUP-PLACE-WRONG", str(self.root), reason="其中已有别的文件")
            if not self.root.parent.is_dir():
                raise Refusal("BACKUP-PLACE-WRONG", str(self.root), reason=f"没有文件夹 {self.root.parent}，盘没有挂上或写错了")
            self.pieces.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.backups.mkdir(exist_ok=True, mode=0o700)
            _put(self.root / "README.md", (resources.files("lantai.packages") / "schemas" / "backup-README.md").read_bytes())
            _put(self.root / DECLARATION, _DECLARED)
            make_durable(self.root)

    def is_one(self) -> bool:
        """Tell whether this is a backup place of an edition known here."""
        try:
            return (self.root / DECLARATION).read_bytes() == _DECLARED
        except FileNotFoundError:
            return False

    def is_beside(self, folder: Path) -> bool:
        """Tell whether the place lies on the file system of a folder, and goes with it; False where one of them is away."""
        try:
            return self.root.stat().st_dev == folder.stat().st_dev
        except OSError:
            return False

    def demand(self) -> None:
        """Raise Refusal BACKUP-PLACE-WRONG where this is no backup place."""
        with faults(self.root):
            if not self.is_one():
                raise Refusal("BACKUP-PLACE-WRONG", str(self.root), reason="不是备份处，或其声明已损坏")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one who writes here while the block lasts. Raises Refusal BACKUP-BUSY."""
        with faults(self.root):
            held = os.open(self.root / "pieces", os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise Refusal("BACKUP-BUSY", str(self.root)) from error
        finally:
            os.close(held)

    # --- reading

    def codes(self) -> list[str]:
        """Return the codes of the backups that are there, the oldest first."""
        with faults(self.root):
            found = self.backups.iterdir() if self.backups.is_dir() else ()
            return sorted(item.name for item in found if CODE.fullmatch(item.name) and item.is_dir())

    def newest(self, until: datetime | None = None) -> str:
        """Return the code of the newest backup, or of the newest that shows an instant not after *until*.

        One of days to come was made while the clock was wrong, and is the newest only where there is no other. Raises Refusal BACKUP-NONE,
        BACKUP-NONE-BEFORE with the instant of the oldest.
        """
        codes = self.codes()[::-1]
        latest = until or datetime.now(UTC) + A_DAY
        found = next((code for code in codes if datetime.fromisoformat(self.manifest(code).taken_at) <= latest), "")
        if not codes:
            raise Refusal("BACKUP-NONE", str(self.root))
        if not found and until is not None:
            oldest = datetime.fromisoformat(self.manifest(codes[-1]).taken_at)
            raise Refusal("BACKUP-NONE-BEFORE", str(self.root), until=beijing.minute(until), oldest=beijing.minute(oldest))
        return found or codes[0]

    def manifest(self, code: str) -> Manifest:
        """Return a backup's list. Raises Refusal BACKUP-UNKNOWN, BACKUP-DAMAGED."""
        if not code or code.startswith(".") or "/" in code or not (self.backups / code).is_dir():
            raise Refusal("BACKUP-UNKNOWN", code)
        try:
            body = (self.backups / code / MANIFEST).read_bytes()
            return Manifest(code, *_shaped(json.loads(body), code), hashlib.sha256(body).hexdigest())
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Refusal("BACKUP-DAMAGED", code, reasons=(finding("BACKUP-LIST-WRONG", MANIFEST),)) from error

    def is_readable(self, code: str) -> bool:
        """Tell whether the lists of a backup can be read, whatever they say."""
        try:
            self.manifest(code)
            return sum(1 for _ in self.entries(code)) >= 0
        except Refusal:
            return False

    def of_others(self, signer: Signer) -> list[Manifest]:
        """Return the backups that are signed well, but with keys that *signer* never had: another installation made them."""
        places = [(code, self.backups / code) for code in self.codes()]
        return [self.manifest(code) for code, place in places if _is_signed(place, None) and not _is_signed(place, signer)]

    def entries(self, code: str) -> Iterator[Entry]:
        """Yield the contents of a backup. Raises Refusal BACKUP-DAMAGED."""
        place = self.backups / code / CONTENTS
        try:
            with gzip.open(place, "rb") as stream:
                while line := stream.readline(_LINE_BYTES):
                    yield _entry(line)
        except (OSError, EOFError, ValueError, TypeError, RecursionError, zlib.error) as error:
            raise Refusal("BACKUP-DAMAGED", code, reasons=(finding("BACKUP-LIST-WRONG", CONTENTS),)) from error

    def open(self, piece: str) -> BufferedReader:
        """Open a piece; a link is not followed and a pipe never waited for. Raises OSError."""
        descriptor = os.open(self.place(piece), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "不是普通文件", str(self.place(piece)))
        return os.fdopen(descriptor, "rb")

    def extract(self, entry: Entry, target: Path) -> None:
        """Copy an entry's piece to *target*. Raises Refusal BACKUP-DAMAGED where a byte differs, Fault of the disk."""
        with faults(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with self.open(entry.piece) as source, target.open("wb") as stream:
                while chunk := source.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    stream.write(chunk)
        if digest.hexdigest() != entry.piece:
            raise Refusal("BACKUP-DAMAGED", entry.path, reasons=(finding("BACKUP-PIECE-ALTERED", told(entry)),))

    def check(self, code: str, signer: Signer | None, advance: Callable[[int], None] = lambda _: None) -> list[Finding]:
        """Read every byte of a backup and return what is wrong, by the names of what it holds. Raises Refusal BACKUP-UNKNOWN."""
        try:
            manifest = self.manifest(code)
            found = list(self.lists(manifest, signer))
            if found:
                return found
            found = list(self._pieces(code, advance))
        except Refusal as refusal:
            if refusal.code != "BACKUP-DAMAGED":
                raise
            return list(refusal.reasons)
        return [*found, *self._of_place()]

    def _pieces(self, code: str, advance: Callable[[int], None]) -> Iterator[Finding]:
        seen: dict[str, str] = {}
        for entry in self.entries(code):
            advance(1)
            if entry.piece not in seen:
                seen[entry.piece] = self._read(entry)
            if seen[entry.piece]:
                yield finding(seen[entry.piece], told(entry))

    def _of_place(self) -> Iterator[Finding]:
        if not self.is_one():
            yield finding("BACKUP-FILE-WRONG", DECLARATION)

    def lists(self, manifest: Manifest, signer: Signer | None) -> Iterator[Finding]:
        """Yield what is wrong with the list of contents and with the signatures: by the agency's keys where they are known, else by any."""
        code = manifest.code
        try:
            digest = hashlib.sha256((self.backups / code / CONTENTS).read_bytes()).hexdigest()
        except OSError:
            digest = ""
        if digest != manifest.document["contents"]["sha256"]:
            yield finding("BACKUP-LIST-WRONG", CONTENTS)
        if not _is_signed(self.backups / code, signer):
            yield finding("BACKUP-LIST-WRONG", SIGNATURES if signer else f"{MANIFEST} 或 {SIGNATURES}")

    def _read(self, entry: Entry) -> str:
        """Return the code of what is wrong with a piece, empty where nothing is."""
        try:
            return "" if self._digest(entry.piece) == entry.piece else "BACKUP-PIECE-ALTERED"
        except OSError:
            return "BACKUP-PIECE-MISSING"

    def is_good(self, piece: str) -> bool:
        """Tell whether every byte of a piece is as it was written."""
        try:
            return self._digest(piece) == piece
        except OSError:
            return False

    def _digest(self, piece: str) -> str:
        with self.open(piece) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    # --- writing

    def size_of(self, piece: str) -> int | None:
        """Return the bytes of a piece, None where it is not there."""
        try:
            return self.place(piece).stat().st_size
        except FileNotFoundError:
            return None

    def finish(self, code: str, head: Mapping[str, Any], entries: Sequence[Entry] | Iterator[Entry], signer: Signer) -> Manifest:
        """Write the lists of a backup whose pieces are all durable, read them back, and let it be there: its folder is renamed last."""
        with faults(self.root):
            aside = self.backups / f".{secrets.token_hex(8)}"
            aside.mkdir(mode=0o700)
            lines = _write_contents(aside / CONTENTS, entries)
            contents = (aside / CONTENTS).read_bytes()
            told = {"sha256": hashlib.sha256(contents).hexdigest(), "size_bytes": len(contents), "lines": lines}
            document = {"format": MANIFEST_FORMAT, "edition": EDITION, "code": code, **head, "contents": told}
            body = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
            (aside / MANIFEST).write_bytes(body)
            signatures = [asdict(item) for item in signer.sign(message(body))]
            (aside / SIGNATURES).write_text(json.dumps(signatures, indent=1) + "\n", encoding="utf-8")
            make_durable(self.root)
            aside.rename(self.backups / code)
            make_durable(self.root)
        manifest = self.manifest(code)
        if problems := tuple(self.lists(manifest, signer)):
            raise Refusal("BACKUP-DAMAGED", code, reasons=problems)
        return manifest

    def take(self, code: str, lists: Path) -> None:
        """Let a backup be there whose pieces are all durable and whose lists lie in the folder *lists*."""
        with faults(self.root):
            aside = self.backups / f".{secrets.token_hex(8)}"
            shutil.copytree(lists, aside)
            make_durable(self.root)
            aside.rename(self.backups / code)
            make_durable(self.root)

    # --- pruning

    def drop(self, codes: Sequence[str]) -> None:
        """Let backups be no more: their folders are renamed aside first."""
        with faults(self.root):
            for code in codes:
                gone = self.backups / f".gone-{code}"
                (self.backups / code).rename(gone)
                shutil.rmtree(gone)

    def sweep(self) -> tuple[int, int]:
        """Remove pieces that no backup lists, and what was broken off; return how many and their bytes. Only while :meth:`alone`."""
        with faults(self.root):
            for left in [path for path in self.backups.iterdir() if path.name.startswith(".") and path.is_dir()]:
                shutil.rmtree(left)
            shutil.rmtree(self.pieces / ".new", ignore_errors=True)
            needed = {bytes.fromhex(entry.piece) for code in self.codes() for entry in self.entries(code)}
            count = size = 0
            for path in self.pieces.glob("??/*"):
                if _PIECE.fullmatch(path.name) and bytes.fromhex(path.name) not in needed:
                    size += path.stat().st_size
                    path.unlink()
                    count += 1
        return count, size

    def place(self, piece: str) -> Path:
        """Return where a piece lies."""
        return self.pieces / piece[:2] / piece


@contextmanager
def faults(where: Path, *, but: type[OSError] | None = None) -> Iterator[None]:
    """Turn an error of the system into the fault that tells a person what to do about it, except for errors of the kind *but*."""
    try:
        yield
    except OSError as error:
        if but is not None and isinstance(error, but):
            raise
        place = error.filename if isinstance(error.filename, str) else str(where)
        code = "BACKUP-FULL" if error.errno in _FULL else "BACKUP-FAILED"
        raise Fault(code, str(where), reason=f"{said(error)}（{place}）") from error


def message(body: bytes) -> bytes:
    """Return the bytes that are signed for a manifest."""
    return f"lantai backup v1\n{hashlib.sha256(body).hexdigest()}\n".encode()


def _shaped(document: dict[str, Any], code: str) -> tuple[str, dict[str, Any]]:
    """Return the instant of a list and the list, once it has the form that its readers rely on, whoever signed it.

    Raises ValueError, KeyError, TypeError or AttributeError for what is none, and for that of another backup: an old one must not be
    passed off as new.
    """
    if (document["format"], document["edition"], document["code"]) != (MANIFEST_FORMAT, EDITION, code):
        raise ValueError(document["code"])
    datetime.fromisoformat(document["taken_at"]).astimezone(UTC)
    counts = [document[name] for name in ("records", "events", "pieces", "size_bytes")]
    if not _PIECE.fullmatch(document["contents"]["sha256"]) or not all(isinstance(count, int) for count in counts):
        raise ValueError(code)
    return document["taken_at"], document


def day_of(code: str) -> datetime:
    """Return the day that the code of a backup names, for one whose list says nothing; the first of all days where it names none."""
    try:
        return datetime.strptime(code.split("-")[1], "%Y%m%d").replace(tzinfo=beijing.ZONE)
    except (IndexError, ValueError):
        return datetime.min.replace(tzinfo=UTC)


def told(entry: Entry) -> str:
    """Return an entry's name for people."""
    names = {
        "tables": "数据库",
        "object": "档案",
        "ledger": "账本",
        "staging": "在办件",
        "uploads": "上传",
        "scans": "扫描件",
        "secrets": "密钥与设置",
        "file": "文件",
    }
    return f"{names.get(entry.kind, entry.kind)} {entry.path}"


def _entry(line: bytes) -> Entry:
    """Return a line of a list. The piece becomes a place in the folder before anybody has asked who signed the list."""
    entry = Entry(*json.loads(line))
    if not _PIECE.fullmatch(entry.piece):
        raise ValueError(entry.piece)
    return entry


def _is_signed(place: Path, signer: Signer | None) -> bool:
    """Tell whether a list is as it was signed, by the keys of *signer*; without one, by whatever keys the signatures name."""
    try:
        body = (place / MANIFEST).read_bytes()
        rows = [Signature(**row) for row in json.loads((place / SIGNATURES).read_bytes())]
        held = {key.key_id for key in signer.public_keys()} if signer else {row.key_id for row in rows}
        return bool(rows) and all(row.key_id in held and is_good(message(body), row) for row in rows)
    except (OSError, ValueError, TypeError):
        return False


def _write_contents(place: Path, entries: Sequence[Entry] | Iterator[Entry]) -> int:
    count = 0
    with place.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as stream:
        for entry in entries:
            row = (entry.kind, entry.path, entry.piece, entry.size_bytes, entry.mark)
            stream.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n")
            count += 1
    return count


def _put(place: Path, content: bytes) -> None:
    aside = place.with_name(f".{place.name}.new")
    aside.unlink(missing_ok=True)  # not through a link
    aside.write_bytes(content)
    aside.replace(place)
