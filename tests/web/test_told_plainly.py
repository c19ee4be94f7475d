"""What a person who has never seen the system is told: names where there is no title, words for ids, why a button is off."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lantai.shelves.holdings.models import Record
from lantai.stages.report import arrangement, desk, reminders, scope, setup, verdicts
from lantai.stages.report.setup import USUAL_FONDS
from tests.web import town as rows
from tests.web.town import NOW, Town


def bare(**more: object) -> Record:
    """Insert a record without a title that came as a file of a folder."""
    return rows.record(title="", arrival={"key": "移交/1-1.ofd"}, **more)


def test_records_without_a_title_are_told_apart_by_the_name_they_came_under(town: Town) -> None:
    row = bare()
    listed = arrangement.listing(town.actor("archivist"), arrangement.Class(year="2024", department="BGS", retention="D30"))
    assert [item.title for item in listed.rows] == ["（题名未著录）1-1.ofd"]
    client = town.client("archivist")
    assert "（题名未著录）1-1.ofd" in client.get(f"/records/{row.id}/").content.decode()
    assert "（题名未著录）1-1.ofd" in client.get("/handover/?new&department=BGS").content.decode()


def test_a_line_of_the_gate_names_a_record_without_a_title(town: Town) -> None:
    batch = rows.batch()
    row = bare(where=batch, state="described", needs_attention="CHECK-FAILED")
    rows.report(batch, row, rows.item("3.04", "fail", "usability", rows.finding("已损坏")), conclusion="fail")
    (line,) = verdicts.verdicts(batch.id).lines
    assert line.subject == "（题名未著录）1-1.ofd"
    assert "（题名未著录）1-1.ofd" in town.client("archivist").get(f"/intake/{batch.id}/").content.decode()


def test_a_message_names_records_by_title_to_whoever_may_read_them(town: Town) -> None:
    batch, row = rows.batch(), rows.record(title="关于供水调度的通知", department="GHK")
    said = f"与已有的一件（{row.id}）逐字节相同，没有重复建件。"
    rows.arrival(batch, "国旗法副本.pdf", "duplicate", finding={"code": "CAPTURE-DUPLICATE", "message": said})
    page = town.client("archivist").get(f"/intake/{batch.id}/").content.decode()
    assert "与已有的一件（《关于供水调度的通知》）逐字节相同" in page
    assert scope.in_words(town.actor("part_time_archivist"), [said]) == [said]


def test_a_batch_that_cannot_be_accepted_says_why_before_the_button_is_pressed(town: Town) -> None:
    batch = rows.batch()
    rows.record(batch, "described")
    page = town.client("archivist").get(f"/intake/{batch.id}/").content.decode()
    assert 'data-key="a" >接收合格 1 件' in page
    rows.report(batch, None, rows.item("4.06", "manual", "security") | {"severity": "major", "name": "光盘合格性检测"}, conclusion="manual")
    page = town.client("archivist").get(f"/intake/{batch.id}/").content.decode()
    assert 'data-key="a" disabled aria-describedby="batch-why">接收合格 1 件' in page
    assert "整批的" in page
    assert "「光盘合格性检测」" in page
    assert "不影响先接收" not in page


def test_a_hint_asks_nobody_for_a_verdict(town: Town) -> None:
    batch = rows.batch()
    rows.report(batch, None, rows.item("4.03", "warn", "security", rows.finding("是系统自动生成的文件", "GD-4-3-LEFT-OUT", "warning")))
    found = verdicts.verdicts(batch.id)
    assert [(card.passed, card.manual) for card in found.cards if card.aspect == "security"] == [(1, 0)]
    page = town.client("archivist").get(f"/intake/{batch.id}/").content.decode()
    assert "有提示" in page


def test_a_class_that_lacks_its_year_is_not_said_to_wait_for_its_numbers(town: Town) -> None:
    rows.record(year="")
    (todo,) = desk.todos(town.actor("archivist"), NOW + timedelta(hours=1))
    assert "还缺年度，补上才能固定档号" in todo.text


@pytest.mark.parametrize(("kind", "is_warned"), [("production", True), ("trial", False)])
def test_codes_for_good_under_the_usual_fonds_are_warned_of(town: Town, kind: str, *, is_warned: bool) -> None:
    house = replace(town.house, settings=town.house.settings.model_copy(update={"kind": kind, "fonds": USUAL_FONDS}))
    assert setup.is_fonds_untold(house) is is_warned
    assert next(step for step in setup.steps(house, town.actor("sysadmin")) if step.key == "fonds").is_done is not is_warned


def test_an_account_that_waits_for_approval_is_on_the_desk_of_whoever_approves(town: Town) -> None:
    row = rows.account("reader", "li", "李明", "GHK", is_active=False)
    rows.tell(town.house, "account:created", town.actor("sysadmin").id, row.id)
    (todo,) = reminders.todos(town.house, town.actor("secadmin"), NOW)
    assert (todo.place, todo.text) == ("accounts", "账号 li（李明，利用者）等您批准")
    assert "账号 li（李明，利用者）等您批准" in town.client("secadmin").get("/").content.decode()
    for role in ("sysadmin", "archivist", "reader"):
        assert all(todo.place != "accounts" for todo in reminders.todos(town.house, town.actor(role), NOW))
    rows.tell(town.house, "account:disabled", town.actor("sysadmin").id, row.id)
    assert reminders.todos(town.house, town.actor("secadmin"), NOW) == ()


def test_what_the_agency_lacks_is_on_the_desk_of_the_system_administrator(town: Town) -> None:
    untold = replace(town.house, settings=town.house.settings.model_copy(update={"agency": ""}))
    assert [todo.text for todo in reminders.todos(untold, town.actor("sysadmin"), NOW) if todo.target[0] == "setup"] == [
        "还没有写立档单位全称"
    ]
    assert all(todo.target[0] != "setup" for todo in reminders.todos(town.house, town.actor("sysadmin"), NOW))


def test_everything_that_waits_for_a_person_is_listed_under_its_count(town: Town) -> None:
    for code in ("CHECK-FAILED", "CHECK-MANUAL", "CHECK-NOT-RUN"):
        rows.record(rows.batch(f"PC-20250416-{code}"), "described", needs_attention=code)
    rows.record()
    page = town.client("archivist").get("/arrange/?attention=any").content.decode()
    assert "?attention=any" in page
    assert "<b>3 件</b>" in page
    assert page.count("data-row data-follow") == 3


def test_the_auditor_is_told_of_a_record_without_a_code_by_its_batch(town: Town) -> None:
    row = rows.record(rows.batch())
    rows.tell(town.house, "record:described", "worker", row.id)
    assert scope.objects({row.id}) == {row.id: f"PC-20250416-02 未编档号的件 {row.id[-6:]}"}
    page = town.client("auditor").get("/audit/?day=all").content.decode()
    assert f"PC-20250416-02 未编档号的件 {row.id[-6:]}" in page
    assert row.title not in page


@pytest.mark.parametrize(("state", "awaits"), [("receiving", True), ("checking", True), ("waiting", False), ("accepted", False)])
def test_a_page_drawn_in_the_midst_waits_to_be_drawn_anew_even_where_it_shows_results(town: Town, state: str, *, awaits: bool) -> None:
    batch = rows.batch()
    row = rows.record(batch, "described")
    rows.report(batch, row, rows.item("3.04", "pass", "usability"), conclusion="pass")
    batch.state = state
    batch.save()
    page = town.client("archivist").get(f"/intake/{batch.id}/").content.decode()
    assert "收到与去向" in page
    assert ("data-awaits" in page) is awaits


def test_the_steps_of_the_set_up_lead_only_where_a_person_may_go(town: Town) -> None:
    """An archivist was sent to the accounts, which he may not see."""
    archivist, sysadmin = (town.client(role).get("/system/setup/").content.decode() for role in ("archivist", "sysadmin"))
    assert 'href="/accounts/"' not in archivist.split('class="setup__steps"')[1]
    assert "请系统管理员办" in archivist
    assert 'href="/accounts/"' in sysadmin.split('class="setup__steps"')[1]
