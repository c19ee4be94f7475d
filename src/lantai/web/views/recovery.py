"""系统›备份与恢复: what is overdue or damaged first, backups, drills, the timetable, and the papers drawn from them."""

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.core.recovery import Timetable
from lantai.stages.recover import schedule
from lantai.stages.report import recovery as read
from lantai.web.requests import Request, whole

VERDICTS = {"": "写后已回读", "ok": "全量核验无误", "damaged": "已损坏"}


@require_http_methods(["GET", "POST"])
def recovery(request: Request) -> HttpResponse:
    """The page; a POST decides another timetable."""
    problem = None
    if request.method == "POST":
        try:
            return _decide(request)
        except Refusal as refusal:
            if refusal.row.http == 403:
                raise
            problem = refusal
    found = read.overview(work.house(), request.actor)
    context = {
        "here": "system",
        "found": found,
        "problem": problem,
        "place": found.schedule.place if found.schedule else "",
        "given": request.POST,
        "may_read_formats": access.may(request.actor, "policy:format:read").allowed,
        "may_plan": access.may(request.actor, schedule.CHANGE).allowed,
        "verdicts": VERDICTS,
        "backups": [(row, read.why(row) if row.failure else "") for row in found.backups],
        "drills": [(row, read.span(row.rpo_seconds), read.span(row.rto_seconds)) for row in found.drills],
        "bad": sum(alarm.state == "error" for alarm in found.alarms),
    }
    return render(request, "web/recovery.html", context, status=problem.row.http if problem else 200)


def _decide(request: Request) -> HttpResponse:
    given = request.POST
    numbers = {name: whole(given.get(name), -1) for name in schedule.LIMITS}
    rule = Timetable(at=given.get("at", ""), **numbers)
    schedule.decide(work.house(), request.actor, schedule.Decided(given.get("place", "").strip(), rule))
    messages.success(request, "备份计划已保存，改动记入账本。")
    return HttpResponseRedirect(reverse("recovery"))


@require_GET
def paper(request: Request, name: str) -> HttpResponse:
    """The emergency plan, or the record of a drill, as PDF."""
    title, content = read.paper(work.house(), request.actor, name)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(title)}"
    return response
