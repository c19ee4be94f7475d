"""The gate before every view: only signed-in persons enter, and a refusal or a fault becomes a page a person can read."""

import logging
import threading
from collections.abc import Callable
from contextlib import nullcontext
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Coded, Fault, Refusal
from lantai.shelves import once
from lantai.shelves.people.models import Account
from lantai.stages import refusals
from lantai.web.requests import actor_of

OPEN = ("/login", "/static/")
#: Who may deliver or bring files in sends large bodies; a stranger only signs in.
DELIVERING = ("intake:batch:open", "digitise:batch:open")
STRANGERS_BYTES = 64 * 1024
#: How many sign in at once; half of the threads that serve.
ENTERING = threading.BoundedSemaphore(4)
#: What Django itself has an answer to; whatever else it raises, such as a row that another request wrote first, is a bug of ours.
_ANSWERED = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)
log = logging.getLogger("lantai.web")

Next = Callable[[HttpRequest], HttpResponse]


class Sessions(SessionMiddleware):
    """Sessions end after the minutes in which a person did nothing; what an open page asks for by itself is not an act of a person."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save what changed; else renew the session unless the request only watches (lantai.js says so of its polls).

        Renewing writes the end of the session and nothing else: two requests at once must not undo what one of them put into it.
        """
        session = request.session
        response = super().process_response(request, response)
        if session.accessed and not session.modified and session.session_key and "X-Lantai-Watching" not in request.headers:
            Session.objects.filter(session_key=session.session_key).update(expire_date=session.get_expiry_date())
        return response


class Lighter(GZipMiddleware):
    """Sends pages compressed: a list weighs a seventh of its text. What is streamed (files, packages) is mostly compressed already."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress what is a page, a part of one, or JSON; a random length is added, so that nobody reads a token out of the lengths."""
        if response.streaming or not response.headers.get("Content-Type", "").startswith(("text/html", "application/json")):
            return response
        return super().process_response(request, response)


class Gate:
    """Puts ``actor`` on the request or asks to sign in; renders refusals, faults and bugs."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through, or answer in its place."""
        account = getattr(request, "user", None)
        if limit := _exceeded(request, account):
            return answered(request, Refusal("UPLOAD-TOO-LARGE", limit=-(-limit // 1024**2)))
        if isinstance(account, Account) and account.is_active:
            request.actor = Actor(account.id, account.login, account.name, account.role, account.department)  # type: ignore[attr-defined]
            if account.must_change_password and not request.path.startswith(("/password", *OPEN, "/logout")):
                return HttpResponseRedirect(reverse("password"))
        elif not request.path.startswith(OPEN):
            return _ask_to_sign_in(request)
        else:
            return self._stranger(request)
        response = self._unless_nul(request)
        if response.status_code == 405 and request.method == "GET":
            response = answered(request, Refusal("PAGE-NOT-SHOWN"))
        if actor_of(request) and not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _stranger(self, request: HttpRequest) -> HttpResponse:
        """Let a stranger sign in, a few at a time: who sends slowly, or tries many passwords, holds up no one who is signed in."""
        if request.method != "POST":
            return self._unless_nul(request)
        if not ENTERING.acquire(blocking=False):
            return answered(request, Refusal("PEOPLE-BUSY"))
        try:
            return self._unless_nul(request)
        finally:
            ENTERING.release()

    def _unless_nul(self, request: HttpRequest) -> HttpResponse:
        where = _nul(request)
        return answered(request, Refusal("ELEMENT-UNPRINTABLE", where[0][:30], at=where[1])) if where else self._passed(request)

    def _passed(self, request: HttpRequest) -> HttpResponse:
        """Let the request through; who only reads asks the small tables once."""
        with once.reading() if request.method in ("GET", "HEAD") else nullcontext():
            return self._next(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Look at a form of several parts too, once it has been taken apart."""
        if request.content_type == "multipart/form-data" and (where := _nul_in(request.POST)):
            return answered(request, Refusal("ELEMENT-UNPRINTABLE", where[0][:30], at=where[1]))
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Render what a verb could not do. Bugs are logged with the number that the page shows."""
        if isinstance(exception, Coded):
            if isinstance(exception, Refusal) and (actor := actor_of(request)):
                refusals.note(work.house(), actor, exception)
            return answered(request, exception)
        if isinstance(exception, OperationalError):
            return answered(request, Fault("DATABASE-FAILED", reason=str(exception)))
        if isinstance(exception, _ANSWERED):
            return None
        number = work.house().ids.new()[-10:]
        log.error("bug %s at %r", number, request.path, exc_info=exception)
        return _answer(request, "500", {"number": number}, status=500)


def _nul(request: HttpRequest) -> tuple[str, int] | None:
    """Return where an address or form holds a NUL, which no database column takes, and its place in the value from 1."""
    if "\0" in request.path:
        return "地址", request.path.index("\0") + 1
    found = _nul_in(request.GET)
    return found or (_nul_in(request.POST) if request.content_type == "application/x-www-form-urlencoded" else None)


def _nul_in(form: QueryDict) -> tuple[str, int] | None:
    values = ((name, value) for name, given in form.lists() for value in (name, *given))
    return next(((name, str(value).index("\0") + 1) for name, value in values if "\0" in str(value)), None)


def _exceeded(request: HttpRequest, account: object) -> int:
    """Return the most bytes this person may send in one request where the request says that it is longer, else 0.

    It is asked before a byte is read: a form of several parts is written to the disk while it is taken apart, and that happens before
    anybody asks for rights.
    """
    role = account.role if isinstance(account, Account) and account.is_active else ""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE if role else STRANGERS_BYTES
    if any(action in access.RULES.get(role, {}) for action in DELIVERING):
        limit += settings.LANTAI.upload_bytes
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    return 0 if length.isdecimal() and int(length) <= limit else limit


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """A page leads to the sign-in page; a part of a page gets 401, upon which the page asks for the password in place."""
    if getattr(request, "htmx", False) or request.headers.get("X-Requested-With") == "lantai":
        return JsonResponse({"code": "SESSION-EXPIRED", "message": "登录已过期，请重新输入口令。"}, status=401)
    return HttpResponseRedirect(f"{reverse('login')}?{urlencode({'next': _page_of(request)})}")


def _page_of(request: HttpRequest) -> str:
    """Return the page to come back to: the one asked for or, where a form was sent, the one that sent it."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    page = urlsplit(request.headers.get("Referer", ""))
    return urlunsplit(("", "", page.path, page.query, "")) if page.netloc == request.get_host() else reverse("desk")


def answered(request: HttpRequest, ending: Coded) -> HttpResponse:
    """Answer an ending as a page, the error part of one, or JSON, as it was asked for."""
    reasons = ending.reasons if isinstance(ending, Refusal) else ()
    if not isinstance(ending, Refusal):
        log.warning("fault %s at %r: %s", ending.code, request.path, ending.message)
    page = {403: "403", 404: "404"}.get(ending.row.http, "ending")
    return _answer(request, page, {"ending": ending, "reasons": reasons, "row": ending}, status=ending.row.http)


def _answer(request: HttpRequest, page: str, context: dict[str, object], *, status: int) -> HttpResponse:
    """Answer in the form that was asked for: JSON, the error part of a page, or a page."""
    if request.headers.get("X-Requested-With") == "lantai":
        ending = context.get("ending")
        body = (
            refusals.as_json(ending)
            if isinstance(ending, Coded)
            else {"code": page, "message": "出了意外。", "number": context.get("number", "")}
        )
        return JsonResponse(body, status=status)
    if getattr(request, "htmx", False):
        response = render(request, "web/parts/ending.html", context, status=status)
        for name, value in (("HX-Retarget", "#errors"), ("HX-Reswap", "innerHTML"), ("HX-Push-Url", "false")):
            response.headers[name] = value
        return response
    return render(request, f"web/{page}.html", context, status=status)
