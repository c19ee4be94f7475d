"""A witness: a folder somewhere else that keeps the checkpoints it is handed, so that the log cannot be wound back unseen.

::

    WITNESS/<log>/checkpoint          the latest note it was handed
    WITNESS/<log>/2026-11.notes       every note of the month, each ended by a line of four equals signs

It takes no note that is not a continuation of the latest one. Best on a disk, share or machine that the host's administrators do not rule.
"""

import errno
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lantai.core import checkpoint as notes
from lantai.core.errors import Refusal
from lantai.core.tlog import Tree

_END = "====\n"


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
            return notes.parse((self.place / "checkpoint").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def is_latest(self, note: str) -> bool:
        """Tell whether the file of the latest checkpoint holds these very bytes."""
        return (self.place / "checkpoint").read_bytes() == note.encode()

    def all(self) -> Iterator[str]:
        """Yield every note it was handed, the oldest first."""
        for path in sorted(self.place.glob("????-??.notes")):
            for note in path.read_text(encoding="utf-8").split(_END):
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
        with (self.place / f"{now:%Y-%m}.notes").open("a", encoding="utf-8") as stream:
            stream.write(note.note() + _END)
            stream.flush()
            os.fsync(stream.fileno())
        aside = self.place / ".checkpoint.new"
        aside.write_text(note.note(), encoding="utf-8")
        aside.replace(self.place / "checkpoint")
