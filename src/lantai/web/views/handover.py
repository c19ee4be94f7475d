"""移交清单: a department lists what it hands over; the giving and the taking side sign, each for themselves."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.stages import handover as verb
from lantai.stages.report import handovers as read
from lantai.stages.report import scope
from lantai.web.requests import Request


@require_GET
def handovers(request: Request) -> HttpResponse:
    """The lists, with the newest one open or the form of a new one."""
    rows = read.listing(request.actor)
    if "new" in request.GET or not rows:
        return _screen(request, rows, None)
    return _screen(request, rows, read.detail(request.actor, rows[0].row.id))


@require_GET
def handover(request: Request, key: str) -> HttpResponse:
    """One list."""
    return _screen(request, read.listing(request.actor), read.detail(request.actor, key))


@require_GET
def paper(request: Request, key: str) -> HttpResponse:
    """The list as PDF/A."""
    made = read.printed(work.house(), request.actor, key)
    response = HttpResponse(made.content, content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(made.name)}"
    return response


@require_POST
def make(request: Request) -> HttpResponse:
    """Make a list of the chosen records."""
    given = request.POST
    row = verb.make(
        work.house(),
        request.actor,
        given.get("department", ""),
        given.getlist("record"),
        title=given.get("title", ""),
        note=given.get("note", ""),
    )
    messages.success(request, f"移交清单 {row.code} 已编好，请交方核对后签署。")
    return HttpResponseRedirect(reverse("handover", args=[row.id]))


@require_POST
def act(request: Request, key: str, act: str) -> HttpResponse:
    """Sign as one side, or drop the list."""
    house, actor = work.house(), request.actor
    if act == "drop":
        verb.drop(house, actor, key)
        messages.success(request, "清单已撤销，所列各件可以重新编入。")
    elif act in ("give", "take"):
        row = verb.sign(house, actor, key, side=act, count=request.POST.get("count", ""))
        messages.success(request, f"{row.code} 已签署" + ("，等收方签署。" if act == "give" else "，交接完成。"))
    else:
        raise Refusal("HANDOVER-UNKNOWN", act)
    return HttpResponseRedirect(reverse("handover", args=[key]))


def _screen(request: Request, rows: list[read.Line], chosen: read.Detail | None) -> HttpResponse:
    actor = request.actor
    departments = scope.departments()
    allowed = access.rows(actor, "intake:handover:make")
    mine = (
        departments if any(not row for row in allowed) else {row["department"]: departments.get(row["department"], "") for row in allowed}
    )
    department = request.GET.get("department") or next(iter(mine), "")
    context: dict[str, Any] = {
        "here": "register",
        "rows": rows,
        "chosen": chosen,
        "makeable": mine,
        "department": department,
        "records": read.candidates(actor, department) if chosen is None and department in mine else [],
    }
    return render(request, "web/handover.html", context)
