"""A PostgreSQL of the tests' own: made in a temporary folder, reached by a Unix socket only, gone afterwards.

Run any tests on PostgreSQL instead of SQLite, in a process of their own::

    python -m tests.support.postgres -- pytest tests/shelves tests/work tests/contract tests/migrations

or start one from Python: ``with cluster() as url: ...``. The server runs as the user ``postgres`` where the tests run as root
(it refuses to be root). For pytest, which makes a database a test, it lies in memory where there is room: a copy costs 0.1 s there and
up to ten times that on a busy disk. Where PostgreSQL is absent the command says so and ends with 0, in CI (CI=true) with 1.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# Commits reach the log of the server before they are acknowledged, so that one that is restarted loses none; the disk is not waited for.
OPTIONS = ("fsync=off", "full_page_writes=off", "listen_addresses=", "max_connections=60")
START_SECONDS = 30.0
# The most of its log that a server keeps is 1 GiB.
MEMORY, MEMORY_BYTES = Path("/dev/shm"), 4 * 1024**3


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server from version 15, or None."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres") if int(path.parts[-3]) >= 15]
    return max(found, key=lambda path: int(path.parts[-2]), default=None)


def is_present() -> bool:
    """Tell whether a server can be started here."""
    return binaries() is not None and (os.getuid() != 0 or _has_user("postgres"))


@contextmanager
def cluster(parent: Path | None = None) -> Iterator[str]:
    """Start a new, empty server below *parent*; yield its address for the setting ``database``; stop and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="lantai-pg-", dir=parent))
    programs = binaries()
    if programs is None:
        raise RuntimeError("PostgreSQL is absent")
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    try:
        _run([programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])
        settings = [word for option in (*OPTIONS, f"unix_socket_directories={folder}") for word in ("-c", option)]
        server = subprocess.Popen(_as_user([programs / "postgres", "-D", folder / "data", *settings]), stderr=subprocess.DEVNULL)
        try:
            _wait(folder, programs)
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            # runuser forwards the signal; immediate: what it holds is going away.
            _run([programs / "pg_ctl", "stop", "-D", folder / "data", "-m", "immediate"])
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def restart(url: str) -> None:
    """Stop the server at *url* as if it crashed, in the midst of whatever runs, and start it again."""
    folder, programs = Path(url.partition("?host=")[2]), binaries()
    if programs is None:
        raise RuntimeError("PostgreSQL is absent")
    _run([programs / "pg_ctl", "restart", "-D", folder / "data", "-m", "immediate", "-w", "-l", folder / "data" / "restarted.log"])


def main(arguments: Sequence[str]) -> int:
    """Run a command with LANTAI_DATABASE set to a new server; return its exit code."""
    command = list(arguments[1:] if arguments[:1] == ["--"] else arguments)
    if not is_present():
        sys.stderr.write("NOT RUN on PostgreSQL: the Debian package postgresql is absent\n")
        return 1 if os.environ.get("CI") == "true" else 0
    is_test = command[:1] == ["pytest"]
    if is_test:
        command = [sys.executable, "-m", *command]
    with cluster(_memory() if is_test else None) as url:
        return subprocess.run(command, env=os.environ | {"LANTAI_DATABASE": url}, check=False).returncode


def _memory() -> Path | None:
    """Return the folder that lies in memory; None where it is absent or small."""
    has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES
    return MEMORY if has_room else None


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _as_user(words: Sequence[str | Path]) -> list[str]:
    prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    return prefix + [str(word) for word in words]


def _run(words: Sequence[str | Path]) -> None:
    subprocess.run(_as_user(words), check=True, stdout=subprocess.DEVNULL, cwd="/")


def _wait(folder: Path, programs: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if subprocess.run([programs / "pg_isready", "-q", "-h", folder], check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
