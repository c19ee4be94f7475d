"""The gate: strangers see the sign-in page only, each role its own places, refusals explain themselves."""

import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from lantai.core.access import Role
from lantai.stages import people
from lantai.web.middleware import Gate, Sessions
from lantai.web.views.outside import failed
from tests.web import town as rows
from tests.web.town import Town

PAGES = {
    "desk": "*",
    "intake": (Role.ARCHIVIST, Role.PART_TIME_ARCHIVIST),
    "arrange": (Role.ARCHIVIST,),
    "digitise": (Role.ARCHIVIST,),
    "describe-start": (Role.ARCHIVIST,),
    "inspect-start": (Role.ARCHIVIST, Role.INSPECTOR),
    "search": (Role.ARCHIVIST, Role.PART_TIME_ARCHIVIST, Role.READER),
    "register": (Role.ARCHIVIST, Role.PART_TIME_ARCHIVIST),
    "transfers": (Role.ARCHIVIST, Role.PART_TIME_ARCHIVIST),
    "preserve": (Role.ARCHIVIST, Role.SYSADMIN),
    "accounts": (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR),
    "quarantine": (Role.SECADMIN,),
    "audit": (Role.AUDITOR,),
    "system": (Role.ARCHIVIST, Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR),
}
PASSWORD = "Trial-4711-x"


def address(name: str) -> str:
    """Return an address of the route with made-up keys."""
    pattern = get_resolver().reverse_dict.getlist(name)[0][0][0]
    return "/" + pattern[0] % {key: "1" if key == "page" else "x" for key in pattern[1]}


NAMES = sorted(key for key in get_resolver().reverse_dict if isinstance(key, str))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("login", "login-again")])
def test_a_stranger_is_led_to_the_sign_in_page(db: None, client: Client, name: str) -> None:
    answer = client.get(address(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login?next=")


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"X-Requested-With": "lantai"}])
def test_a_part_of_a_page_says_that_the_session_ended(db: None, client: Client, headers: dict[str, str]) -> None:
    answer = client.get("/", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "SESSION-EXPIRED")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", PAGES)
def test_each_role_enters_its_own_places_only(town: Town, role: str, name: str) -> None:
    allowed = PAGES[name]
    answer = town.client(role).get(reverse(name))
    if name == "intake" and role not in allowed:
        assert not re.search(r"PC-\d", answer.content.decode())
        return
    assert answer.status_code == (200 if allowed == "*" or role in allowed else 403)


@pytest.mark.parametrize("role", list(Role))
def test_the_rail_shows_what_the_role_may_open_and_nothing_else(town: Town, role: str) -> None:
    html = town.client(role).get("/").content.decode()
    shown = set(re.findall(r'class="rail__item" href="([^"]+)"', html))
    assert shown == {reverse(name) for name, roles in PAGES.items() if roles == "*" or role in roles}


def test_a_refusal_gives_its_reason_and_a_way_through(town: Town) -> None:
    answer = town.client("sysadmin").get("/search/")
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "三员账户不接触档案内容" in html
    assert "回首页" in html


def test_a_refused_part_goes_where_errors_are_said(town: Town) -> None:
    answer = town.client("sysadmin").get("/search/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Retarget"]) == (403, "#errors")


def test_nobody_asks_from_outside(town: Town) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.accounts["archivist"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/arrange/fix", {"year": "2024"})
    assert (answer.status_code, "放得太久了" in answer.content.decode()) == (403, True)
    told = client.post("/arrange/fix", {"year": "2024"}, headers={"X-Requested-With": "lantai"})
    assert (told.status_code, told.json()["code"]) == (403, "PAGE-STALE")
    assert client.post("/arrange/fix", headers={"HX-Request": "true"})["HX-Retarget"] == "#errors"


def test_another_host_is_told_which_setting_it_lacks(db: None, client: Client) -> None:
    answer = client.get("/login", headers={"Host": "dag.example.gov.cn"})
    assert answer.status_code == 400
    assert "dag.example.gov.cn" in answer.content.decode() and "hosts" in answer.content.decode()
    assert "&lt;b&gt;" in client.get("/login", headers={"Host": "<b>"}).content.decode()


def test_what_cannot_be_taken_apart_is_told_in_chinese(town: Town) -> None:
    many = "&".join(f"record={number}" for number in range(20_001))
    answer = town.client("archivist").post("/arrange/bulk", many, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, "读不下去" in answer.content.decode()) == (400, True)


def test_a_bug_before_our_views_has_a_number_too(rf: RequestFactory, caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise OperationalError("no such table: django_session")
    except OperationalError:
        answer = failed(rf.get("/"))
    number = re.search(r'class="mono">(\w+)<', answer.content.decode())
    assert answer.status_code == 500
    assert number is not None and number[1] in caplog.text


def test_a_form_that_comes_after_the_session_leads_back_to_its_page(client: Client, town: Town) -> None:
    answer = client.post("/system/agency/category", {"code": "WS"}, headers={"Referer": "http://testserver/system/agency/?category=WS"})
    assert answer["Location"] == "/login?next=%2Fsystem%2Fagency%2F%3Fcategory%3DWS"
    for elsewhere in ("", "http://elsewhere.example/system/agency/"):
        assert client.post("/system/agency/category", {}, headers={"Referer": elsewhere})["Location"] == "/login?next=%2F"


def test_an_address_that_takes_only_forms_says_so(town: Town) -> None:
    answer = town.client("archivist").get("/system/agency/category")
    assert answer.status_code == 405
    assert "只收送来的表单" in answer.content.decode()


def test_a_page_asks_who_is_signed_in(town: Town, client: Client) -> None:
    nobody = client.get("/login/again")
    assert (nobody.status_code, nobody.json()["login"]) == (401, "")
    assert town.client("archivist").get("/login/again").json()["login"] == town.accounts["archivist"].login


def test_the_first_sign_in_asks_for_a_password_of_ones_own(town: Town) -> None:
    fresh = rows.account("reader", "wen", "温思齐", must_change_password=True)
    answer = rows.signed_in(fresh).get("/search/")
    assert (answer.status_code, answer["Location"]) == (302, "/password")


def test_a_closed_account_is_out_at_once(town: Town) -> None:
    client = town.client("reader")
    assert client.get("/").status_code == 200
    type(town.accounts["reader"]).objects.filter(login="zhou").update(is_active=False)
    assert client.get("/").status_code == 302


def test_a_page_that_is_not_there(town: Town) -> None:
    answer = town.client("archivist").get("/records/01ARZ3NDEKTSV4RRFFQ69G5FAV/")
    assert answer.status_code == 404
    assert "没有找到" in answer.content.decode()
    assert town.client("archivist").get("/nowhere").status_code == 404


def test_a_bug_shows_a_number_and_no_trace(town: Town, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("lantai.web.views.desk", fromlist=["PLACES"]).PLACES, "intake", None)
    rows.batch()
    client = town.client("archivist")
    client.raise_request_exception = False
    answer = client.get("/")
    html = answer.content.decode()
    number = re.search(r'class="mono">([0-9A-Z]{10})<', html)
    assert answer.status_code == 500
    assert "Traceback" not in html
    assert number
    assert number[1] in caplog.text


def created(town: Town) -> None:
    """Make an account with a password that is known."""
    people.create_account(town.house, None, login="deng", name="邓可", role="archivist", person="G1", password=PASSWORD)


def test_signing_in_and_out(town: Town, client: Client) -> None:
    created(town)
    wrong = client.post("/login", {"login": "deng", "password": "Wrong-4711-x"})
    assert wrong.status_code >= 400
    assert "deng" in wrong.content.decode()
    answer = client.post("/login", {"login": "deng", "password": PASSWORD, "next": "/search/?q=1"})
    assert answer["Location"] == "/search/?q=1"
    assert client.get("/")["Location"] == "/password"
    assert client.post("/logout")["Location"] == "/login"
    assert client.get("/")["Location"].startswith("/login")


@pytest.mark.parametrize("goal", ["https://elsewhere.example/", "//elsewhere.example", "/login", "/logout"])
def test_signing_in_leads_to_our_pages_only(town: Town, client: Client, goal: str) -> None:
    created(town)
    assert client.post("/login", {"login": "deng", "password": PASSWORD, "next": goal})["Location"] == "/"


def test_signing_in_again_over_a_page_gives_a_fresh_token(town: Town, client: Client) -> None:
    created(town)
    refused = client.post("/login/again", {"login": "deng", "password": "Wrong-4711-x"})
    assert refused.status_code >= 400
    assert refused.json()["message"]
    assert client.post("/login/again", {"login": "deng", "password": PASSWORD}).json()["token"]


def test_changing_the_password(town: Town, client: Client) -> None:
    created(town)
    client.post("/login", {"login": "deng", "password": PASSWORD})
    differs = client.post("/password", {"old": PASSWORD, "new": "Other-4711-y", "again": "Other-4711-z"})
    assert "不一样" in differs.content.decode()
    weak = client.post("/password", {"old": PASSWORD, "new": "short", "again": "short"})
    assert weak.status_code == 422
    assert client.post("/password", {"old": PASSWORD, "new": "Other-4711-y", "again": "Other-4711-y"})["Location"] == "/"
    assert client.get("/").status_code == 200


def test_the_theme_is_kept(town: Town) -> None:
    client = town.client("archivist")
    assert client.post("/theme", {"theme": "dark"}, headers={"X-Requested-With": "lantai"}).status_code == 204
    assert 'data-theme="dark"' in client.get("/").content.decode()
    client.post("/theme", {"theme": "pink"})
    assert 'data-theme="dark"' in client.get("/").content.decode()


def test_pages_are_not_kept_by_the_browser(town: Town) -> None:
    assert town.client("archivist").get("/")["Cache-Control"] == "no-store"


def test_a_nul_in_an_address_or_a_form_is_refused_before_any_database_sees_it(town: Town, client: Client) -> None:
    known = town.client("archivist")
    for answer in (
        known.get("/search/?q=a%00b"),
        known.get("/records/%00"),
        client.post("/login", "login=a%00b&password=x", content_type="application/x-www-form-urlencoded"),
    ):
        assert answer.status_code == 422
        assert "控制字符" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("is_watching", [False, True])
def test_only_a_persons_act_renews_a_session_and_undoes_nothing_put_into_it_meanwhile(rf: RequestFactory, *, is_watching: bool) -> None:
    kept = SessionStore()
    kept["person"] = "shen"
    kept.save()
    key = str(kept.session_key)
    Session.objects.update(expire_date=datetime(2099, 1, 1, tzinfo=UTC))

    def view(request: HttpRequest) -> HttpResponse:
        assert request.session["person"] == "shen"
        meanwhile = SessionStore(key)
        meanwhile["told"] = "已改好"
        meanwhile.save()
        Session.objects.update(expire_date=datetime(2099, 1, 1, tzinfo=UTC))
        return HttpResponse()

    request = rf.get("/", headers={"X-Lantai-Watching": "1"} if is_watching else {})
    request.COOKIES[settings.SESSION_COOKIE_NAME] = key
    Sessions(view)(request)
    row = Session.objects.get(session_key=key)
    assert row.get_decoded()["told"] == "已改好"
    assert (row.expire_date.year == 2099) is is_watching


@pytest.mark.parametrize(
    ("raised", "status", "said"), [(IntegrityError("UNIQUE"), 500, "错误编号"), (OperationalError("locked"), 503, "数据库不能用")]
)
def test_what_the_database_says_no_to_is_a_page_of_ours(rf: RequestFactory, raised: Exception, status: int, said: str) -> None:
    """Not the bare English page of the framework, which bears no number and leaves nothing in the log."""
    answer = Gate(lambda request: HttpResponse()).process_exception(rf.get("/"), raised)
    assert answer is not None
    assert (answer.status_code, said in answer.content.decode()) == (status, True)
