"""系统›单位: departments with their history, and the rule of codes with live examples."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.stages import departments as verb
from lantai.stages.report import agency as read
from lantai.web.requests import Request


@require_GET
def agency(request: Request) -> HttpResponse:
    """The departments and the rule of codes; asked for as a part, only what a rule gives."""
    if request.htmx.target == "tried":
        return render(request, "web/parts/tried.html", {"tried": read.tried(work.house(), request.actor, request.GET.get("template", ""))})
    return _page(request)


@require_POST
def change(request: Request) -> HttpResponse:
    """Set up, rename or close a department."""
    given, house, actor = request.POST, work.house(), request.actor
    act, code, since = given.get("act", ""), given.get("code", ""), given.get("since", "")
    try:
        if act == "add":
            verb.add(house, actor, code=code, name=given.get("name", ""), since=since)
            messages.success(request, f"已设机构 {code.strip().upper()}，从现在起可以选用。")
        elif act == "rename":
            verb.rename(house, actor, code, name=given.get("name", ""), since=since)
            messages.success(request, f"{code} 已改名，此前的件仍用当时的名称。")
        elif act == "close":
            verb.close(house, actor, code, since=since, into=given.get("into", ""))
            messages.success(request, f"{code} 已撤并，此前的件不变，代码不再给别的机构。")
    except Refusal as refusal:
        if refusal.row.http in (403, 404):
            raise
        return _page(request, refusal)
    return HttpResponseRedirect(reverse("agency"))


def _page(request: Request, problem: Refusal | None = None) -> HttpResponse:
    house = work.house()
    rows = read.departments(request.actor)
    context: dict[str, Any] = {
        "here": "system",
        "rows": rows,
        "standing": [row for row in rows if row.name],
        "tried": read.tried(house, request.actor, ""),
        "forms": read.FORMS,
        "settings": house.settings,
        "may_change": access.may(request.actor, verb.CHANGE).allowed,
        "may_read_formats": access.may(request.actor, "policy:format:read").allowed,
        "may_read_metadata": access.may(request.actor, "policy:metadata:read").allowed,
        "problem": problem,
        "given": request.POST,
    }
    return render(request, "web/agency.html", context, status=problem.row.http if problem else 200)
