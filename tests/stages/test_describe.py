"""Born-digital records arrive catalogued: from the page, with where and how surely; what the sender said stands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.formats_officialdoc import letters
from lantai import line
from lantai.core.officialdoc import Known
from lantai.demo import agency
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Batch
from lantai.stages import capture
from lantai.stages.describe import HEAD_PAGES, LAST_PAGES, _worth_reading, read_document
from tests.support.line_house import ARCHIVIST, line_house


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


def run(house: House, source: Path) -> Batch:
    batch_id = capture.open_batch(house, ARCHIVIST, [source], channel="manual", department="BGS")
    line.finish(house)
    return Batch.objects.get(id=batch_id)


def test_records_are_described_from_their_pages(house: House, tmp_path: Path) -> None:
    papers = tmp_path / "来文"
    papers.mkdir()
    made = letters(4, 11)
    for index, (_, content) in enumerate(made):
        (papers / f"扫描件{index}.pdf").write_bytes(content)
    (papers / "扫描件.txt").write_text("某项工作情况\n这里写了一些事情。", encoding="utf-8")
    run(house, papers)
    rows = {row.document_number: row for row in Record.objects.all()}
    for letter, _ in made:
        row = rows[letter.number]
        assert (row.title, row.author, row.document_date, row.document_type) == (
            letter.title,
            agency.NAME,
            f"{letter.dated:%Y%m%d}",
            letter.kind,
        )
        assert row.elements.get("principal_receiver", "") == letter.receiver.rstrip("：")
        assert row.elements.get("precedence", "") == letter.urgency
        assert row.elements["printing_body"] == f"{agency.NAME}办公室"
        assert row.elements.get("attachment_note", []) == [sheet.title for sheet in letter.attachments]
        assert row.arrival.get("attachments_named", []) == [sheet.title for sheet in letter.attachments]
        assert [hint["persons"] for hint in row.arrival.get("hints", [])] == ([[letter.signer]] if letter.signer else [])
        told = row.arrival["read"]["title"]
        assert told["taken"]
        assert told["page"] == 1
        assert told["boxes"]
        assert "见于机构名册" in row.arrival["read"]["author"]["reason"]
    doubtful = rows[""]
    assert doubtful.title == ""
    told = doubtful.arrival["read"]["title"]
    assert (told["value"], told["page"], told["boxes"], told["taken"]) == ("某项工作情况", 1, [], False)


def test_the_imprint_of_a_long_document_is_looked_at(house: House) -> None:
    numbers = list(range(1, 400))
    chosen = _worth_reading(numbers)
    assert list(chosen) == [*range(1, HEAD_PAGES + 1), *range(400 - LAST_PAGES, 400)]
    assert _worth_reading(numbers[:5]) == numbers[:5]
    assert read_document(house, [], Known()).found == ()


def test_describing_again_what_was_read_gives_the_same(house: House, tmp_path: Path) -> None:
    papers = tmp_path / "来文"
    papers.mkdir()
    (papers / "甲.pdf").write_bytes(letters(1, 5)[0][1])
    run(house, papers)
    row = Record.objects.get()
    files = list(ComputerFile.objects.filter(record=row).select_related("document"))
    read = read_document(house, files, Known(frozenset({agency.NAME}), frozenset()))
    assert {item.name: item.value for item in read if item.name in row.elements and item.name != "attachment_note"} == {
        item.name: row.elements[item.name] for item in read if item.name in row.elements and item.name != "attachment_note"
    }
