"""扫描, 著录 and 质检 on the screen: what is shown, what is kept, and what is refused."""

import io
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lantai import work
from lantai.ports import House
from lantai.shelves.digitising.models import FiledForm, Item, Learned, Page, Project, Scan, ScanBatch
from lantai.stages import digitise
from lantai.stages.digitise import confirming, working
from lantai.stages.report import scan_forms
from tests.support import scans
from tests.support.line_house import line_house
from tests.web import town as rows
from tests.web.town import Town

PART = {"HTTP_X_REQUESTED_WITH": "lantai"}


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    with line_house(tmp_path, recogniser=scans.Told(), scan_settle_seconds=0, sample_least=1) as built:
        yield built


@pytest.fixture
def town(house: House) -> Town:
    return rows.found(house)


@pytest.fixture
def batch(town: Town, tmp_path: Path) -> ScanBatch:
    """Two items of two pages, read and proposed."""
    actor = town.actor("archivist")
    project = digitise.make_project(town.house, actor, digitise.Order("甲项目", sample_percent=100))
    made = digitise.open_batch(town.house, actor, project.code, digitise.Papers("第 3 盒"))
    for at in (1, 2):
        scans.write(tmp_path / "盒" / f"{at:03d}.tif", at * 10, frames=2)
    digitise.take_in(town.house, actor, made.id, tmp_path / "盒")
    working.work_through(town.house, made.id)
    return made


def text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "".join(page.get_textpage().get_text_bounded() for page in document)


def form_of(row: Item) -> dict[str, str]:
    return {name: str(field["value"]) for name, field in row.read.items()} | {"version": str(row.version)}


def test_scans_are_sent_in_and_shown(town: Town) -> None:
    client = town.client("archivist")
    out = io.BytesIO()
    scans.sheet(7).save(out, "PNG", dpi=(300, 300))
    files = [SimpleUploadedFile("0001.png", out.getvalue())]
    answer = client.post(
        "/digitise/upload", {"files": files, "paths": ["盒/件一/0001.png"], "title": "第 9 盒", "reason": ["used"]}, **PART
    )
    url = answer.json()["url"]
    page = client.get(url).content.decode()
    assert "第 9 盒" in page
    assert "先行 20" in page
    assert not list((town.house.data / "uploads").iterdir())
    assert Project.objects.get().name == "日常数字化"


def test_what_is_no_scan_is_told_and_the_rest_goes_on(town: Town) -> None:
    out, cut = io.BytesIO(), io.BytesIO()
    scans.sheet(7).save(out, "PNG", dpi=(300, 300))
    scans.sheet(8).save(cut, "TIFF", compression="tiff_lzw")
    bytes_by_name = {"好.png": out.getvalue(), "空.jpg": b"", "断.tif": cut.getvalue()[:2000], "说明.jpg": "不是图".encode()}
    files = [SimpleUploadedFile(name, content) for name, content in bytes_by_name.items()]
    answer = town.client("archivist").post("/digitise/upload", {"files": files, "paths": [f"盒/{name}" for name in bytes_by_name]}, **PART)
    page = town.client("archivist").get(answer.json()["url"]).content.decode()
    assert {row.path: row.outcome for row in Scan.objects.all()} == {
        "盒/好.png": "pages",
        "盒/空.jpg": "refused",
        "盒/断.tif": "refused",
        "盒/说明.jpg": "refused",
    }
    assert "空.jpg" in page
    assert "断.tif" in page


def test_a_page_stands_beside_its_form(town: Town, batch: ScanBatch) -> None:
    row = Item.objects.filter(batch=batch).earliest("sequence")
    client = town.client("archivist")
    assert client.get("/describe/").headers["Location"] == f"/describe/{row.id}/"
    page = client.get(f"/describe/{row.id}/").content.decode()
    assert "云发改规划〔2024〕5号" in page
    assert "box--must" in page
    assert "64%" in page
    leaf = Page.objects.filter(item=row).earliest("sequence")
    assert client.get(f"/describe/pages/{leaf.id}.jpg?w=200").content[:2] == b"\xff\xd8"
    assert client.get(f"/describe/pages/{leaf.id}.jpg?box=10,10,200,60").content[:4] == b"\x89PNG"
    assert client.get(f"/describe/pages/{leaf.id}.jpg?box=10,10,200,60").headers["Cache-Control"].startswith("private")
    for role in ("reader", "sysadmin", "inspector"):
        assert town.client(role).get(f"/describe/{row.id}/").status_code == 403
    assert town.client("reader").get(f"/describe/pages/{leaf.id}.jpg").status_code == 403


def test_keywords_are_proposed_beside_the_form(town: Town, batch: ScanBatch) -> None:
    row = Item.objects.filter(batch=batch).earliest("sequence")
    assert f'data-from="/describe/{row.id}/suggest"' in town.client("archivist").get(f"/describe/{row.id}/").content.decode()
    told = town.client("archivist").get(f"/describe/{row.id}/suggest").json()
    assert {"value", "source", "reason"} <= told["keyword"][0].keys()
    assert town.client("reader").get(f"/describe/{row.id}/suggest").status_code == 403


def test_drafts_conflicts_and_submission(town: Town, batch: ScanBatch) -> None:
    row = Item.objects.filter(batch=batch).earliest("sequence")
    client, form = town.client("archivist"), form_of(row)
    saved = client.post(f"/describe/{row.id}/draft", form | {"title": "甲"}, **PART).json()
    assert saved["version"] == row.version + 1
    overtaken = client.post(f"/describe/{row.id}/draft", form, **PART)
    assert (overtaken.status_code, overtaken.json()["code"]) == (409, "DIGITISE-CHANGED")
    state = client.get(f"/describe/{row.id}/state", **PART).json()
    assert (state["version"], state["values"]["title"], state["who"]) == (saved["version"], "甲", "沈静宜")
    form |= {"version": str(saved["version"])}
    refused = client.post(f"/describe/{row.id}/submit", form, **PART)
    assert (refused.status_code, refused.json()["code"]) == (422, "DIGITISE-UNCONFIRMED")
    done = client.post(f"/describe/{row.id}/submit", form | {"seen": "date,retention_period"}, **PART)
    following = Item.objects.filter(batch=batch).latest("sequence")
    assert done.json()["url"] == f"/describe/{following.id}/"
    assert "不能再改" in client.get(f"/describe/{row.id}/").content.decode()
    client.post(f"/describe/{row.id}/reopen")
    row.refresh_from_db()
    assert row.state == "proposed"
    client.post(f"/describe/{following.id}/doubt", {"question": "日期看不清"})
    following.refresh_from_db()
    assert following.doubt == "日期看不清"


def test_a_part_is_read_again(town: Town, batch: ScanBatch) -> None:
    leaf = Page.objects.filter(batch=batch).earliest("sequence")
    told = town.client("archivist").post(f"/describe/pages/{leaf.id}/read", {"box": "0,0,300,100"}, **PART).json()
    assert told["text"].startswith("云汀市")
    assert town.client("archivist").post(f"/describe/pages/{leaf.id}/read", {"box": "0,0"}, **PART).status_code == 404
    assert list((town.house.data / "scratch").iterdir()) == []


def test_a_part_that_bears_a_mark_erases_the_item_and_its_certificate_is_signed(town: Town, batch: ScanBatch) -> None:
    leaf = Page.objects.filter(batch=batch).earliest("sequence")
    assert isinstance(town.house.recogniser, scans.Told)
    town.house.recogniser.say([("秘密★5年", 0.97)])
    told = town.client("archivist").post(f"/describe/pages/{leaf.id}/read", {"box": "0,0,300,100"}, **PART)
    assert (told.status_code, told.json()["code"]) == (409, "DIGITISE-MARK-FOUND")
    town.client("archivist").post(f"/digitise/{batch.id}/keep")
    security = town.client("secadmin")
    kept = FiledForm.objects.get(form="scan-erasure")
    assert "看过，签署" in security.get("/quarantine/").content.decode()
    assert security.get(f"/digitise/kept/{kept.id}.pdf").status_code == 200
    security.post(f"/quarantine/certificates/{kept.id}")
    kept.refresh_from_db()
    assert [item["place"] for item in kept.signatures] == ["安全保密管理员"]
    assert "看过，签署" not in security.get("/quarantine/").content.decode()


def test_the_light_table_judges_and_two_sign(town: Town, batch: ScanBatch) -> None:
    archivist, inspector = town.client("archivist"), town.client("inspector")
    for row in Item.objects.filter(batch=batch):
        archivist.post(f"/describe/{row.id}/submit", form_of(row) | {"seen": "date,retention_period"}, **PART)
    page = inspector.get("/inspect/", follow=True).content.decode()
    assert page.count("data-card=") == 4
    assert "分辨率不足" in page
    inspector.post(f"/inspect/{batch.id}/draw")
    pages = list(Page.objects.filter(batch=batch).order_by("id"))
    told = inspector.post(f"/inspect/pages/{pages[0].id}/verdict", {"verdict": "rescan"}, **PART)
    assert told.status_code == 422
    for leaf in pages:
        told = inspector.post(f"/inspect/pages/{leaf.id}/verdict", {"verdict": "good"}, **PART).json()
    assert told == {"verdict": "good", "sampled": 4, "undecided": 0, "rate": 100.0}
    assert inspector.post(f"/inspect/pages/{pages[0].id}/turn", **PART).json() == {"turned": 90}
    assert "004" in inspector.get(f"/inspect/pages/{pages[3].id}/").content.decode()
    assert "键入样本页数" in inspector.get(f"/inspect/{batch.id}/sign/dialog").content.decode()
    inspector.post(f"/inspect/{batch.id}/sign", {"count": "4"})
    archivist.post(f"/inspect/{batch.id}/sign", {"count": "4"})
    batch.refresh_from_db()
    assert batch.state == "accepted"
    assert "验收通过" in archivist.get(f"/inspect/{batch.id}/").content.decode()
    assert inspector.get(f"/inspect/{batch.id}/?show=flagged").status_code == 200


def test_every_working_paper_is_printed(town: Town, batch: ScanBatch) -> None:
    client = town.client("archivist")
    client.post(f"/digitise/{batch.id}/steps/take_out", {"items": "2", "pages": "4", "with": "库房 韩松", "note": "完好"})
    for form, label in scan_forms.labels().items():
        answer = client.get(f"/digitise/{batch.id}/forms/{form}.pdf")
        if form in ("scan-inspection", "scan-erasure"):
            assert answer.status_code == 404
            continue
        assert label[:4] in "".join(text(answer.content).split()), form
    assert "韩松" in text(client.get(f"/digitise/{batch.id}/forms/scan-take-out.pdf").content)


def test_separators_are_printed_and_part_what_is_scanned(town: Town, batch: ScanBatch, tmp_path: Path) -> None:
    client, actor = town.client("archivist"), town.actor("archivist")
    printed = client.get(f"/digitise/{batch.id}/forms/separators.pdf").content
    document = pypdfium2.PdfDocument(printed)
    assert len(document) == 30
    sheets = [document[at].render(scale=100 / 72).to_pil().convert("RGB") for at in (6, 7)]
    pages = [sheets[0], scans.sheet(31), scans.sheet(32), sheets[1], scans.sheet(33)]
    pages[0].save(tmp_path / "整盒.tif", save_all=True, append_images=pages[1:], dpi=(100, 100))
    digitise.take_in(town.house, actor, batch.id, tmp_path / "整盒.tif")
    found = {row.key: row.page_count for row in Item.objects.filter(batch=batch, key__startswith="SZ-")}
    assert found == {f"{batch.code}/0007": 2, f"{batch.code}/0008": 1}
    assert Page.objects.filter(batch=batch, kind="separator").count() == 2


def test_box_labels_are_printed_and_tell_whose_box_was_scanned(town: Town, batch: ScanBatch, tmp_path: Path) -> None:
    client, actor = town.client("archivist"), town.actor("archivist")
    ScanBatch.objects.filter(id=batch.id).update(box="3、4")
    document = pypdfium2.PdfDocument(client.get(f"/digitise/{batch.id}/forms/box-labels.pdf").content)
    assert len(document) == 2
    label = document[1].render(scale=100 / 72).to_pil().convert("RGB")
    label.save(tmp_path / "整盒.tif", save_all=True, append_images=[scans.sheet(41), scans.sheet(42)], dpi=(100, 100))
    told = digitise.take_in(town.house, actor, batch.id, tmp_path / "整盒.tif")
    assert (told.items, told.pages, told.findings) == (1, 2, [])
    (tmp_path / "乙").mkdir()
    label.save(tmp_path / "乙" / "盒签.png", dpi=(100, 100))
    other = digitise.open_batch(town.house, actor, batch.project.code, digitise.Papers("第 9 盒", box="9"))
    told = digitise.take_in(town.house, actor, other.id, tmp_path / "乙")
    assert (told.items, [item.code for item in told.findings]) == (0, ["DIGITISE-BOX-OTHER"])


def test_papers_are_kept_and_signed_and_persons_named_on_the_screen(town: Town, batch: ScanBatch) -> None:
    client, own = town.client("archivist"), town.actor("archivist")
    assert "没有留存" in client.get(f"/digitise/{batch.id}/").content.decode()
    client.post(f"/digitise/{batch.id}/keep")
    kept = FiledForm.objects.get(batch=batch, form="scan-plan")
    assert client.get(f"/digitise/kept/{kept.id}.pdf").content.startswith(b"%PDF")
    client.post(f"/digitise/kept/{kept.id}/sign", {"place": "编制人"})
    client.post(f"/digitise/{batch.id}/persons/describe", {"person": own.id})
    page = client.get(f"/digitise/{batch.id}/").content.decode()
    assert "签 1/2" in page
    assert f"编制人 {own.name}" in page
    assert f"定 {own.name}" in page


def test_what_was_learned_is_retired_on_the_screen(town: Town) -> None:
    client = town.client("archivist")
    assert "还没有学到什么" in client.get("/digitise/learned/").content.decode()
    row = Learned.objects.create(id="01LEARNED00000000000000000", kind="body", value="临溪县水利局", count=3)
    client.post(f"/digitise/learned/{row.id}", {"act": "retire"})
    page = client.get("/digitise/learned/?kind=body&q=水利").content.decode()
    assert "已停用" in page
    assert "恢复" in page


def test_what_is_sure_is_submitted_from_the_page_of_the_batch(town: Town, batch: ScanBatch) -> None:
    client = town.client("archivist")
    assert "提交拿得准的" in client.get(f"/digitise/{batch.id}/").content.decode()
    sure = {name: field | {"confidence": 1.0} for name, field in Item.objects.filter(batch=batch).earliest("sequence").read.items()}
    first = Item.objects.filter(batch=batch).earliest("sequence")
    Item.objects.filter(id=first.id).update(read=sure, findings=[])
    page = client.post(f"/digitise/{batch.id}/sure", {"retention": "D30"}, follow=True).content.decode()
    assert "已提交 1 件。还有 1 件要人看：" in page
    assert Item.objects.get(id=first.id).state == "confirmed"
    assert town.client("inspector").post(f"/digitise/{batch.id}/sure", {"retention": "D30"}).status_code == 403


def test_what_is_sure_of_many_is_submitted_behind_the_page(town: Town, batch: ScanBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirming, "AT_ONCE", 1)
    client = town.client("archivist")
    first = Item.objects.filter(batch=batch).earliest("sequence")
    sure = {name: field | {"confidence": 1.0} for name, field in first.read.items()}
    Item.objects.filter(id=first.id).update(read=sure, findings=[])
    assert town.client("inspector").post(f"/digitise/{batch.id}/sure", {"retention": "D30"}).status_code == 403
    assert "很久" in client.post(f"/digitise/{batch.id}/sure", {"retention": "很久"}, follow=True).content.decode()
    page = client.post(f"/digitise/{batch.id}/sure", {"retention": "D30"}, follow=True).content.decode()
    assert "正在后台提交拿得准的" in page
    assert Item.objects.get(id=first.id).state == "proposed"
    work.drain(30)
    assert Item.objects.get(id=first.id).state == "confirmed"
    assert Item.objects.filter(batch=batch, state="proposed").count() == 1
    assert work.progress_of("confirm_sure", batch.id) == (2, 2)


@pytest.mark.parametrize("role", ["archivist", "inspector"])
def test_where_nothing_waits_for_inspection_the_page_leads_to_the_batches(town: Town, role: str) -> None:
    client = town.client(role)
    is_offered = 'class="button" href="/digitise/"' in client.get("/inspect/").content.decode()
    assert is_offered == (client.get("/digitise/").status_code == 200) == (role == "archivist")
