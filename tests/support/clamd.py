"""A clamd of the tests' own: a socket, a signature and a folder that nobody else uses."""

import hashlib
import io
import os
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from lantai.adapters.scanners.clamd import ClamdScanner
from lantai.ports.scanner import Engine

#: The harmless test string every engine knows, put together here so that no engine objects to this file.
EICAR = "".join(["X5O!P%@AP[4\\PZX54(P^)", "7CC)7}$", "EICAR-STANDARD-", "ANTIVIRUS-TEST", "-FILE!$H+H*"]).encode()
KNOWN = MappingProxyType({"Eicar": EICAR})
CONFIGURATION = """
Foreground yes
LocalSocket {folder}/clamd.ctl
DatabaseDirectory {folder}/database
LogFile {folder}/clamd.log
TemporaryDirectory {folder}
StreamMaxLength {most[0]}
MaxFileSize {most[1]}
MaxScanSize {most[2]}
AlertExceedsMax yes
OfficialDatabaseOnly no
PidFile {folder}/clamd.pid
"""
#: The longest stream, file and scan: small ones, which tests of the limits run into, and those of a usual installation.
SMALL, USUAL = ("1M", "1M", "300K"), ("100M", "100M", "400M")
START_TRIES = 300


def address(folder: Path) -> str:
    """Return where a clamd in *folder* will listen."""
    return str(folder / "clamd.ctl")


@contextmanager
def running(
    folder: Path, known: Mapping[str, bytes] = KNOWN, *, dated: datetime | None = None, most: tuple[str, str, str] = SMALL
) -> Iterator[str]:
    """Run a clamd in *folder* that knows nothing but *known*; yield the address of its socket.

    With *dated* its signatures come as those of a day do and have that instant. One that was killed there before left its socket behind;
    the new one takes its place.
    """
    (folder / "database").mkdir(parents=True, exist_ok=True)
    lines = "".join(f"Own.{name}:0:*:{item.hex()}\n" for name, item in known.items()).encode("ascii")
    name, content = ("daily.cud", _daily(lines, dated)) if dated else ("own.ndb", lines)
    (folder / "database" / name).write_bytes(content)
    (folder / "clamd.conf").write_text(CONFIGURATION.format(folder=folder, most=most), encoding="ascii")
    command = [shutil.which("clamd") or "/usr/sbin/clamd", "-c", str(folder / "clamd.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(folder)
        yield address(folder)
    finally:
        process.terminate()
        process.wait(20)


def _daily(lines: bytes, dated: datetime) -> bytes:
    """Return signatures as the unsigned form of a daily database: a header of 512 bytes and a tar that begins with what is in it."""
    head = f"ClamAV-VDB:{dated:%d %b %Y %H-%M} +0000:27500:1:90:{'0' * 32}:none:tests:{int(dated.timestamp())}"
    listed = f"{head}\ndaily.ndb:{len(lines)}:{hashlib.sha256(lines).hexdigest()}\n".encode("ascii")
    room = io.BytesIO()
    with tarfile.open(fileobj=room, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in (("daily.info", listed), ("daily.ndb", lines)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return head.encode("ascii").ljust(512) + room.getvalue()


def kill(folder: Path) -> None:
    """Kill the clamd of *folder* as the system does that runs out of memory: it closes nothing and removes nothing."""
    os.kill(int((folder / "clamd.pid").read_text()), signal.SIGKILL)


def _wait(folder: Path) -> None:
    for _ in range(START_TRIES):
        if ClamdScanner(address(folder)).engine().is_ready:
            return
        time.sleep(0.1)
    log = folder / "clamd.log"
    raise RuntimeError(f"clamd did not start: {log.read_text() if log.exists() else 'no log'}")


class Fresh(ClamdScanner):
    """The same engine, with signatures of today: only official ones, which tests do not have, bring a date of their own."""

    def engine(self) -> Engine:
        """Return the engine's state, its signatures dated today."""
        state = super().engine()
        return Engine(state.is_ready, state.name, "27500", datetime.now(UTC).date().isoformat()) if state.is_ready else state
