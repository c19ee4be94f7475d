"""The ClamAV daemon as a scanner: INSTREAM over its socket (clamd(8), section COMMANDS).

What cannot be decided is ``error``, never ``clean``: an engine that does not answer, an answer it does not document, a file over
its limits. For the last, clamd must be told to speak up: with ``AlertExceedsMax yes`` in its configuration a file that it could
only scan in part is reported, without it clamd calls such a file clean and nobody can know.
"""

import re
import socket
from collections.abc import Callable, Iterable
from datetime import datetime
from errno import ENOENT
from pathlib import Path
from typing import Self

from lantai.ports.scanner import Engine, Scan

USUAL_SOCKETS = (
    "/run/clamav/clamd.ctl",
    "/var/run/clamav/clamd.ctl",
    "/run/clamav/clamd.sock",
    "/run/clamd.scan/clamd.sock",
    "/run/clamav-daemon/clamd.sock",
    "/tmp/clamd.socket",  # noqa: S108 - where upstream's sample configuration puts it
)
_PARTLY_SCANNED = "Heuristics.Limits.Exceeded"
_ANSWER = re.compile(r"stream: (?:(?P<clean>OK)|(?P<name>.+) FOUND)")
_ANSWER_BYTES = 4096


class ClamdScanner:
    """A client of clamd; one connection a file, safe between threads.

    *address* is the path of a Unix socket or ``host:port``; empty looks in
    :data:`USUAL_SOCKETS` each time, so an engine may start after us. *seconds* bounds connecting and
    every single read and write. Bytes travel in clear, so an address of another machine should be one's own network.
    """

    def __init__(self, address: str = "", *, seconds: float = 60.0) -> None:
        self._address = address
        self._seconds = seconds

    def engine(self) -> Engine:
        """Ask PING and VERSION; not ready where either fails."""
        try:
            if self._ask(b"PING") != "PONG":
                return Engine(is_ready=False)
            return _engine(self._ask(b"VERSION"))
        except (OSError, ValueError):
            return Engine(is_ready=False)

    def scan(self, chunks: Iterable[bytes]) -> Scan:
        """Scan one file; ``error`` names what went wrong. Every chunk is consumed whatever happens; what *chunks* raises is raised."""
        with _Stream(self._connect) as stream:
            for chunk in filter(None, chunks):
                stream.send(len(chunk).to_bytes(4) + chunk)
            stream.send(bytes(4))
            return stream.verdict()

    def _ask(self, command: bytes) -> str:
        with self._connect() as connection:
            connection.sendall(b"z" + command + b"\0")
            return _answer(connection)

    def _connect(self) -> socket.socket:
        address = self._address or _usual_socket()
        if not address:
            raise FileNotFoundError(ENOENT, "no clamd socket")
        host, colon, port = address.rpartition(":")
        if colon and port.isdecimal() and "/" not in address:
            return socket.create_connection((host.strip("[]"), int(port)), self._seconds)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(self._seconds)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection


class _Stream:
    """One INSTREAM conversation that never raises: after a failure it swallows what is sent and remembers why."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connection: socket.socket | None = None
        self._error = ""
        self._is_open = True
        try:
            self._connection = connect()
        except OSError as error:
            self._fail(error)
        self.send(b"zINSTREAM\0")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def send(self, content: bytes) -> None:
        """Send; over its size limit clamd answers and hangs up while we still write, so the answer is what counts."""
        if self._connection is None or not self._is_open:
            return
        try:
            self._connection.sendall(content)
        except (BrokenPipeError, ConnectionResetError):
            self._is_open = False
        except OSError as error:
            self._fail(error)

    def verdict(self) -> Scan:
        """Return what clamd says, or why it could not."""
        if self._error or self._connection is None:
            return Scan("error", self._error)
        try:
            return _verdict(_answer(self._connection))
        except (OSError, ValueError) as error:
            return Scan("error", _reason(error))

    def _fail(self, error: OSError) -> None:
        self._is_open, self._error = False, _reason(error)


def _usual_socket() -> str:
    return next((path for path in USUAL_SOCKETS if Path(path).is_socket()), "")


def _answer(connection: socket.socket) -> str:
    """Read up to the closing NUL; ValueError for an answer without one."""
    answer = b""
    while not answer.endswith(b"\0"):
        piece = connection.recv(_ANSWER_BYTES)
        if not piece or len(answer) > _ANSWER_BYTES:
            raise ValueError("no whole answer")
        answer += piece
    return answer[:-1].decode(errors="replace")


def _verdict(answer: str) -> Scan:
    match = _ANSWER.fullmatch(answer)
    if match is None:
        return Scan("error", answer)
    name = match["name"]
    if name is None:
        return Scan("clean")
    return Scan("error" if name.startswith(_PARTLY_SCANNED) else "infected", name)


def _engine(version: str) -> Engine:
    """Read ``ClamAV 1.4.2/27500/Mon Mar  3 09:12:44 2025``; an engine without official signatures gives the first part alone."""
    name, _, rest = version.partition("/")
    signatures, _, date = rest.partition("/")
    return Engine(is_ready=True, name=name, signatures=signatures, signatures_date=_civil_date(date))


def _civil_date(date: str) -> str:
    try:
        return datetime.strptime(date, "%a %b %d %H:%M:%S %Y").date().isoformat()  # noqa: DTZ007 - clamd gives no zone; a day is enough
    except ValueError:
        return ""


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or "timed out"
