"""The archiving gate over a folder of files: CPU a file beyond the digests, virus engine and page drawing apart.

``python -m bench.check --files N``: N one-page PDFs and as many plain texts are generated. Everything the gate does for a path is in the
figure: copying, identifying, reading in a child process, text, the forty items. CPU is that of the process and its children.
"""

import argparse
import hashlib
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.corpus import one_page_pdfs, text

CHUNK_BYTES = 1024 * 1024


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench check")
    parser.add_argument("--files", type=int, default=100, help="how many files of each kind")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="lantai-bench-") as folder:
        pdfs, texts = Path(folder) / "pdf", Path(folder) / "txt"
        one_page_pdfs(pdfs, chosen.files)
        _texts(texts, chosen.files)
        return _hashing([*pdfs.iterdir(), *texts.iterdir()]) | _figures("pdf", pdfs) | _figures("txt", texts) | _memory()


def _texts(folder: Path, count: int) -> None:
    folder.mkdir()
    for index in range(count):
        (folder / f"{index:06d}.txt").write_text("\n".join(text(index).lines()), encoding="utf-8")


def _figures(kind: str, folder: Path) -> dict[str, Any]:
    from lantai.adapters.readers import GuardedReader
    from lantai.packages import container
    from lantai.ports.scanner import NoScanner
    from lantai.stages import examine

    class Undrawn(GuardedReader):
        """Draws nothing: drawing is not in the figure."""

        def render(self, path: Path, name: str, *, page: int, width: int) -> bytes | None:
            """Say that the page was drawn."""
            return b"\x89PNG"

    files = list(folder.iterdir())
    began, cpu = time.monotonic(), cpu_seconds()
    with Undrawn() as reader:
        report = examine.check_path(reader, NoScanner(), folder, stage="archiving", limits=container.ContainerLimits())
    spent, wall = cpu_seconds() - cpu, time.monotonic() - began
    floor = _digested(files, CHUNK_BYTES)
    return {
        f"{kind}_files": report["records"],
        f"{kind}_ms_cpu_a_file": round(1000 * (spent - floor) / len(files), 3),
        f"{kind}_floor_ms_a_file": round(1000 * floor / len(files), 3),
        f"{kind}_wall_s": round(wall, 2),
    }


def _hashing(files: list[Path]) -> dict[str, float]:
    """Compare the digests in chunks, as the gate makes them, with the floor: whole contents that are in memory."""
    contents = [path.read_bytes() for path in files[:2000]]
    began = cpu_seconds()
    for content in contents:
        hashlib.sha256(content).digest()
        hashlib.new("sm3", content).digest()
    floor = cpu_seconds() - began
    began = cpu_seconds()
    for content in contents:
        sha256, sm3 = hashlib.sha256(), hashlib.new("sm3")
        for at in range(0, len(content), CHUNK_BYTES):
            chunk = content[at : at + CHUNK_BYTES]
            sha256.update(chunk)
            sm3.update(chunk)
        sha256.hexdigest()
        sm3.hexdigest()
    return {"hashing_of_floor": round((cpu_seconds() - began) / floor, 3) if floor else 0.0}


def _digested(files: list[Path], size: int) -> float:
    """Return the CPU seconds that both digests over the files take by themselves."""
    began = cpu_seconds()
    for path in files:
        sha256, sm3 = hashlib.sha256(), hashlib.new("sm3")
        with path.open("rb", buffering=0) as stream:
            while chunk := stream.read(size):
                sha256.update(chunk)
                sm3.update(chunk)
    return cpu_seconds() - began


def _memory() -> dict[str, float]:
    return {"peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and its children that ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:]), ensure_ascii=False, indent=1))
