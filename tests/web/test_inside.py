"""一件档案: outline, files inside and their download, notes and what runs; who may take a file out, and what the ledger says of it."""

from pathlib import Path

import pytest

from lantai import line
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.ledger import queries as ledger
from lantai.shelves.ledger.models import Event
from lantai.stages import capture
from tests.formats.test_inside import PROGRAM, ofd, pdf_attachments, pdf_outline
from tests.web.test_pages import page, said
from tests.web.town import Town


def taken_in(town: Town, tmp_path: Path, name: str, data: bytes) -> ComputerFile:
    """Take one file in and return its row."""
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / name).write_bytes(data)
    capture.open_batch(town.house, town.actor("archivist"), [folder], channel="manual", department="BGS")
    line.finish(town.house)
    return ComputerFile.objects.exclude(representation="text").get()


def test_the_outline_leads_to_its_pages(town: Town, tmp_path: Path) -> None:
    item = taken_in(town, tmp_path, "通知.pdf", pdf_outline())
    client, address = town.client("archivist"), f"/records/{item.record_id}/"
    assert not page(client, address).find_class("outline")
    tree = page(client, f"{address}?outline=on&page=2")
    rows = tree.find_class("outline__row")
    assert [" ".join(row.text_content().split()) for row in rows] == ["第一章1", "Section2", "Two3"]
    assert [row.get("aria-current") for row in rows] == [None, "true", None]
    assert "page=3" in rows[2].get("href")
    assert "outline=on" in rows[2].get("href")


def test_a_file_inside_is_taken_out_and_the_ledger_tells(town: Town, tmp_path: Path) -> None:
    item = taken_in(town, tmp_path, "通知.pdf", pdf_attachments(("tool.txt", PROGRAM)))
    client, address = town.client("archivist"), f"/records/{item.record_id}/"
    text = said(page(client, address))
    assert all(word in text for word in ("内含附件", "tool.txt", "程序或脚本", "会运行或名不符实的内容", "不要运行它"))
    answer = client.get(f"{address}files/{item.id}/inside/1")
    assert b"".join(answer) == PROGRAM
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    event = Event.objects.filter(type="record:read").order_by("-instant", "-id").first()
    assert event is not None
    assert ledger.said(event) == {"part": "inside", "file": item.id, "name": "tool.txt"}
    told = Event.objects.exclude(type="access:refused").count()
    assert client.get(f"{address}files/{item.id}/inside/2").status_code == 404
    assert town.client("sysadmin").get(f"{address}files/{item.id}/inside/1").status_code == 403
    assert town.client("reader").get(f"{address}files/{item.id}/inside/1").status_code == 403
    assert Event.objects.exclude(type="access:refused").count() == told
    assert Event.objects.filter(type="access:refused").count() == 2


def test_annotations_and_tags_of_an_ofd_are_told(town: Town, tmp_path: Path) -> None:
    item = taken_in(town, tmp_path, "通知.ofd", ofd())
    text = said(page(town.client("archivist"), f"/records/{item.record_id}/"))
    assert all(word in text for word in ("注释与标引", "高亮", "同意", "标引", "关于防汛的通知", "明细.xml"))
    assert [row["title"] for row in item.facts["outline"]] == ["附则", "一、总体要求"]


@pytest.mark.parametrize("name", ["通知.docx", "通知.ofd"])
def test_bytes_decide_and_a_wrong_extension_is_told(town: Town, tmp_path: Path, name: str) -> None:
    item = taken_in(town, tmp_path, name, pdf_outline())
    assert item.mime == "application/pdf"
    text = said(page(town.client("archivist"), f"/records/{item.record_id}/"))
    assert f"的扩展名 .{name[3:]} 与实际格式" in text
    assert "共 3 页" in text
    assert Record.objects.get().arrival is not None
