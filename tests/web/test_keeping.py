"""系统/保管 on the screen: who sees it, what it says of places, media and audits, and what is done there."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from lantai.shelves.copies.models import Audit, Copy, Medium, Replica
from lantai.stages.report import desk
from tests.web import town as rows
from tests.web.town import Town

ADDRESS = "/system/keeping/"


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the data folder, as a copy must have it."""
    return tmp_path_factory.mktemp("elsewhere")


def audited(**more: object) -> Audit:
    key, now = rows.key(), timezone.now()
    given = {"total": 4, "done": 4, "state": "done", "started_by": "worker", "started_at": now - timedelta(hours=1), "ended_at": now}
    return Audit.objects.create(id=key, code=f"GH-20250416-{key[-3:]}", **(given | more))


@pytest.mark.parametrize(
    ("role", "status"),
    [("archivist", 200), ("sysadmin", 200), ("auditor", 403), ("reader", 403), ("secadmin", 403), ("part_time_archivist", 403)],
)
def test_who_may_see_it(town: Town, role: str, status: int) -> None:
    assert town.client(role).get(ADDRESS).status_code == status


def test_a_replica_is_set_up_and_retired_and_counted_on_the_desk(town: Town, elsewhere: Path) -> None:
    client = town.client("sysadmin")
    assert "现在只有主库一份" in client.get(ADDRESS).content.decode()
    assert "没有副本" in town.client("archivist").get("/").content.decode()
    wish = {"name": "近线", "kind": "disk", "address": str(elsewhere / "second")}
    assert client.post(f"{ADDRESS}replica", wish).status_code == 302
    row = Replica.objects.get()
    now = timezone.now()
    given = {"content_version": 1, "state": "damaged", "written_at": now, "checked_at": now}
    Copy.objects.create(id=rows.key(), replica=row, record_id=rows.key(), **given)
    page = client.get(ADDRESS).content.decode()
    assert "1 件损坏或缺失" in page
    assert "“近线”里有 1 件损坏或缺失，还没有修复" in page.replace("&ldquo;", "“")
    assert client.post(f"{ADDRESS}replica", {"retire": row.id}).status_code == 302
    assert "<b>近线</b>" not in client.get(ADDRESS).content.decode()
    assert town.client("archivist").post(f"{ADDRESS}replica", wish).status_code == 403


def test_audits_make_the_strip_of_the_desk(town: Town) -> None:
    audited()
    audited(damaged=2, mended=2)
    audited(damaged=2, mended=1)
    audited(state="failed", reason="STORE-AWAY", ended_at=None)
    page = town.client("archivist").get(ADDRESS).content.decode()
    assert '近 30 次：1 次一致，1 次已用副本修复，<span class="as-err">1 次有损坏未修复</span>' in page
    assert "请系统管理员挂上磁盘" in page
    it = desk.integrity(rows.actor(town.accounts["archivist"]))
    assert (it.good_runs, it.mended_runs, it.bad_runs) == (1, 1, 1)
    assert [state for _, state in it.strip][-3:] == ["ok", "warn", "bad"]
    assert "1 次发现损坏并已用副本修复" in town.client("archivist").get("/").content.decode()


def test_an_audit_is_refused_where_there_is_nothing_and_stopped_where_there_is(town: Town) -> None:
    client = town.client("archivist")
    assert client.post(f"{ADDRESS}audit", {"place": "", "share": "100"}).status_code == 422
    row = audited(state="running", ended_at=None, done=1)
    assert client.post(f"{ADDRESS}audit", {"stop": row.id}).status_code == 302
    assert client.post(f"{ADDRESS}audit", {"resume": row.id}).status_code == 302
    row.refresh_from_db()
    assert row.state == "running"


def test_a_medium_is_entered_and_its_check_written_down(town: Town, elsewhere: Path) -> None:
    client = town.client("archivist")
    given = {"number": "LX-001", "type": "hard_disk", "gb": "4000", "place": "2 号库", "address": str(elsewhere), "note": ""}
    assert client.post(f"{ADDRESS}medium", given).status_code == 302
    assert client.post(f"{ADDRESS}medium", given).status_code == 409
    row = Medium.objects.get()
    done = client.post(f"{ADDRESS}medium", {"check": row.replica_id, "grade": "second", "next_check": "2027-03-01"}, follow=True)
    page = done.content.decode()
    assert "二级预警" in page
    assert "2027年3月1日" in page or "3月1日" in page
    row.refresh_from_db()
    assert (row.grade, row.next_check) == ("second", "20270301")


def test_a_vault_that_is_away_is_told_before_anything_else(town: Town) -> None:
    """Rows say that records are kept, and there is no vault at all."""
    audited(total=1, done=1)
    rows.record(state="archived", content_version=1)
    page = town.client("sysadmin").get(ADDRESS).content.decode()
    assert "主库不在" in page
    assert "lantai fsck --repair --anew" in page
    assert "现在没有丢失或改动" not in page
    desk_page = town.client("archivist").get("/").content.decode()
    assert "主库 不在" in desk_page
    assert "全部一致" not in desk_page
