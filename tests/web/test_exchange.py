"""移交与导出 on the screen: the dialog, the job, the zip, and a transfer act step by step."""

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from lxml import html

from bench import corpus as papers
from lantai import line
from lantai.core import beijing
from lantai.ports import House
from lantai.shelves.exchange.models import Export, Transfer
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event
from lantai.shelves.versions.models import Amendment
from lantai.stages import amend, capture, seal
from lantai.web.views import search
from tests.support.line_house import ARCHIVIST
from tests.web import town as rows
from tests.web.test_pages import page
from tests.web.town import Town


@pytest.fixture
def kept(house: House, town: Town, tmp_path: Path) -> list[Record]:
    """Two archived records."""
    folder = tmp_path / "来文"
    papers.one_page_pdfs(folder, 2, 11)
    batch = capture.open_batch(house, ARCHIVIST, [folder], channel="manual", department="BGS")
    line.finish(house)
    line.archive(house, ARCHIVIST, [batch])
    return list(Record.objects.filter(batch_id=batch, state="archived").order_by("code"))


def client(town: Town, login: str) -> Client:
    return rows.signed_in(town.accounts[login])


def fetched(browser: Client, address: str) -> bytes:
    """The bytes of a download; its file is closed without the signal that would end the test's database."""
    answer: Any = browser.get(address)
    content = b"".join(answer.streaming_content)
    for close in answer._resource_closers:
        close()
    return content


def test_an_export_is_asked_for_made_and_fetched(house: House, town: Town, kept: list[Record]) -> None:
    browser = client(town, "archivist")
    keys = [row.id for row in kept]
    dialog = browser.get("/transfers/export/dialog", {"record": keys})
    assert "导出 2 件" in dialog.content.decode()
    assert browser.post("/transfers/export", {"record": keys, "form": "filing"}).status_code == 302
    assert Event.objects.filter(type="record:exported").count() == 2
    line.finish(house)
    made = Export.objects.get()
    assert made.state == "done"
    assert page(browser, "/transfers/").xpath("//a[contains(., '下载')]")
    with zipfile.ZipFile(BytesIO(fetched(browser, f"/transfers/export/{made.id}.zip"))) as archive:
        assert archive.testzip() is None
        assert {name.split("/")[0] for name in archive.namelist()} == {row.code for row in kept}
    assert Event.objects.filter(type="export:fetched", object_id=made.id).exists()
    assert client(town, "reader").get(f"/transfers/export/{made.id}.zip").status_code == 404


def test_everything_a_search_found_is_exported(house: House, town: Town, kept: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LIMIT", 1)
    line.finish(house)
    browser = client(town, "archivist")
    shown = page(browser, "/search/?department=BGS&q=")
    (button,) = shown.xpath("//button[contains(., '导出查到的 2 件')]")
    dialog = browser.get(button.get("hx-get")).content.decode()
    assert "导出 2 件" in dialog
    (found,) = html.fromstring(dialog).xpath("//input[@name='found']/@value")
    assert browser.post("/transfers/export", {"found": found, "form": "bagit"}).status_code == 302
    assert sorted(Export.objects.get().record_ids) == sorted(row.id for row in kept)
    assert browser.post("/transfers/export", {"found": "q=没有的词", "form": "bagit"}).status_code == 422
    assert "导出" not in page(client(town, "reader"), "/search/?department=BGS&q=").xpath("//main")[0].text_content()


def test_a_transfer_goes_step_by_step(house: House, town: Town, kept: list[Record]) -> None:
    browser = client(town, "archivist")
    given = {"title": "试移交", "receiver": "云汀市档案馆", "keeps_copy": "1", "record": [row.id for row in kept]}
    assert browser.post("/transfers/draft", given).status_code == 302
    act = Transfer.objects.get()
    for step, state in (("check", "checked"), ("pack", "packed")):
        assert browser.post(f"/transfers/{act.id}/act", {"step": step}).status_code == 302
        line.finish(house)
        act.refresh_from_db()
        assert act.state == state
    shown = page(browser, f"/transfers/{act.id}/")
    assert shown.xpath("//a[contains(., '下载移交信息包')]")
    assert fetched(browser, f"/transfers/{act.id}/package.zip").startswith(b"PK")
    assert browser.post(f"/transfers/{act.id}/act", {"step": "cancel", "reason": "另拟"}).status_code == 302
    act.refresh_from_db()
    assert act.state == "cancelled"
    assert set(Record.objects.values_list("custody", flat=True)) == {"ours"}


@pytest.mark.parametrize("login", ["sysadmin", "secadmin", "auditor"])
def test_administrators_see_nothing_of_it(house: House, town: Town, login: str) -> None:
    browser = client(town, login)
    assert browser.get("/transfers/").status_code == 403
    assert browser.get("/transfers/export/dialog", {"record": ["X"]}).status_code == 403


def test_files_give_way_to_others_on_the_screen_of_versions(house: House, town: Town, kept: list[Record], tmp_path: Path) -> None:
    papers.one_page_pdfs(tmp_path / "补扫", 1, 12)
    batch = capture.open_batch(house, ARCHIVIST, [tmp_path / "补扫"], channel="manual", department="BGS")
    line.finish(house)
    seal.seal(house)
    offer, row = Record.objects.get(batch_id=batch), kept[0]
    browser = client(town, "archivist")
    assert offer.title in page(browser, f"/records/{row.id}/versions/").xpath("string(//select[@name='offer'])")
    assert browser.post(f"/records/{row.id}/versions/replace", {"offer": row.id, "document": "0", "reason": "缺页"}).status_code == 409
    assert browser.post(f"/records/{row.id}/versions/replace", {"offer": offer.id, "document": "0", "reason": "缺页"}).status_code == 302
    seal.seal(house)
    made = Amendment.objects.get(record_id=row.id)
    said = {"act": "approve", "words": "核对过新件"}
    colleague = rows.signed_in(rows.account("archivist", "mei", "梅青"))
    assert "全部文档" in colleague.get(f"/records/{row.id}/versions/").content.decode()
    seal.seal(house)
    assert colleague.post(f"/records/{row.id}/amendments/{made.id}", said).status_code == 302
    row.refresh_from_db()
    assert row.content_version == 2
    told = colleague.get(f"/records/{row.id}/versions/").content.decode()
    assert "替换文件" in told
    made_on = {beijing.day_of(item.created) for item in amend.listed(house, ARCHIVIST, row.id)}
    assert all(f"{day}　" in told for day in made_on)
