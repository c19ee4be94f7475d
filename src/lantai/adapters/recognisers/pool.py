"""Recognition in a pool of processes, one thread each: models loaded once, memory bounded, a page that kills its reader set aside."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

from lantai.adapters.readers.process import ChildProcess, Gone
from lantai.core.errors import Fault
from lantai.ports.recogniser import Box, ReadLine, ReadPage

_MODULE = "lantai.adapters.recognisers.child"
_CRASHED = "识别程序在这一页上异常退出"
_SLOW = "识别超过 {seconds:g} 秒，已停止"


class PooledRecogniser:
    """Reads pages in *workers* child processes (as many as processors where 0), each page within *seconds*.

    Children start when pages come; when none are left one stays for the next, the others end.
    """

    def __init__(self, *, workers: int = 0, seconds: float = 120.0, most_pixels: int = 200_000_000) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._seconds, self._most_pixels = seconds, most_pixels
        self._idle: list[ChildProcess] = []
        self._lock = Lock()

    @property
    def name(self) -> str:
        """Engine and models with their versions."""
        from lantai.adapters.recognisers.models import engine  # noqa: PLC0415 - loads what reads, which the parent does not need

        return engine()

    def read(self, pages: Iterable[Path]) -> Iterator[ReadPage]:
        """Read images in the order of *pages*; a Fault for one page leaves the iterator at the next."""
        return _Reads(self, pages, self._workers)

    def close(self) -> None:
        """End the idle children."""
        self._keep(0)

    def one(self, path: Path) -> ReadPage:
        """Read one page in a child of its own; a child that dies is replaced once."""
        for is_last_try in (False, True):
            child = self._lease()
            child.send(str(path.absolute()))
            try:
                answer = child.receive(self._seconds)
            except TimeoutError:
                child.kill()
                raise Fault("SCAN-UNREADABLE", str(path), detail=_SLOW.format(seconds=self._seconds)) from None
            except Gone:
                child.kill()
                if is_last_try:
                    raise Fault("SCAN-UNREADABLE", str(path), detail=_CRASHED) from None
                continue
            self._return(child, is_spent=bool(answer.get("is_last")))
            return _told(answer)
        raise AssertionError

    def settle(self) -> None:
        """Let go of all idle children but one."""
        self._keep(1)

    def _lease(self) -> ChildProcess:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        try:
            return ChildProcess(_MODULE, {"most_pixels": self._most_pixels})
        except Gone:
            raise Fault("RECOGNISER-NOT-STARTED") from None

    def _return(self, child: ChildProcess, *, is_spent: bool) -> None:
        if is_spent:
            child.end()
            return
        with self._lock:
            self._idle.append(child)

    def _keep(self, count: int) -> None:
        with self._lock:
            spare, self._idle = self._idle[count:], self._idle[:count]
        for child in spare:
            child.end()


class _Reads:
    """Pages under way: as many as there are workers and one more each, so that no worker waits for another."""

    def __init__(self, pool: PooledRecogniser, pages: Iterable[Path], workers: int) -> None:
        self._pool, self._pages, self._ahead = pool, iter(pages), 2 * workers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="recogniser")
        self._waiting: deque[Future[ReadPage]] = deque()

    def __iter__(self) -> "_Reads":
        return self

    def __next__(self) -> ReadPage:
        while len(self._waiting) < self._ahead and (path := next(self._pages, None)) is not None:
            self._waiting.append(self._threads.submit(self._pool.one, path))
        if not self._waiting:
            self._end()
            raise StopIteration
        return self._waiting.popleft().result()

    def __del__(self) -> None:
        self._end()

    def _end(self) -> None:
        """Take no more pages; those under way are finished and forgotten."""
        self._threads.shutdown(wait=not self._waiting, cancel_futures=True)
        self._pool.settle()


def _told(answer: dict[str, Any]) -> ReadPage:
    if "fault" in answer:
        code, where, values = answer["fault"]
        raise Fault(code, where, **values)
    width, height, dpi, lines, unread, engine = answer["page"]
    return ReadPage(width, height, dpi, tuple(_line(row) for row in lines), tuple(_box(row) for row in unread), engine)


def _line(row: list[Any]) -> ReadLine:
    text, box, confidence, chars, is_vertical = row
    return ReadLine(text, _box(box), confidence, tuple((one, _box(place), sure) for one, place, sure in chars), is_vertical)


def _box(row: list[Any]) -> Box:
    return float(row[0]), float(row[1]), float(row[2]), float(row[3])
