"""业务系统 on the screen: one administrator issues, another approves and withdraws; the token is shown in that one answer."""

import re

import pytest

from lantai.shelves.people.models import Client
from tests.web.town import Town

PAGE = "/system/clients/"
GIVEN = {"act": "issue", "name": "协同办公系统", "scope": ["register"], "department": "BGS", "days": "90"}


@pytest.mark.parametrize(
    ("role", "status"), [("sysadmin", 200), ("secadmin", 200), ("auditor", 200), ("archivist", 403), ("reader", 403), ("inspector", 403)]
)
def test_who_may_see_it(town: Town, role: str, status: int) -> None:
    assert town.client(role).get(PAGE).status_code == status


def test_a_token_is_issued_approved_and_withdrawn(town: Town) -> None:
    page = town.client("sysadmin").post(PAGE, GIVEN).content.decode()
    (token,) = re.findall(r"lantai_[\w-]{20,}", page)
    again = town.client("sysadmin").get(PAGE).content.decode()
    assert token not in again
    assert "待批准" in again
    row = Client.objects.get()
    assert town.client("sysadmin").post(PAGE, {"act": "approve", "client": row.id}).status_code == 403
    assert 'value="issue"' not in town.client("secadmin").get(PAGE).content.decode()
    assert town.client("secadmin").post(PAGE, {"act": "approve", "client": row.id}).status_code == 302
    headers = {"Authorization": f"Bearer {token}"}
    assert town.client("reader").get("/api/v1/", headers=headers).json()["department"] == "BGS"
    assert town.client("secadmin").post(PAGE, {"act": "withdraw", "client": row.id}).status_code == 302
    assert town.client("reader").get("/api/v1/", headers=headers).status_code == 401
    assert "已撤销" in town.client("auditor").get(PAGE).content.decode()


def test_what_is_given_wrong_is_said_and_kept(town: Town) -> None:
    answer = town.client("sysadmin").post(PAGE, GIVEN | {"days": "0"})
    page = answer.content.decode()
    assert (answer.status_code, "有效天数" in page, "协同办公系统" in page, Client.objects.count()) == (422, True, True, 0)
    assert town.client("secadmin").post(PAGE, {"act": "approve", "client": "nobody"}).status_code == 404
