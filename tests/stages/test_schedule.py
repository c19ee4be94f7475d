"""The agency's schedule: drafted from Order No. 8, approved, in force; what records already have stays."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lantai.core import schedule as lines
from lantai.core.access import Role
from lantai.core.errors import Refusal
from lantai.packages import schedule_file
from lantai.shelves.ledger import queries as ledger
from lantai.shelves.ledger.models import Event
from lantai.shelves.policy.models import Schedule
from lantai.shelves.policy.schedules import retention_rules
from lantai.stages import arrange, schedule
from tests.support.line_house import line_house
from tests.web import town as rows
from tests.web.town import NOW, Town

APPROVAL = schedule.Approval("云汀市档案局", "云档函〔2025〕7号", "2025-04-02")
SPRING = {"id": "Y1", "name": "春耕备耕材料", "retention": "10年", "any_of": "春耕、备耕", "source": "本单位职能"}


@pytest.fixture
def town(db: None, tmp_path: Path) -> Iterator[Town]:
    """Departments and one account a role in a trial installation."""
    with line_house(tmp_path) as house:
        yield rows.found(house)


def period(title: str) -> tuple[str, str]:
    row = rows.record(title=title, state="described", department="BGS", year="", retention="", elements={"title": title})
    place = arrange.propose_place(row, {}, retention_rules())
    return place.retention, place.reason


def test_a_version_is_drafted_approved_and_proposes(town: Town) -> None:
    shen, tao = town.actor(Role.ARCHIVIST), town.actor(Role.SYSADMIN)
    before = schedule.look(shen)
    assert (before.in_force, before.draft, before.changes) == (None, None, ())
    draft = schedule.edit(town.house, shen, SPRING, reason="职能有春耕一项", seen=0)
    assert [item.id for item in schedule.look(shen).changes] == ["Y1"]
    assert "Y1" not in period("关于春耕的通知")[1]
    with pytest.raises(Refusal) as refused:
        schedule.adopt(town.house, shen, APPROVAL, seen=draft.version)
    assert refused.value.code == "ACCESS-REFUSED"
    row = schedule.adopt(town.house, tao, APPROVAL, seen=draft.version)
    assert (row.state, row.approved_by, row.approved_on) == ("in_force", "云汀市档案局", "20250402")
    # the lines before it are asked first: the own line decides where none of theirs hits
    assert period("春耕备耕情况") == ("D10", "题名含“春耕”，按本单位保管期限表第 1 版 Y1（春耕备耕材料）建议10年，请人工确认")
    assert Event.objects.filter(type="schedule:drafted").exists()
    event = Event.objects.get(type="schedule:adopted")
    assert ledger.said(event)["approval_number"] == "云档函〔2025〕7号"


def test_records_keep_what_they_got_and_versions_stay_readable(town: Town) -> None:
    shen, tao = town.actor(Role.ARCHIVIST), town.actor(Role.SYSADMIN)
    old = rows.record(retention="Y", retention_reason="按8号令 R12")
    first = schedule.edit(town.house, shen, SPRING, reason="一", seen=0)
    schedule.adopt(town.house, tao, APPROVAL, seen=first.version)
    second = schedule.edit(town.house, shen, SPRING | {"is_retired": "是"}, reason="职能移交", seen=0)
    schedule.adopt(town.house, tao, APPROVAL, seen=second.version)
    assert [(row.number, row.state) for row in schedule.look(shen).versions] == [(2, "in_force"), (1, "retired")]
    assert [row.is_retired for number in (1, 2) for row in schedule.lines_of(shen, number) if row.id == "Y1"] == [False, True]
    assert period("春耕备耕情况")[1] == "未命中规则，请人工确认"
    old.refresh_from_db()
    assert (old.retention, old.retention_reason) == ("Y", "按8号令 R12")


def test_two_people_do_not_overwrite_one_another(town: Town) -> None:
    shen = town.actor(Role.ARCHIVIST)
    draft = schedule.edit(town.house, shen, SPRING, reason="一", seen=0)
    schedule.edit(town.house, shen, SPRING | {"retention": "30年"}, reason="二", seen=draft.version)
    for act in (
        lambda: schedule.edit(town.house, shen, SPRING | {"retention": "永久"}, reason="三", seen=draft.version),
        lambda: schedule.withdraw(town.house, shen, seen=draft.version),
        lambda: schedule.adopt(town.house, town.actor(Role.SYSADMIN), APPROVAL, seen=draft.version),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "POLICY-CHANGED"
    assert Schedule.objects.get().state == "draft"
    schedule.withdraw(town.house, shen, seen=draft.version + 1)
    assert Event.objects.filter(type="schedule:withdrawn").exists()
    with pytest.raises(Refusal) as refused:
        schedule.withdraw(town.house, shen, seen=9)
    assert refused.value.code == "SCHEDULE-UNKNOWN"


@pytest.mark.parametrize(
    "wrong",
    [{"authority": " "}, {"day": "2025-02-30"}, {"day": "0000-01-01"}, {"day": ""}, {"number": "文\u0007号"}],
    ids=lambda wrong: str(wrong),
)
def test_an_approval_is_whole_or_nothing_is_adopted(town: Town, wrong: dict[str, str]) -> None:
    draft = schedule.edit(town.house, town.actor(Role.ARCHIVIST), SPRING, reason="一", seen=0)
    with pytest.raises(Refusal) as refused:
        schedule.adopt(town.house, town.actor(Role.SYSADMIN), replace(APPROVAL, **wrong), seen=draft.version)
    assert refused.value.code == "POLICY-INCOMPLETE"
    assert Schedule.objects.get().state == "draft"


def test_a_workbook_goes_out_and_comes_back(town: Town) -> None:
    shen = town.actor(Role.ARCHIVIST)
    whole = schedule.look(shen).lines
    book = schedule_file.write(whole, made=NOW)
    assert schedule_file.read("表.xlsx", book) == whole
    shorter = schedule_file.write((*whole[2:], lines.line(SPRING)), made=NOW)
    schedule.take(town.house, shen, schedule_file.read("表.xlsx", shorter), reason="整理", seen=0)
    seen = schedule.look(shen)
    assert {(item.id, item.what) for item in seen.changes} == {
        ("Y1", "新增"),
        *((row.id, "停用") for row in whole[:2] if not row.is_retired),
    }
    assert {row.id for row in seen.lines} == {"Y1", *(row.id for row in whole)}


def test_a_workbook_with_a_wrong_row_brings_nothing(town: Town) -> None:
    good = lines.line(SPRING)
    bad = schedule_file.write((good, replace(good, id="Y 2", name="")), made=NOW)
    with pytest.raises(Refusal) as refused:
        schedule_file.read("表.xlsx", bad)
    assert "第 3 行" in refused.value.message
    for content in (b"PK\x03\x04", b"", b"0" * (schedule_file.MOST_BYTES + 1)):
        with pytest.raises(Refusal) as refused:
            schedule_file.read("表.xlsx", content)
        assert refused.value.code == "SCHEDULE-FILE-WRONG"


def test_the_screen_edits_adopts_and_loses_nothing(town: Town) -> None:
    shen, tao = town.client(Role.ARCHIVIST), town.client(Role.SYSADMIN)
    assert "现行按国家档案局令第 8 号" in shen.get("/system/schedule/").content.decode()
    wrong = shen.post("/system/schedule/line", SPRING | {"retention": "很久", "chosen": "new", "reason": "职能", "seen": "0"})
    assert wrong.status_code == 422
    assert all(text in wrong.content.decode() for text in ("保管期限须是", "春耕、备耕", "很久", 'value="职能"'))
    assert shen.post("/system/schedule/line", SPRING | {"chosen": "new", "reason": "职能", "seen": "0"}).status_code == 302
    for view in ("lines", "draft", "versions"):
        assert "Y1" in shen.get(f"/system/schedule/?view={view}&line=Y1").content.decode() or view == "versions"
    given = {"act": "adopt", "authority": "云汀市档案局", "day": "2025-02-30", "seen": "1", "view": "draft"}
    refused = tao.post("/system/schedule/act", given)
    assert refused.status_code == 422
    assert 'value="云汀市档案局"' in refused.content.decode()
    assert tao.post("/system/schedule/act", given | {"day": "2025-04-02"}).status_code == 302
    assert "第 1 版" in shen.get("/system/schedule/?view=versions").content.decode()
    assert shen.get("/system/schedule/file?number=1").content[:2] == b"PK"
    assert town.client(Role.READER).get("/system/schedule/").status_code == 403
