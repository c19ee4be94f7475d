"""What a call that did not go well is answered: one coded document, the same for refusals, faults and bugs."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from ninja.errors import HttpError, ValidationError

from lantai import work
from lantai.api.calls import call_of
from lantai.core.access import Actor
from lantai.core.errors import Coded, Fault, Refusal
from lantai.core.findings import finding
from lantai.stages import clients, refusals

log = logging.getLogger("lantai.api")
_AGAIN_SECONDS = {"API-BUSY": 5, "API-TOO-OFTEN": 60, "REGISTER-DELIVERY-BUSY": 5}
#: What a library says of a value that does not fit → what is said to people.
_REASONS = {"missing": "没有写", "list_type": "应是一个列表", "dict_type": "应是一个对象", "string_type": "应是文字"}
_MOST = 50


def ended(request: HttpRequest, ending: Coded) -> HttpResponse:
    """Answer an ending; what a client was refused after it was admitted is told to the ledger."""
    actor = getattr(request, "auth", None)
    if isinstance(actor, Actor):
        if isinstance(ending, Refusal):
            refusals.note(work.house(), actor, ending)
        clients.tell_refused(work.house(), actor, call_of(request), ending)
    if not isinstance(ending, Refusal):
        log.warning("fault %s at %r: %s", ending.code, request.path, ending.message)
    response = JsonResponse(refusals.as_json(ending), status=ending.row.http, json_dumps_params={"ensure_ascii": False})
    if seconds := _AGAIN_SECONDS.get(ending.code):
        response.headers["Retry-After"] = str(seconds)
    if ending.row.http == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def misfit(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    """Answer parameters or a body that are not of the documented form, each with the place of its fault."""
    reasons = tuple(finding("API-VALUE", place := _place(row), place=place, reason=_reason(row)) for row in problem.errors[:_MOST])
    return ended(request, Refusal("API-VALUES", reasons=reasons))


def unread(request: HttpRequest, problem: HttpError) -> HttpResponse:
    """Answer a body that could not be read, by the refusal that lies behind."""
    cause = problem.__cause__
    return ended(request, cause if isinstance(cause, Coded) else Refusal("API-BODY", reason="读不下去"))


def bug(request: HttpRequest, problem: Exception) -> HttpResponse:
    """Answer what nobody foresaw: the world's faults as such, a mistake of ours with the number under which the log has it whole."""
    if isinstance(problem, UnreadablePostError):
        return ended(request, Refusal("API-BODY", reason="没有传全"))
    if isinstance(problem, OperationalError):
        return ended(request, Fault("DATABASE-FAILED", reason=str(problem)))
    number = work.house().ids.new()[-10:]
    log.error("bug %s at %r", number, request.path, exc_info=problem)
    body = {"code": "BUG", "message": "程序出了意外，没有办成。", "where": "", "safe": "", "next": f"请把编号 {number} 告诉系统管理员。"}
    return JsonResponse(body, status=500, json_dumps_params={"ensure_ascii": False})


def _place(row: dict[str, Any]) -> str:
    """Return where a value stands: the parts of its path without those that every one has."""
    return ".".join(str(part) for part in row["loc"] if part not in ("body", "query", "path", "sent"))


def _reason(row: dict[str, Any]) -> str:
    return _REASONS.get(str(row.get("type")), "不合要求")


#: What is raised → how it is answered.
ANSWERS: tuple[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]], ...] = (
    (Coded, ended),
    (ValidationError, misfit),
    (HttpError, unread),
    (Exception, bug),
)
