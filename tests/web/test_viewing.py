"""Sizes of a page, places of words on it, and the viewer as it is served."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai import line
from lantai.core import text
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.stages import capture
from lantai.web import viewing
from tests.formats import made
from tests.web import town as rows
from tests.web.test_pages import page, said
from tests.web.town import Town

lines = st.lists(st.text(alphabet="供暖工作 通知aB1〔", min_size=1, max_size=9), max_size=5)


def sheet(*texts: str) -> dict[str, Any]:
    """A page whose lines stand one under the other, ten points for each character."""
    kept = [{"text": each, "box": [0.0, 20.0 * at, 10.0 * len(each), 20.0 * at + 12]} for at, each in enumerate(texts)]
    return {"number": 1, "width": 600.0, "height": 800.0, "text": "\n".join(texts), "lines": kept}


@given(st.text(max_size=6), st.floats(0, 5000))
def test_every_size_that_is_asked_for_can_be_drawn(asked: str, points: float) -> None:
    zoom = viewing.zoom(asked, points)
    assert 0 < zoom.asked <= viewing.MOST_ASKED
    assert zoom.name in (*viewing.FITS, *map(str, viewing.STEPS))


def test_larger_and_smaller_lead_through_every_step_and_end() -> None:
    zoom = viewing.zoom("width", 595)
    assert (zoom.smaller, zoom.larger, zoom.percent) == ("75", "100", "100")
    assert viewing.zoom("300", 595).larger == ""
    assert viewing.zoom("50", 595).smaller == ""
    assert viewing.zoom("100", 600).css_width == 800
    assert viewing.zoom("100", 600).asked == 1000


@given(lines, st.text(alphabet="供暖工作通知aB1", min_size=1, max_size=3))
def test_marks_lie_within_lines_and_stand_where_the_words_do(texts: list[str], word: str) -> None:
    boxes = viewing.hit_boxes(sheet(*texts), [word])
    assert bool(boxes) is bool(text.spans("\n".join(texts), [word]))
    for box in boxes:
        own = texts[int(box.y // 20)]
        assert 0 <= box.x < box.x + box.width <= 10 * len(own) + 0.1
    assert "".join(run for run, _ in text.marked("\n".join(texts), [word])) == "\n".join(texts)


def test_a_word_over_the_end_of_a_line_has_a_box_on_each() -> None:
    boxes = viewing.hit_boxes(sheet("请做好供", "暖工作"), ["供暖"])
    assert [(box.x, box.y, box.width) for box in boxes] == [(30.0, 0.0, 10.0), (0.0, 20.0, 10.0)]


def test_places_in_a_line_follow_the_widths_of_its_characters() -> None:
    mixed = sheet() | {"lines": [{"text": "2025年意见。", "box": [0.0, 0.0, 54.0, 12.0]}]}
    assert [(box.x, box.width) for box in viewing.hit_boxes(mixed, ["意见"])] == [(30.0, 20.0)]


def test_an_upright_line_is_marked_along_its_height_and_not_laid_over() -> None:
    upright = sheet() | {"lines": [{"text": "供暖工作", "box": [10.0, 0.0, 20.0, 80.0]}]}
    assert [(box.y, box.height) for box in viewing.hit_boxes(upright, ["工作"])] == [(40.0, 40.0)]
    assert viewing.text_boxes(upright) == []


def test_a_line_without_height_is_marked_above_its_foot() -> None:
    flat = sheet() | {"lines": [{"text": "供暖工作", "box": [10.0, 100.0, 50.0, 100.0]}]}
    assert [(box.x, box.y, box.height) for box in viewing.hit_boxes(flat, ["工作"])] == [(30.0, 90.0, 10.0)]
    assert [box.text for box in viewing.text_boxes(flat)] == ["供暖工作"]


def test_metadata_leaves_out_what_is_empty() -> None:
    assert viewing.metadata({"title": "甲", "author": "", "own": 3, "pages": None}) == [("题名", "甲"), ("own", "3")]


def captured(town: Town, folder: Path) -> Record:
    """Take in what lies in a folder, as one batch, and return its first record."""
    capture.open_batch(town.house, town.actor("archivist"), [folder], channel="manual", department="BGS")
    line.finish(town.house)
    return Record.objects.get()


@pytest.fixture
def drawn(town: Town, tmp_path: Path) -> Record:
    """A record of one PDF with a text layer."""
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "公文.pdf").write_bytes(made.pdf(made.TITLE))
    return captured(town, folder)


def test_a_page_is_shown_with_its_text_over_it(town: Town, drawn: Record) -> None:
    tree = page(town.client("archivist"), f"/records/{drawn.id}/?zoom=150")
    over = tree.find_class("leaf__over")[0]
    assert "".join(over.xpath("./text/text()")).strip()
    assert not tree.find_class("leaf__hit")
    image = tree.find_class("leaf")[0].find("img")
    assert int(image.get("width")) > 0
    assert all("zoom=150" in each.get("href") for each in tree.xpath("//nav[@aria-label='看什么']/a"))
    assert {"适合宽度", "适合高度", "放大", "缩小"} <= {each.get("aria-label") for each in tree.iter("a")}
    answer = town.client("archivist").get(image.get("src"))
    assert answer["Content-Type"] == "image/png"


def test_words_of_a_search_are_marked_on_the_page_and_in_its_text(town: Town, drawn: Record) -> None:
    word = made.TITLE[:2]
    tree = page(town.client("archivist"), f"/records/{drawn.id}/?q={word}&layer=both")
    assert tree.find_class("leaf__hit")
    assert tree.xpath("//article//mark")
    assert "检索词共" in said(tree)
    assert "检索词共" not in said(page(town.client("archivist"), f"/records/{drawn.id}/?q=潮汐"))


def test_hostile_words_are_text(town: Town, drawn: Record) -> None:
    hostile = {"q": '"><script>alert(1)</script>', "zoom": "9' onload=x", "layer": "both"}
    answer = town.client("archivist").get(f"/records/{drawn.id}/", hostile)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_what_cannot_be_shown_is_said_and_offered(town: Town) -> None:
    row = rows.record()
    rows.file(row, "公文.ofd", mime="application/ofd", format_name="OFD 版式文档 (GB/T 33190)", page_count=3)
    tree = page(town.client("archivist"), f"/records/{row.id}/")
    assert "目前不能直接显示页面" in said(tree)
    assert not tree.find_class("leaf")
    assert tree.xpath("//a[contains(., '下载')]")


def test_signatures_and_metadata_of_the_files_are_shown(town: Town) -> None:
    row = rows.record()
    levels = {"digests_valid": True, "signature_valid": True, "seal_valid": False, "chain_valid": None, "time_valid": None}
    reasons = ["chain_valid：没有设置受信任的证书", "time_valid：没有签名时间"]
    kept = levels | {"name": "S1", "seal_name": "云汀市发展和改革委员会", "not_checked": reasons}
    rows.file(row, facts={"signatures": [kept], "metadata": {"title": "甲", "creator": "Typst"}})
    tree = page(town.client("archivist"), f"/records/{row.id}/")
    panel = tree.get_element_by_id("signatures")
    assert [each.text_content() for each in panel.find_class("signed__mark")] == ["✓", "✓", "✗", "—", "—", "—"]
    assert "未核：没有设置受信任的证书" in said(panel)
    assert not panel.find_class("badge--ok")
    assert "Typst" in said(tree)


def test_signatures_over_the_package_it_came_in_are_shown_first(town: Town) -> None:
    over = {"digests_valid": True, "signature_valid": True, "chain_valid": None, "signer": "云汀市水务局", "kind": "EEP 电子签名"}
    row = rows.record(arrival={"key": "移交/一件.eep", "signatures": [over]})
    rows.file(row, facts={"signatures": [{"signer": "云汀市档案馆"}]})
    panel = page(town.client("archivist"), f"/records/{row.id}/").get_element_by_id("signatures")
    first, second = panel.find_class("signed")
    assert "云汀市水务局" in said(first)
    assert "一件.eep（送来时的封装包）" in said(first)
    assert [each.text_content() for each in first.find_class("signed__mark")] == ["✓", "✓", "—", "—", "—", "—"]
    assert "云汀市档案馆" in said(second)


def test_a_record_without_files_says_so(town: Town) -> None:
    assert "没有电子文件" in said(page(town.client("archivist"), f"/records/{rows.record().id}/?q=甲&layer=text&zoom=75"))
    assert ComputerFile.objects.count() == 0


def test_where_the_vault_is_away_the_description_is_shown_and_why_there_are_no_pages(town: Town) -> None:
    row = rows.record(state="archived", code="Z109-WS·2024-D30-BGS-0001", content_version=1)
    rows.file(row, "公文.pdf", mime="application/pdf", page_count=3, facts={"text_path": "01-正本/text.json"})
    told = said(page(town.client("archivist"), f"/records/{row.id}/?q=供暖"))
    assert row.title in told
    assert "没有档案库，可能是磁盘没有挂上" in told
    assert "系统管理员" in told
