"""Systems and their tokens: two administrators stand behind each, it is shown once, and the second ends it."""

from datetime import timedelta

import pytest

from lantai.core.errors import Refusal
from lantai.shelves.ledger.models import Event, Payload
from lantai.shelves.people.models import Account, Client
from lantai.stages import clients
from lantai.stages.clients import Call, Wish
from lantai.stages.report import audit
from lantai.stages.report import clients as read
from tests.web.town import Town

WISH = Wish("协同办公系统", ("register", "receipts"), "BGS", 90)
CALL = Call("GET", "/api/v1/", "10.1.2.3")


def test_a_token_works_between_approval_and_withdrawal(town: Town) -> None:
    house, sysadmin, secadmin = town.house, town.actor("sysadmin"), town.actor("secadmin")
    own, token = clients.issue(house, sysadmin, WISH)
    with pytest.raises(Refusal, match="API-TOKEN-INVALID"):
        clients.admit(house, token, CALL)
    clients.approve(house, secadmin, own)
    actor = clients.admit(house, token, CALL)
    assert (actor.id, actor.department, actor.scopes) == (own, "BGS", frozenset(WISH.scopes))
    clients.withdraw(house, secadmin, own)
    with pytest.raises(Refusal, match="API-TOKEN-INVALID"):
        clients.admit(house, token, CALL)
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        clients.withdraw(house, sysadmin, own)
    with pytest.raises(Refusal, match="CLIENT-WITHDRAWN"):
        clients.withdraw(house, secadmin, own)
    with pytest.raises(Refusal, match="CLIENT-NOT-PENDING"):
        clients.approve(house, secadmin, own)
    told = list(Event.objects.filter(object_id=own).order_by("id").values_list("type", "actor"))
    assert [name for name, _ in told] == [
        *("client:issued", "client:refused", "client:approved", "client:called", "client:withdrawn", "client:refused"),
    ]
    assert [actor for name, actor in told if name == "client:approved"] == [secadmin.id]


def test_only_the_digest_of_a_token_is_kept_anywhere(town: Town) -> None:
    own, token = clients.issue(town.house, town.actor("sysadmin"), WISH)
    row = Client.objects.get(id=own)
    assert token.startswith("lantai_")
    assert token not in str(row.__dict__)
    assert not Payload.objects.filter(body__contains=token[7:]).exists()
    assert row.expires_at - row.issued_at == timedelta(days=90)


@pytest.mark.parametrize("role", ["archivist", "part_time_archivist", "reader", "inspector", "secadmin", "auditor"])
def test_only_the_system_administrator_issues(town: Town, role: str) -> None:
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        clients.issue(town.house, town.actor(role), WISH)


def test_who_issued_does_not_approve_even_in_another_account(town: Town) -> None:
    own, _ = clients.issue(town.house, town.actor("sysadmin"), WISH)
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        clients.approve(town.house, town.actor("sysadmin"), own)
    Account.objects.filter(role="sysadmin").update(role="archivist")
    Account.objects.filter(role="secadmin").update(person=" TAO")
    with pytest.raises(Refusal, match="CLIENT-SAME-PERSON"):
        clients.approve(town.house, town.actor("secadmin"), own)


@pytest.mark.parametrize(
    "wish",
    [
        Wish("", ("register",), "", 30),
        Wish("x\n", ("register",), "", 0),
        Wish("甲" * 65, ("register",), "", 30),
        Wish("甲", (), "", 30),
        Wish("甲", ("everything",), "", 30),
        Wish("甲", ("register",), "NONE", 30),
        Wish("甲", ("register",), "", 367),
    ],
)
def test_a_token_that_is_asked_for_badly_is_not_issued(town: Town, wish: Wish) -> None:
    with pytest.raises(Refusal, match="CLIENT-INCOMPLETE"):
        clients.issue(town.house, town.actor("sysadmin"), wish)
    assert not Client.objects.exists()


def test_administrators_list_them_and_the_audit_log_names_them(town: Town) -> None:
    own, token = clients.issue(town.house, town.actor("sysadmin"), WISH)
    clients.approve(town.house, town.actor("secadmin"), own)
    clients.admit(town.house, token, CALL)
    for role in ("sysadmin", "secadmin", "auditor"):
        (row,) = read.listing(town.house, town.actor(role))
        assert (row.state, row.issued_by, row.approved_by, row.department_name) == ("active", "陶志刚", "陈岚", "办公室")
        assert row.last_called is not None
        assert row.as_json()["scopes"] == ["receipts", "register"]
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        read.listing(town.house, town.actor("archivist"))
    lines = audit.listing(town.actor("auditor"), audit.Filter(words="协同办公")).lines
    assert [(line.name, line.person, line.object) for line in lines] == [("业务系统调用", "协同办公系统", "协同办公系统")]
    with pytest.raises(Refusal, match="CLIENT-UNKNOWN"):
        clients.withdraw(town.house, town.actor("secadmin"), "nobody")
