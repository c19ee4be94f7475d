"""What a person tries who may not: nothing is named to them, every try is told to the ledger, no body fills the disk."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from lantai.core.access import Role
from lantai.shelves.ledger.models import Event
from lantai.web.middleware import ENTERING
from lantai.web.requests import address_of, named
from tests.web import town as rows
from tests.web.town import Town

JSON = {"X-Requested-With": "lantai"}
HIDDEN = "关于某处人员调整的请示"


def refusals() -> int:
    return Event.objects.filter(type="access:refused").count()


@pytest.mark.parametrize("role", [Role.PART_TIME_ARCHIVIST, Role.READER, Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_a_refusal_names_nothing_that_may_not_be_seen(town: Town, role: str) -> None:
    batch = rows.batch(department="RSK")
    row = rows.record(batch, "described", title=HIDDEN, department="RSK", code="Z109-HIDDEN-1", needs_attention="CHECK-MANUAL")
    arranged = rows.record(batch, "arranged", title=HIDDEN, department="RSK", elements={"archival_code": "Z109-HIDDEN-2"})
    client = town.client(role)
    told = refusals()
    for address, given in (
        ("/intake/overrulings/propose", {"record": row.id, "item": "1.01", "reason": "x"}),
        (f"/intake/{batch.id}/answer", {"record": row.id, "opinion": "x"}),
        (f"/intake/{batch.id}/codes", {}),
        (f"/arrange/revise/{arranged.id}", {"title": "x", "was_title": "y"}),
        (f"/records/{row.id}/versions/correct", {"reason": "x"}),
    ):
        answer = client.post(address, given, headers=JSON)
        assert answer.status_code == 403, address
        assert HIDDEN not in json.dumps(answer.json(), ensure_ascii=False)
        assert "HIDDEN" not in answer.content.decode()
        told += 1
        assert refusals() == told, address
    assert HIDDEN not in "".join(Event.objects.filter(type="access:refused").values_list("payload__body", flat=True))


def test_a_refused_preview_of_a_hit_is_told(town: Town) -> None:
    row = rows.record(rows.batch(), "archived", title=HIDDEN, department="RSK")
    answer = town.client("reader").get("/search/", {"hit": row.id}, headers={"HX-Request": "true", "HX-Target": "preview"})
    assert HIDDEN not in answer.content.decode()
    assert refusals() == 1


@pytest.mark.parametrize(
    ("role", "address", "given"),
    [
        (
            "secadmin",
            "/accounts/",
            {"act": "create", "login": "x", "name": "x", "role": "archivist", "person": "x", "password": "Long-4711"},
        ),
        ("sysadmin", "/accounts/", {"act": "approve", "account": "x"}),
        ("auditor", "/accounts/", {"act": "disable", "account": "x"}),
        ("archivist", "/system/recovery/", {"at": "01:00"}),
    ],
)
def test_a_refused_act_of_an_administrators_page_is_told(town: Town, role: str, address: str, given: dict[str, str]) -> None:
    assert town.client(role).post(address, given).status_code == 403
    assert refusals() == 1


def test_nobody_but_who_numbers_opens_the_dialog_of_withdrawing(town: Town) -> None:
    row = rows.record(rows.batch(), "numbered")
    assert town.client("archivist").get(f"/arrange/withdraw/{row.id}/dialog").status_code == 200
    for role in set(Role) - {Role.ARCHIVIST}:
        assert town.client(role).get(f"/arrange/withdraw/{row.id}/dialog").status_code == 403


# --- bodies


def large(path: str, client: Client, mebibytes: int) -> int:
    """Say that a body is that large, and send hardly any of it; return the status."""
    length = str(mebibytes * 1024**2)
    return client.generic("POST", path, b"--x\r\n", "multipart/form-data; boundary=x", CONTENT_LENGTH=length).status_code


def test_a_large_body_is_refused_before_it_is_read(town: Town, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.http.multipartparser.MultiPartParser.parse", lambda parser: pytest.fail("read"))
    assert large("/login", client, 1) == 413
    for role in (Role.READER, Role.INSPECTOR, Role.SYSADMIN):
        assert large("/theme", town.client(role), 17) == 413
    for role in (Role.ARCHIVIST, Role.PART_TIME_ARCHIVIST):
        assert large("/theme", town.client(role), settings.LANTAI.upload_bytes // 1024**2 + 17) == 413
    broken = client.generic("POST", "/login", b"", "application/x-www-form-urlencoded", CONTENT_LENGTH="-1")
    assert broken.status_code == 413


def test_slow_strangers_hold_up_only_strangers(town: Town, client: Client) -> None:
    for _ in range(4):
        assert ENTERING.acquire(blocking=False)
    try:
        busy = client.post("/login", {"login": "x", "password": "x"})
        assert (busy.status_code, "过一会儿" in busy.content.decode()) == (503, True)
        assert client.get("/login").status_code == 200
        assert town.client("archivist").post("/theme", {"theme": "dark"}).status_code == 302
    finally:
        for _ in range(4):
            ENTERING.release()
    assert client.post("/login", {"login": "x", "password": "x"}).status_code == 401


def test_what_a_stranger_sends_elsewhere_is_not_read(town: Town, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.http.HttpRequest._load_post_and_files", lambda request: pytest.fail("read"))
    assert client.post("/theme", "a=1", content_type="application/x-www-form-urlencoded").status_code == 302


def test_a_nul_in_a_form_of_several_parts_is_refused(town: Town, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a")
    with (tmp_path / "a.txt").open("rb") as file:
        answer = town.client("archivist").post("/intake/upload", {"files": file, "title": "题\0名", "channel": "manual"})
    assert answer.status_code == 422
    assert "NUL" in answer.content.decode() or "控制字符" in answer.content.decode() or "不可见" in answer.content.decode()


# --- names and lines


@pytest.mark.parametrize("name", ["x\"; filename*=UTF-8''evil.html", "x\r\nSet-Cookie: a=1", "登记\u2028表"])
def test_the_name_of_a_download_is_a_name_and_nothing_more(town: Town, name: str) -> None:
    answer = town.client("archivist").get("/register/list.xlsx", {"year": name})
    said = str(answer["Content-Disposition"])
    assert answer.status_code == 200
    assert "\r" not in named(name)
    assert re.fullmatch(r'attachment; filename(="(?:[^"\\]|\\.)*"|\*=utf-8\'\'[\w.%~!#$&+^`|-]*)', said), said


def test_a_scheme_goes_out_in_the_forms_there_are(town: Town) -> None:
    assert town.client("archivist").get("/system/metadata/scheme.x%0aFAKE").status_code == 422


def test_a_line_of_the_log_is_one_line(town: Town, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lantai.web.views.metadata.TYPES", {"x\nFAKE": "text/plain"})
    client = town.client("archivist")
    client.raise_request_exception = False
    assert client.get("/system/metadata/scheme.x%0aFAKE").status_code == 500
    assert "\nFAKE" not in caplog.messages[-1]


def test_the_address_is_what_the_proxy_wrote_last_and_only_behind_one(monkeypatch: pytest.MonkeyPatch) -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "6.6.6.6, 10.0.0.7"}, REMOTE_ADDR="10.0.0.1")
    assert address_of(request) == "10.0.0.1"
    monkeypatch.setattr(settings, "LANTAI", settings.LANTAI.model_copy(update={"https": True}))
    assert address_of(request) == "10.0.0.7"
    assert address_of(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1")) == "10.0.0.1"


@pytest.mark.parametrize(
    "asked", ["&".join(f"department=x{at}" for at in range(800)), "&".join(f"z{at}=1" for at in range(800)), "q=a&" * 800]
)
def test_an_address_of_very_many_choices_is_not_worked_through(town: Town, asked: str) -> None:
    """Each choice is a link that bears all the others: two thousand took the page forty seconds."""
    reader, archivist = town.client("reader"), town.client("archivist")
    assert reader.get(f"/search/?year=2024&{asked}").status_code == 400
    assert archivist.get("/transfers/export/dialog", {"found": f"year=2024&{asked}"}).status_code == 400
    assert reader.get("/search/?" + "&".join(f"year={year}" for year in range(1950, 2030))).status_code == 200
