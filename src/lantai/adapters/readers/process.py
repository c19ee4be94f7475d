"""A child process seen from its parent, and those that wait to be asked again."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import finalize

import lantai
from lantai.adapters.readers.wire import LENGTH, MAX_FRAME, frame, unpack
from lantai.core.errors import Fault
from lantai.ports.reader import Limits, Reading

_START_SECONDS = 60.0
_END_SECONDS = 2.0
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "HOME", "TMPDIR", "PYTHONPYCACHEPREFIX")
_CHUNK = 1024**2


class Gone(Exception):
    """The child has ended, or speaks nonsense, with an answer outstanding."""


class ChildProcess:
    """A child ``python -m MODULE`` that is up and waiting; *arguments* are given to it as JSON. Raises Gone where it does not come up."""

    def __init__(self, module: str, arguments: dict[str, Any]) -> None:
        command = [sys.executable, "-P", "-m", module, json.dumps(arguments)]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd="/", env=_environment(), start_new_session=True, bufsize=0,
        )  # fmt: skip
        self._buffer = bytearray()
        try:
            self.receive(_START_SECONDS)
        except (TimeoutError, Gone):
            self.kill()
            raise Gone from None

    @property
    def is_alive(self) -> bool:
        """True while the process runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def send(self, request: object) -> None:
        """Send one request. A child that is gone is noticed when its answer is waited for."""
        stdin = self._process.stdin
        if stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                stdin.write(frame(request))

    def kill(self) -> None:
        """End it at once and reap it."""
        self._process.kill()
        self._close()
        self._process.wait()

    def end(self) -> None:
        """Let it finish by closing its input; kill it where it does not."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def receive(self, seconds: float) -> Any:  # noqa: ANN401 - JSON
        """Return the oldest outstanding answer. Raises TimeoutError after *seconds*, Gone where the child ended or speaks nonsense."""
        deadline = time.monotonic() + seconds
        self._fill(LENGTH.size, deadline)
        (size,) = LENGTH.unpack_from(self._buffer)
        if size > MAX_FRAME:
            raise Gone
        del self._buffer[: LENGTH.size]
        body = self.take(size, max(0.0, deadline - time.monotonic()))
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise Gone from None

    def take(self, size: int, seconds: float) -> bytes:
        """Return the next *size* bytes, which an answer has announced. Raises like :meth:`receive`."""
        if not 0 <= size <= MAX_FRAME:
            raise Gone
        self._fill(size, time.monotonic() + seconds)
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _fill(self, size: int, deadline: float) -> None:
        if self._process.stdout is None:
            raise Gone
        pipe = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        while len(self._buffer) < size:
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise TimeoutError
            chunk = os.read(pipe, _CHUNK)
            if not chunk:
                raise Gone
            self._buffer += chunk


class Waiting[Child: ChildProcess]:
    """Children of one kind that wait to be asked again, for any number of threads; what still waits ends with this or its process."""

    def __init__(self, start: Callable[[], Child]) -> None:
        self._start, self._lock = start, Lock()
        self._waiting: list[Child] = []
        finalize(self, _end, self._waiting)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process numbers of those that wait."""
        with self._lock:
            return tuple(child.pid for child in self._waiting)

    def lease(self) -> Child:
        """Return one that waits and lives, else a new one. Raises as what starts it."""
        with self._lock:
            while self._waiting:
                child = self._waiting.pop()
                if child.is_alive:
                    return child
                child.kill()
        return self._start()

    def give_back(self, child: Child) -> None:
        """Let a child wait that has answered all it was asked."""
        with self._lock:
            self._waiting.append(child)

    def keep(self, count: int) -> None:
        """End all that wait but *count*."""
        with self._lock:
            spare, self._waiting[:] = self._waiting[count:], self._waiting[:count]
        _end(spare)


def _end(children: Iterable[ChildProcess]) -> None:
    for child in children:
        child.end()


class ReadingProcess(ChildProcess):
    """A child that reads files. Raises Fault READER-NOT-STARTED from the constructor where it does not come up."""

    def __init__(self, limits: Limits) -> None:
        try:
            super().__init__("lantai.adapters.readers.child", asdict(limits))
        except Gone:
            raise Fault("READER-NOT-STARTED") from None

    def ask(self, path: Path, name: str, *drawing: int) -> None:
        """Send one request: to read, or, with page and width, to draw, or to unpack."""
        self.send([str(path.absolute()), name, *drawing])

    def answer(self, seconds: float) -> tuple[Reading, bool, list[str]]:
        """Return the oldest outstanding reading, whether the child leaves after it, and what it logged.

        Raises TimeoutError after *seconds*, Gone where the child ended or its answer makes no sense.
        """
        row = self.receive(seconds)
        try:
            return unpack(row["reading"]), bool(row["is_last"]), [str(line) for line in row["log"]]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Gone from None

    def picture(self, seconds: float) -> bytes | None:
        """Return the bytes asked for (a drawn page, a file inside), None where there is none. Raises like :meth:`answer`."""
        try:
            image = self.receive(seconds)["image"]
            return None if image is None else b64decode(image, validate=True)
        except (KeyError, TypeError, ValueError):
            raise Gone from None


def _environment() -> dict[str, str]:
    """Return what the child needs to find Lantai, and none of the parent's secrets."""
    root = str(Path(lantai.__file__).parents[1])
    paths = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    passed = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    return passed | {"PYTHONPATH": paths, "PYTHONUTF8": "1", "GOMAXPROCS": "1", "MALLOC_ARENA_MAX": "2"}
