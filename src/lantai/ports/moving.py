"""A vault that moves to another place while everything goes on: who writes says so, and who moves waits for the writers once, at the end.

In the data folder: ``vault.lock`` and ``vault.gate`` (locks), ``moving/target.json`` (where to; its presence says that a move is under
way), ``moving/noted`` (objects written since, one a line), ``moving/old.json`` (where the vault was before).
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from lantai.ports.durability import make_durable

_LOCK, _GATE = "vault.lock", "vault.gate"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a vault is: disk and its folder, or s3 and its address."""

    kind: str
    address: str


class Moving:
    """The move of the vault of one data folder, for all processes on it."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._folder = data / "moving"
        self._read = 0

    @contextmanager
    def writing(self, record_ids: Sequence[str]) -> Iterator[None]:
        """Write to the vault while the block lasts; during a move the objects are noted first, so that they are carried too."""
        with self._held(_GATE, fcntl.LOCK_SH):
            lock = self._held(_LOCK, fcntl.LOCK_SH)
            lock.__enter__()
        try:
            if record_ids and (self._folder / "target.json").is_file():
                with (self._folder / "noted").open("a", encoding="ascii") as stream:
                    stream.write("".join(f"{key}\n" for key in record_ids))
            yield
        finally:
            lock.__exit__(None, None, None)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody write while the block lasts; who is writing ends first."""
        with self._held(_GATE, fcntl.LOCK_EX), self._held(_LOCK, fcntl.LOCK_EX):
            yield

    def target(self) -> Place | None:
        """Return where the vault is on its way to; None where it rests."""
        return self._place("target.json")

    def old(self) -> Place | None:
        """Return where the vault was before its last move, as long as that is kept."""
        return self._place("old.json")

    def begin(self, target: Place) -> None:
        """Say that the vault moves; from here on every object that is written is noted."""
        with self.alone():
            self._folder.mkdir(exist_ok=True)
            (self._folder / "noted").unlink(missing_ok=True)
            self._put("target.json", target)

    def noted(self) -> list[str]:
        """Return the objects that were noted since this was last asked, each once."""
        try:
            with (self._folder / "noted").open("rb") as stream:
                stream.seek(self._read)
                lines = stream.read().split(b"\n")
        except FileNotFoundError:
            return []
        whole = lines[:-1]
        self._read += sum(len(line) + 1 for line in whole)
        return list(dict.fromkeys(line.decode("ascii") for line in whole))

    def remember(self, was: Place) -> None:
        """Note where the vault is before it moves away from there."""
        self._put("old.json", was)

    def rest(self) -> None:
        """Say that the vault rests where it is."""
        for name in ("noted", "target.json"):
            (self._folder / name).unlink(missing_ok=True)
        self._read = 0

    def forget_old(self) -> None:
        """Say that the old place is no more."""
        (self._folder / "old.json").unlink(missing_ok=True)

    def _place(self, name: str) -> Place | None:
        with suppress(FileNotFoundError):
            return Place(**json.loads((self._folder / name).read_bytes()))
        return None

    def _put(self, name: str, place: Place) -> None:
        aside = self._folder / f".{name}"
        aside.write_text(json.dumps(asdict(place)), "utf-8")
        aside.replace(self._folder / name)
        make_durable(self._folder)

    @contextmanager
    def _held(self, name: str, how: int) -> Iterator[None]:
        descriptor = os.open(self._data / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)
