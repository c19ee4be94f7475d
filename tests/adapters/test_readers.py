"""The guard: what hangs is killed, what crashes is replaced, what the child says cannot run code."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.adapters.readers import GuardedReader, wire
from lantai.adapters.readers.process import Gone, ReadingProcess
from lantai.core.findings import finding
from lantai.ports.reader import Format, Limits, Line, PageText, Reading
from tests.formats import made


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "a"
    path.write_bytes(made.pdf(made.TITLE))
    return path


@pytest.fixture
def reader() -> Iterator[GuardedReader]:
    with GuardedReader(Limits(seconds=2.0)) as one:
        yield one


def _child(reader: GuardedReader) -> ReadingProcess:
    return reader._waiting._waiting[0]


def _codes(reading: Reading) -> list[str]:
    return [item.code for item in reading.findings]


def test_a_child_that_hangs_is_killed_in_time_and_replaced(reader: GuardedReader, pdf: Path) -> None:
    reader.read(pdf, "a.pdf")
    hung = _child(reader).pid
    os.kill(hung, signal.SIGSTOP)
    started = time.monotonic()
    assert _codes(reader.read(pdf, "a.pdf")) == ["READ-TIMEOUT"]
    assert time.monotonic() - started < 4.0
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)
    assert reader.read(pdf, "a.pdf").text == made.TITLE


@pytest.mark.parametrize("page", [made.nested_forms(8), made.nested_glyphs(9)], ids=["forms-in-forms", "glyphs-in-glyphs"])
def test_a_page_that_draws_for_ever_costs_its_own_picture_only(reader: GuardedReader, tmp_path: Path, pdf: Path, page: bytes) -> None:
    slow = tmp_path / "slow.pdf"
    slow.write_bytes(page)
    assert reader.render(slow, slow.name, page=1, width=200) is None
    told = reader.read(slow, slow.name)
    assert _codes(told) in ([], ["READ-TIMEOUT"])
    assert reader.render(pdf, "a.pdf", page=1, width=200) is not None
    assert reader.read(pdf, "a.pdf").text == made.TITLE


def test_in_a_batch_only_the_file_that_hung_is_lost(reader: GuardedReader, pdf: Path) -> None:
    reader.read(pdf, "a.pdf")
    os.kill(_child(reader).pid, signal.SIGSTOP)
    readings = list(reader.read_many([(pdf, f"{number}.pdf") for number in range(6)]))
    assert [_codes(item) for item in readings] == [["READ-TIMEOUT"], [], [], [], [], []]
    assert [item.text for item in readings[1:]] == [made.TITLE] * 5


def test_a_child_that_dies_at_work_costs_its_file_only(reader: GuardedReader, pdf: Path) -> None:
    reader.read(pdf, "a.pdf")
    pid = _child(reader).pid
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    readings = list(reader.read_many([(pdf, "a.pdf"), (pdf, "b.pdf")]))
    assert [_codes(item) for item in readings] == [["READ-CRASHED"], []]


def test_a_child_that_died_idle_is_replaced(reader: GuardedReader, pdf: Path) -> None:
    reader.read(pdf, "a.pdf")
    os.kill(_child(reader).pid, signal.SIGKILL)
    time.sleep(0.1)
    assert reader.read(pdf, "a.pdf").text == made.TITLE


def test_memory_is_bounded(tmp_path: Path, pdf: Path) -> None:
    """An image of 1.6 GB does not fit into the 512 MiB that the child may have; the next file is read again."""
    large = tmp_path / "large"
    large.write_bytes(made.tiff(40_000, 40_000))
    with GuardedReader(Limits(memory_bytes=512 * 1024**2, pixels=2_000_000_000)) as reader:
        readings = list(reader.read_many([(large, "a.tif"), (pdf, "b.pdf")]))
    assert [_codes(item) for item in readings] == [["READ-TOO-LARGE"], []]
    assert readings[1].text == made.TITLE


def test_callers_in_threads_have_a_child_each(reader: GuardedReader, pdf: Path) -> None:
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(reader.read(pdf, "a.pdf").text)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == [made.TITLE] * 3


def test_closing_ends_the_children(pdf: Path) -> None:
    with GuardedReader() as reader:
        reader.read(pdf, "a.pdf")
        child = _child(reader)
    assert not child.is_alive


def test_the_child_may_write_no_file_and_knows_no_secret(reader: GuardedReader, pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANTAI_SECRET", "s3cret")
    reader.read(pdf, "a.pdf")
    pid = _child(reader).pid
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert any(line.split()[3:5] == ["0", "0"] for line in limits.splitlines() if line.startswith("Max file size"))
    assert b"s3cret" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_nonsense_from_a_child_is_a_crash(pdf: Path) -> None:
    child = ReadingProcess(Limits())
    child._buffer += wire.frame({"reading": {"format": 1}, "is_last": False, "log": []})
    with pytest.raises(Gone):
        child.answer(1.0)
    child._buffer += b"\xff\xff\xff\xff"
    with pytest.raises(Gone):
        child.answer(1.0)
    child.kill()


_BOX = st.tuples(*[st.floats(-1e4, 1e4)] * 4)
_LINE = st.builds(Line, st.text(), _BOX)
_PAGE = st.builds(PageText, st.integers(1, 9), st.text(), st.floats(0, 1e4), st.floats(0, 1e4), st.lists(_LINE, max_size=3).map(tuple))
_FINDINGS = st.lists(st.builds(lambda where: finding("FORMAT-UNKNOWN", where), st.text()), max_size=3).map(tuple)
_READING = st.builds(
    Reading,
    st.builds(Format, st.text(), st.text(), st.text()),
    st.none() | st.integers(0, 9),
    st.lists(_PAGE, max_size=3).map(tuple),
    st.dictionaries(st.text(), st.text(), max_size=3),
    st.lists(st.dictionaries(st.text(), st.none() | st.booleans() | st.text(), max_size=3), max_size=2).map(tuple),
    _FINDINGS,
)


@given(_READING)
def test_a_reading_survives_the_pipe(reading: Reading) -> None:
    data = wire.frame(wire.pack(reading))
    at = 0

    def read(size: int) -> bytes:
        nonlocal at
        at += size
        return data[at - size : at]

    assert wire.unpack(wire.unframe(read)) == reading
    assert wire.unframe(read) is None
