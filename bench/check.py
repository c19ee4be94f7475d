"""The archiving gate: CPU a file beyond the digests, virus engine and page drawing apart, over a path and inside ``archive``.

``lantai bench check --files 10000 --kib 160``: a delivery of PDF, OFD, text, Word and pictures is generated, kind by kind. ``path_…``:
everything ``lantai check PATH`` does, that is copying, identifying, reading in a child process, text, forty items. ``gate_…``: what
``archive`` does until a record's package is described, judged and reported; ``archive_…``: all of ``archive``, with the writing,
flushing and reading back. The floor is SHA-256 and SM3 over the same files in the same run. CPU is that of the process and its children.
The reading child of ``path_…`` starts once for every kind here and once for a whole delivery elsewhere: its start is shared by the kinds.
"""

import argparse
import hashlib
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import batched
from pathlib import Path
from typing import Any

from bench import corpus, mixture
from bench.ground import fresh_ground
from bench.line import cpu_seconds

CHUNK_BYTES = 1024 * 1024


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench check")
    parser.add_argument("--files", type=int, default=200, help="how many files in all")
    parser.add_argument("--kib", type=int, default=160, help="mean size of a file")
    parser.add_argument("--pages", type=int, default=1, help="pages of each PDF and OFD")
    parser.add_argument("--no-archive", action="store_true", help="leave out the run through the line")
    chosen = parser.parse_args(arguments)
    with fresh_ground(2 * 1024**3 + 5 * chosen.files * chosen.kib * 1024) as (folder, ground):
        made = {
            kind: mixture.write(folder / "in" / kind, kind, count, mean_bytes=chosen.kib * 1024, pages=chosen.pages)
            for kind, count in mixture.counts(chosen.files).items()
        }
        sizes = [path.stat().st_size for paths in made.values() for path in paths]
        head = {"files": len(sizes), "mib": round(sum(sizes) / 1024**2), "ground": ground}
        told = head | _hashing([path for paths in made.values() for path in paths[:400]])
        floors = {kind: _digested(paths) for kind, paths in made.items()}
        told |= {f"floor_{kind}_ms_a_file": _a_file(floors[kind], paths) for kind, paths in made.items()}
        for paths in made.values():
            _path_spent(paths[:1])  # imports, and files that were never read
        start = min(_path_spent(paths[:1]) for paths in made.values())
        told |= {"path_start_s_cpu": round(start, 3)}
        for kind, paths in made.items():
            told |= _path_figures(kind, paths, floors[kind] + start - start / len(made))
        told |= {"path_peak_rss_mb": _peak()}
        return told if chosen.no_archive else told | _archive_figures(folder, made, floors)


def _path_figures(kind: str, files: list[Path], apart: float) -> dict[str, Any]:
    return {f"path_{kind}_ms_cpu_a_file": _a_file(_path_spent(files) - apart, files)}


def _path_spent(files: list[Path]) -> float:
    """Return the CPU seconds of judging some files of one folder, with a reading child of its own."""
    from lantai.adapters.readers import GuardedReader
    from lantai.packages import container
    from lantai.ports.scanner import NoScanner
    from lantai.stages import examine

    class Undrawn(GuardedReader):
        """Draws nothing: drawing is not in the figure."""

        def render(self, path: Path, name: str, *, page: int, width: int) -> bytes | None:
            """Say that the page was drawn."""
            return b"\x89PNG"

    place = files[0].parent if len(files) > 1 else files[0]
    began = cpu_seconds()
    with Undrawn() as reader:
        report = examine.check_path(reader, NoScanner(), place, stage="archiving", limits=container.ContainerLimits())
    if report["records"] != len(files):
        raise ValueError(f"{report['records']} of {len(files)} files of {place} became records")
    return cpu_seconds() - began


def _archive_figures(folder: Path, made: dict[str, list[Path]], floors: dict[str, float]) -> dict[str, Any]:
    """Set up an agency and take each kind through its line."""
    from lantai.cli.console import start
    from lantai.cli.setting_up import found

    data = folder / "data"
    found(data, agency="云汀市发展和改革委员会", fonds="Z109", kind="trial")
    start(data)
    return _walk(made, floors)


def _walk(made: dict[str, list[Path]], floors: dict[str, float]) -> dict[str, Any]:
    """Take each kind through the line by itself and measure what ``archive`` does."""
    from lantai import line, wiring
    from lantai.demo import run
    from lantai.shelves.holdings.models import Record
    from lantai.stages import accept, archive, arrange, capture, check, describe

    wiring.provide()
    house = wiring.house()
    archivist = run.install(house, "Bench-check-1")
    told: dict[str, Any] = {}
    for kind, files in made.items():
        batch_id = capture.open_batch(house, archivist, [files[0].parent], channel="manual", department="BGS")
        capture.receive(house, batch_id)
        for verb in (check.check, describe.describe, accept.settle, arrange.arrange):
            verb(house, batch_id)
        bare = Record.objects.filter(batch_id=batch_id, title="").values_list("id", flat=True)
        for part in batched(list(bare), arrange.AT_ONCE):  # more go on as a job
            named = {"title": "现场照片", "author": corpus.AGENCY, "date": "20250301", "year": "2025"}
            arrange.revise_many(house, archivist, part, changes=named)
        line.seal(house, archivist, list(Record.objects.filter(batch_id=batch_id, state="arranged")))
        with _gate_watched() as gate:
            began = cpu_seconds()
            done = archive.archive(house)
            spent = cpu_seconds() - began
        if done != len(files):
            raise ValueError(f"{done} of {len(files)} {kind} files were archived: {_resting()}")
        told[f"gate_{kind}_ms_cpu_a_file"] = _a_file(sum(gate), files)
        told[f"archive_{kind}_ms_cpu_a_file"] = _a_file(spent - floors[kind], files)
    house.reader.close()
    return told | {"archive_peak_rss_mb": _peak()}


def _resting() -> dict[str, int]:
    """Return where records rest and why, for whoever reads that not all were archived."""
    from lantai.shelves.holdings.models import Record

    return dict(Counter(f"{row.state} {row.needs_attention}" for row in Record.objects.all()))


@contextmanager
def _gate_watched() -> Iterator[list[float]]:
    """Yield a list that the CPU seconds of every building of a package go to: description, facts, forty items, report."""
    from lantai.stages.archive import build

    spent: list[float] = []
    plain = build.Builder.build

    def timed(self: build.Builder, material: build.Material) -> build.Built:
        began = time.process_time()
        made = plain(self, material)
        spent.append(time.process_time() - began)
        return made

    build.Builder.build = timed  # type: ignore[method-assign]
    try:
        yield spent
    finally:
        build.Builder.build = plain  # type: ignore[method-assign]


def _hashing(files: list[Path]) -> dict[str, float]:
    """Compare the digests in chunks, as the gate makes them, with the floor: whole contents that are in memory."""
    contents = [path.read_bytes() for path in files]
    ratios = sorted(_chunked(contents) / _whole(contents) for _ in range(5))
    return {"hashing_of_floor": round(ratios[2], 3)}


def _whole(contents: list[bytes]) -> float:
    began = cpu_seconds()
    for content in contents:
        hashlib.sha256(content).digest()
        hashlib.new("sm3", content).digest()
    return cpu_seconds() - began


def _chunked(contents: list[bytes]) -> float:
    began = cpu_seconds()
    for content in contents:
        sha256, sm3 = hashlib.sha256(), hashlib.new("sm3")
        for at in range(0, len(content), CHUNK_BYTES):
            chunk = content[at : at + CHUNK_BYTES]
            sha256.update(chunk)
            sm3.update(chunk)
        sha256.hexdigest()
        sm3.hexdigest()
    return cpu_seconds() - began


def _digested(files: list[Path]) -> float:
    """Return the CPU seconds that both digests over the files take by themselves."""
    began = cpu_seconds()
    for path in files:
        sha256, sm3 = hashlib.sha256(), hashlib.new("sm3")
        with path.open("rb", buffering=0) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                sha256.update(chunk)
                sm3.update(chunk)
    return cpu_seconds() - began


def _a_file(seconds: float, files: list[Path]) -> float:
    return round(1000 * seconds / len(files), 3)


def _peak() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:]), ensure_ascii=False, indent=1))
