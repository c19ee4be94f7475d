"""The access table: who may, who may not and why, and that lists agree with single decisions."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core import access
from lantai.core.access import ACTION_NAMES, ADMINISTRATORS, CLIENT_NAMES, MASK, OWN, ROLE_NAMES, RULES, Actor, Role, may, require
from lantai.core.errors import Refusal
from lantai.core.lifecycle import Opening, State

DEPARTMENTS = ("BGS", "FGC", "")
FACTS = [
    {"state": state, "opening": opening, "department": department, "quarantined": quarantined}
    for state, opening, department, quarantined in product(State, Opening, (*DEPARTMENTS, OWN), ("", "yes"))
]
ACTORS = [Actor("1", "zhang", "张", role, department) for role, department in product([*Role, "unheard of"], DEPARTMENTS)]
CONTENT = [name for name in ACTION_NAMES if name.split(":")[0] in ("intake", "holdings", "search")]


def actor(role: str, department: str = "BGS") -> Actor:
    return Actor("1", "zhang", "张", role, department)


@pytest.mark.parametrize("one", ACTORS, ids=lambda one: f"{one.role}-{one.department}")
@pytest.mark.parametrize("action", ["holdings:record:read", "holdings:file:download", "intake:batch:read"])
def test_a_list_shows_exactly_what_a_single_decision_allows(one: Actor, action: str) -> None:
    for facts in FACTS:
        listed = not facts["quarantined"] and any(
            all(facts[key] == value for key, value in row.items()) for row in access.rows(one, action)
        )
        assert listed == may(one, action, facts).allowed, (one, facts)


@pytest.mark.parametrize("one", ACTORS, ids=lambda one: f"{one.role}-{one.department}")
def test_filters_of_the_tables_say_the_same_as_filters_of_the_index(one: Actor) -> None:
    assert [{**row, "quarantined": False} for row in access.visible(one)] == list(access.filter_rows(one))
    assert access.filter_rows(one, "intake:batch:read") == access.rows(one, "intake:batch:read")


@pytest.mark.parametrize(
    ("role", "facts", "allowed"),
    [
        ("archivist", {}, True),
        ("archivist", {"state": "received", "department": "FGC"}, True),
        ("archivist", {"quarantined": "yes"}, False),
        ("part_time_archivist", {"state": "received", "department": "BGS"}, True),
        ("part_time_archivist", {"state": "archived", "opening": "open", "department": "FGC"}, False),
        ("reader", {"state": "archived", "opening": "open", "department": "FGC"}, True),
        ("reader", {"state": "archived", "opening": "closed", "department": "BGS"}, True),
        ("reader", {"state": "archived", "opening": "closed", "department": "FGC"}, False),
        ("reader", {"state": "numbered", "opening": "open", "department": "BGS"}, False),
        ("reader", {"state": "archived", "opening": "controlled", "department": "FGC"}, False),
        ("reader", {}, False),
        ("sysadmin", {"state": "archived", "opening": "open", "department": "BGS"}, False),
        ("secadmin", {"state": "archived", "opening": "open", "department": "BGS"}, False),
        ("auditor", {"state": "archived", "opening": "open", "department": "BGS"}, False),
    ],
)
def test_who_reads_a_record(role: str, facts: dict[str, str], allowed: bool) -> None:
    assert may(actor(role), "holdings:record:read", facts).allowed is allowed


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
@pytest.mark.parametrize("action", CONTENT)
def test_an_administrator_touches_no_content(role: str, action: str) -> None:
    decision = may(actor(role), action, {"state": "archived", "opening": "open", "department": "BGS"})
    assert [reason.code for reason in decision.reasons] == ["ACCESS-ADMINISTRATOR"]
    assert ROLE_NAMES[role] in decision.reasons[0].message
    assert access.rows(actor(role), action) == ()


def test_the_three_administrators_share_no_power() -> None:
    shared = {"system:health:read", "people:account:list", "people:client:list"}
    for one, other in product(ADMINISTRATORS, ADMINISTRATORS):
        if one != other:
            assert set(RULES[one]) & set(RULES[other]) <= shared


def test_making_an_account_and_letting_it_work_are_two_roles() -> None:
    for role in Role:
        assert not {"people:account:create", "people:account:approve"} <= set(RULES[role])


def test_without_a_department_nothing_is_ones_own() -> None:
    for role in ("part_time_archivist", "reader"):
        assert not may(actor(role, ""), "holdings:record:read", {"state": "archived", "opening": "closed", "department": ""}).allowed
        assert not may(actor(role, ""), "holdings:record:read", {"state": "archived", "opening": "closed", "department": OWN}).allowed


@given(st.sampled_from(ACTORS), st.sampled_from(sorted(ACTION_NAMES)), st.sampled_from(FACTS))
def test_every_refusal_says_why_in_chinese_and_how_to_go_on(one: Actor, action: str, facts: dict[str, str]) -> None:
    decision = may(one, action, facts)
    assert decision.allowed == (not decision.reasons)
    for reason in decision.reasons:
        assert reason.code.startswith("ACCESS-")
        assert reason.message.endswith("。")
        assert "{" not in reason.message


def test_reasons_name_the_department_or_the_opening_or_the_state() -> None:
    facts = {"state": "archived", "opening": "closed", "department": "FGC"}
    assert [one.code for one in may(actor("reader"), "holdings:record:read", facts).reasons] == ["ACCESS-NOT-OPEN", "ACCESS-DEPARTMENT"]
    facts = {"state": "received", "opening": "open", "department": "BGS"}
    assert [one.code for one in may(actor("reader"), "holdings:record:read", facts).reasons] == ["ACCESS-NOT-ARCHIVED"]
    (reason,) = may(actor("part_time_archivist"), "intake:batch:open", {"department": "FGC"}).reasons
    assert (reason.code, "BGS" in reason.message) == ("ACCESS-DEPARTMENT", True)


def test_a_role_without_the_permission_hears_who_has_it() -> None:
    (reason,) = may(actor("reader"), "quarantine:item:remove").reasons
    assert (reason.code, "安全保密管理员" in reason.message) == ("ACCESS-ROLE", True)


def test_require_refuses_with_the_reasons() -> None:
    require(actor("archivist"), "holdings:number:fix")
    with pytest.raises(Refusal, match="ACCESS-REFUSED") as caught:
        require(actor("auditor"), "holdings:number:fix", where="Z109")
    assert [reason.code for reason in caught.value.reasons] == ["ACCESS-ADMINISTRATOR"]
    assert (caught.value.row.http, caught.value.row.exit, caught.value.where) == (403, 3, "Z109")


def test_an_unlisted_permission_is_a_bug() -> None:
    with pytest.raises(KeyError):
        may(actor("archivist"), "holdings:record:shred")


@pytest.mark.parametrize(("kind", "seen"), [("permanent", True), ("content_bound", False), ("personal", False), ("", False)])
def test_the_auditor_sees_permanent_payloads_only(kind: str, seen: bool) -> None:
    assert access.payload_body(actor("auditor"), kind, "{}") == ("{}" if seen else MASK)


@pytest.mark.parametrize("role", ["archivist", "reader", "sysadmin", "secadmin", "part_time_archivist"])
def test_only_the_auditor_reads_the_ledger(role: str) -> None:
    assert not may(actor(role), "ledger:event:read").allowed
    assert access.payload_body(actor(role), "permanent", "{}") == MASK


def test_names_of_permissions_have_three_parts() -> None:
    assert all(len(name.split(":")) == 3 for name in ACTION_NAMES)
    assert set(RULES) - set(CLIENT_NAMES) == set(ROLE_NAMES) == set(Role)
    assert not set(CLIENT_NAMES) & set(ROLE_NAMES)
