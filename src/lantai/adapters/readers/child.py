"""The process that opens hostile files: started by the guard as ``python -m``, fed over pipes, killed without a thought.

It may write to no file, use no more memory than it is told, and leave no core; its answers are data, never code.
"""

import json
import logging
import os
import resource
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any, BinaryIO

from lantai.adapters.peak import peak_bytes
from lantai.adapters.readers.direct import DirectReader
from lantai.adapters.readers.wire import frame, pack, unframe
from lantai.formats import attachment, read, render  # noqa: F401 - every reader is in memory before memory is counted
from lantai.formats.identify import warm_up
from lantai.ports.reader import Limits

_CHECKED_EVERY = 50
_GROWTH_BYTES = 256 * 1024**2
_UNSETTLING = frozenset({"READ-TOO-LARGE", "READ-CRASHED"})  # memory may be short or torn after these: better a fresh process


class _Kept(logging.Handler):
    """Keeps what readers log, for the guard to log again: this process has no place to write to."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(self.format(record)[-4000:])

    def take(self) -> list[str]:
        """Return what was kept since the last call."""
        lines, self.lines = self.lines, []
        return lines


def main() -> None:
    """Announce readiness, then answer requests [path, name(, page, width(, place))]
    until the pipe closes or this process is too big to keep."""
    requests, answers = _pipes()
    limits = Limits(**json.loads(sys.argv[1]))
    warm_up()
    _restrict(limits.memory_bytes)
    answers.write(frame({"ready": True}))
    answers.flush()
    _serve(DirectReader(limits), requests, answers)


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take the pipes for ourselves, so that a library that prints cannot break the protocol."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return requests, answers


def _restrict(memory_bytes: int) -> None:
    """Forbid writing files and core dumps, and bound the address space; Siegfried alone has reserved over 1 GiB of it by now."""
    reserved = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (reserved + memory_bytes, reserved + memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _serve(reader: DirectReader, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer request after request; the last answer before leaving says so."""
    kept = _Kept()
    logging.getLogger().addHandler(kept)
    start, served = peak_bytes(), 0
    while (request := unframe(requests.read)) is not None:
        served += 1
        answer, is_shaken = _answer(reader, *request)
        has_grown = served % _CHECKED_EVERY == 0 and peak_bytes() - start > _GROWTH_BYTES
        is_last = has_grown or is_shaken
        answers.write(frame(answer | {"is_last": is_last, "log": kept.take()}))
        answers.flush()
        if is_last:
            return


def _answer(reader: DirectReader, path: str, name: str, page: int = 0, width: int = 0, place: int = 0) -> tuple[dict[str, Any], bool]:
    """Read the file, draw its page where one is asked for, or unpack the file inside at *place* (from 1); tell also whether this
    process should not be kept after it."""
    if place:
        inside = reader.attachment(Path(path), name, index=place - 1)
        return {"image": None if inside is None else b64encode(inside).decode()}, False
    if page:
        image = reader.render(Path(path), name, page=page, width=width)
        return {"image": None if image is None else b64encode(image).decode()}, False
    reading = reader.read(Path(path), name)
    return {"reading": pack(reading)}, any(item.code in _UNSETTLING for item in reading.findings)


if __name__ == "__main__":
    main()
