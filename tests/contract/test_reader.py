"""What every reader promises (``lantai.ports.reader``): findings instead of raises, limits kept, order kept, nothing written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai.adapters.readers import DirectReader, GuardedReader
from lantai.ports.reader import Limits
from tests.formats import made

Readers = DirectReader | GuardedReader
_BOTH = {"direct": DirectReader, "guarded": GuardedReader}


@pytest.fixture(scope="module", params=_BOTH)
def kind(request: pytest.FixtureRequest) -> type[Readers]:
    return _BOTH[request.param]


@pytest.fixture(scope="module")
def reader(kind: type[Readers]) -> Iterator[Readers]:
    one = kind(Limits())
    yield one
    one.close()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    contents = {
        "通知.pdf": made.pdf(made.TITLE, made.BODY),
        "通知.ofd": made.ofd(made.TITLE),
        "通知.docx": made.docx(made.paragraph(made.TITLE)),
        "坏.pdf": made.pdf("x")[:120],
        "空.txt": b"",
        "包.zip": made.zipped({"a": "b"}),
        "乱.bin": bytes(range(256)) * 40,
        "实体.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    return {name: tmp_path / name for name in contents}


def test_a_reading_is_complete(reader: Readers, files: dict[str, Path]) -> None:
    reading = reader.read(files["通知.pdf"], "通知.pdf")
    assert (reading.format.puid, reading.page_count, reading.text) == ("fmt/276", 2, f"{made.TITLE}\n{made.BODY}")
    assert reading.pages[0].lines[0].text == made.TITLE
    assert reading.metadata["title"] == "plan"
    assert reading.findings == ()


def test_nothing_raises_and_each_fault_has_a_code(reader: Readers, files: dict[str, Path]) -> None:
    codes = {name: [item.code for item in reader.read(path, name).findings] for name, path in files.items()}
    assert codes == {
        "通知.pdf": [],
        "通知.ofd": [],
        "通知.docx": [],
        "坏.pdf": ["PDF-DAMAGED"],
        "空.txt": ["FILE-EMPTY"],
        "包.zip": ["CONTAINER-NOT-A-DOCUMENT"],
        "乱.bin": ["FORMAT-UNKNOWN"],
        "实体.xml": ["XML-DTD"],
    }


def test_many_come_back_in_order(reader: Readers, files: dict[str, Path]) -> None:
    items = [(path, name) for name, path in files.items()] * 5
    together = list(reader.read_many(items))
    assert together == [reader.read(path, name) for path, name in items]


def test_no_items_no_readings(reader: Readers) -> None:
    assert list(reader.read_many([])) == []


def test_a_batch_given_up_half_way_leaves_a_reader_that_works(reader: Readers, files: dict[str, Path]) -> None:
    items = [(path, name) for name, path in files.items()]
    readings = reader.read_many(items)
    next(readings)
    del readings
    assert reader.read(files["通知.ofd"], "通知.ofd").text == made.TITLE


def test_what_cannot_be_opened_is_a_finding(reader: Readers, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "没有"):
        assert [item.code for item in reader.read(path, "没有").findings] == ["READ-NOT-OPENED"]


def test_a_relative_path_means_the_callers_folder(reader: Readers, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files["通知.ofd"].parent)
    assert reader.read(Path("通知.ofd"), "通知.ofd").text == made.TITLE


def test_files_are_left_as_they_were(reader: Readers, files: dict[str, Path]) -> None:
    before = {name: (path.read_bytes(), path.stat().st_mtime_ns) for name, path in files.items()}
    list(reader.read_many([(path, name) for name, path in files.items()]))
    assert {name: (path.read_bytes(), path.stat().st_mtime_ns) for name, path in files.items()} == before
    assert set(files[next(iter(files))].parent.iterdir()) == set(files.values())


def test_limits_hold(kind: type[Readers], files: dict[str, Path]) -> None:
    one = kind(Limits(pages=1, text_characters=4))
    try:
        reading = one.read(files["通知.pdf"], "通知.pdf")
    finally:
        one.close()
    assert (reading.page_count, len(reading.pages), reading.text) == (2, 1, made.TITLE[:4])
    assert [item.code for item in reading.findings] == ["READ-TEXT-CUT"]


def test_closing_twice_is_allowed(kind: type[Readers]) -> None:
    one = kind(Limits())
    one.close()
    one.close()
