"""LibreOffice without a window, supervised: one document a process, a fresh one waiting for the next, none outliving Lantai.

A process that opened a hostile document opens no other. It works in a network of its own where the system gives one (an empty
network namespace), with a profile of its own that forbids macros and links and sends what would go out to a dead port; it may use
so much memory and no more; it is killed with everything it started when its time is over, or when Lantai dies, however that dies
(a shell beside it waits for a pipe to close).
"""

import contextlib
import hashlib
import logging
import os
import shutil
import signal
import subprocess
import threading
from functools import cache
from pathlib import Path
from types import TracebackType

from lantai.adapters.converters.profile import write_profile
from lantai.ports.converter import Engine

_log = logging.getLogger(__name__)
_GUARD = 'exec 3<&0 </dev/null; ( read -r _ <&3; kill -KILL 0 ) & "$@" 3<&-'
_QUIET = ("--headless", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard", "--nolockcheck")
#: Suffix that files are named by -> what LibreOffice is told: as an OLE file, and as a zip. WPS calls the same formats otherwise.
KINDS: dict[str, tuple[str, str]] = {
    ".doc": ("doc", "docx"), ".dot": ("doc", "docx"), ".docx": ("doc", "docx"), ".docm": ("doc", "docx"), ".dotx": ("doc", "docx"),
    ".wps": ("doc", "docx"), ".wpt": ("doc", "docx"), ".rtf": ("rtf", "docx"), ".odt": ("doc", "odt"),
    ".xls": ("xls", "xlsx"), ".xlsx": ("xls", "xlsx"), ".xlsm": ("xls", "xlsx"), ".et": ("xls", "xlsx"), ".ods": ("xls", "ods"),
    ".ppt": ("ppt", "pptx"), ".pptx": ("ppt", "pptx"), ".pps": ("ppt", "pptx"), ".dps": ("ppt", "pptx"), ".odp": ("ppt", "odp"),
}  # fmt: skip


class LibreOffice:
    """Converts with the ``soffice`` of the system; where there is none, says so and converts nothing.

    *scratch* is a folder it may fill; *seconds* and *memory_bytes* bound one conversion. Safe for threads: one at a time.
    """

    def __init__(self, scratch: Path, *, seconds: float = 60.0, memory_bytes: int = 4 * 1024**3, program: str = "soffice") -> None:
        self._scratch = scratch
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._program = program
        self._turn = threading.Lock()
        self._home: Path | None = None
        self._spare: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "LibreOffice":
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def engine(self) -> Engine:
        """Return whether the program is there, its edition, and whether it is kept off the network by the system."""
        edition = _edition(self._program)
        if not edition:
            return Engine(is_ready=False, note="没有安装 LibreOffice，办公文档只能看文字层或下载原件；可安装 libreoffice-writer-nogui。")
        note = "" if _isolation() else "系统不给独立的网络空间，只靠 LibreOffice 自身的设置断网。"
        return Engine(is_ready=True, name=edition, note=note)

    def converts(self, name: str) -> bool:
        """Tell whether files named like *name* are office documents."""
        return Path(name).suffix.lower() in KINDS

    def to_pdf(self, path: Path, name: str, into: Path) -> Path | None:
        """Convert one file; see the port. What fails is logged by what it was, not by its content."""
        if not self.converts(name) or not _edition(self._program):
            return None
        with self._turn:
            home = self._ready_home()
            work = home / "work"
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            source = work / f"in.{_suffix(path, name)}"
            shutil.copyfile(path, source)
            made = self._convert(source, work)
            target = None if made is None else shutil.move(made, into / f"{os.urandom(8).hex()}.pdf")
            shutil.rmtree(work, ignore_errors=True)
            self._prepare()
            return None if target is None else Path(target)

    def close(self) -> None:
        """End the waiting process and remove the profile."""
        with self._turn:
            self._forget()

    # --- one conversion

    def _convert(self, source: Path, work: Path) -> Path | None:
        process = self._start("--convert-to", "pdf", "--outdir", str(work), str(source))
        try:
            process.wait(self._seconds)
        except subprocess.TimeoutExpired:
            _log.warning("LibreOffice took over %s seconds and was stopped", self._seconds)
        finally:
            is_done = process.poll() is not None
            _kill(process)
        made = work / "in.pdf"
        if is_done and _is_pdf(made):
            return made
        self._forget()  # whatever state it is in, the next document gets a fresh one
        self._ready_home()
        return None

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        home = self._ready_home()
        limits = ("prlimit", "--core=0", f"--as={self._memory_bytes}") if shutil.which("prlimit") else ()
        command = [*_isolation(), *limits, self._program, f"-env:UserInstallation={(home / 'profile').as_uri()}", *_QUIET, *arguments]
        return subprocess.Popen(  # noqa: S603 - a program of the system, arguments of our own
            ["/bin/sh", "-c", _GUARD, "sh", *command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=home, env=_environment(home), start_new_session=True, close_fds=True,
        )  # fmt: skip

    # --- the one that waits

    def _prepare(self) -> None:
        """Start the process that the next document will be handed to: it takes its two seconds while nobody waits."""
        if self._spare is not None:
            _kill(self._spare)
        self._spare = self._start("--accept=pipe,name=lantai-unused;urp;")

    def _ready_home(self) -> Path:
        if self._home is None or not self._home.is_dir():
            self._home = self._scratch / f"libreoffice-{os.getpid()}-{os.urandom(4).hex()}"
            self._scratch.mkdir(parents=True, exist_ok=True)
            _sweep(self._scratch)
            self._home.mkdir()
            write_profile(self._home / "profile")
        return self._home

    def _forget(self) -> None:
        spare, self._spare = self._spare, None
        home, self._home = self._home, None
        if spare is not None:
            _kill(spare)
        if home is not None:
            shutil.rmtree(home, ignore_errors=True)
            _remove_socket(home / "profile")


def _remove_socket(profile: Path) -> None:
    """Remove the socket by which a killed process took in documents; its name holds a digest of the profile's address."""
    name = "".join(f"{octet:x}" for octet in hashlib.md5(profile.as_uri().encode("utf-16-le"), usedforsecurity=False).digest())
    for place in ("/tmp", "/var/tmp"):  # noqa: S108 - where LibreOffice puts it, whatever it is told
        for left in Path(place).glob(f"OSL_PIPE_*_SingleOfficeIPC_{name}"):
            left.unlink(missing_ok=True)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole process group, and wait until the first of it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    process.wait()


def _sweep(scratch: Path) -> None:
    """Remove what converters of dead processes left."""
    for left in scratch.glob("libreoffice-*-*"):
        owner = left.name.split("-")[1]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(left, ignore_errors=True)


def _suffix(path: Path, name: str) -> str:
    """Return the suffix that tells LibreOffice what the bytes are, whatever the name says."""
    with path.open("rb") as stream:
        is_zip = stream.read(4).startswith(b"PK")
    return KINDS[Path(name).suffix.lower()][is_zip]


def _is_pdf(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(5) == b"%PDF-"


def _environment(home: Path) -> dict[str, str]:
    """Return what the program needs, and nothing that is ours."""
    dead = "http://127.0.0.1:9"
    return {
        "PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp",
        "http_proxy": dead, "https_proxy": dead, "ftp_proxy": dead, "no_proxy": "",
    }  # fmt: skip


@cache
def _edition(program: str) -> str:
    """Return name and edition of the program, empty where it cannot be run."""
    found = shutil.which(program)
    if found is None:
        return ""
    try:
        told = subprocess.run([found, "--version"], capture_output=True, timeout=20, check=False).stdout  # noqa: S603 - see above
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return " ".join(told.decode(errors="replace").split()[:2])


@cache
def _isolation() -> tuple[str, ...]:
    """Return the command that gives a process an empty network of its own; nothing where the system does not allow it."""
    command = ("unshare", "--map-root-user", "--net")
    if shutil.which(command[0]) is None:
        return ()
    try:
        tried = subprocess.run([*command, "true"], capture_output=True, timeout=10, check=False)  # noqa: S603 - see above
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return command if tried.returncode == 0 else ()
