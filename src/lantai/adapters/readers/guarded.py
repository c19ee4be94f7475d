"""Reading behind a guard: a child process opens the files, and is killed when it takes too long.

One child serves one caller at a time and is kept for the next; a batch flows through it without waiting for each answer.
"""

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType

from lantai.adapters.readers.process import Gone, ReadingProcess, Waiting
from lantai.core.findings import finding
from lantai.ports.reader import Format, Limits, Reading

_AHEAD = 4  # requests under way at once; few enough that they always fit into the pipe
_log = logging.getLogger(__name__)


class GuardedReader:
    """Reads in child processes under *limits*: time by killing, memory by the system, network and files by doing without.

    Safe for threads: each caller leases a child of its own. A killed or crashed child costs its file (READ-TIMEOUT,
    READ-CRASHED) and is replaced for the next one.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._waiting = Waiting(partial(ReadingProcess, self._limits))

    def __enter__(self) -> "GuardedReader":
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def read(self, path: Path, name: str) -> Reading:
        """Read one file. Raises Fault READER-NOT-STARTED where no child can be had."""
        return next(self.read_many([(path, name)]))

    def read_many(self, items: Sequence[tuple[Path, str]]) -> Iterator[Reading]:
        """Read many files, results in the order of *items*, the next requests always under way.

        Raises Fault READER-NOT-STARTED where no child can be had.
        """
        child: ReadingProcess | None = None
        asked = 0
        try:
            for index, (_, name) in enumerate(items):
                child = child or self._waiting.lease()
                asked = max(asked, index)
                while asked < min(len(items), index + _AHEAD):
                    child.ask(*items[asked])
                    asked += 1
                reading, is_kept = self._answer(child, name)
                if not is_kept:
                    child.kill()
                    child, asked = None, index + 1
                elif index + 1 == len(items):
                    self._waiting.give_back(child)
                    child = None
                yield reading
        finally:
            if child is not None:
                child.kill()

    def render(self, path: Path, name: str, *, page: int, width: int) -> bytes | None:
        """Draw one page as PNG; None where it cannot be drawn within the limits. Raises Fault READER-NOT-STARTED."""
        return self._asked(path, name, page, width) if page >= 1 else None

    def attachment(self, path: Path, name: str, *, index: int) -> bytes | None:
        """Unpack one file inside the file; None where it cannot be had within the limits. Raises Fault READER-NOT-STARTED."""
        return self._asked(path, name, 0, 0, index + 1) if index >= 0 else None

    def _asked(self, path: Path, name: str, *drawing: int) -> bytes | None:
        child = self._waiting.lease()
        try:
            child.ask(path, name, *drawing)
            image = child.picture(self._limits.seconds)
        except (TimeoutError, Gone):
            child.kill()
            return None
        self._waiting.give_back(child)
        return image

    def close(self) -> None:
        """End the idle children; a reader that was closed can be used again."""
        self._waiting.keep(0)

    def _answer(self, child: ReadingProcess, name: str) -> tuple[Reading, bool]:
        """Return the next reading and whether *child* may be kept."""
        try:
            reading, is_last, lines = child.answer(self._limits.seconds)
        except TimeoutError:
            return _failed("READ-TIMEOUT", name, seconds=self._limits.seconds), False
        except Gone:
            return _failed("READ-CRASHED", name), False
        for line in lines:
            _log.error("reader_failed: %s", line)
        return reading, not is_last


def _failed(code: str, name: str, **values: object) -> Reading:
    return Reading(Format(), findings=(finding(code, name, **values),))
