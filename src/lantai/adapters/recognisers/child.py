"""The process that looks at pages and reads them: one thread, models loaded once, fed over pipes, replaced when it has grown too big.

It writes no file, leaves no core, and its answers are data, never code.
"""

import json
import os
import resource
import sys
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any, BinaryIO

import cv2

from lantai.adapters.imagers.direct import look
from lantai.adapters.peak import peak_bytes
from lantai.adapters.readers.wire import frame, unframe
from lantai.adapters.recognisers import page
from lantai.adapters.recognisers.memory import keep_freed
from lantai.core.errors import Fault
from lantai.ports.imager import Job
from lantai.ports.recogniser import ReadPage

_RETIRED_BYTES = 900 * 1024**2


def main() -> None:
    """Announce readiness, then answer request after request until the pipe closes or this process is too big to keep."""
    requests, answers = _pipes()
    most_pixels = int(json.loads(sys.argv[1])["most_pixels"])
    cv2.setNumThreads(1)
    keep_freed()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers.write(frame({"ready": True}))
    answers.flush()
    while (request := unframe(requests.read)) is not None:
        answer, image = _answer(request, most_pixels)
        is_last = peak_bytes() > _RETIRED_BYTES
        answers.write(frame(answer | {"is_last": is_last, "image_bytes": len(image)}) + image)
        answers.flush()
        if is_last:
            return


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take the pipes for ourselves, so that a library that prints cannot break the protocol."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return requests, answers


def _answer(request: dict[str, Any], most_pixels: int) -> tuple[dict[str, Any], bytes]:
    """Read a page, or look at a scan: then the picture follows the answer, for this process writes no file."""
    try:
        if "look" in request:
            source, target, place, turns = request["look"]
            done = look(Job(Path(source), Path(target), place, turns), most_pixels=most_pixels)
            return {"seen": asdict(done.seen) | {"picture": str(done.seen.picture)}}, done.image
        return {"page": packed(page.read(Path(str(request["read"])), most_pixels=most_pixels))}, b""
    except Fault as problem:
        return {"fault": [problem.code, problem.where, problem.values]}, b""


def packed(read: ReadPage) -> list[Any]:
    """Return a page as plain JSON values."""
    return list(astuple(read))


if __name__ == "__main__":
    main()
