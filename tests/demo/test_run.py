"""The demonstration's people: each in the department the agency gives them, so that a reader there finds something."""

from pathlib import Path

from lantai.core import access
from lantai.demo import agency, run
from lantai.shelves.people.models import Account
from lantai.stages import people
from tests.support.line_house import line_house


def test_every_account_stands_in_its_department(fresh_data: Path) -> None:
    with line_house(fresh_data) as house:
        archivist = run.install(house, "Lt-11c145-62")
    assert archivist.login == "shen"
    wanted = {account.login: account.department for account in agency.ACCOUNTS}
    assert dict(Account.objects.values_list("login", "department")) == wanted
    reader = people.actor_of(Account.objects.get(login="zhou"))
    assert {"state": "archived", "department": "ZHK"} in access.visible(reader)
