"""Hanging files onto catalogue rows: tried first, told on both sides, archived with what the catalogue says, and taken back whole."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from lantai import line
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.ledger.models import Event
from lantai.stages import attach, capture, undo, use
from tests.stages.test_compose import everything, refused
from tests.support.line_house import ARCHIVIST, READER, line_house

HEAD = "题名,文号,责任者,成文日期,档号,保管期限,摘要\n"
PAPERS = {
    "Z109-WS·2011-D30-BGS-0007.txt": "搬迁",
    "云发改〔2012〕9号.txt": "节水",
    "关于值班的通知.txt": "值班",
    "来路不明.txt": "不知是哪一件",
    "甲.txt": "凭摘要",
}
ROWS = (
    "关于库房搬迁的通知,云发改〔2011〕3号,云汀市发展和改革委员会,2011-03-04,Z109-WS·2011-D30-BGS-0007,30年,\n"
    "关于节水工作的报告,云发改〔2012〕9号,云汀市发展和改革委员会,2012-07-08,,30年,\n"
    "关于值班的通知,,云汀市发展和改革委员会,2012-09-01,,10年,\n"
    "关于值班的通知,,云汀市发展和改革委员会,2012-12-01,,10年,\n"
    "关于没有文件的通知,云发改〔2012〕10号,云汀市发展和改革委员会,2012-08-01,,10年,\n"
    f"关于摘要的通知,云发改〔2012〕11号,云汀市发展和改革委员会,2012-08-02,,10年,{sha256('凭摘要'.encode()).hexdigest()}\n"
)


@pytest.fixture
def house(fresh_data: Path, tmp_path: Path) -> Iterator[House]:
    """A catalogue that was imported, and a folder of files beside."""
    (tmp_path / "目录.csv").write_text(HEAD + ROWS, encoding="utf-8")
    (tmp_path / "扫描件").mkdir()
    for name, text in PAPERS.items():
        (tmp_path / "扫描件" / name).write_text(text, encoding="utf-8")
    with line_house(fresh_data) as built:
        capture.open_batch(built, ARCHIVIST, [tmp_path / "目录.csv"], channel="catalogue", department="BGS")
        line.finish(built)
        yield built


def told(plan: attach.Plan) -> dict[str, tuple[str, int]]:
    return {line.offer.files[0]: (line.way, len(line.rows)) for line in plan.lines}


EXPECTED = {
    "Z109-WS·2011-D30-BGS-0007.txt": ("code", 1),
    "云发改〔2012〕9号.txt": ("number", 1),
    "关于值班的通知.txt": ("title", 2),
    "来路不明.txt": ("", 0),
    "甲.txt": ("digest", 1),
}


def test_from_a_folder_to_archived_records_and_back(house: House, tmp_path: Path) -> None:
    before = everything()
    looked = attach.look(house, ARCHIVIST, tmp_path / "扫描件")
    assert told(looked) == EXPECTED
    assert [row.title for row in looked.missing] == ["关于没有文件的通知"]
    assert everything() == before
    refused("ACCESS-REFUSED", lambda: attach.look(house, READER, tmp_path / "扫描件"))

    plan, hung = line.hang(house, ARCHIVIST, tmp_path / "扫描件", department="BGS")
    assert (told(plan), hung, plan.waiting) == (EXPECTED, 3, 0)
    moved = Record.objects.get(title="关于库房搬迁的通知")
    assert (moved.content_basis, moved.files.get().name, moved.document_number) == (
        "dual",
        "Z109-WS·2011-D30-BGS-0007.txt",
        "云发改〔2011〕3号",
    )
    assert Record.objects.filter(state="merged").count() == 3
    assert Event.objects.filter(type="record:attached").count() == 3
    undo.undo(house, ARCHIVIST)
    assert [row for row in everything() if row["id"] in {item["id"] for item in before}] == before
    assert Document.objects.exclude(record__state="arranged").count() == 0

    offer = Record.objects.get(files__name="关于值班的通知.txt")
    second = Record.objects.filter(title="关于值班的通知", content_basis="physical_only").order_by("-id")[0]
    pairs = {line.offer.id: line.rows[0].id for line in plan.sure} | {offer.id: second.id}
    attach.attach(house, ARCHIVIST, pairs)
    refused("ATTACH-CHANGED", lambda: attach.attach(house, ARCHIVIST, {offer.id: second.id}))
    refused("SELECTION-EMPTY", lambda: attach.attach(house, ARCHIVIST, {}))
    left = attach.plan(house, ARCHIVIST, Record.objects.get(id=offer.id).batch_id)
    assert told(left) == {"来路不明.txt": ("", 0)}

    line.archive(house, ARCHIVIST, [Record.objects.get(id=moved.id).batch_id])
    row = use.find_record("Z109-WS·2011-D30-BGS-0007")
    assert row.state == "archived", row.needs_attention
    item = ComputerFile.objects.get(record=row)
    with house.store.open(row.id, item.path, 1) as stream:
        assert sha256(stream.read()).hexdigest() == item.sha256 == sha256("搬迁".encode()).hexdigest()


def test_a_batch_that_is_none_is_refused(house: House) -> None:
    with pytest.raises(Refusal, match="BATCH-UNKNOWN"):
        attach.plan(house, ARCHIVIST, "PC-19990101-01")
