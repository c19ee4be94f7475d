"""Fuzzing by the hour: ``python -m tests.fuzz.run --seconds 3600 --corpus ../shared/corpus --into FOLDER``.

Each codec gets an equal share of CPU seconds in a process of its own, whose memory is bounded and which is killed when one input
takes too long. What may not happen: any exception but those the codec promises, more than SECONDS for one input, more memory than the
bound, the end of the process. The input that did it is kept in the folder, one a kind of failure.
"""

import argparse
import faulthandler
import hashlib
import json
import multiprocessing
import os
import resource
import shutil
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from lantai.formats.identify import warm_up
from tests.fuzz.targets import TARGETS, Target

SECONDS = 8.0
MEMORY_BYTES = 1536 * 1024**2
_LARGEST_SEED = 256 * 1024
_MOST_SEEDS = 60


def tried(target: Target, data: bytes, folder: Path) -> str:
    """Give *data* to the codec; return what it did that it may not, as ``exception at place``, empty where all is well."""
    folder.mkdir()
    try:
        target.call(data, folder)
    except target.allowed:
        return ""
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as problem:  # noqa: BLE001 - this is what is looked for; a panic in Rust is no Exception
        frames = traceback.extract_tb(problem.__traceback__)
        ours = [frame for frame in frames if "/lantai/" in frame.filename] or frames
        return f"{type(problem).__name__} at {Path(ours[-1].filename).name}:{ours[-1].name}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return ""


def seeds(target: Target, corpus: Path | None) -> list[bytes]:
    """Return the codec's own seeds and the smaller real files of its kind."""
    found = list(target.seeds())
    if corpus is None:
        return found
    paths = [path for pattern in target.real for path in sorted(corpus.glob(pattern)) if path.is_file()]
    return found + [path.read_bytes() for path in paths if path.stat().st_size <= _LARGEST_SEED][:: max(1, len(paths) // _MOST_SEEDS)]


def _work(name: str, number: int, seconds: float, corpus: Path | None, into: Path, answers: Connection) -> None:
    """Run in a child: mutate and try until the CPU seconds are used up; the input at hand is always in a file."""
    faulthandler.enable((into / f"{name}.fault").open("w"))
    target, rng = TARGETS[name], Random(number)
    every = seeds(target, corpus)
    warm_up()  # the Go runtime reserves more address space than the bound, at the first file
    reserved = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (reserved + MEMORY_BYTES, reserved + MEMORY_BYTES))
    at_hand, end = into / f"{name}.at-hand", time.process_time() + seconds
    with TemporaryDirectory(prefix="lantai-fuzz-") as folder:
        while time.process_time() < end:
            data = target.mutate(rng.choice(every), every, rng)
            at_hand.write_bytes(data)
            start = time.process_time()
            failure = tried(target, data, Path(folder) / "x")
            spent = time.process_time() - start
            failure = failure or ("slow" if spent > SECONDS else "")
            if failure:
                _keep(into, name, failure)
            answers.send((failure, spent))
    at_hand.unlink(missing_ok=True)


def fuzz(name: str, seconds: float, *, seed: int, corpus: Path | None, into: Path) -> dict[str, object]:
    """Fuzz one codec for *seconds* of CPU; return tries, the slowest in seconds, and failures by kind."""
    failures, tries, slowest, used, starts = Counter[str](), 0, 0.0, 0.0, 0
    while used < seconds and starts < 20:
        ours, theirs = multiprocessing.get_context("spawn").Pipe(duplex=False)
        arguments = (name, seed * 1000 + starts, seconds - used, corpus, into, theirs)
        child = multiprocessing.get_context("spawn").Process(target=_work, args=arguments)
        child.start()
        theirs.close()
        starts += 1
        for failure, spent in _answers(ours, child.pid or 0):
            tries, slowest, used = tries + 1, max(slowest, spent), used + spent
            if failure:
                failures[failure] += 1
        child.join(60)  # a child that is done may take its time to end on a busy machine
        if child.exitcode != 0:
            child.kill()
            failures[kind := f"ended {child.exitcode}"] += 1
            _keep(into, name, kind)
            used += SECONDS
        else:
            break
    return {"codec": name, "tries": tries, "cpu_seconds": round(used, 1), "slowest": round(slowest, 2), "failures": dict(failures)}


def _answers(pipe: Connection, pid: int) -> Iterator[tuple[str, float]]:
    """Yield answers until the child ends or hangs; one that hangs is killed."""
    first = 120.0
    while True:
        if not pipe.poll(first):
            os.kill(pid, 9)
            return
        try:
            yield pipe.recv()
        except EOFError:
            return
        first = SECONDS * 4


def _keep(into: Path, name: str, failure: str) -> None:
    """Keep the input at hand, the first of its kind."""
    source = into / f"{name}.at-hand"
    key = hashlib.sha256(failure.encode()).hexdigest()[:8]
    target = into / f"{name}-{key}.bin"
    if source.is_file() and not target.exists():
        shutil.copyfile(source, target)


def main() -> None:
    """Fuzz every codec, or those whose name begins so, and print a line of JSON for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="CPU seconds of all codecs together")
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--into", type=Path, required=True, help="folder for what was found")
    chosen = parser.parse_args()
    chosen.into.mkdir(parents=True, exist_ok=True)
    names = [name for name in TARGETS if name.startswith(chosen.only)]
    for name in names:
        row = fuzz(name, chosen.seconds / len(names), seed=chosen.seed, corpus=chosen.corpus, into=chosen.into)
        print(json.dumps(row, ensure_ascii=False), flush=True)  # noqa: T201 - its output


if __name__ == "__main__":
    main()
