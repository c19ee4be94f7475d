"""备份与恢复 on the screen: who sees it, what is overdue, the timetable is decided there, and its papers are PDF."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from lantai.packages import recovery_key
from lantai.shelves.recovery.models import Backup, Drill, Schedule
from lantai.stages.report import desk
from tests.web import town as rows
from tests.web.town import Town

FACTS = {
    "taken_at": "2026-03-01T18:00:00.000000Z", "records": 4, "events": 90, "events_since": 2, "size_bytes": 10, "same": 4, "changed": 0,
    "new": 0, "differing": [], "differing_total": 0, "missing": [], "missing_total": 0, "ledger_ok": True, "ledger_size": 90,
    "ledger_problems": 0, "run_code": "BC-20260302-001", "conclusions": {"pass": 4}, "damaged": 0, "seconds": 3.0,
}  # fmt: skip
PLAN = {"place": "/mnt/beifen", "at": "03:30", "days": "7", "weeks": "5", "months": "12", "drill_months": "6", "late_hours": "36"}


def backup(hours: int, **more: object) -> Backup:
    began = timezone.now() - timedelta(hours=hours)
    given = {
        "code": f"BF-{rows.key()[-6:]}",
        "place": "/mnt/beifen",
        "state": "done",
        "records": 4,
        "size_bytes": 5000,
        "made_by": "service:x",
    }
    return Backup.objects.create(id=rows.key(), started_at=began, ended_at=began, **(given | more))


def drill(**more: object) -> Drill:
    given = {"code": f"YL-{rows.key()[-6:]}", "backup_code": "BF-1", "conclusion": "pass", "rpo_seconds": 3700, "rto_seconds": 75}
    now = timezone.now()
    return Drill.objects.create(id=rows.key(), facts=FACTS, started_at=now, ended_at=now, held_by="service:x", **(given | more))


@pytest.mark.parametrize(
    ("role", "status"),
    [("archivist", 200), ("sysadmin", 200), ("auditor", 403), ("reader", 403), ("secadmin", 403), ("part_time_archivist", 403)],
)
def test_who_may_see_it(town: Town, role: str, status: int) -> None:
    assert town.client(role).get("/system/recovery/").status_code == status
    assert town.client(role).get("/system/recovery/plan.pdf").status_code == status


def test_an_installation_without_backups_says_what_to_do(town: Town) -> None:
    page = town.client("sysadmin").get("/system/recovery/").content.decode()
    assert "lantai backup key" in page
    assert "还没有一份备份" in page
    assert any("还没有一份备份" in todo.text for todo in desk.desk(town.house, town.actor("sysadmin")).todos)
    assert "还没有一份备份" in town.client("sysadmin").get("/").content.decode()
    assert not any("备份" in todo.text for todo in desk.desk(town.house, town.actor("archivist")).todos)


def test_what_is_overdue_failed_or_damaged_is_told(town: Town) -> None:
    late, damaged = backup(50), backup(60, verdict="damaged")
    failed = backup(1, state="failed", failure="BACKUP-FULL")
    lost = drill(conclusion="fail")
    page = town.client("sysadmin").get("/system/recovery/").content.decode()
    for told in (f"最近一次备份 {failed.code} 没有做成", f"备份 {damaged.code} 核验时发现损坏", "已超过 36 小时", f"{lost.code} 没有通过"):
        assert told in page
    assert late.code in page
    assert "1 小时 1 分" in page


def test_all_is_well(town: Town) -> None:
    recovery_key.put(town.house.data / "keys", recovery_key.make("松风水月 不可外传 共十二字"))
    backup(3, place="/mnt/before"), drill()  # the new place is to be written tonight for the first time
    town.client("sysadmin").post("/system/recovery/", PLAN)
    page = town.client("archivist").get("/system/recovery/").content.decode()
    assert "都正常" in page
    assert "/mnt/beifen" in page
    assert "保存计划" not in page


def test_a_backup_place_that_is_away_is_told(town: Town) -> None:
    backup(3)
    town.client("sysadmin").post("/system/recovery/", PLAN)
    assert "备份处 /mnt/beifen 不在" in town.client("archivist").get("/system/recovery/").content.decode()


def test_a_backup_place_on_the_disk_of_the_data_is_told(town: Town, tmp_path_factory: pytest.TempPathFactory) -> None:
    town.client("sysadmin").post("/system/recovery/", PLAN | {"place": str(tmp_path_factory.mktemp("beifen"))})
    assert "与数据目录在同一块磁盘" in town.client("archivist").get("/system/recovery/").content.decode()


def test_the_timetable_is_decided_by_the_system_administrator_alone(town: Town, tmp_path: Path) -> None:
    assert town.client("archivist").post("/system/recovery/", PLAN).status_code == 403
    assert not Schedule.objects.exists()
    assert town.client("sysadmin").post("/system/recovery/", PLAN).status_code == 302
    assert Schedule.objects.get(retired_at=None).place == "/mnt/beifen"
    wrong = town.client("sysadmin").post("/system/recovery/", PLAN | {"at": "26:00", "days": "0"})
    assert wrong.status_code == 422
    assert "每天几点、留最近几天" in wrong.content.decode()
    inside = town.client("sysadmin").post("/system/recovery/", PLAN | {"place": str(town.house.data / "b")})
    assert "不能在数据目录里" in inside.content.decode()
    assert Schedule.objects.count() == 1


def test_papers_are_pdf(town: Town) -> None:
    row = drill()
    for name in ("plan", row.code):
        answer = town.client("archivist").get(f"/system/recovery/{name}.pdf")
        assert (answer.headers["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert town.client("archivist").get("/system/recovery/YL-1.pdf").status_code == 404
