"""系统›业务系统: systems that send by themselves, each with its token; issued by one administrator, approved by another."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lantai import work
from lantai.core import access
from lantai.core.access import SCOPES
from lantai.core.errors import Refusal
from lantai.stages import clients as verb
from lantai.stages.clients import MOST_DAYS, Wish
from lantai.stages.report import clients as read
from lantai.stages.report import scope
from lantai.web.requests import Request, whole


@require_http_methods(["GET", "POST"])
def clients(request: Request) -> HttpResponse:
    """The systems; a POST issues, approves or withdraws. A token is shown in the answer to its own issue and never again."""
    problem, token = None, ""
    if request.method == "POST":
        try:
            token = _act(request)
            if not token:
                return HttpResponseRedirect(reverse("clients"))
        except Refusal as refusal:
            if refusal.row.http == 403:
                raise
            problem = refusal
    context = {
        "here": "system",
        "rows": read.listing(work.house(), request.actor),
        "states": read.STATE_NAMES,
        "may_issue": access.may(request.actor, "people:client:issue").allowed,
        "may_withdraw": access.may(request.actor, "people:client:withdraw").allowed,
        "may_read_copies": access.may(request.actor, "vault:copy:read").allowed,
        "may_read_formats": access.may(request.actor, "policy:format:read").allowed,
        "may_read_metadata": access.may(request.actor, "policy:metadata:read").allowed,
        "departments": scope.departments(),
        "scopes": [(key, name) for key, (name, _) in SCOPES.items()],
        "days": MOST_DAYS - 1,
        "most_days": MOST_DAYS,
        "problem": problem,
        "given": request.POST,
        "given_scopes": request.POST.getlist("scope") or list(SCOPES),
        "token": token,
        "address": request.build_absolute_uri("/api/v1/"),
    }
    return render(request, "web/clients.html", context, status=problem.row.http if problem else 200)


def _act(request: Request) -> str:
    """Do what was asked for; return the token where one was issued."""
    house, actor, given = work.house(), request.actor, request.POST
    act, client_id = given.get("act", ""), given.get("client", "")
    if act == "issue":
        wish = Wish(given.get("name", ""), tuple(given.getlist("scope")), given.get("department", ""), whole(given.get("days"), 0))
        return verb.issue(house, actor, wish)[1]
    if act == "approve":
        verb.approve(house, actor, client_id)
        messages.success(request, "令牌已批准，业务系统可以调用了。")
    elif act == "withdraw":
        verb.withdraw(house, actor, client_id)
        messages.success(request, "令牌已撤销，下一次调用即被拒绝。")
    return ""
