"""Every page rendered from rows: what it must show, how it is built, and what its forms do."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html as parser

from lantai import line
from lantai.core.lifecycle import State
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch, Quarantine
from lantai.shelves.people.models import Account
from lantai.shelves.versions.models import Amendment
from lantai.stages.report import arrangement
from tests.web import town as rows
from tests.web.town import Town


def page(client: Client, address: str, **headers: str) -> parser.HtmlElement:
    """Fetch a page, hold it against what every page promises, and return it."""
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    tree = parser.fromstring(answer.content.decode())
    if not headers:
        well_built(tree)
    return tree


def well_built(tree: parser.HtmlElement) -> None:
    """One h1, landmarks, every control named, every image described, no identifier twice, no dead reference."""
    assert len(tree.findall(".//h1")) == 1
    assert tree.get("lang") == "zh-CN"
    assert tree.find(".//main") is not None
    ids = [each.get("id") for each in tree.iter() if isinstance(each.tag, str) and each.get("id")]
    assert len(ids) == len(set(ids)), [each for each in ids if ids.count(each) > 1]
    labelled = {each.get("for") for each in tree.iter("label")}
    for control in tree.iter("input", "select", "textarea"):
        is_named = control.get("aria-label") or control.get("id") in labelled or any(up.tag == "label" for up in control.iterancestors())
        assert is_named or control.get("type") in ("hidden", "file"), parser.tostring(control, encoding="unicode")[:200]
    for control in tree.iter("a", "button"):
        is_named = control.text_content().strip() or control.get("aria-label") or control.xpath(".//img[@alt!='']")
        assert is_named, parser.tostring(control, encoding="unicode")[:200]
    for image in tree.iter("img"):
        assert image.get("alt") is not None
    for table in tree.iter("table"):
        assert all(head.get("scope") for head in table.iter("th"))
    for each in tree.iter():
        if isinstance(each.tag, str) and (named := each.get("aria-labelledby") or each.get("aria-describedby")):
            assert named in ids or named == "dialog-title"


def said(tree: parser.HtmlElement) -> str:
    return " ".join(tree.text_content().split())


def test_the_desk_of_a_new_installation_says_why_it_is_empty(town: Town) -> None:
    text = said(page(town.client("archivist"), "/"))
    assert "还没有待办" in text
    assert "架上还没有档案" in text
    assert "尚未核验" in text
    assert "账本尚未封存" in text
    assert "全部一致" not in text


def test_the_desk_of_a_busy_day(town: Town) -> None:
    batch = rows.batch()
    rows.record(batch, "described", needs_attention="CHECK-FAILED")
    rows.record()
    rows.record(state="archived", year="2023", created_at=town.house.clock.now())
    text = said(page(town.client("archivist"), "/"))
    assert "2 件待办" in text
    assert "办公室 30年期共 1 件已整理" in text
    assert "30 年" not in "".join(each.text_content() for each in page(town.client("archivist"), "/").find_class("keep"))


def test_the_banner_of_a_trial(town: Town, settings: object) -> None:
    settings.LANTAI = town.house.settings  # type: ignore[attr-defined]
    assert "试用库" in said(page(town.client("archivist"), "/"))


def test_a_batch_with_its_lines_and_evidence(town: Town) -> None:
    batch = rows.batch(record_count=2, file_count=2)
    bad, good = rows.record(batch, "described", needs_attention="CHECK-FAILED", conclusion="fail"), rows.record(batch, "described")
    rows.file(bad)
    rows.report(batch, bad, rows.item("1.1", "fail", "authenticity", rows.finding("收到的文件摘要不同。")), conclusion="fail")
    rows.report(batch, good, rows.item("1.1", "pass"))
    rows.arrival(batch, "甲.pdf", record_id=bad.id)
    rows.arrival(batch, "乙.exe", "refused", finding={"message": "可执行文件不收。"})
    client = town.client("archivist")
    text = said(page(client, f"/intake/{batch.id}/"))
    for expected in (
        "接收合格 1 件",
        "1 件待判定",
        "收到的文件摘要不同。",
        "退回此件",
        "进出相符",
        "可执行文件不收。",
        "确实是它，没有被改过",
    ):
        assert expected in text
    assert "没有不通过的项" in said(page(client, f"/intake/{batch.id}/?card=integrity&show=fail"))
    part = client.get(f"/intake/{batch.id}/", headers={"HX-Request": "true", "HX-Target": "evidence"})
    assert "<html" not in part.content.decode()
    with CaptureQueriesContext(connection) as asked:
        part = client.get(f"/intake/{batch.id}/", headers={"HX-Request": "true", "HX-Target": "batch-live"})
    assert "接收合格 1 件" in part.content.decode()
    assert not any("packed" in each["sql"] for each in asked)  # polled while reports are written, it reads none of them
    assert page(client, "/intake/?list=all") is not None if client.get("/intake/?list=all").status_code == 200 else True


def test_the_report_goes_out_for_machines_and_for_paper(town: Town) -> None:
    batch = rows.batch(record_count=1)
    row = rows.record(batch, "described")
    rows.report(batch, row, rows.item("1.1", "pass"))
    client = town.client("archivist")
    body = json.loads(client.get(f"/intake/{batch.id}/report.json").content)
    assert (body["batch"], body["reports"][0]["id"]) == (batch.code, row.id)
    printed = client.get(f"/forms/report/{batch.code}.pdf")
    assert (printed.status_code, printed["Content-Type"], printed.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert client.get(f"/forms/poem/{batch.code}.pdf").status_code == 404
    assert "属性" in client.get(f"/intake/{batch.id}/findings.csv").content.decode("utf-8-sig")
    assert client.get(f"/intake/{batch.id}/findings.xlsx").content[:2] == b"PK"
    assert client.get(f"/intake/{batch.id}/findings.exe").status_code == 422
    assert client.get(f"/intake/{batch.id}/receipt.json").json()["batch"]["code"] == batch.code
    assert "还没有签名" in client.get(f"/intake/{batch.id}/seal").content.decode()


def test_accepting_and_returning(town: Town) -> None:
    batch = rows.batch(record_count=2)
    good, bad = rows.record(batch, "described"), rows.record(batch, "described", needs_attention="CHECK-FAILED", conclusion="fail")
    client = town.client("archivist")
    assert client.post(f"/intake/{batch.id}/accept").status_code == 302
    assert Batch.objects.get(id=batch.id).state == "accepted"
    without = client.post(f"/intake/{batch.id}/return", {"record": bad.id})
    assert without.status_code == 422
    client.post(f"/intake/{batch.id}/return", {"record": bad.id, "reason": "附件缺失", "message": "请补附件二。"})
    assert Record.objects.get(id=bad.id).state == State.RETURNED
    assert Record.objects.get(id=good.id).state == State.DESCRIBED
    assert "已退回 1 件" in said(page(client, f"/intake/{batch.id}/"))
    assert client.get(f"/intake/{batch.id}/return/dialog").status_code == 200


def test_a_part_time_archivist_delivers_but_does_not_decide(town: Town) -> None:
    batch = rows.batch()
    rows.record(batch, "described")
    client = town.client("part_time_archivist")
    assert "接收合格" not in said(page(client, f"/intake/{batch.id}/"))
    assert client.post(f"/intake/{batch.id}/accept").status_code == 403


def test_an_upload_becomes_a_batch(town: Town) -> None:
    client = town.client("archivist")
    given = {"channel": "manual", "files": [SimpleUploadedFile("a.txt", "内容".encode())], "paths": ["移交/a.txt"], "title": "试送"}
    answer = client.post("/intake/upload", given, headers={"X-Requested-With": "lantai"})
    batch = Batch.objects.get()
    assert answer.json() == {"url": f"/intake/{batch.id}/"}
    assert (batch.title, batch.is_upload, batch.state) == ("试送", True, "receiving")
    assert "正在接收" in said(page(client, f"/intake/{batch.id}/"))
    assert client.post("/intake/upload", {}, headers={"X-Requested-With": "lantai"}).json()["code"] == "UPLOAD-EMPTY"
    refused = town.client("reader").post("/intake/upload", given | {"files": [SimpleUploadedFile("a.txt", b"x")]})
    assert refused.status_code == 403
    assert len(list((town.house.data / "uploads").iterdir())) == 1


def test_arranging(town: Town) -> None:
    for _ in range(3):
        rows.record()
    rows.record(needs_attention="CHECK-FAILED")
    client = town.client("archivist")
    address = client.get("/arrange/")["Location"]
    tree = page(client, address)
    text = said(tree)
    for expected in ("2024 年度", "办公室", "固定档号 3 件", "档号预览，固定前可变", "1 件有问题"):
        assert expected in text
    assert [each.text_content() for each in tree.find_class("code__part")][-1].startswith("0001")
    first = Record.objects.filter(needs_attention="").order_by("document_number").first()
    assert first
    part = client.get(f"{address}&record={first.id}", headers={"HX-Request": "true", "HX-Target": "form"})
    assert first.title in part.content.decode()
    assert "没有含" in said(page(client, f"{address}&words=没有这样的题名"))
    assert page(client, "/arrange/?attention=CHECK-FAILED") is not None


def test_a_page_of_the_workbench_puts_no_question_twice(town: Town) -> None:
    batch = rows.batch(state="accepted")
    first, *_ = [rows.record(batch) for _ in range(3)]
    client, leaf = town.client("archivist"), "/arrange/?year=2024&department=BGS&retention=D30"
    for address in (leaf, f"{leaf}&record={first.id}", "/arrange/?year=2024", "/arrange/?attention=CHECK-FAILED", f"{leaf}&words=通知"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        put = Counter(query["sql"] for query in asked.captured_queries)
        assert {sql: times for sql, times in put.items() if times > 1} == {}, address


def test_revising_saves_what_changed_and_refuses_what_is_stale(town: Town) -> None:
    row = rows.record(elements={"title": "旧题名"})
    client = town.client("archivist")
    changes = {"version": row.version, "title": "新题名", "was_title": row.title, "author": row.author, "was_author": row.author}
    assert client.post(f"/arrange/revise/{row.id}", changes | {"back": "/arrange/?year=2024"})["Location"] == "/arrange/?year=2024"
    row.refresh_from_db()
    assert row.title == "新题名"
    again = client.post(f"/arrange/revise/{row.id}", changes | {"title": "又一个"}, headers={"HX-Request": "true"})
    assert (again.status_code, again["HX-Retarget"]) == (409, "#dialog")
    for expected in ("您在别的窗口也改了", "新题名", "又一个", "用我的", "用他的", "按逐项所选保存"):
        assert expected in again.content.decode()
    row.refresh_from_db()
    assert row.title == "新题名"
    settled = changes | {
        "version": row.version,
        "settled": "1",
        "title": "又一个",
        "was_title": "新题名",
        "back": "https://elsewhere.example/",
    }
    assert client.post(f"/arrange/revise/{row.id}", settled)["Location"] == "/arrange/"
    assert Record.objects.get().title == "又一个"


def test_what_two_persons_changed_in_one_record_is_put_together_where_it_is_not_the_same(town: Town) -> None:
    row = rows.record(elements={})
    client = town.client("archivist")
    opened = {"version": row.version, "was_title": row.title, "was_author": row.author}
    client.post(f"/arrange/revise/{row.id}", opened | {"title": "甲的题名", "author": row.author})
    client.post(f"/arrange/revise/{row.id}", opened | {"title": row.title, "author": "乙的责任者"})
    row.refresh_from_db()
    assert (row.title, row.author) == ("甲的题名", "乙的责任者")


def test_changing_many_and_moving_one(town: Town) -> None:
    chosen = [rows.record(), rows.record(), rows.record()]
    client = town.client("archivist")
    ticked = {"record": [row.id for row in chosen[:2]]}
    for act in ("retention", "department", "field", "move", "discard"):
        assert "2 件" in client.post(f"/arrange/bulk/{act}", ticked).content.decode()
    half = client.post("/arrange/bulk/foresee", ticked | {"act": "field", "field": "year", "value": "20"})
    assert (half.status_code, "年度写四位数字" in half.content.decode()) == (200, True)
    empty = client.post("/arrange/bulk/foresee", ticked | {"act": "field", "field": "author", "value": ""})
    assert (empty.status_code, "请填「责任者」改成什么" in empty.content.decode()) == (200, True)
    seen = client.post("/arrange/bulk/foresee", ticked | {"act": "retention", "value": "Y"}).content.decode()
    assert seen.count("<s title=") == 2
    client.post("/arrange/bulk", {"act": "retention", "value": "Y", "record": [row.id for row in chosen[:2]]})
    assert Record.objects.filter(retention="Y").count() == 2
    assert "撤销上一步" in client.get("/arrange/?year=2024").content.decode()
    client.post("/arrange/undo", {"act": ""})
    assert not Record.objects.filter(retention="Y").exists()
    client.post("/arrange/order", {"record": chosen[1].id, "after": ""})
    client.post("/arrange/bulk", {"act": "move", "record": chosen[0].id, "item": "3"})
    order = Record.objects.order_by("position", "document_number").values_list("id", flat=True)
    assert list(order) == [chosen[1].id, chosen[2].id, chosen[0].id]
    client.post("/arrange/bulk", {"act": "discard", "reason": "不属归档范围", "record": [chosen[2].id]})
    assert Record.objects.get(id=chosen[2].id).state == State.DISCARDED


def test_the_whole_result_is_chosen_by_its_conditions_and_its_count(town: Town) -> None:
    for _ in range(3):
        rows.record()
    client, whole = town.client("archivist"), {"all": "1", "year": "2024", "department": "BGS", "retention": "D30"}
    assert client.post("/arrange/bulk", whole | {"expected": "2", "act": "retention", "value": "Y"}).status_code == 409
    client.post("/arrange/bulk", whole | {"expected": "3", "act": "field", "field": "author", "value": "云汀市人民政府"})
    assert set(Record.objects.values_list("author", flat=True)) == {"云汀市人民政府"}
    for act, value in (("retention", "Y"), ("department", "GHK")):
        found = Record.objects.first()
        now = whole | {"expected": "3", "retention": found.retention, "department": found.department}
        dialog = client.post(f"/arrange/bulk/{act}", now).content.decode()
        fields = re.findall('<(?:input|select)[^>]* name="([a-z]+)"(?: value="([^"]*)")?', dialog)
        asked = {name: given for name, given in fields if name != "value"} | {"value": value}
        client.post("/arrange/bulk", asked)
        assert set(Record.objects.values_list(act, flat=True)) == {value}


def test_two_persons_with_one_record_open_see_each_other(town: Town) -> None:
    row = rows.record()
    colleague = rows.signed_in(rows.account("archivist", "mei", "梅青"))
    assert "也打开着" not in town.client("archivist").get(f"/arrange/presence/{row.id}").content.decode()
    assert "沈静宜 也打开着这一件" in colleague.get(f"/arrange/?year=2024&record={row.id}").content.decode()
    assert "梅青 也打开着这一件" in town.client("archivist").get(f"/arrange/presence/{row.id}").content.decode()
    colleague.get(f"/arrange/presence/{rows.record().id}")
    assert "也打开着" not in town.client("archivist").get(f"/arrange/presence/{row.id}").content.decode()


def test_an_empty_number_is_explained_and_a_record_withdrawn_on_the_screen(town: Town) -> None:
    kept, gone = rows.record(), rows.record()
    client, chosen = town.client("archivist"), {"year": "2024", "department": "BGS", "retention": "D30"}
    client.post("/arrange/fix", chosen | {"expected": "2"})
    assert "永不再用" in client.get(f"/arrange/withdraw/{gone.id}/dialog").content.decode()
    client.post(f"/arrange/withdraw/{gone.id}", {"reason": "涉密另存", "note": "移交保密室"})
    gone.refresh_from_db()
    assert (gone.state, gone.code) == ("arranged", "")
    dialog = client.get("/arrange/gaps?scope=Z109-WS·2024-D30-BGS").content.decode()
    assert "移交保密室" in dialog
    assert kept.title in client.get("/arrange/?year=2024&fixed=1").content.decode()


def test_rows_of_a_list_come_in_parts(town: Town) -> None:
    for _ in range(3):
        rows.record()
    part = town.client("archivist").get("/arrange/?year=2024&from=1", headers={"X-Rows": "1"}).content.decode()
    assert part.count("<tr ") == 2
    assert "<table" not in part


def test_fixing_says_consequences_first_and_refuses_another_count(town: Town) -> None:
    for _ in range(2):
        rows.record()
    rows.record(needs_attention="CHECK-FAILED")
    client, chosen = town.client("archivist"), {"year": "2024", "department": "BGS", "retention": "D30"}
    dialog = client.get("/arrange/fix/dialog", chosen).content.decode()
    for expected in ("固定 2 件的档号？", "不能再改", "另有 1 件还有问题", "落印，固定 2 件", "再看看"):
        assert expected in dialog
    assert client.post("/arrange/fix", chosen | {"expected": "3"}).status_code == 409
    assert client.post("/arrange/fix", chosen | {"expected": "2"}).status_code == 302
    assert sorted(Record.objects.exclude(code="").values_list("code", flat=True)) == [
        "Z109-WS·2024-D30-BGS-0001",
        "Z109-WS·2024-D30-BGS-0002",
    ]


@pytest.fixture
def archived(town: Town, tmp_path: Path) -> Record:
    """A record that went the whole line."""
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "关于做好供暖工作的通知.txt").write_text("关于做好供暖工作的通知\n各科室：请做好供暖工作。\n2024年3月12日", encoding="utf-8")
    from lantai.stages import capture

    capture.open_batch(town.house, town.actor("archivist"), [papers], channel="manual", department="BGS")
    line.finish(town.house)
    row = Record.objects.get()
    if row.state == State.ARRANGED:
        line.archive(town.house, town.actor("archivist"), [row.id])
    row.refresh_from_db()
    return row


def test_searching_opening_and_verifying(town: Town, archived: Record) -> None:
    client = town.client("archivist")
    text = said(page(client, "/search/?q=供暖"))
    assert "共 1 件" in text
    assert page(client, "/search/?q=供暖").xpath("count(.//mark)") > 0
    none = said(page(client, "/search/?q=供暖 潮汐发电"))
    assert "没有找到「供暖 潮汐发电」" in none
    assert "改查「供暖」 1 件" in none
    assert "从 1 件里找" in said(page(client, "/search/"))
    tree = page(client, f"/records/{archived.id}/?layer=text")
    assert archived.title in said(tree)
    if archived.state == State.ARCHIVED:
        assert "还没有核验过" in said(tree)
        proved = said(page(client, f"/records/{archived.id}/"))
        assert "现在核验" in proved
        checked = client.post(f"/records/{archived.id}/verify", headers={"HX-Request": "true"}).content.decode()
        assert "与归档时一致" in checked
        assert "账本尚未封存" in checked


def test_a_file_goes_out_as_an_attachment(town: Town, archived: Record) -> None:
    item = archived.files.first()
    assert item
    answer = town.client("archivist").get(f"/records/{archived.id}/files/{item.id}")
    assert "供暖" in b"".join(answer).decode()
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert town.client("sysadmin").get(f"/records/{archived.id}/files/{item.id}").status_code == 403
    assert town.client("archivist").get(f"/records/{archived.id}/files/nothing").status_code == 404


def test_a_reader_is_told_why_a_record_is_closed(town: Town, archived: Record) -> None:
    answer = town.client("reader").get(f"/records/{archived.id}/")
    assert answer.status_code == 403
    assert archived.title not in answer.content.decode()


def test_accounts_are_made_by_one_and_approved_by_another(town: Town) -> None:
    tao, chen = town.client("sysadmin"), town.client("secadmin")
    given = {
        "act": "create",
        "login": "wen",
        "name": "温思齐",
        "role": "reader",
        "person": "G77",
        "password": "First-4711-x",
        "department": "GHK",
    }
    weak = tao.post("/accounts/", given | {"password": "weak"})
    assert weak.status_code >= 400
    assert 'value="温思齐"' in weak.content.decode()
    assert tao.post("/accounts/", given).status_code == 302
    row = Account.objects.get(login="wen")
    assert not row.is_active
    assert tao.post("/accounts/", {"act": "approve", "account": row.id}).status_code == 403
    assert "待批准" in said(page(chen, "/accounts/"))
    chen.post("/accounts/", {"act": "approve", "account": row.id})
    chen.post("/accounts/", {"act": "assign", "account": row.id, "role": "part_time_archivist", "department": "BGS"})
    tao.post("/accounts/", {"act": "reset", "account": row.id, "password": "Second-4711-x"})
    row.refresh_from_db()
    assert (row.is_active, row.role, row.must_change_password) == (False, "part_time_archivist", True)
    assert "待批准" in said(page(chen, "/accounts/"))
    chen.post("/accounts/", {"act": "approve", "account": row.id})
    row.refresh_from_db()
    assert row.is_active
    tao.post("/accounts/", {"act": "disable", "account": row.id})
    assert "已停用" in said(page(tao, "/accounts/"))


def test_quarantine_shows_no_content_and_takes_two(town: Town) -> None:
    item = rows.sealed(rows.batch(title="涉及某事的批次"), position=7)
    first = town.client("secadmin")
    text = said(page(first, "/quarantine/"))
    assert "第 7 个" in text
    assert "涉及某事的批次" not in text
    first.post(f"/quarantine/{item.id}", {"decision": "remove"})
    assert "等另一位确认" in said(page(first, "/quarantine/"))
    assert first.post(f"/quarantine/{item.id}", {"decision": "remove"}).status_code == 409
    second = rows.signed_in(rows.account("secadmin", "wei", "卫青云"))
    assert "确认清除，不可恢复" in said(page(second, "/quarantine/"))
    assert Quarantine.objects.get(id=item.id).state == "held"


def test_the_log_is_read_only(town: Town) -> None:
    rows.tell(town.house, "batch:opened", "worker", rows.batch().id)
    client = town.client("auditor")
    tree = page(client, "/audit/?day=all")
    assert "尚未封存" in said(tree)
    forms = [form for form in tree.iter("form") if form.get("method") == "post"]
    assert {form.get("action") for form in forms} <= {"/theme", "/logout", "/login/again", "/audit/verify"}
    assert client.post("/audit/").status_code == 405
    assert "没有这样的事件" in said(page(client, "/audit/?words=没有这样的人"))
    assert client.get("/audit/?event=x", headers={"HX-Request": "true", "HX-Target": "event"}).status_code == 200


def test_the_system_page_says_what_is_wrong(town: Town) -> None:
    assert "杀毒引擎" in said(page(town.client("sysadmin"), "/system/"))


def test_the_parts_that_are_polled(town: Town) -> None:
    client = town.client("archivist")
    assert "没有正在做的作业" in client.get("/jobs/", headers={"HX-Request": "true"}).content.decode()
    assert "无作业" in client.get("/jobs/pill/", headers={"HX-Request": "true"}).content.decode()


def test_the_sign_in_and_password_pages_are_well_built(town: Town, client: Client) -> None:
    page(client, "/login")
    page(town.client("reader"), "/password")


def test_several_become_one_item_and_one_becomes_several_on_the_screen(town: Town) -> None:
    asking, answer = rows.record(title="关于增加编制的请示"), rows.record(title="关于增加编制的批复")
    parts = [rows.file(asking, "请示.pdf").document_id, rows.file(answer, "批复.pdf").document_id]
    client, chosen = town.client("archivist"), {"record": [asking.id, answer.id]}
    assert "合为一件 <kbd>H</kbd>" in client.get("/arrange/?year=2024&department=BGS&retention=D30").content.decode()
    shown = client.post("/arrange/compose/dialog", chosen).content.decode()
    assert "把 2 件合为一件" in shown
    assert shown.index(f'value="{parts[1]}"') < shown.index(f'value="{parts[0]}"')
    assert shown.count("selected>复文") == shown.count("selected>来文") == 1
    given = {"part": [parts[0], parts[1]], "role": ["来文", "复文"]}
    again = client.post("/arrange/compose/dialog", chosen | given | {"act": "propose"}).content.decode()
    assert again.index(f'value="{parts[1]}"') < again.index(f'value="{parts[0]}"')
    assert client.post("/arrange/compose", chosen | given | {"part": [parts[0]], "head": answer.id}).status_code == 409
    client.post("/arrange/compose", chosen | {"part": parts[::-1], "role": ["复文", "来文"], "head": answer.id})
    assert (Record.objects.get(id=asking.id).state, answer.files.count()) == (State.MERGED, 2)
    assert f"/records/{answer.id}/" in client.get(f"/records/{asking.id}/").content.decode()
    one = {"record": answer.id}
    assert "改组成、拆件" in client.get(f"/arrange/?year=2024&record={answer.id}").content.decode()
    assert "拆出勾选的文件" in client.post("/arrange/compose/dialog", one).content.decode()
    client.post("/arrange/compose", one | {"act": "save", "part": parts, "role": ["来文", "正本"]})
    client.post("/arrange/compose", one | {"act": "split", "off": parts[0], "title": "单独的请示"})
    assert Record.objects.get(title="单独的请示").files.get().name == "请示.pdf"
    for _ in range(3):
        client.post("/arrange/undo", {"act": ""})
    assert (asking.files.count(), answer.files.count(), Record.objects.get(id=asking.id).state) == (1, 1, "arranged")


def test_corrections_that_wait_stand_on_the_desk_and_are_proposed_from_the_form(town: Town) -> None:
    row = rows.record(state="archived", code="Z109-WS·2024-D30-BGS-0001", title="关于供热的批复")
    stuck = rows.record(state="archived", code="Z109-WS·2024-D30-BGS-0002", title="关于供水的批复")
    common = {"kind": "correct", "base_version": 1, "reason": "漏字", "proposed_at": rows.NOW}
    mine = {"proposed_by": town.accounts["archivist"].id, "proposer_name": "沈静宜"}
    Amendment.objects.create(id=rows.key(), record_id=row.id, **common, **mine)
    Amendment.objects.create(id=rows.key(), record_id=stuck.id, state="stopped", proposed_by="other", proposer_name="陆一帆", **common)
    client = town.client("archivist")
    page = client.get("/").content.decode()
    assert "您提出的更正，等另一人批准：《关于供热的批复》" in page
    assert "已批准的更正没有写成，待您继续：《关于供水的批复》" in page
    assert f"/records/{row.id}/versions/" in page
    colleague = rows.signed_in(rows.account("archivist", "mei", "梅青"))
    assert "更正待您批准：《关于供热的批复》" in colleague.get("/").content.decode()
    assert "更正" not in town.client("reader").get("/").content.decode()
    assert "提出更正</a>" in client.get(f"/arrange/?year=2024&department=BGS&retention=D30&record={row.id}").content.decode()


def test_files_are_hung_onto_catalogue_rows_on_the_screen(town: Town) -> None:
    batch = rows.batch(state="accepted")
    sure = rows.record(title="关于库房搬迁的通知", content_basis="physical_only")
    twice = [rows.record(title="关于值班的通知", document_number="", content_basis="physical_only") for _ in range(2)]
    offers = [rows.record(batch, title=name) for name in ("甲", "乙")]
    rows.file(offers[0], "关于库房搬迁的通知.pdf")
    rows.file(offers[1], "关于值班的通知.pdf")
    client = town.client("archivist")
    assert batch.code in client.get("/arrange/attach/").content.decode()
    shown = client.get(f"/arrange/attach/?batch={batch.code}").content.decode()
    assert "对上一件的 1 份" in shown
    assert "不止对上一件的 1 份" in shown
    given = {"batch": batch.code, "offer": [row.id for row in offers], f"row-{offers[0].id}": sure.id, f"row-{offers[1].id}": twice[1].id}
    assert client.post("/arrange/attach/apply", given).status_code == 302
    assert (sure.files.count(), twice[0].files.count(), twice[1].files.count()) == (1, 0, 1)
    assert client.post("/arrange/attach/apply", given).status_code == 409
    client.post("/arrange/undo", {"act": ""})
    assert (sure.files.count(), offers[0].files.count()) == (0, 1)
    assert town.client("reader").get("/arrange/attach/").status_code == 403


def test_pages_travel_compressed_and_files_as_they_are(town: Town) -> None:
    rows.record(rows.batch(state="accepted"))
    client, address = town.client("archivist"), "/arrange/?year=2024&department=BGS&retention=D30"
    plain, light = client.get(address), client.get(address, headers={"Accept-Encoding": "gzip"})
    assert light.headers["Content-Encoding"] == "gzip"
    assert len(light.content) < len(plain.content) / 3
    assert said(parser.fromstring(gzip.decompress(light.content).decode())) == said(parser.fromstring(plain.content.decode()))
    sheet = client.get("/arrange/sheet.xlsx?year=2024&department=BGS&retention=D30", headers={"Accept-Encoding": "gzip"})
    assert b"".join(sheet.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    assert "Content-Encoding" not in sheet.headers


def test_the_form_takes_the_number_that_the_list_beside_it_shows(town: Town) -> None:
    batch = rows.batch(state="accepted")
    rows.record(batch)
    second = rows.record(batch)
    client, part = town.client("archivist"), {"HX-Request": "true", "HX-Target": "form"}
    address = f"/arrange/?year=2024&department=BGS&retention=D30&record={second.id}"

    def proposed(more: str) -> str:
        tree = parser.fromstring(client.get(address + more, headers=part).content.decode())
        return str(tree.find_class("code__part")[-1].text_content())

    assert [proposed(more)[:4] for more in ("", "&item=0002", "&item=—", "&item=…", "&item=²")] == ["0002"] * 5
    assert proposed("&item=0007").startswith("0007")
    with CaptureQueriesContext(connection) as told:
        proposed("&item=0002")
    with CaptureQueriesContext(connection) as derived:
        proposed("")
    assert len(told) < len(derived)


def test_a_page_whose_list_has_no_numbers_asks_for_that_of_its_form_once_it_is_there(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrangement, "RANKED", 1)
    batch = rows.batch(state="accepted")
    rows.record(batch)
    second = rows.record(batch)
    client, address = town.client("archivist"), "/arrange/?year=2024&department=BGS&retention=D30"
    tree = page(client, f"{address}&words=通知&record={second.id}")
    (code,) = tree.xpath("//*[@id='form-code']")
    assert "正在推算件号" in code.text_content()
    part = client.get("/arrange/" + code.get("hx-get"), headers={"HX-Request": "true", "HX-Target": "form-code"})
    (code,) = parser.fromstring(part.content.decode()).xpath("//*[@id='form-code']")
    assert (code.get("hx-get"), code.find_class("code__part")[-1].text_content()[:4]) == (None, "0002")
    assert page(client, f"{address}&record={second.id}").xpath("//*[@id='form-code']/@hx-get") == []
