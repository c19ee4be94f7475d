"""The clamd client against a real clamd with a signature of its own, and against everything that can go wrong on a socket."""

import random
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lantai.adapters.scanners.clamd import ClamdScanner
from lantai.ports.scanner import Scan, Scanner
from tests.support.clamd import EICAR, running

needs_clamd = pytest.mark.needs("clamav-daemon")


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A clamd of our own on a socket of our own."""
    with running(tmp_path_factory.mktemp("clamd") / "own") as address:
        yield address


@pytest.fixture
def scanner(clamd: str) -> Scanner:
    return ClamdScanner(clamd)


@needs_clamd
def test_the_engine_names_itself(scanner: Scanner) -> None:
    engine = scanner.engine()
    assert engine.is_ready
    assert engine.name.startswith("ClamAV ")


@needs_clamd
def test_signatures_of_a_day_say_which(tmp_path: Path) -> None:
    with running(tmp_path / "own", dated=datetime(2026, 3, 5, 8, tzinfo=UTC)) as address:
        own = ClamdScanner(address)
        assert (own.engine().signatures, own.engine().signatures_date) == ("27500", "2026-03-05")
        assert own.scan([EICAR]).outcome == "infected"


@pytest.mark.parametrize("chunks", [[], [b""], [b"hello", b"", b"world"], [bytes(200_000)]])
@needs_clamd
def test_harmless_bytes_are_clean(scanner: Scanner, chunks: list[bytes]) -> None:
    assert scanner.scan(chunks) == Scan("clean")


@pytest.mark.parametrize("size", [1, 7, 1000])
@needs_clamd
def test_a_virus_is_found_however_it_is_cut(scanner: Scanner, size: int) -> None:
    whole = b"before " + EICAR + b" after"
    scan = scanner.scan(whole[at : at + size] for at in range(0, len(whole), size))
    assert scan == Scan("infected", "Own.Eicar.UNOFFICIAL")
    assert scan.as_text() == "infected:Own.Eicar.UNOFFICIAL"


@needs_clamd
def test_a_virus_behind_an_empty_chunk_is_not_missed(scanner: Scanner) -> None:
    assert scanner.scan([b"a", b"", EICAR]).outcome == "infected"


@pytest.mark.parametrize("size", [700_000, 3_000_000])
@needs_clamd
def test_over_a_limit_of_the_engine_is_an_error_and_every_chunk_is_consumed(scanner: Scanner, size: int) -> None:
    noise = random.Random(4).randbytes(size)
    seen = 0

    def chunks() -> Iterator[bytes]:
        nonlocal seen
        for at in range(0, size, 65_536):
            seen += len(noise[at : at + 65_536])
            yield noise[at : at + 65_536]

    scan = scanner.scan(chunks())
    assert scan.outcome == "error", scan
    assert scan.name
    assert seen == size


@needs_clamd
def test_many_threads_share_one_scanner(scanner: Scanner) -> None:
    verdicts: list[str] = []
    threads = [
        threading.Thread(target=lambda odd=number % 2: verdicts.append(scanner.scan([EICAR if odd else b"fine"]).outcome))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(verdicts) == ["clean"] * 4 + ["infected"] * 4


@needs_clamd
def test_what_the_chunks_raise_is_raised(scanner: Scanner) -> None:
    def broken() -> Iterator[bytes]:
        yield b"a"
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        scanner.scan(broken())


def _consumed(scanner: Scanner) -> Scan:
    chunks = iter([b"a"] * 50)
    scan = scanner.scan(chunks)
    assert next(chunks, None) is None
    return scan


@pytest.mark.parametrize("address", ["/nowhere/clamd.ctl", "127.0.0.1:1", "/" + "x" * 300])
def test_an_engine_that_is_not_there_is_an_error_never_clean(address: str) -> None:
    scanner = ClamdScanner(address, seconds=2)
    scan = _consumed(scanner)
    assert (scan.outcome, bool(scan.name)) == ("error", True)
    assert not scanner.engine().is_ready


def test_without_an_address_and_without_a_socket_there_is_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lantai.adapters.scanners.clamd.USUAL_SOCKETS", ("/nowhere/clamd.ctl",))
    scanner = ClamdScanner()
    assert not scanner.engine().is_ready
    assert _consumed(scanner) == Scan("error", "no clamd socket")


@needs_clamd
def test_the_socket_is_found_in_its_usual_place(clamd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lantai.adapters.scanners.clamd.USUAL_SOCKETS", ("/nowhere/clamd.ctl", clamd))
    assert ClamdScanner().engine().is_ready


@pytest.fixture
def answering() -> Iterator[Callable[[Iterable[bytes]], str]]:
    """A listener on loopback that gives one canned answer a connection, and hangs up."""
    listeners: list[socket.socket] = []

    def serve(answers: Iterable[bytes]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(5)
        listeners.append(listener)
        threading.Thread(target=_serve, args=(listener, list(answers)), daemon=True).start()
        return f"127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for listener in listeners:
        listener.close()


def _serve(listener: socket.socket, answers: list[bytes]) -> None:
    for answer in answers:
        connection, _ = listener.accept()
        with connection:
            received = connection.recv(65_536)
            while received.startswith(b"zINSTREAM") and not received.endswith(bytes(4)):
                received += connection.recv(65_536)
            connection.sendall(answer)


@pytest.mark.parametrize(
    ("answer", "scan"),
    [
        (b"stream: OK\0", Scan("clean")),
        (b"stream: Win.Test FOUND\0", Scan("infected", "Win.Test")),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", Scan("error", "Heuristics.Limits.Exceeded.MaxFileSize")),
        (b"INSTREAM size limit exceeded. ERROR\0", Scan("error", "INSTREAM size limit exceeded. ERROR")),
        (b"UNKNOWN COMMAND\0", Scan("error", "UNKNOWN COMMAND")),
        (b"stream: OK", Scan("error", "no whole answer")),
        (b"stream: OK\nstream: X FOUND\0", Scan("error", "stream: OK\nstream: X FOUND")),
        (b"", Scan("error", "no whole answer")),
        (b"\xff\0", Scan("error", "\ufffd")),
    ],
)
def test_only_a_documented_answer_decides(answering: Callable[[Iterable[bytes]], str], answer: bytes, scan: Scan) -> None:
    assert ClamdScanner(answering([answer]), seconds=3).scan([b"a", b"b"]) == scan


def test_an_engine_that_does_not_answer_in_time_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        scanner = ClamdScanner(f"127.0.0.1:{silent.getsockname()[1]}", seconds=0.2)
        assert scanner.scan([b"a"]) == Scan("error", "timed out")
        assert not scanner.engine().is_ready


@pytest.mark.parametrize(
    ("version", "parts"),
    [
        (b"ClamAV 1.4.2/27500/Mon Mar  3 09:12:44 2025\0", ("ClamAV 1.4.2", "27500", "2025-03-03")),
        (b"ClamAV 1.4.2\0", ("ClamAV 1.4.2", "", "")),
        (b"ClamAV 1.4.2/1/some day\0", ("ClamAV 1.4.2", "1", "")),
    ],
)
def test_the_version_tells_engine_signatures_and_day(
    answering: Callable[[Iterable[bytes]], str], version: bytes, parts: tuple[str, str, str]
) -> None:
    engine = ClamdScanner(answering([b"PONG\0", version]), seconds=3).engine()
    assert (engine.is_ready, engine.name, engine.signatures, engine.signatures_date) == (True, *parts)


def test_an_engine_that_answers_ping_wrongly_is_not_ready(answering: Callable[[Iterable[bytes]], str]) -> None:
    assert not ClamdScanner(answering([b"PANG\0"]), seconds=3).engine().is_ready
