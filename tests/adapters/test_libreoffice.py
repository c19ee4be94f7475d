"""LibreOffice under supervision: killed in time with all it started, gone when we are gone, and never on the network."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lantai import formats
from lantai.adapters.converters.libreoffice import KINDS, LibreOffice, _suffix
from lantai.core import text
from lantai.ports.reader import Limits
from tests.support.office import rtf

SLOW = """#!/bin/sh
if [ "$1" = --version ]; then echo "LibreOffice 0.0.0"; exit 0; fi
echo $$ >> "{pids}"
sleep 60 &
echo $! >> "{pids}"
wait
"""


@pytest.fixture
def slow(tmp_path: Path) -> tuple[Path, Path]:
    """A program that never ends and starts another, and the file it writes their numbers to."""
    program, pids = tmp_path / "soffice", tmp_path / "pids"
    program.write_text(SLOW.format(pids=pids))
    program.chmod(0o755)
    return program, pids


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "稿.rtf"
    path.write_bytes(rtf("云汀市发展和改革委员会文件", "关于印发工作要点的通知"))
    return path


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def soon(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def numbers(pids: Path) -> list[int]:
    return [int(line) for line in pids.read_text().split()] if pids.is_file() else []


def test_a_program_that_never_ends_is_killed_with_everything_it_started(slow: tuple[Path, Path], draft: Path, tmp_path: Path) -> None:
    program, pids = slow
    converter = LibreOffice(tmp_path / "scratch", seconds=1.0, program=str(program))
    started = time.monotonic()
    assert converter.to_pdf(draft, draft.name, tmp_path) is None
    assert time.monotonic() - started < 8
    assert soon(lambda: len(numbers(pids)) >= 2)
    converter.close()
    assert soon(lambda: not any(is_running(pid) for pid in numbers(pids)))
    assert list((tmp_path / "scratch").iterdir()) == []


def test_nothing_outlives_us_however_we_die(slow: tuple[Path, Path], draft: Path, tmp_path: Path) -> None:
    program, pids = slow
    code = (
        "import sys; from pathlib import Path; from lantai.adapters.converters.libreoffice import LibreOffice\n"
        "one = LibreOffice(Path(sys.argv[1]), seconds=60.0, program=sys.argv[2]); one.to_pdf(Path(sys.argv[3]), 'a.rtf', Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "scratch"), str(program), str(draft)]
    with subprocess.Popen(command) as child:
        assert soon(lambda: len(numbers(pids)) >= 2, 20)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    assert soon(lambda: not any(is_running(pid) for pid in numbers(pids)))
    with LibreOffice(tmp_path / "scratch", seconds=0.3, program=str(program)) as after:  # the next one clears up after the dead
        after.to_pdf(draft, draft.name, tmp_path)
    assert list((tmp_path / "scratch").iterdir()) == []


def test_bytes_decide_what_the_program_is_told(tmp_path: Path) -> None:
    ole, zipped = tmp_path / "a", tmp_path / "b"
    ole.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1"))
    zipped.write_bytes(b"PK\x03\x04")
    assert [_suffix(ole, name) for name in ("稿.wps", "表.et", "稿.docx")] == ["doc", "xls", "doc"]
    assert [_suffix(zipped, name) for name in ("稿.WPS", "表.et", "稿.odt")] == ["docx", "xlsx", "odt"]
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in KINDS)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LibreOffice]:
    with LibreOffice(tmp_path_factory.mktemp("scratch")) as one:
        yield one


@pytest.mark.needs("libreoffice")
def test_the_text_of_the_rendition_is_that_of_the_document(office: LibreOffice, draft: Path, tmp_path: Path) -> None:
    for _ in range(3):  # one right after the other: the waiting process may be up or still coming up
        rendition = office.to_pdf(draft, draft.name, tmp_path)
        assert rendition is not None
        reading = formats.read(rendition, "a.pdf", Limits())
        assert text.normalise(reading.text) == text.normalise("云汀市发展和改革委员会文件关于印发工作要点的通知")
        assert reading.page_count == 1


@pytest.mark.needs("libreoffice")
def test_a_link_in_a_document_is_not_followed(office: LibreOffice, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/seal.png"
        source = tmp_path / "外链.rtf"
        source.write_bytes(rtf("通知", field=f'INCLUDEPICTURE "{address}" \\\\d'))
        assert office.to_pdf(source, source.name, tmp_path) is not None
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.corpus
@pytest.mark.needs("libreoffice")
def test_real_documents_of_a_chinese_office_suite(office: LibreOffice, corpus: Path, tmp_path: Path) -> None:
    folder = corpus / "official-documents" / "Lawliet-lgtm__copilot-help"
    for name in ("master_template.wps", "master_template.doc"):
        rendition = office.to_pdf(folder / name, name, tmp_path)
        assert rendition is not None
        ours, theirs = (
            Counter(text.normalise(formats.read(path, path.name, Limits()).text).replace(" ", "")) for path in (folder / name, rendition)
        )
        assert (ours - theirs).total() <= 0.01 * ours.total()
