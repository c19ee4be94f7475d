"""The audit screen shows the chain of checkpoints, verifies it on demand, and says what broke."""

import zipfile
from io import BytesIO

from django.db import connection, transaction

from lantai.shelves.ledger import entries
from lantai.shelves.ledger.models import Event
from lantai.stages import seal
from tests.support.databases import IS_POSTGRESQL
from tests.web.test_pages import page, said
from tests.web.town import Town, batch, record


def test_chain_verified_and_broken(town: Town) -> None:
    client = town.client("auditor")
    assert "还没有验过账" in said(page(client, "/audit/"))
    with transaction.atomic():
        entries.append(town.house.clock.now(), [entries.Entry("system:initialised", "worker", "system")], ids=town.house.ids)
    seal.seal(town.house)
    assert b"data-busy" not in client.get("/audit/").content, "marks a button that was pressed: nobody could press it"
    assert client.post("/audit/verify").status_code == 302
    text = said(page(client, "/audit/"))
    assert "已封存记录无一缺失或改动" in text
    assert "没有设置见证处" in text
    event = Event.objects.get(position=0)
    assert "通到" in said(page(client, f"/audit/?event={event.id}&day=all"))

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica" if IS_POSTGRESQL else "DROP TRIGGER ledger_event_keep")
        cursor.execute("UPDATE ledger_event SET actor = 'x' WHERE position = 0")
    assert "通不到签署的根" in said(page(client, f"/audit/?event={event.id}&day=all"))
    client.post("/audit/verify")
    text = said(page(client, "/audit/"))
    assert "账本与封存的不一致，1 处" in text
    assert "上次全部相符是" in text
    assert "第 0 条" in text
    assert "断" in text
    assert "封存的是「系统初始化」" in text
    assert "{" not in text, "sentences, no JSON"
    assert "发现 1 处" in said(page(client, "/audit/?day=all&act=ledger:verified"))
    assert said(page(client, "/audit/?day=all&act=ledger:verified")).count("成功") == 1, "only the one that found nothing"
    with connection.cursor() as cursor:
        if not IS_POSTGRESQL:
            cursor.execute("DROP TRIGGER ledger_payload_keep")
        cursor.execute("UPDATE ledger_payload SET body = '改动' WHERE event_id = %s", [event.id])
    assert "与它的摘要不符" in said(page(client, f"/audit/?event={event.id}&day=all"))


def test_filtered_by_person_act_record_and_day(town: Town) -> None:
    client = town.client("auditor")
    row = record(state="archived")
    with transaction.atomic():
        told = [entries.Entry("record:verified", "worker", row.id), entries.Entry("settings:changed", row.id, "system")]
        entries.append(town.house.clock.now(), told, ids=town.house.ids)
    assert "真实性核验" in said(page(client, f"/audit/?day=all&words={row.id}"))
    for narrow in (
        "act=record:verified",
        "person=worker",
        f"words={row.id}",
        "since=2020-01-01&until=2099-01-01",
        "since=0001-01-01&until=9999-12-31",
    ):
        assert "共 0 条" not in said(page(client, f"/audit/?day=all&{narrow}"))
    assert "没有这样的事件" in said(page(client, "/audit/?day=all&act=key:rotated"))
    assert "没有这样的事件" in said(page(client, "/audit/?until=2001-01-01&since=2000-01-01"))


def test_a_range_leaves_with_its_proofs(town: Town) -> None:
    client = town.client("auditor")
    with transaction.atomic():
        entries.append(town.house.clock.now(), [entries.Entry("system:initialised", "worker", "system")], ids=town.house.ids)
    seal.seal(town.house)
    answer = client.get("/audit/excerpt.zip?day=all")
    with zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content))) as made:  # type: ignore[attr-defined]
        assert sorted(made.namelist()) == ["README.md", "events.csv", "excerpt.json", "verify.py"]
    assert town.client("sysadmin").get("/audit/excerpt.zip?day=all").status_code == 403


def test_an_act_that_was_refused_is_seen(town: Town) -> None:
    assert town.client("sysadmin").post("/audit/verify").status_code == 403
    event = Event.objects.get(type="access:refused")
    text = said(page(town.client("auditor"), "/audit/?group=refused&day=all"))
    assert "越权被拒" in text
    assert event.actor == town.accounts["sysadmin"].id


def test_only_the_auditor_verifies(town: Town) -> None:
    for role in ("archivist", "sysadmin", "secadmin"):
        assert town.client(role).post("/audit/verify").status_code == 403


def test_a_table_of_titles_that_leaves_is_told(town: Town) -> None:
    client = town.client("archivist")
    seen = batch(record_count=1)
    record(seen)
    for address in ("/arrange/sheet.xlsx", "/register/list.xlsx", f"/intake/{seen.id}/findings.csv"):
        assert client.get(address).getvalue()
    told = Event.objects.filter(type="list:exported", actor=town.accounts["archivist"].id).order_by("id")
    assert list(told.values_list("object_id", flat=True)) == ["sheet", "register", seen.id]
    assert "导出清单" in said(page(town.client("auditor"), "/audit/?day=all&act=list:exported"))
