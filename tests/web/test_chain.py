"""The audit screen shows the chain of checkpoints, verifies it on demand, and says what broke."""

from django.db import connection, transaction

from lantai.shelves.ledger import entries
from lantai.shelves.ledger.models import Event
from lantai.stages import seal
from tests.support.databases import IS_POSTGRESQL
from tests.web.test_pages import page, said
from tests.web.town import Town


def test_chain_verified_and_broken(town: Town) -> None:
    client = town.client("auditor")
    assert "还没有验过账" in said(page(client, "/audit/"))
    with transaction.atomic():
        entries.append(town.house.clock.now(), [entries.Entry("system:initialised", "worker", "system")], ids=town.house.ids)
    seal.seal(town.house)
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


def test_only_the_auditor_verifies(town: Town) -> None:
    for role in ("archivist", "sysadmin", "secadmin"):
        assert town.client(role).post("/audit/verify").status_code == 403
