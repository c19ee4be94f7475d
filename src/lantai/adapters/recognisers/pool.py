"""Pages in a pool of processes, one thread each: looked at and read, models loaded once, memory bounded, a page that kills its process
set aside."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from lantai.adapters.readers.process import ChildProcess, Gone, Waiting
from lantai.adapters.recognisers.naming import engine
from lantai.core.errors import Fault
from lantai.ports.imager import Job, Seen
from lantai.ports.recogniser import Box, ReadLine, ReadPage

_MODULE = "lantai.adapters.recognisers.child"
_CRASHED = "识别程序在这一页上异常退出"
_SLOW = "这一页的处理超过 {seconds:g} 秒，已停止"


@dataclass(frozen=True, slots=True)
class _Answered:
    """What a child answered, and the bytes that came with it."""

    told: dict[str, Any]
    image: bytes


class PooledRecogniser:
    """Looks at pages and reads them in *workers* child processes (as many as processors where 0), each page within *seconds*.

    Children start when pages come; when none are left one stays for the next, the others end.
    """

    def __init__(self, *, workers: int = 0, seconds: float = 120.0, most_pixels: int = 200_000_000) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._seconds, self._most_pixels = seconds, most_pixels
        self._waiting = Waiting(self._start)
        self._free = BoundedSemaphore(self._workers)

    @property
    def name(self) -> str:
        """Engine and models with their versions."""
        return engine()

    def read(self, pages: Iterable[Path]) -> Iterator[ReadPage]:
        """Read images in the order of *pages*; a Fault for one page leaves the iterator at the next."""
        return _Answers(self, self._read, pages, self._workers)

    def look(self, jobs: Iterable[Job]) -> Iterator[Seen]:
        """Look at scans in the order of *jobs*; a Fault for one page leaves the iterator at the next."""
        return _Answers(self, self._look, jobs, self._workers)

    @property
    def idle(self) -> tuple[int, ...]:
        """Process numbers of the children that wait for pages."""
        return self._waiting.pids

    def close(self) -> None:
        """End the idle children."""
        self._waiting.keep(0)

    def settle(self) -> None:
        """Let go of all idle children but one."""
        self._waiting.keep(1)

    def _read(self, path: Path) -> ReadPage:
        return _page(self._ask({"read": str(path.absolute())}, path).told)

    def _look(self, job: Job) -> Seen:
        answered = self._ask({"look": [str(job.source.absolute()), str(job.target), job.frame, job.quarter_turns]}, job.source)
        row = answered.told["seen"]
        from lantai.core.digitising import Measured

        picture = job.target.with_suffix(".png" if str(row["picture"]).endswith(".png") else ".jpg")
        picture.write_bytes(answered.image)
        return Seen(**row | {"picture": picture, "measured": Measured(**row["measured"])})

    def _ask(self, request: dict[str, Any], path: Path) -> _Answered:
        """Ask a child once one may be used: never more than *workers* are at once, whether they look or read."""
        with self._free:
            return self._asked(request, path)

    def _asked(self, request: dict[str, Any], path: Path) -> _Answered:
        """Ask a child of its own; one that dies is replaced once. Raises Fault as the child says, or SCAN-UNREADABLE."""
        for is_last_try in (False, True):
            child = self._waiting.lease()
            child.send(request)
            try:
                told = child.receive(self._seconds)
                image = child.take(int(told["image_bytes"]), self._seconds)
            except TimeoutError:
                child.kill()
                raise Fault("SCAN-UNREADABLE", str(path), detail=_SLOW.format(seconds=self._seconds)) from None
            except Gone:
                child.kill()
                if is_last_try:
                    raise Fault("SCAN-UNREADABLE", str(path), detail=_CRASHED) from None
                continue
            if told.get("is_last"):
                child.end()
            else:
                self._waiting.give_back(child)
            if "fault" in told:
                code, where, values = told["fault"]
                raise Fault(code, where, **values)
            return _Answered(told, image)
        raise AssertionError

    def _start(self) -> ChildProcess:
        try:
            return ChildProcess(_MODULE, {"most_pixels": self._most_pixels})
        except Gone:
            raise Fault("RECOGNISER-NOT-STARTED") from None


class _Answers[Asked, Answer]:
    """Pages under way: as many as there are workers and one more each, so that no worker waits for another."""

    def __init__(self, pool: PooledRecogniser, one: Callable[[Asked], Answer], asked: Iterable[Asked], workers: int) -> None:
        self._pool, self._one, self._asked, self._ahead = pool, one, iter(asked), 2 * workers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="recogniser")
        self._waiting: deque[Future[Answer]] = deque()

    def __iter__(self) -> "_Answers[Asked, Answer]":
        return self

    def __next__(self) -> Answer:
        while len(self._waiting) < self._ahead:
            try:
                asked = next(self._asked)
            except StopIteration:
                break
            self._waiting.append(self._threads.submit(self._one, asked))
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


def _page(answer: dict[str, Any]) -> ReadPage:
    width, height, dpi, lines, unread, engine = answer["page"]
    return ReadPage(width, height, dpi, tuple(_line(row) for row in lines), tuple(_box(row) for row in unread), engine)


def _line(row: list[Any]) -> ReadLine:
    text, box, confidence, chars, is_vertical = row
    return ReadLine(text, _box(box), confidence, tuple((one, _box(place), sure) for one, place, sure in chars), is_vertical)


def _box(row: list[Any]) -> Box:
    return float(row[0]), float(row[1]), float(row[2]), float(row[3])
