"""The fonds: its unit is named and renamed by day, what was made keeps the name of its day; the first run says what is missing."""

import dataclasses

import pytest
from django.test import Client

from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import Agent
from lantai.shelves.people.models import Account
from lantai.stages import categories, departments, fonds, schedule
from lantai.stages.categories import Wanted
from lantai.stages.report import agency, printing, scope, setup
from lantai.stages.schedule import Approval
from tests.support.line_house import ARCHIVIST, READER
from tests.support.told import types
from tests.web import town as rows
from tests.web.conftest import house

__all__ = ["house"]


def refused(code: str, act: object) -> None:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code == code


def test_a_unit_is_renamed_and_every_day_keeps_its_name(house: House) -> None:
    assert fonds.name_of(house) == "云汀市发展和改革委员会"
    fonds.rename(house, ARCHIVIST, name="云汀市发展改革局", since="2019-03-01")
    fonds.rename(house, ARCHIVIST, name="云汀市发展和改革委员会", since="20240101")
    names = fonds.names(house)
    told = {day: names.on(day) for day in ("2010", "20190228", "2019", "20231231", "20240101", "")}
    assert told == {
        "2010": "云汀市发展和改革委员会",
        "20190228": "云汀市发展和改革委员会",
        "2019": "云汀市发展改革局",
        "20231231": "云汀市发展改革局",
        "20240101": "云汀市发展和改革委员会",
        "": "云汀市发展和改革委员会",
    }
    assert printing._house(house).agency == "云汀市发展和改革委员会"
    departments.add(house, ARCHIVIST, code="BGS", name="办公室", since="20190301")
    departments.add(house, ARCHIVIST, code="ZHK", name="综合科", since="20190301")
    departments.close(house, ARCHIVIST, "BGS", since="20240601", into="ZHK")
    assert [(turn.day, turn.words) for turn in agency.history(house, ARCHIVIST)][:2] == [
        ("20240531", "BGS 办公室并入ZHK"),
        ("20240101", "立档单位改名为云汀市发展和改革委员会"),
    ]
    assert [name for name, _, _ in agency.unit(house, ARCHIVIST).former] == ["云汀市发展改革局", "云汀市发展和改革委员会"]
    assert scope.departments() == {"ZHK": "综合科"}
    assert (types() >= {"fonds:named"}, Agent.objects.filter(kind="fonds").count()) == (True, 1)


def test_what_cannot_be_a_name_is_refused(house: House) -> None:
    fonds.rename(house, ARCHIVIST, name="云汀市发展改革局", since="20190301")
    for code, act in (
        ("ACCESS-REFUSED", lambda: fonds.rename(house, READER, name="别的单位", since="20200101")),
        ("FONDS-INCOMPLETE", lambda: fonds.rename(house, ARCHIVIST, name=" ", since="20200101")),
        ("FONDS-INCOMPLETE", lambda: fonds.rename(house, ARCHIVIST, name="别的单位")),
        ("FONDS-SAME", lambda: fonds.rename(house, ARCHIVIST, name="云汀市发展改革局", since="20200101")),
        ("ELEMENT-DATE-WRONG", lambda: fonds.rename(house, ARCHIVIST, name="别的单位", since="20200230")),
        ("DEPARTMENT-DAY-WRONG", lambda: fonds.rename(house, ARCHIVIST, name="别的单位", since="20190301")),
    ):
        refused(code, act)
    assert fonds.name_of(house) == "云汀市发展改革局"


def test_the_first_run_says_step_by_step_what_is_there_and_what_is_missing(house: House) -> None:
    admin = rows.actor(rows.account("sysadmin", "tao", "陶志刚"))
    assert [(step.key, step.is_done) for step in setup.steps(house, admin)] == [
        ("fonds", True),
        ("departments", False),
        ("people", False),
        ("category", False),
        ("schedule", False),
    ]
    people = setup.steps(house, admin)[2]
    assert people.missing == "没有档案员、没有安全审计员、没有安全保密管理员"
    for role, login in (("secadmin", "chen"), ("auditor", "liang"), ("archivist", "shen")):
        rows.account(role, login, login)
    rows.account("reader", "zhou", "周其昌", is_active=False)
    Account.objects.filter(login="shen").update(must_change_password=True)
    assert setup.steps(house, admin)[2].missing == "1 个账号等安全保密管理员批准、1 个档案员还在用初始口令"
    assert setup.leads(house, admin)
    Account.objects.filter(login="shen").update(must_change_password=False)
    Account.objects.filter(login="zhou").update(is_active=True)
    departments.add(house, admin, code="BGS", name="办公室")
    categories.decide(house, admin, "WS", Wanted("文书", "item", house.settings.code_template), reason="按标准写法")
    line = schedule.lines_of(admin, 0)[0]
    schedule.edit(house, admin, schedule.schedule.texts(line) | {"name": f"{line.name}等"}, reason="合本单位职能", seen=0)
    draft = schedule.look(admin).draft
    assert draft is not None
    schedule.adopt(house, admin, Approval("云汀市档案局", "云档函〔2025〕3号", "20250312"), seen=draft.version)
    assert all(step.is_done and not step.missing for step in setup.steps(house, admin))
    assert not setup.leads(house, admin)
    assert not setup.leads(house, ARCHIVIST)
    refused("ACCESS-REFUSED", lambda: setup.steps(house, READER))


def test_what_would_stop_the_first_batch_is_said_beforehand(house: House) -> None:
    admin = rows.found(house).actor("sysadmin")
    assert (setup.obstacle(house), setup.steps(house, admin)[0].missing) == ("", "")
    for fonds_code, said in (("Z109", True), ("Y205", False)):
        settings = house.settings.model_copy(update={"kind": "production", "fonds": fonds_code})
        real = dataclasses.replace(house, settings=settings)
        assert "clamav-daemon" in setup.obstacle(real)
        assert ("缺省值" in setup.steps(real, admin)[0].missing) is said


def test_the_administrator_of_an_empty_installation_is_led(house: House) -> None:
    town = rows.found(house)
    client = town.client("sysadmin")
    assert "单位还没有设好" in client.get("/").content.decode()
    page = client.get("/system/setup/").content.decode()
    assert "2 / 5 步已就绪" in page or "3 / 5 步已就绪" in page
    client.post("/system/agency/change", {"act": "unit", "name": "云汀市发展改革局", "since": "2019-03-01"})
    assert "云汀市发展改革局" in client.get("/system/agency/").content.decode()
    assert "云汀市发展改革局" in Client().get("/login").content.decode()
    wrong = client.post("/system/agency/change", {"act": "unit", "name": "别的单位", "since": ""})
    assert (wrong.status_code, "别的单位" in wrong.content.decode()) == (422, True)
    rows.record()
    assert "单位还没有设好" not in client.get("/").content.decode()
    assert town.client("reader").get("/system/setup/").status_code == 403
