"""A clock of our own: the time in which others had the processors is not counted, what we wait for ourselves is.

On a machine that does other work besides, the clock on the wall tells of that work. Linux counts for every thread how long it stood ready
and was not let run; without that, what is left is computing and waiting (for the disk, a lock, another process of ours).
"""

import time
from pathlib import Path

_WAITED = Path("/proc/thread-self/schedstat")


class OwnClock:
    """Runs from when it is made, for the thread that made it."""

    def __init__(self) -> None:
        self._began, self._used, self._waited = time.perf_counter(), time.thread_time(), _waited()

    def seconds(self) -> tuple[float, float, float]:
        """Return the time by the clock on the wall, by our own clock, and of a processor."""
        wall = time.perf_counter() - self._began
        return wall, max(0.0, wall - (_waited() - self._waited)), time.thread_time() - self._used

    def milliseconds(self) -> tuple[float, float, float]:
        """Return the same in milliseconds."""
        wall, own, cpu = self.seconds()
        return wall * 1000, own * 1000, cpu * 1000

    def figures(self, name: str) -> dict[str, float]:
        """Return the three as figures in seconds: ``name_s``, ``name_own_s``, ``name_cpu_s``."""
        return {f"{name}{end}": round(value, 2) for end, value in zip(("_s", "_own_s", "_cpu_s"), self.seconds(), strict=True)}


def _waited() -> float:
    """Return for how many seconds this thread stood ready and was not let run; 0 where the system does not say."""
    try:
        return int(_WAITED.read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0
