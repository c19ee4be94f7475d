"""A witness: a folder somewhere else that keeps the checkpoints it is handed, so that the log cannot be wound back unseen.

::

    WITNESS/<log>/checkpoint          the latest note it was handed
    WITNESS/<log>/2026-11.notes       every note of the month, each ended by a line of four equals signs

It takes no note that is not a continuation of the latest one. Best on a disk, share or machine that the host's administrators do not rule;
whoever rules it does not rule the host, either: no link there is followed, and no pipe waited for.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from lantai.core import checkpoint as notes
from lantai.core.errors import Refusal
from lantai.core.tlog import Tree

_END = "====\n"
_LARGEST_NOTE = 1 << 16
_PLAIN = os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class WitnessFolder:
    """The witness *folder*, for the log *origin*."""

    folder: Path
    origin: str

    @property
    def place(self) -> Path:
        """Where the notes of this log lie."""
        return self.folder / re.sub(r"[^\w.-]", "_", self.origin)

    def latest(self) -> notes.Checkpoint | None:
        """Return the latest checkpoint it was handed, None where there is none. Raises OSError, ValueError for what is no note."""
        try:
            return notes.parse(self._read("checkpoint", _LARGEST_NOTE).decode())
        except FileNotFoundError:
            return None

    def is_latest(self, note: str) -> bool:
        """Tell whether the file of the latest checkpoint holds these very bytes."""
        return self._read("checkpoint", _LARGEST_NOTE) == note.encode()

    def all(self) -> Iterator[str]:
        """Yield every note it was handed, the oldest first."""
        for path in sorted(self.place.glob("????-??.notes")):
            for note in self._read(path.name).decode().split(_END):
                if note:
                    yield note

    def add(self, note: notes.Checkpoint, tree: Tree, now: datetime) -> None:
        """Keep *note*, whose entries *tree* holds, if it goes on from the latest one; a note it has already is kept once.

        Raises Refusal LEDGER-WOUND-BACK where it knows more entries, LEDGER-FORKED where it knows others; OSError, ValueError. The
        folder itself is never made: one made here in place of what is not connected would witness whatever it is told.
        """
        if not self.folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, "文件夹不在", str(self.folder))
        known = self.latest()
        if known is not None:
            if known.size > note.size:
                raise Refusal("LEDGER-WOUND-BACK", str(self.folder), known=known.size, size=note.size)
            if Tree(known.size, tree.read).root() != known.root:
                raise Refusal("LEDGER-FORKED", str(self.folder), known=known.size)
            if known.size == note.size:
                return
        self.place.mkdir(exist_ok=True)
        with self._opened(f"{now:%Y-%m}.notes", "ab", os.O_WRONLY | os.O_APPEND | os.O_CREAT) as stream:
            stream.write((note.note() + _END).encode())
            stream.flush()
            os.fsync(stream.fileno())
        aside = self.place / ".checkpoint.new"
        aside.unlink(missing_ok=True)
        with self._opened(aside.name, "wb", os.O_WRONLY | os.O_CREAT | os.O_EXCL) as stream:
            stream.write(note.note().encode())
        aside.replace(self.place / "checkpoint")

    def _read(self, name: str, most: int = -1) -> bytes:
        """Return the bytes of a file there. Raises OSError; ValueError for more than *most* bytes."""
        with self._opened(name, "rb", os.O_RDONLY) as stream:
            content = stream.read(most + 1 if most >= 0 else -1)
        if len(content) > most >= 0:
            raise ValueError(name)
        return content

    def _opened(self, name: str, mode: str, flags: int) -> BinaryIO:
        folder = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY | _PLAIN)
        try:
            descriptor = os.open(name, flags | os.O_NONBLOCK | _PLAIN, 0o644, dir_fd=folder)
        except OSError as error:
            error.filename = str(self.place / name)
            raise
        finally:
            os.close(folder)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "不是普通文件", str(self.place / name))
        return cast("BinaryIO", os.fdopen(descriptor, mode))
