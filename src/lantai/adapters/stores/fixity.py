"""A first reading of many objects for a fixity audit, in as many processes as there are processors.

Threads would not do: an object of a few hundred kilobytes is some forty short calls of the system, and each of them lets go of the one
lock that two threads of an interpreter then fight over. A child only says which objects are to the last byte what was written; whatever it
does not say so of, and all it was asked when it dies, is for the store to judge.
"""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock, Timer

from lantai.adapters.readers.process import ChildProcess, Gone, Waiting

_MODULE = "lantai.adapters.stores.fixity_child"
#: Fewer objects than this are read sooner than a process comes up.
FEWEST = 32
_IDLE_SECONDS = 90.0  # longer than an audit pauses between two slices
_READING_SECONDS = 86_400.0
_FEWEST_HANDED = 4


class FixityReaders:
    """Child processes that read objects of local vaults, *workers* of them (as many as processors where 0); they end when nothing comes.

    One for all vaults of a process: what is shared are the processors.
    """

    def __init__(self, *, workers: int = 0, idle_seconds: float = _IDLE_SECONDS) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._idle_seconds = idle_seconds
        self._waiting = Waiting(partial(ChildProcess, _MODULE, {}))
        self._lock = Lock()
        self._timer: Timer | None = None

    @property
    def idle(self) -> tuple[int, ...]:
        """Process numbers of the children that wait."""
        return self._waiting.pids

    def doubtful(self, objects: Sequence[tuple[str, str]]) -> list[str]:
        """Return the records of which no child could say that their objects are whole; *objects* are their ids and folders."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
        with ThreadPoolExecutor(self._workers) as threads:
            found = [key for part in threads.map(self._ask, _parts(objects, self._workers)) for key in part]
        self._rest()
        return found

    def close(self) -> None:
        """End the children that wait."""
        self._waiting.keep(0)

    def _ask(self, objects: Sequence[tuple[str, str]]) -> list[str]:
        keys = [key for key, _ in objects]
        try:
            child = self._waiting.lease()
        except Gone:
            return keys
        child.send(objects)
        try:
            whole = set(child.receive(_READING_SECONDS))
        except (Gone, TimeoutError, TypeError):
            child.kill()
            return keys
        self._waiting.give_back(child)
        return [key for key in keys if key not in whole]

    def _rest(self) -> None:
        """Let the children wait for the next slice of an audit, and end when none comes."""
        with self._lock:
            self._timer = Timer(self._idle_seconds, partial(self._waiting.keep, 0))
            self._timer.daemon = True
            self._timer.start()


def _parts(objects: Sequence[tuple[str, str]], workers: int) -> Iterable[Sequence[tuple[str, str]]]:
    """Yield the objects in parts that grow smaller: few handings over, and yet all children end together."""
    at = 0
    while at < len(objects):
        size = max(_FEWEST_HANDED, (len(objects) - at) // (2 * workers))
        yield objects[at : at + size]
        at += size
