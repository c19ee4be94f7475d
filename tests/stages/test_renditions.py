"""Office documents shown as the converter sets them: made once, kept within a bound, gone with their record."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lantai import line, work
from lantai.adapters.converters.libreoffice import LibreOffice
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.ports.converter import Engine
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.stages import accept, capture, renditions, use
from tests.formats import made
from tests.support.line_house import ARCHIVIST, line_house
from tests.support.office import rtf


class Setter:
    """A converter of another make: what it takes in it counts, and what it gives back is one page."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.loses_text = False

    def engine(self) -> Engine:
        return Engine(is_ready=True, name="Setter 1")

    def converts(self, name: str) -> bool:
        return name.endswith(".rtf")

    def to_pdf(self, path: Path, name: str, into: Path) -> Path | None:
        self.taken.append(name)
        if self.loses_text:
            (into / "made.pdf").write_bytes(made.pdf(""))
            return into / "made.pdf"
        if path.stat().st_size < 60:
            return None
        target = into / "made.pdf"
        target.write_bytes(made.pdf(made.TITLE))
        return target

    def close(self) -> None:
        pass


@pytest.fixture
def setter() -> Setter:
    return Setter()


@pytest.fixture
def house(fresh_data: Path, setter: Setter) -> Iterator[House]:
    with line_house(fresh_data) as built:
        other = replace(built, converter=setter)
        work.provide(lambda: other)
        yield other


@pytest.fixture
def item(house: House, tmp_path: Path) -> ComputerFile:
    return received(house, tmp_path, rtf("关于值班安排的通知", "各科室：请按要求办理，认真做好值班工作。"))


def received(house: House, tmp_path: Path, content: bytes) -> ComputerFile:
    (tmp_path / "通知.rtf").write_bytes(content)
    capture.open_batch(house, ARCHIVIST, [tmp_path / "通知.rtf"], channel="manual", department="BGS")
    line.finish(house)
    return ComputerFile.objects.get()


def cached(house: House) -> list[str]:
    return sorted(path.suffix for path in (house.data / "scratch" / "renditions").iterdir())


def test_a_page_is_shown_and_converted_once(house: House, setter: Setter, item: ComputerFile) -> None:
    for _ in range(3):
        assert use.page_image(house, ARCHIVIST, item.record_id, item.id, page=1).startswith(b"\x89PNG")
    assert use.shown_pages(house, ARCHIVIST, item.record_id, item.id) == 1
    assert setter.taken == ["通知.rtf"]
    with pytest.raises(Refusal) as refused:
        use.page_image(house, ARCHIVIST, item.record_id, item.id, page=2)
    assert refused.value.code == "PAGE-NOT-RENDERABLE"


def test_an_archived_document_is_shown_too(house: House, setter: Setter, item: ComputerFile) -> None:
    batch = Record.objects.get().batch_id
    Record.objects.update(title="关于值班安排的通知")
    line.archive(house, ARCHIVIST, [batch])
    shown = ComputerFile.objects.get(id=item.id)
    assert use.page_image(house, ARCHIVIST, shown.record_id, shown.id, page=1).startswith(b"\x89PNG")
    assert not list((house.data / "scratch").glob("page-*"))
    assert not list((house.data / "scratch").glob("convert-*"))


def test_what_cannot_be_converted_is_tried_once_a_day(house: House, setter: Setter, tmp_path: Path) -> None:
    item = received(house, tmp_path, rtf("通知"))
    for _ in range(2):
        with pytest.raises(Refusal):
            use.page_image(house, ARCHIVIST, item.record_id, item.id, page=1)
    assert setter.taken == ["通知.rtf"]
    assert cached(house) == [".none"]


def test_an_empty_picture_is_not_taken_for_the_document(house: House, setter: Setter, item: ComputerFile) -> None:
    setter.loses_text = True
    with pytest.raises(Refusal):
        use.page_image(house, ARCHIVIST, item.record_id, item.id, page=1)
    assert cached(house) == [".none"]


def test_a_discarded_record_leaves_no_rendition(house: House, item: ComputerFile) -> None:
    use.page_image(house, ARCHIVIST, item.record_id, item.id, page=1)
    assert cached(house) == [".pdf"]
    accept.discard(house, ARCHIVIST, [item.record_id], reason="重复")
    assert cached(house) == []


def test_the_cache_keeps_within_its_bound(house: House, item: ComputerFile) -> None:
    folder = house.data / "scratch" / "renditions"
    use.page_image(house, ARCHIVIST, item.record_id, item.id, page=1)
    for name in ("old", "older"):
        (folder / f"{name}.pdf").write_bytes(b"x" * 5000)
    kept = folder / f"{item.sha256}.pdf"
    renditions._shrink(folder, kept.stat().st_size + 100, spare=kept)
    assert list(folder.iterdir()) == [kept]


def test_without_a_converter_nothing_is_made_and_the_file_says_so(fresh_data: Path, tmp_path: Path) -> None:
    with line_house(fresh_data) as house:
        item = received(house, tmp_path, rtf("关于值班安排的通知", "各科室：请按要求办理。"))
        with pytest.raises(Refusal) as refused:
            use.page_image(house, ARCHIVIST, item.record_id, item.id, page=1)
        assert refused.value.code == "PAGE-NOT-RENDERABLE"
        assert use.shown_pages(house, ARCHIVIST, item.record_id, item.id) == 0


@pytest.mark.needs("libreoffice")
def test_the_real_converter_through_the_whole_line(fresh_data: Path, tmp_path: Path) -> None:
    with line_house(fresh_data) as built, LibreOffice(fresh_data / "scratch") as office:
        house = replace(built, converter=office)
        work.provide(lambda: house)
        item = received(house, tmp_path, rtf("关于值班安排的通知", "各科室：请按要求办理。"))
        assert use.page_image(house, ARCHIVIST, item.record_id, item.id, page=1, width=300).startswith(b"\x89PNG")
        assert use.shown_pages(house, ARCHIVIST, item.record_id, item.id) == 1
