"""Adding pieces to a backup place, hundreds a flush."""

import hashlib
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from lantai.core.errors import Fault
from lantai.packages.backup_folder import BackupFolder, Entry, faults
from lantai.ports.durability import make_durable

_PIECES_A_FLUSH = 400
_BYTES_A_FLUSH = 256 << 20


@dataclass(frozen=True, slots=True)
class Known:
    """The SHA-256 and the bytes of what is to be added."""

    piece: str
    size_bytes: int


class Adding:
    """Adds pieces, hundreds a flush: written aside, made durable, read back, then named. ``new_pieces`` and ``new_bytes`` count them.

    A piece that is there with all its bytes is not written again; one that *rereads* believes only what it has read.
    """

    def __init__(self, folder: BackupFolder, *, rereads: bool = False) -> None:
        self.new_pieces = self.new_bytes = 0
        self._folder, self._rereads = folder, rereads
        self._aside = folder.pieces / ".new"
        self._waiting: dict[str, Path] = {}
        self._bytes = 0
        with faults(folder.root):
            shutil.rmtree(self._aside, ignore_errors=True)
            self._aside.mkdir(mode=0o700)

    def add(self, kind: str, path: str, write: Callable[[BinaryIO], object], *, mark: str = "", known: Known | None = None) -> Entry:
        """Add what *write* puts into the stream it is given; where its SHA-256 and bytes are *known* it may not be asked.

        Raises Fault of the place, and whatever *write* raises of what it reads.
        """
        if known is not None and self._size(known.piece) == known.size_bytes:
            return Entry(kind, path, known.piece, known.size_bytes, mark)
        place = self._aside / secrets.token_hex(12)
        with faults(self._folder.root, but=FileNotFoundError), place.open("xb") as raw:
            stream = _Hashing(raw)
            write(cast("BinaryIO", stream))
        piece = stream.digest.hexdigest()
        if self._size(piece) == stream.size:
            place.unlink()
        else:
            self._waiting[piece] = place
            self._bytes += stream.size
            if len(self._waiting) >= _PIECES_A_FLUSH or self._bytes >= _BYTES_A_FLUSH:
                self.flush()
        return Entry(kind, path, piece, stream.size, mark)

    def flush(self) -> None:
        """Make what was added durable, read it back, and give it its names."""
        with faults(self._folder.root):
            make_durable(self._folder.pieces)
            for piece, place in self._waiting.items():
                self._name(piece, place)
            make_durable(self._folder.pieces)
        self.new_pieces += len(self._waiting)
        self._waiting, self._bytes = {}, 0

    def _name(self, piece: str, place: Path) -> None:
        with place.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != piece:
                raise Fault("BACKUP-FAILED", str(place), reason="回读的内容与写入的不一致")
        target = self._folder.place(piece)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        self.new_bytes += place.stat().st_size
        place.chmod(0o400)
        place.rename(target)

    def _size(self, piece: str) -> int | None:
        if piece in self._waiting:
            return self._waiting[piece].stat().st_size
        size = self._folder.size_of(piece)
        return size if size is not None and (not self._rereads or self._folder.is_good(piece)) else None


class _Hashing:
    """A stream that digests what is written to it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.digest = hashlib.sha256()
        self.size = 0
        self._stream = stream

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        self.size += len(content)
        return self._stream.write(content)
