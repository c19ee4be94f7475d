"""Serving: how long ``lantai serve`` takes to its first page, and how much memory it holds while nobody asks anything.

A fresh installation with one worker, on a free port of this machine. ``start_s`` counts from starting the process to the whole
sign-in page; memory is the sum of the proportional sizes (PSS: a page that several processes share counts once) of the server,
its workers and all they started, some seconds later. ``used_rss_mb`` is the same after the worker took a record in and pages were
asked for. The first start, which may compile modules, is not counted.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 60.0


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench serve")
    parser.add_argument("--settle", type=float, default=4.0, help="seconds of idleness before memory is read")
    chosen = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    try:
        return measure(folder, chosen.settle)
    finally:
        shutil.rmtree(folder)


def measure(folder: Path, settle: float) -> dict[str, Any]:
    """Set up an installation in *folder*, serve it and look at it."""
    there = Installation(folder / "data", folder / "config", free_port())
    there.run("init", "--agency", "云汀市发展和改革委员会")
    with serving(there) as (_, _):
        pass
    with serving(there) as (server, start_s):
        time.sleep(settle)
        idle = sizes(server.pid)
        source = folder / "通知.txt"
        source.write_text("关于开展年度检查的通知\n云发改〔2026〕1号\n2026年1月5日\n", encoding="utf-8")
        there.run("capture", str(source))
        for _ in range(20):
            page(there.port)
        _wait_for_reader(server.pid, len(idle))
        time.sleep(settle)
        used = sizes(server.pid)
    return {
        "start_s": round(start_s, 2),
        "idle_rss_mb": round(sum(idle.values()) / 1024, 1),
        "processes": len(idle),
        "used_rss_mb": round(sum(used.values()) / 1024, 1),
        "left_behind": sum(Path(f"/proc/{pid}").exists() for pid in used),
    }


def _wait_for_reader(server: int, idle: int) -> None:
    """Wait until the worker has taken the delivery up: the process that reads files is there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(sizes(server)) <= idle and time.monotonic() < deadline:
        time.sleep(0.2)


@dataclass(frozen=True, slots=True)
class Installation:
    """A data folder with what a command on it needs to know."""

    data: Path
    config: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        """The variables of its processes; compiled modules are kept, as the launcher does it."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("LANTAI_")}
        own = {"LANTAI_DATA": str(self.data), "XDG_CONFIG_HOME": str(self.config), "LANTAI_WORKERS": "1"}
        compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(self.config.parent / "compiled")}
        return kept | compiled | own | {"PYTHONPATH": str(ROOT / "src")}

    def run(self, *words: str) -> None:
        """Run one command to its end; exit codes of findings are fine."""
        done = subprocess.run(command(*words), env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 4):
            raise RuntimeError(done.stderr)


def command(*words: str) -> list[str]:
    """Return the command line that runs Lantai with *words*."""
    return [sys.executable, "-P", "-m", "lantai.cli.main", *words]


@contextmanager
def serving(there: Installation) -> Iterator[tuple["subprocess.Popen[bytes]", float]]:
    """Serve while the block runs; yield the process and the seconds to its first whole page."""
    began = time.monotonic()
    words = command("serve", "--port", str(there.port))
    server = subprocess.Popen(words, env=there.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not answers(there.port):
            if server.poll() is not None or time.monotonic() - began > PATIENCE_SECONDS:
                raise RuntimeError("lantai serve gives no page")
            time.sleep(0.02)
        yield server, time.monotonic() - began
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()


def answers(port: int) -> bool:
    """Tell whether the sign-in page comes, whole."""
    try:
        return page(port).rstrip().endswith(b"</html>")
    except OSError:
        return False


def page(port: int) -> bytes:
    """Return the sign-in page."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=PATIENCE_SECONDS) as answer:
        content: bytes = answer.read()
    return content


def sizes(root: int) -> dict[int, int]:
    """Return the proportional memory in KiB of a process and of everything under it, by process number."""
    below: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (parent := _parent(folder)) is not None:
            below.setdefault(parent, []).append(int(folder.name))
    found, waiting = {}, [root]
    while waiting:
        pid = waiting.pop()
        waiting += below.get(pid, [])
        if (size := _size(pid)) is not None:
            found[pid] = size
    return found


def _parent(folder: Path) -> int | None:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def _size(pid: int) -> int | None:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), None)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
