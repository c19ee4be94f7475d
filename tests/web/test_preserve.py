"""保存检测 on the screen: who sees it, what it says, and that a run is started, stopped, resumed and planned there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lantai.core.lifecycle import State
from lantai.shelves.holdings.models import Record
from lantai.shelves.upkeep.models import Plan, Result, Run
from lantai.stages.report import desk, preservation
from tests.web import town as rows
from tests.web.town import Town


@pytest.fixture
def held(town: Town) -> list[Record]:
    """Four archived records; nothing of them is in the vault."""
    then = timezone.now() - timedelta(days=2)
    return [
        rows.record(state=State.ARCHIVED, content_version=1, archived_at=then, code=f"Z109-WS·2024-D30-BGS-{at:04d}") for at in range(4)
    ]


def run(**more: object) -> Run:
    key = rows.key()
    given = {"occasion": "started", "seed": key, "total": 4, "started_by": "worker", "started_at": timezone.now()}
    return Run.objects.create(id=key, code=f"BC-20250416-{key[-3:]}", **(given | more))


def result(of: Run, record: Record, **more: object) -> Result:
    given = {"conclusion": "pass", "change": "same", "report_id": "", "checked_at": timezone.now()}
    return Result.objects.create(id=rows.key(), run=of, record_id=record.id, **(given | more))


@pytest.mark.parametrize(
    ("role", "status"),
    [("archivist", 200), ("sysadmin", 200), ("reader", 403), ("secadmin", 403), ("auditor", 403), ("part_time_archivist", 403)],
)
def test_who_may_see_it(town: Town, role: str, status: int) -> None:
    assert town.client(role).get("/preserve/").status_code == status


def test_a_run_with_damage_is_told_everywhere(town: Town, held: list[Record]) -> None:
    bad = run(state="done", conclusion="fail", done=4)
    result(bad, held[0], conclusion="fail", change="new", before="pass", is_damaged=True, codes="OCFL-E092")
    for row in held[1:]:
        result(bad, row)
    Record.objects.filter(id=held[0].id).update(needs_attention="PRESERVE-DAMAGED")
    page = town.client("archivist").get(f"/preserve/{bad.id}/").content.decode()
    assert "1 件的字节与归档时不一致" in page
    assert held[0].title in page
    assert "OCFL-E092" in page
    assert page.index(held[0].code) < page.index(held[1].code)
    only = town.client("archivist").get(f"/preserve/{bad.id}/?change=new", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="run").content.decode()
    assert held[1].code not in only
    seen = town.client("sysadmin").get(f"/preserve/{bad.id}/").content.decode()
    assert held[0].code in seen
    assert held[0].title not in seen
    for role in ("archivist", "sysadmin"):
        assert "字节与归档时不一致" in desk.desk(town.house, town.actor(role)).todos[0].text
        assert "字节与归档时不一致" in town.client(role).get("/").content.decode()
    assert preservation.strip([bad])[-1][1] == "bad"


def test_a_run_is_started_stopped_and_resumed(town: Town, held: list[Record]) -> None:
    client = town.client("archivist")
    answer = client.post("/preserve/start", {"share": "100", "occasion": "restore"})
    row = Run.objects.get()
    assert answer.headers["Location"] == f"/preserve/{row.id}/"
    assert (row.total, row.occasion, row.state) == (4, "restore", "running")
    client.post(f"/preserve/{row.id}/stop")
    row.refresh_from_db()
    assert row.state == "stopped"
    assert "继续" in client.get(f"/preserve/{row.id}/").content.decode()
    client.post(f"/preserve/{row.id}/resume")
    row.refresh_from_db()
    assert row.state == "running"
    assert client.post("/preserve/start", {"share": "0"}).status_code == 422
    assert client.post("/preserve/start", {"share": "10", "category": "KJ"}).status_code == 422


def test_plans_are_made_shown_and_retired(town: Town, held: list[Record]) -> None:
    client = town.client("sysadmin")
    start = (timezone.now() - timedelta(days=90)).strftime("%Y-%m-%d")
    client.post("/preserve/plan", {"name": "每月抽检", "every": "month", "share": "10", "starts_on": start})
    plan = Plan.objects.get()
    page = client.get("/preserve/").content.decode()
    assert "每月抽检" in page
    assert "逾期" in page
    assert "逾期" in desk.desk(town.house, town.actor("archivist")).todos[0].text
    client.post("/preserve/plan", {"retire": plan.id})
    assert "每月抽检" not in client.get("/preserve/").content.decode()
    assert client.post("/preserve/plan", {"name": "", "every": "day", "share": "10"}).status_code == 422


def test_the_calendar_has_whole_weeks_and_marks_what_ran_and_what_is_planned(town: Town) -> None:
    actor, today = town.actor("archivist"), timezone.now().date()
    done = run(state="done", conclusion="pass")
    weeks = preservation.calendar(actor, today, today)
    assert all(len(week) == 7 for week in weeks)
    assert weeks[0][0].day.weekday() == 0
    assert [row for week in weeks for day in week for row in day.runs] == [done]
    page = town.client("archivist").get("/preserve/?month=2031-02").content.decode()
    assert "2031 年 2 月" in page
    assert town.client("archivist").get("/preserve/?month=31-99").status_code == 200
