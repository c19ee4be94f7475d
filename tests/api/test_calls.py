"""The interface for systems: who is admitted, what is registered, what is answered, what the ledger tells."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Caller
from django.test.utils import CaptureQueriesContext

from lantai.api import gate
from lantai.core.access import CLIENT, DEPARTMENT_CLIENT, RULES, SCOPES, Actor, may
from lantai.core.codes import CODES
from lantai.packages import receipt as receipts
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Client
from lantai.shelves.register.models import FinishedDocument, Import, RefusedRow
from lantai.shelves.reports.models import GivenBack
from lantai.stages import clients
from lantai.stages.clients import Wish
from lantai.stages.register import enter
from tests.web import town as rows
from tests.web.town import Town

ROOT = "/api/v1/"
FIRST = {"OA编号": "OA-1", "文号": "云发改〔2024〕1号", "题名": "关于启用新印章的通知", "成文日期": "2024-03-12", "部门": "办公室"}
SECOND = {"oa_number": "OA-2", "title": "关于节假日值班的通知", "finished_on": 20240409, "department": "规划科", "said_filed": "否"}


def token(town: Town, *scopes: str, department: str = "", days: int = 30) -> str:
    """Return the token of a system that two administrators have let in."""
    own, given = clients.issue(town.house, town.actor("sysadmin"), Wish("协同办公系统", scopes or tuple(SCOPES), department, days))
    clients.approve(town.house, town.actor("secadmin"), own)
    return given


def call(method: str, path: str, body: object = None, given: str = "") -> tuple[int, Any]:
    """Make a call and return its status and the value of the answer."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {given}"} if given else {}
    answer = Caller().generic(method, ROOT + path, content, "application/json", headers=headers)
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    return answer.status_code, json.loads(answer.content)


def sent(*documents: object) -> dict[str, Any]:
    """Return a body with these documents."""
    return {"source": "协同办公", "rows": list(documents)}


def test_a_delivery_is_registered_once_and_answered_the_same_again(town: Town) -> None:
    given = token(town)
    status, first = call("PUT", "register/deliveries/20240409-1", sent(FIRST, SECOND), given)
    assert (status, first["rows"], first["added"], first["refused"], first["repeated"]) == (201, 2, 2, [], False)
    assert [(item["code"], item["column"], item["where"]) for item in first["remarks"]] == [("REGISTER-SAID-NOT", "是否归档", "2")]
    status, again = call("PUT", "register/deliveries/20240409-1", sent(FIRST, SECOND), given)
    assert (status, again) == (200, first | {"repeated": True})
    assert call("GET", "register/deliveries/20240409-1", given=given) == (200, again)
    assert Import.objects.count() == 1
    assert Event.objects.filter(type="register:imported").count() == 1
    assert Import.objects.get().concluded_at is not None


def test_a_delivery_sent_again_does_not_undo_what_came_later(town: Town) -> None:
    given = token(town)
    call("PUT", "register/deliveries/a", sent(FIRST), given)
    status, told = call("PUT", "register/deliveries/b", sent(FIRST | {"题名": "关于启用新公章的通知"}), given)
    assert (status, told["changed"]) == (201, 1)
    assert told["changes"] == [
        {"row": 1, "title": "关于启用新公章的通知", "column": "题名", "before": FIRST["题名"], "after": "关于启用新公章的通知"}
    ]
    assert call("PUT", "register/deliveries/a", sent(FIRST), given)[0] == 200
    assert FinishedDocument.objects.get().title == "关于启用新公章的通知"


def test_another_content_under_the_same_key_is_refused(town: Town) -> None:
    given = token(town)
    call("PUT", "register/deliveries/a", sent(FIRST), given)
    status, told = call("PUT", "register/deliveries/a", sent(SECOND), given)
    assert (status, told["code"]) == (409, "REGISTER-DELIVERY-DIFFERS")
    assert FinishedDocument.objects.count() == 1


def test_a_delivery_that_broke_off_is_finished_when_it_comes_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    given, many = token(town), [SECOND | {"oa_number": f"OA-{number}", "said_filed": ""} for number in range(5)]
    monkeypatch.setattr(enter, "_A_SLICE", 2)
    real = enter.insert
    monkeypatch.setattr(enter, "insert", lambda model, part: real(model, part) if FinishedDocument.objects.count() < 4 else 1 / 0)
    assert call("PUT", "register/deliveries/a", sent(*many), given)[0] == 500
    assert (FinishedDocument.objects.count(), Import.objects.get().concluded_at) == (4, None)
    monkeypatch.setattr(enter, "insert", real)
    assert call("GET", "register/deliveries/a", given=given)[1]["concluded"] == ""
    status, told = call("PUT", "register/deliveries/a", sent(*many), given)
    assert (status, told["added"], bool(told["concluded"])) == (200, 5, True)
    assert FinishedDocument.objects.count() == 5


def test_every_row_that_is_refused_names_its_row_and_column(town: Town) -> None:
    bad = [
        {"OA编号": "OA-3", "办结日期": "2024-05-02"},
        {"OA编号": "OA-4", "题名": "关于某事的函", "成文日期": "2024年2月31日"},
        {"OA编号": "OA-5", "题名": "关于归口的函", "办结日期": "2024-05-02", "部门": "测绘科"},
        {"OA编号": "OA-6", "题名": "关于某敏感事项的报告", "办结日期": "2024-05-02", "密级": "机密"},
    ]
    status, told = call("PUT", "register/deliveries/a", sent(FIRST, *bad), token(town))
    assert (status, told["added"], len(told["refused"])) == (201, 1, 4)
    found = [(row["row"], item["code"], item["column"]) for row in told["refused"] for item in row["findings"]]
    assert found == [
        (2, "REGISTER-TITLE-MISSING", "题名"),
        (3, "REGISTER-DATE-UNREADABLE", "成文日期"),
        (4, "REGISTER-DEPARTMENT-UNKNOWN", "部门"),
        (5, "REGISTER-SECRET", ""),
    ]
    kept = json.dumps(list(RefusedRow.objects.values_list("raw", flat=True)) + list(Import.objects.values_list("answer", flat=True)))
    assert json.dumps("某敏感事项")[1:-1] not in kept


def test_a_trial_writes_nothing(town: Town) -> None:
    status, told = call("POST", "register/trials", sent(FIRST, {"OA编号": "OA-3"}), token(town))
    assert (status, told["dry_run"], told["added"], told["refused"][0]["row"]) == (200, True, 1, 2)
    assert not FinishedDocument.objects.exists()
    assert not Import.objects.exists()


def test_a_token_of_one_department_enters_and_reads_its_own_documents_only(town: Town) -> None:
    whole, own = token(town), token(town, department="BGS")
    call("PUT", "register/deliveries/a", sent(FIRST, SECOND), whole)
    stolen = SECOND | {"department": "BGS", "title": "关于节假日不值班的通知"}
    status, told = call("PUT", "register/deliveries/a", sent(FIRST | {"部门": ""}, SECOND, stolen | {"oa_number": "OA-2"}), own)
    assert (status, told["same"]) == (201, 1)
    assert {item["code"] for row in told["refused"] for item in row["findings"]} == {"REGISTER-DEPARTMENT-OTHER"}
    assert FinishedDocument.objects.get(oa_number="OA-2").department == "GHK"
    assert [row["oa_number"] for row in call("GET", "register/documents?year=2024", given=own)[1]] == ["OA-1"]
    assert call("GET", "register/documents?oa_number=OA-2", given=own) == (200, [])
    assert call("GET", "register/documents?year=2024&department=GHK", given=own) == (200, [])
    assert {row["oa_number"] for row in call("GET", "register/documents?year=2024", given=whole)[1]} == {"OA-1", "OA-2"}


def test_a_document_is_told_with_its_code_and_what_was_given_back(town: Town) -> None:
    given, where = token(town), rows.batch(state="accepted")
    rows.record(where, "archived", title="甲", code="Z109-WS·2024-D30-BGS-0001", document_number="")
    one, two = (rows.record(where, state, title="乙", document_number="") for state in ("archived", "returned"))
    type(one).objects.filter(id=one.id).update(code="Z109-WS·2024-D30-BGS-0002", electronic_record_code="OA-1")
    type(two).objects.filter(id=two.id).update(electronic_record_code="OA-2")
    told = {"reasons": ["缺附件"], "message": "请补附件二", "deadline": "20240501", "findings": [], "digests": {}}
    GivenBack.objects.create(id=rows.key(), batch_id=where.id, record_id=two.id, returned_at=rows.NOW, **told)
    call("PUT", "register/deliveries/a", sent(FIRST, SECOND), given)
    (filed,) = call("GET", "register/documents?oa_number=OA-1", given=given)[1]
    assert (filed["standing"], filed["code"], filed["batch"]) == ("filed", "Z109-WS·2024-D30-BGS-0002", where.code)
    (back,) = call("GET", "register/documents?oa_number=OA-2", given=given)[1]
    assert (back["standing"], back["returned"][0]["reasons"], back["returned"][0]["batch"]) == ("unfiled", ["缺附件"], where.code)
    (without,) = call("GET", "register/documents?oa_number=OA-2", given=token(town, "register"))[1]
    assert without["returned"] == []
    (unfiled,) = call("GET", "register/documents?year=2024&standing=unfiled", given=given)[1]
    assert unfiled["oa_number"] == "OA-2"


def test_the_receipt_of_a_batch_is_signed_and_of_the_own_department(town: Town) -> None:
    mine, others = rows.batch("PC-1", "accepted"), rows.batch("PC-2", "accepted", department="GHK")
    rows.record(mine, "archived", code="Z109-WS·2024-D30-BGS-0001")
    given = token(town, "receipts", department="BGS")
    assert [row["code"] for row in call("GET", "batches", given=given)[1]] == [mine.code]
    assert call("GET", "batches?since=2030-01-01T00:00:00Z", given=given) == (200, [])
    status, told = call("GET", f"batches/{mine.code}/receipt", given=given)
    assert (status, [row["code"] for row in told["accepted"]]) == (200, ["Z109-WS·2024-D30-BGS-0001"])
    assert [item.is_good for item in receipts.judge(told)] == [True] * len(told["signatures"])
    status, refused = call("GET", f"batches/{others.code}/receipt", given=given)
    assert (status, refused["code"], refused["where"], others.code in json.dumps(refused)) == (403, "ACCESS-REFUSED", "", False)
    assert call("GET", "batches/PC-9/receipt", given=given)[0] == 404


def test_a_token_does_nothing_beyond_its_scopes(town: Town) -> None:
    reads, sends = token(town, "receipts"), token(town, "register")
    for method, path, body, given in (
        ("PUT", "register/deliveries/a", sent(FIRST), reads),
        ("POST", "register/trials", sent(FIRST), reads),
        ("GET", "register/deliveries/a", None, reads),
        ("GET", "register/documents?year=2024", None, reads),
        ("GET", "batches", None, sends),
        ("GET", f"batches/{rows.batch(state='accepted').code}/receipt", None, sends),
    ):
        status, told = call(method, path, body, given)
        assert (status, told["code"]) == (403, "ACCESS-REFUSED"), path
        assert told["reasons"][0]["code"] in ("ACCESS-SCOPE", "ACCESS-ROLE")
    assert not FinishedDocument.objects.exists()


def test_the_rules_leave_a_client_nothing_but_what_scopes_name() -> None:
    everything = {action for _, actions in SCOPES.values() for action in actions}
    assert set(RULES[CLIENT]) == set(RULES[DEPARTMENT_CLIENT]) == everything
    bound = Actor("c", "c", "c", DEPARTMENT_CLIENT, "", frozenset(SCOPES))
    assert not any(may(bound, action, {"department": ""}).allowed for action in everything)


@pytest.mark.parametrize("how", ["pending", "withdrawn", "expired", "unknown", "missing", "basic", "query", "cookie"])
def test_only_a_token_that_works_in_the_header_is_admitted(town: Town, how: str) -> None:
    own, given = clients.issue(town.house, town.actor("sysadmin"), Wish("协同办公系统", ("register",), "", 30))
    if how != "pending":
        clients.approve(town.house, town.actor("secadmin"), own)
    if how == "withdrawn":
        clients.withdraw(town.house, town.actor("secadmin"), own)
    if how == "expired":
        Client.objects.filter(id=own).update(expires_at=town.house.clock.now())
    headers = {
        "unknown": {"Authorization": "Bearer lantai_other"},
        "missing": {},
        "basic": {"Authorization": f"Basic {given}"},
        "query": {},
        "cookie": {"Cookie": f"lantai_session={given}"},
    }.get(how, {"Authorization": f"Bearer {given}"})
    body = json.dumps(sent(FIRST))
    path = f"{ROOT}register/deliveries/a" + (f"?token={given}" if how == "query" else "")
    answer = Caller().put(path, body, "application/json", headers=headers)
    told = json.loads(answer.content)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert told["code"] in ("API-TOKEN-INVALID", "API-TOKEN-MISSING")
    assert not FinishedDocument.objects.exists()
    event = Event.objects.filter(type="client:refused").get()
    assert event.object_id == (own if how in ("pending", "withdrawn", "expired") else "stranger")
    assert given not in event.payload.body or how == "query"


def test_a_person_who_is_signed_in_is_nobody_here(town: Town) -> None:
    answer = town.client("archivist").get(f"{ROOT}register/documents")
    assert answer.status_code == 401


def test_calls_of_a_minute_are_counted_in_the_ledger_and_strangers_do_not_fill_it(town: Town) -> None:
    given = token(town)
    most = town.house.settings.api_calls_a_minute
    for _ in range(most):
        assert call("GET", "", given=given)[0] == 200
    answer = Caller().get(ROOT, headers={"Authorization": f"Bearer {given}"})
    assert (answer.status_code, json.loads(answer.content)["code"], answer["Retry-After"]) == (429, "API-TOO-OFTEN", "60")
    for _ in range(most + 5):
        assert call("GET", "", given="lantai_wrong")[0] == 401
    assert Event.objects.filter(type="client:refused", object_id="stranger").count() == most
    assert Event.objects.filter(type="client:called").count() == most


BAD_BODIES = {
    "empty": (b"", "API-VALUES"),
    "not_json": (b'{"rows": [', "API-BODY"),
    "not_utf_8": (b'{"rows": [{"a": "\xff"}]}', "API-BODY"),
    "too_deep": (b"[" * 100_000, "API-BODY"),
    "no_number": (b'{"rows": [{"title": NaN}]}', "API-BODY"),
    "a_list": (b"[1]", "API-VALUES"),
    "no_rows": (b'{"source": "OA"}', "API-VALUES"),
    "rows_are_none": (b'{"rows": []}', "API-VALUES"),
    "row_is_a_text": (b'{"rows": [{"title": "a"}, "b"]}', "API-VALUES"),
    "value_in_value": ('{"rows": [{"题名": ["甲"]}]}'.encode(), "API-VALUES"),
    "half_character": (b'{"rows": [{"title": "\\ud800"}]}', "API-VALUES"),
    "nul": (b'{"rows": [{"title": "a\\u0000b"}]}', "API-VALUES"),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_body_that_is_no_delivery_is_refused_whole_with_its_place(town: Town, name: str) -> None:
    body, code = BAD_BODIES[name]
    status, told = call("PUT", "register/deliveries/a", body, token(town))
    assert (status, told["code"]) == (422, code)
    assert not Import.objects.exists()
    if name in ("value_in_value", "row_is_a_text"):
        (reason,) = told["reasons"]
        assert (reason["where"], reason["field"]) == (("1", "题名") if name == "value_in_value" else ("2", ""))
    assert {row["code"] for row in told["reasons"]} <= {"API-VALUE"}
    assert Event.objects.filter(type="client:refused").exists()


def test_what_is_too_large_or_too_many_is_refused_before_it_is_read(town: Town) -> None:
    given, most = token(town), town.house.settings.api_rows
    status, told = call("PUT", "register/deliveries/a", sent(*([{"title": "甲"}] * (most + 1))), given)
    assert (status, told["code"]) == (413, "API-ROWS")
    status, told = call("PUT", "register/deliveries/a", b" " * (town.house.settings.api_bytes + 1), given)
    assert (status, told["code"]) == (413, "API-TOO-LARGE")
    status, told = call("PUT", "register/deliveries/a", b" " * (town.house.settings.api_bytes + 1), "lantai_wrong")
    assert (status, told["code"]) == (401, "API-TOKEN-INVALID")


@pytest.mark.parametrize("key", ["a b", "甲", "a" * 65, "%00"])
def test_a_key_that_cannot_be_used_is_refused(town: Town, key: str) -> None:
    status, told = call("PUT", f"register/deliveries/{key}", sent(FIRST), token(town))
    assert (status, told["code"]) == (422, "API-KEY")
    assert not Import.objects.exists()


def test_addresses_and_methods_that_are_none_are_answered_in_the_same_form(town: Town) -> None:
    given = token(town)
    assert call("GET", "nothing/here", given=given)[1]["code"] == "API-UNKNOWN"
    status, told = call("DELETE", "register/deliveries/a", given=given)
    assert (status, told["code"]) == (405, "API-METHOD")
    assert call("GET", "register/documents?year=24", given=given)[1]["code"] == "API-VALUES"
    for since in ("yesterday", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"):
        assert call("GET", f"batches?since={since}", given=given)[1]["reasons"][0]["where"] == "since"
    assert call("GET", "", given=given)[1]["scopes"] == sorted(SCOPES)
    assert call("GET", "openapi.json", given=given)[1]["info"]["title"]


def test_so_many_calls_at_once_and_no_more(town: Town) -> None:
    given = token(town)
    held = [gate.SERVED.acquire(blocking=False) for _ in range(2)]
    try:
        status, told = call("GET", "", given=given)
    finally:
        for _ in filter(None, held):
            gate.SERVED.release()
    assert (status, told["code"], all(held)) == (503, "API-BUSY", True)


def test_a_mistake_of_ours_has_a_number_and_no_traceback(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lantai.stages.report.clients.own", lambda actor: 1 / 0)
    status, told = call("GET", "", given=token(town))
    assert (status, told["code"], "Zero" in json.dumps(told)) == (500, "BUG", False)


def test_a_call_asks_the_database_a_few_times_only(town: Town) -> None:
    given = token(town)
    many = [SECOND | {"oa_number": f"OA-{number}"} for number in range(400)]
    with CaptureQueriesContext(connection) as asked:
        assert call("PUT", "register/deliveries/a", sent(*many), given)[0] == 201
    assert len(asked) < 45


def test_every_code_of_the_interface_is_in_the_table() -> None:
    assert {"API-TOKEN-MISSING", "API-TOKEN-INVALID", "API-TOO-OFTEN", "API-BUSY", "API-VALUE"} <= set(CODES)
