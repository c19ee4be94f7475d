"""Departments: codes are given once, names hold by day, and what a department left keeps its code and name."""

import pytest

from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.ledger.models import Event
from lantai.stages import categories, departments
from lantai.stages.report import agency, scope
from tests.support.line_house import ARCHIVIST, READER
from tests.web import town as rows
from tests.web.conftest import house

__all__ = ["house"]


def refused(code: str, act: object) -> None:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code == code


def test_a_department_is_set_up_renamed_and_merged_and_its_past_stays(house: House) -> None:
    departments.add(house, ARCHIVIST, code="bgs", name="办公室", since="2015-01-01")
    departments.add(house, ARCHIVIST, code="ZHK", name="综合科")
    rows.record()
    departments.rename(house, ARCHIVIST, "BGS", name="办公室（党委办公室）", since="20200301")
    departments.close(house, ARCHIVIST, "BGS", since="2024-07-01", into="ZHK")
    assert scope.departments() == {"ZHK": "综合科"}
    assert queries.department_codes()["办公室"] == "BGS"
    office = agency.departments(ARCHIVIST)[1]
    assert (office.code, office.name, office.records) == ("BGS", "", 1)
    assert office.names == (("办公室（党委办公室）", "20200301", "20240630"), ("办公室", "20150101", "20200229"))
    told = Event.objects.filter(type__startswith="department:").order_by("id").values_list("type", flat=True)
    assert list(told) == ["department:added", "department:added", "department:renamed", "department:closed"]
    refused("DEPARTMENT-CODE-TAKEN", lambda: departments.add(house, ARCHIVIST, code="BGS", name="别的办公室"))


def test_what_cannot_be_is_refused_and_changes_nothing(house: House) -> None:
    departments.add(house, ARCHIVIST, code="BGS", name="办公室", since="20150101")
    for code, act in (
        ("ACCESS-REFUSED", lambda: departments.add(house, READER, code="ZHK", name="综合科")),
        ("DEPARTMENT-INCOMPLETE", lambda: departments.add(house, ARCHIVIST, code="ZHK", name=" ")),
        ("DEPARTMENT-INCOMPLETE", lambda: departments.add(house, ARCHIVIST, code="", name="综合科")),
        ("CODE-VALUE", lambda: departments.add(house, ARCHIVIST, code="B-S", name="综合科")),
        ("ELEMENT-DATE-WRONG", lambda: departments.add(house, ARCHIVIST, code="ZHK", name="综合科", since="20240230")),
        ("DEPARTMENT-SAME", lambda: departments.rename(house, ARCHIVIST, "BGS", name="办公室", since="20200101")),
        ("DEPARTMENT-DAY-WRONG", lambda: departments.rename(house, ARCHIVIST, "BGS", name="新办公室", since="20150101")),
        ("DEPARTMENT-UNKNOWN", lambda: departments.close(house, ARCHIVIST, "BGS", since="20240101", into="XXX")),
        ("DEPARTMENT-UNKNOWN", lambda: departments.rename(house, ARCHIVIST, "XXX", name="新办公室", since="20200101")),
    ):
        refused(code, act)
    assert scope.departments() == {"BGS": "办公室"}


def _asked(template: str, filing: str = "") -> categories.Wanted:
    return categories.Wanted("", filing, template, {"Y": "1", "D30": "2", "D10": "3"})


def test_a_rule_of_codes_is_tried_before_it_is_written_down(house: House) -> None:
    now = agency.tried(house, ARCHIVIST, _asked(""))
    assert now.examples[1] == ("30年", "Z109-WS·2024-D30-BGS-0012")
    other = agency.tried(house, ARCHIVIST, _asked("{fonds}-{category}·{year}·{retention}-{item:05d}"))
    assert other.examples[0][1] == "Z109-WS·2024·Y-00001"
    assert "{item}" in agency.tried(house, ARCHIVIST, _asked("{fonds}-{year}")).problem
    assert "结尾" in agency.tried(house, ARCHIVIST, _asked("{fonds}-{category}·{year}-{retention}-{item}", "volume")).problem
    assert all(not agency.tried(house, ARCHIVIST, _asked(text)).problem for _, text in agency.FORMS)


def test_the_way_through_the_screen(house: House) -> None:
    town = rows.found(house)
    client = town.client("sysadmin")
    client.post("/system/agency/change", {"act": "add", "code": "XXZX", "name": "信息中心"})
    page = client.get("/system/agency/").content.decode()
    assert "信息中心" in page
    assert "Z109-WS·2024-Y-BGS-0001" in page
    wrong = client.post("/system/agency/change", {"act": "add", "code": "XXZX", "name": "信息二中心"})
    assert (wrong.status_code, "信息二中心" in wrong.content.decode()) == (409, True)
    part = client.get(
        "/system/agency/?template={fonds}-{category}·{year}·{retention}-{item}", headers={"HX-Request": "true", "HX-Target": "tried"}
    )
    assert "Z109-WS·2024·Y-1" in part.content.decode()
    assert town.client("auditor").get("/system/agency/").status_code == 403
