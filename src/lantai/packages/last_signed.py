"""The last checkpoint that was signed here: beside the keys, apart from database and log, so that these cannot be wound back together.

::

    keys/last-signed      the note, as it was signed

No proof rests on it, and who owns the host can write it anew: against that stand witnesses and prints. It is for whoever can write the
database, or put an old copy of database and log in the place of the new, and has no key. It goes into no backup.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from lantai.core import checkpoint as notes

NAME = "last-signed"


@dataclass(frozen=True, slots=True)
class LastSigned:
    """The memory of whoever signs with the keys in *folder*."""

    folder: Path

    def read(self) -> notes.Checkpoint | None:
        """Return the last checkpoint that was signed, None where none is known. Raises ValueError for what is no note."""
        try:
            return notes.parse((self.folder / NAME).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def write(self, signed: notes.Checkpoint) -> None:
        """Keep a checkpoint that was just signed, before anybody is told of it; durable."""
        aside = self.folder / f".{NAME}.{os.getpid()}.new"
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(signed.note())
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(self.folder / NAME)
