"""Accounts, sign-in, passwords and tokens, on whichever database the run has."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, identify_hasher
from django.db import IntegrityError, transaction

from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports.clock import CountingIds, FixedClock
from lantai.ports.house import House
from lantai.ports.settings import Settings
from lantai.shelves.holdings.models import Agent, AgentName
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account, Token
from lantai.shelves.people.queries import person_of
from lantai.stages import people

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PASSWORD = "Yunting-2026"


@dataclass(frozen=True)
class World:
    """A House with a clock that can be put forward, and what the tests ask of it."""

    house: House
    clock: FixedClock

    def later(self, **span: float) -> None:
        self.clock.instant += timedelta(**span)

    def account(self, login: str, role: str = "reader", *, person: str = "", department: str = "BGS") -> Actor:
        return people.create_account(
            self.house, None, login=login, name=f"姓名{login}", role=role, person=person or login, department=department, password=PASSWORD
        )

    def events(self, object_id: str) -> list[str]:
        return list(Event.objects.filter(object_id=object_id).order_by("id").values_list("type", flat=True))


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 64)
    people._unmatched.cache_clear()


@pytest.fixture
def world(tmp_path: Path) -> World:
    for code in ("BGS", "FGC"):
        agent = Agent.objects.create(id=code, kind="department", code=code)
        AgentName.objects.create(id=code, agent=agent, name=code)
    clock, absent = FixedClock(START), cast(Any, None)
    return World(House(Settings(data=tmp_path), clock, CountingIds(), absent, absent, absent, absent, absent), clock)


def refused(code: str, act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal, match=code) as caught:
        act()
    return caught.value


def new(world: World, actor: Actor | None, **parts: str) -> Actor:
    given = {"login": "li", "name": "李", "role": "reader", "person": "p-li", "password": PASSWORD} | parts
    return people.create_account(world.house, actor, **given)  # type: ignore[arg-type]


def test_an_account_made_by_the_service_works_at_once(world: World) -> None:
    actor = world.account("zhang", "archivist")
    assert people.sign_in(world.house, "zhang", PASSWORD, "10.0.0.1") == actor == Actor(actor.id, "zhang", "姓名zhang", "archivist", "BGS")
    assert people.must_change_password(actor)
    assert world.events(actor.id) == ["account:created", "session:opened"]


def test_the_password_is_kept_as_argon2(world: World) -> None:
    kept = Account.objects.get(id=world.account("zhang").id).password
    assert identify_hasher(kept).algorithm == "argon2"
    assert PASSWORD not in kept


def test_an_account_needs_two_administrators(world: World) -> None:
    system, security = world.account("xt", "sysadmin"), world.account("ab", "secadmin")
    actor = new(world, system)
    refused("PEOPLE-NOT-ACTIVE", lambda: people.sign_in(world.house, "li", PASSWORD))
    refused("ACCESS-REFUSED", lambda: people.approve(world.house, system, actor.id))
    assert people.approve(world.house, security, actor.id) == actor
    assert people.sign_in(world.house, "li", PASSWORD) == actor
    refused("PEOPLE-NOT-PENDING", lambda: people.approve(world.house, security, actor.id))
    assert world.events(actor.id)[:2] == ["account:created", "account:approved"]


@pytest.mark.parametrize("role", ["archivist", "part_time_archivist", "reader", "secadmin", "auditor"])
def test_only_the_system_administrator_makes_accounts(world: World, role: str) -> None:
    actor = world.account("x", role)
    refused("ACCESS-REFUSED", lambda: new(world, actor))
    assert not Account.objects.filter(login="li").exists()


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"login": " "}, "PEOPLE-INCOMPLETE"),
        ({"name": ""}, "PEOPLE-INCOMPLETE"),
        ({"person": ""}, "PEOPLE-INCOMPLETE"),
        ({"name": "李\x00"}, "PEOPLE-INCOMPLETE"),
        ({"login": "\udcff"}, "PEOPLE-INCOMPLETE"),
        ({"login": "l" * 65}, "PEOPLE-INCOMPLETE"),
        ({"name": "李" * 65}, "PEOPLE-INCOMPLETE"),
        ({"password": "Abc\x0012345"}, "PEOPLE-PASSWORD-WEAK"),
        ({"role": "root"}, "PEOPLE-ROLE-UNKNOWN"),
        ({"password": "Ab-1234"}, "PEOPLE-PASSWORD-WEAK"),
        ({"password": "abcdefg1"}, "PEOPLE-PASSWORD-WEAK"),
        ({"password": "ABCDEFGH-"}, "PEOPLE-PASSWORD-WEAK"),
        ({"password": "x-LI-123456"}, "PEOPLE-PASSWORD-WEAK"),
    ],
)
def test_what_is_incomplete_or_weak_is_refused(world: World, parts: dict[str, str], code: str) -> None:
    refused(code, lambda: new(world, None, **parts))
    assert not Account.objects.exists()


@pytest.mark.parametrize("password", ["Abcdef12", "abcdef1-", "ABCDEF1-", "Abcdefg-", "口令Abc123"])
def test_three_kinds_of_characters_are_enough(world: World, password: str) -> None:
    assert new(world, None, password=password).login == "li"


def test_a_login_is_given_once(world: World) -> None:
    world.account("li")
    refused("PEOPLE-LOGIN-TAKEN", lambda: new(world, None))


@pytest.mark.parametrize(
    ("first", "second"), [("sysadmin", "secadmin"), ("secadmin", "auditor"), ("auditor", "sysadmin"), ("auditor", "auditor")]
)
def test_one_person_holds_one_administrator(world: World, first: str, second: str) -> None:
    world.account("one", first, person="p-li")
    refusal = refused("PEOPLE-ADMIN-EXCLUSIVE", lambda: new(world, None, role=second))
    assert "p-li" in refusal.message
    assert world.account("two", "reader", person="p-li").role == "reader"


def test_the_database_itself_refuses_the_second_administrator(world: World) -> None:
    world.account("one", "sysadmin", person="p-li")
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(id="X", login="x", name="x", role="auditor", person="p-li", created_at=START)


def test_nobody_becomes_a_second_administrator_by_assignment(world: World) -> None:
    security = world.account("ab", "secadmin")
    world.account("one", "sysadmin", person="p-li")
    other = world.account("two", "reader", person="p-li")
    refused("PEOPLE-ADMIN-EXCLUSIVE", lambda: people.assign(world.house, security, other.id, role="auditor", department=""))
    assert Account.objects.get(id=other.id).role == "reader"


def test_an_assignment_changes_role_and_department_and_ends_tokens(world: World) -> None:
    security, actor = world.account("ab", "secadmin"), world.account("li")
    token = people.issue_token(world.house, actor)
    changed = people.assign(world.house, security, actor.id, role="part_time_archivist", department="FGC")
    assert (changed.role, changed.department) == ("part_time_archivist", "FGC")
    refused("PEOPLE-TOKEN-INVALID", lambda: people.actor_of_token(world.house, token))
    body = json.loads(Event.objects.get(object_id=actor.id, type="account:changed").payload.body)
    assert body == {"before": {"department": "BGS", "role": "reader"}, "department": "FGC", "role": "part_time_archivist"}


def test_nobody_is_put_into_a_department_that_there_is_not(world: World) -> None:
    system, security, actor = world.account("sys", "sysadmin"), world.account("ab", "secadmin"), world.account("li")
    refused("DEPARTMENT-UNKNOWN", lambda: people.assign(world.house, security, actor.id, role="reader", department="BG5"))
    refused("DEPARTMENT-UNKNOWN", lambda: new(world, system, login="wang", department="<b>" * 30))
    AgentName.objects.filter(agent__code="BGS").update(valid_to="20260101")
    assert people.assign(world.house, security, actor.id, role="archivist", department="BGS").department == "BGS", (
        "closed: stays, as it was"
    )


def test_nobody_acts_on_an_account_of_their_own(world: World) -> None:
    security = world.account("ab", "secadmin", person="p-wang")
    twin = world.account("wang", "reader", person="p-wang")
    for target in (security, twin):
        refused("PEOPLE-SELF", lambda target=target: people.assign(world.house, security, target.id, role="archivist", department=""))
    refused("PEOPLE-UNKNOWN", lambda: people.assign(world.house, security, "nobody", role="archivist", department=""))


def test_wrong_passwords_lock_and_time_unlocks(world: World) -> None:
    actor = world.account("li")
    for _ in range(5):
        refused("PEOPLE-SIGN-IN-FAILED", lambda: people.sign_in(world.house, "li", "wrong"))
    assert "10" in refused("PEOPLE-LOCKED", lambda: people.sign_in(world.house, "li", PASSWORD)).message
    world.later(minutes=9, seconds=59)
    assert "1 分钟" in refused("PEOPLE-LOCKED", lambda: people.sign_in(world.house, "li", PASSWORD)).message
    world.later(seconds=1)
    for _ in range(4):
        refused("PEOPLE-SIGN-IN-FAILED", lambda: people.sign_in(world.house, "li", "wrong"))
    assert people.sign_in(world.house, "li", PASSWORD) == actor
    refused("PEOPLE-SIGN-IN-FAILED", lambda: people.sign_in(world.house, "li", "wrong"))
    kinds = ["account:created", *["session:refused"] * 5, "session:locked", *["session:refused"] * 4, "session:opened", "session:refused"]
    assert world.events(actor.id) == kinds


def test_an_unknown_login_looks_and_locks_like_a_known_one(world: World) -> None:
    world.account("li")
    known = refused("PEOPLE-SIGN-IN-FAILED", lambda: people.sign_in(world.house, "li", "wrong"))
    unknown = refused("PEOPLE-SIGN-IN-FAILED", lambda: people.sign_in(world.house, PASSWORD, "wrong"))
    assert known.as_json() == unknown.as_json()
    for _ in range(4):
        refused("PEOPLE-SIGN-IN-FAILED", lambda: people.sign_in(world.house, PASSWORD, "wrong"))
    refused("PEOPLE-LOCKED", lambda: people.sign_in(world.house, PASSWORD, "wrong"))
    assert not any(PASSWORD in f"{event.object_id}{event.payload.body}" for event in Event.objects.all())


def test_a_reset_waits_for_approval_ends_the_lock_and_asks_for_a_new_password(world: World) -> None:
    system, security, actor = world.account("xt", "sysadmin"), world.account("ab", "secadmin"), world.account("li")
    people.change_password(world.house, actor, PASSWORD, "Another-1234")
    assert not people.must_change_password(actor)
    for _ in range(5):
        refused("PEOPLE-SIGN-IN-FAILED", lambda: people.sign_in(world.house, "li", "wrong"))
    people.reset_password(world.house, system, actor.id, "First-again-1")
    refused("PEOPLE-NOT-ACTIVE", lambda: people.sign_in(world.house, "li", "First-again-1"))
    refused("ACCESS-REFUSED", lambda: people.approve(world.house, system, actor.id))
    people.approve(world.house, security, actor.id)
    assert people.sign_in(world.house, "li", "First-again-1") == actor
    assert people.must_change_password(actor)


def test_the_system_administrator_alone_enters_as_no_other_administrator(world: World) -> None:
    system, security, auditor = (world.account(role, role) for role in ("sysadmin", "secadmin", "auditor"))
    people.reset_password(world.house, system, security.id, "Taken-over-1")
    refused("PEOPLE-NOT-ACTIVE", lambda: people.sign_in(world.house, "secadmin", "Taken-over-1"))
    refused("PEOPLE-NO-APPROVER", lambda: people.reset_password(world.house, system, auditor.id, "Taken-over-1"))
    people.approve(world.house, auditor, security.id)
    assert people.sign_in(world.house, "secadmin", "Taken-over-1") == security
    waiting = new(world, system)
    refused("ACCESS-REFUSED", lambda: people.approve(world.house, auditor, waiting.id))
    again = new(world, system, login="another", person="another", role="secadmin")
    assert "没有别的" in str(refused("ACCESS-REFUSED", lambda: people.approve(world.house, auditor, again.id)).reasons)
    assert people.approve(world.house, security, again.id) == again


def test_the_last_administrator_of_a_kind_stays(world: World) -> None:
    system, security, auditor = (world.account(role, role) for role in ("sysadmin", "secadmin", "auditor"))
    for last in (security, auditor):
        refused("PEOPLE-LAST-ADMINISTRATOR", lambda last=last: people.disable(world.house, system, last.id))
    refused("PEOPLE-LAST-ADMINISTRATOR", lambda: people.assign(world.house, security, auditor.id, role="reader", department=""))
    second = world.account("second", "secadmin")
    people.disable(world.house, system, security.id)
    people.assign(world.house, second, auditor.id, role="auditor", department="BGS")
    refused("PEOPLE-LAST-ADMINISTRATOR", lambda: people.disable(world.house, system, second.id))


@pytest.mark.parametrize("typed", ["P-LI", " p-li", "ｐ-ｌｉ", "p - li", "p－li", "p‐li"])
def test_a_person_is_the_same_however_the_identifier_was_typed(world: World, typed: str) -> None:
    world.account("one", "sysadmin", person="p-li")
    refused("PEOPLE-ADMIN-EXCLUSIVE", lambda: world.account("two", "auditor", person=typed))
    security, reader = world.account("ab", "secadmin"), world.account("three", person=typed)
    refused("PEOPLE-ADMIN-EXCLUSIVE", lambda: people.assign(world.house, security, reader.id, role="auditor", department=""))
    assert person_of(reader.id) == person_of(Account.objects.get(login="one").id)


def test_many_wrong_passwords_from_one_address_close_it_for_a_while(world: World) -> None:
    world.account("li")
    for number in range(50):
        refused("PEOPLE-SIGN-IN-FAILED", lambda number=number: people.sign_in(world.house, f"guess{number}", "wrong", "10.0.0.9"))
    told = Event.objects.count()
    refused("PEOPLE-ADDRESS-LOCKED", lambda: people.sign_in(world.house, "li", PASSWORD, "10.0.0.9"))
    assert Event.objects.count() == told
    for address in ("10.0.0.90", "127.0.0.1", "命令行"):
        people.sign_in(world.house, "li", PASSWORD, address)
    world.later(minutes=10)
    people.sign_in(world.house, "li", PASSWORD, "10.0.0.9")


def test_a_guess_that_comes_in_while_others_lock_the_login_opens_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = world.account("li")
    hashed = people.check_password

    def slow(password: str, kept: str) -> bool:
        monkeypatch.setattr(people, "check_password", hashed)
        for _ in range(5):
            refused("PEOPLE-SIGN-IN-FAILED", lambda: people.sign_in(world.house, "li", "wrong"))
        return hashed(password, kept)

    for password in (PASSWORD, "wrong"):
        monkeypatch.setattr(people, "check_password", slow)
        refused("PEOPLE-LOCKED", lambda password=password: people.sign_in(world.house, "li", password))
        assert world.events(actor.id)[-1] == "session:locked"
        world.later(minutes=10)


def test_a_password_is_changed_by_who_knows_the_old_one(world: World) -> None:
    actor = world.account("li")
    token = people.issue_token(world.house, actor)
    refused("PEOPLE-SIGN-IN-FAILED", lambda: people.change_password(world.house, actor, "wrong", "Another-1234"))
    refused("PEOPLE-PASSWORD-WEAK", lambda: people.change_password(world.house, actor, PASSWORD, PASSWORD))
    people.change_password(world.house, actor, PASSWORD, "Another-1234")
    refused("PEOPLE-SIGN-IN-FAILED", lambda: people.sign_in(world.house, "li", PASSWORD))
    refused("PEOPLE-TOKEN-INVALID", lambda: people.actor_of_token(world.house, token))
    assert people.sign_in(world.house, "li", "Another-1234") == actor


def test_a_disabled_account_is_out_at_once_and_for_good(world: World) -> None:
    system, security, actor = world.account("xt", "sysadmin"), world.account("ab", "secadmin"), world.account("li")
    token = people.issue_token(world.house, actor)
    people.disable(world.house, system, actor.id)
    refused("PEOPLE-TOKEN-INVALID", lambda: people.actor_of_token(world.house, token))
    refused("PEOPLE-NOT-ACTIVE", lambda: people.sign_in(world.house, "li", PASSWORD))
    refused("PEOPLE-NOT-PENDING", lambda: people.approve(world.house, security, actor.id))
    assert Account.objects.filter(id=actor.id).exists()


def test_a_token_lasts_twelve_hours_and_only_its_digest_is_kept(world: World) -> None:
    actor = world.account("li")
    token = people.issue_token(world.house, actor)
    assert people.actor_of_token(world.house, token) == actor
    assert token not in str(list(Token.objects.values()))
    world.later(hours=11, minutes=59)
    assert people.actor_of_token(world.house, token) == actor
    world.later(minutes=1)
    refused("PEOPLE-TOKEN-INVALID", lambda: people.actor_of_token(world.house, token))
    people.issue_token(world.house, actor)
    assert Token.objects.count() == 1


@pytest.mark.parametrize("token", ["", "nonsense", "\udcff", "0" * 64])
def test_a_made_up_token_opens_nothing(world: World, token: str) -> None:
    refused("PEOPLE-TOKEN-INVALID", lambda: people.actor_of_token(world.house, token))


def test_signing_out_takes_the_tokens_back(world: World) -> None:
    actor = world.account("li")
    token = people.issue_token(world.house, actor)
    people.sign_out(world.house, actor)
    refused("PEOPLE-TOKEN-INVALID", lambda: people.actor_of_token(world.house, token))
    assert world.events(actor.id)[-2:] == ["token:issued", "session:closed"]


def test_whoever_comes_second_is_told(world: World) -> None:
    security, actor = world.account("ab", "secadmin"), world.account("li")
    stale = Account.objects.get(id=actor.id)
    people.assign(world.house, security, actor.id, role="archivist", department="")
    refused("PEOPLE-CHANGED", lambda: people._change(world.house, security, stale))


@pytest.mark.parametrize("login", ["\x00", "x" * 5000, "\udcff"])
def test_odd_logins_are_refused_without_a_traceback(world: World, login: str) -> None:
    refused("PEOPLE-SIGN-IN-FAILED", lambda: people.sign_in(world.house, login, "wrong"))


def test_odd_passwords_are_refused_without_a_traceback(world: World) -> None:
    world.account("li")
    for password in ("", "\udcff", "\x00", "x" * 100_000):
        refused("PEOPLE-SIGN-IN-FAILED", lambda password=password: people.sign_in(world.house, "li", password))
