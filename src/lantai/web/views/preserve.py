"""保存检测: plans, the strip and calendar of runs, one run with what differs from before; a run is started, stopped and resumed here."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.preservation import CHANGE_NAMES, EVERY_NAMES, OCCASION_NAMES, slots_for
from lantai.shelves.upkeep import queries as upkeep
from lantai.shelves.upkeep.models import Run
from lantai.stages import preserve as verb
from lantai.stages.preserve.plans import Order
from lantai.stages.report import preservation as read
from lantai.web import words
from lantai.web.requests import Request, whole

RETENTIONS = ("Y", "D30", "D10")
ASKED_FOR = ("started", "migration", "restore")


@require_GET
def preserve(request: Request) -> HttpResponse:
    """The whole screen with the newest run."""
    return _screen(request, "")


@require_GET
def run(request: Request, run_id: str) -> HttpResponse:
    """The screen with one run; asked for as a part, only that run."""
    return _screen(request, run_id)


@require_POST
def start(request: Request) -> HttpResponse:
    """Begin a run now."""
    given = request.POST
    scope = verb.Scope(
        whole(given.get("share"), 0),
        given.get("category", "").strip(),
        given.get("retention", ""),
        given["occasion"] if given.get("occasion") in ASKED_FOR else "started",
    )
    row = verb.start(work.house(), request.actor, scope)
    messages.success(request, f"{row.code} 已开始，共 {row.total} 件，在后台逐件检测；您可以离开这一页。")
    return HttpResponseRedirect(reverse("preserve-run", args=[row.id]))


@require_POST
def turn(request: Request, run_id: str, act: str) -> HttpResponse:
    """Stop a run, or let it go on."""
    if act == "stop":
        row = verb.stop(work.house(), request.actor, run_id)
        messages.success(request, f"{row.code} 已停止，已检的 {row.done} 件结果都在，可以继续。")
    else:
        row = verb.resume(work.house(), request.actor, run_id)
        messages.success(request, f"{row.code} 从第 {row.done + 1} 件继续。")
    return HttpResponseRedirect(reverse("preserve-run", args=[run_id]))


@require_POST
def plan(request: Request) -> HttpResponse:
    """Make a plan, or retire one."""
    house, given = work.house(), request.POST
    if given.get("retire"):
        verb.retire_plan(house, request.actor, given["retire"])
        messages.success(request, "计划已停用，做过的检测都保留。")
        return HttpResponseRedirect(reverse("preserve"))
    order = Order(
        given.get("name", ""),
        given.get("every", ""),
        whole(given.get("share"), 0),
        given.get("category", ""),
        given.get("retention", ""),
        given.get("starts_on", "").replace("-", ""),
    )
    row = verb.make_plan(house, request.actor, order)
    messages.success(request, f"计划「{row.name}」已立，到期由后台自动检测。")
    return HttpResponseRedirect(reverse("preserve"))


def _screen(request: Request, key: str) -> HttpResponse:
    actor = request.actor
    rows = read.runs(actor)
    key = key or (rows[0].id if rows else "")
    change = request.GET.get("change", "")
    chosen = read.detail(actor, key, change=change if change in CHANGE_NAMES else "", is_bad_only="bad" in request.GET) if key else None
    context: dict[str, Any] = {
        "here": "preserve",
        "chosen": chosen,
        "change": change,
        "is_bad_only": "bad" in request.GET,
        "changes": CHANGE_NAMES,
        "occasions": OCCASION_NAMES,
        "may_start": access.may(actor, "upkeep:run:start").allowed,
    }
    if request.htmx.target == "run":
        return render(request, "web/parts/preserve_run.html", context)
    return render(request, "web/preserve.html", context | _around(request, rows))


def _around(request: Request, rows: list[Run]) -> dict[str, Any]:
    house = work.house()
    today = words.local(house.clock.now()).date()
    month = _month(request.GET.get("month", ""), today)
    strip = read.strip(rows)
    return {
        "runs": rows,
        "plans": [(line, EVERY_NAMES[line.plan.every], slots_for(line.plan.share_percent)) for line in read.plans(house, request.actor)],
        "strip": strip,
        "good": sum(state == "ok" for _, state, _row in strip),
        "bad": sum(state == "bad" for _, state, _row in strip),
        "weeks": read.calendar(request.actor, month, today),
        "month": month,
        "earlier": _shifted(month, -1),
        "later": _shifted(month, 1),
        "covered": read.covered(house, request.actor),
        "damaged": upkeep.damaged(),
        "everies": EVERY_NAMES,
        "retentions": RETENTIONS,
        "asked_for": [(name, OCCASION_NAMES[name]) for name in ASKED_FOR],
        "may_plan": access.may(request.actor, "upkeep:plan:change").allowed,
    }


def _month(text: str, today: date) -> date:
    year, _, month = text.partition("-")
    if year.isdecimal() and month.isdecimal() and 1990 <= int(year) <= 2200 and 1 <= int(month) <= 12:
        return date(int(year), int(month), 1)
    return today.replace(day=1)


def _shifted(month: date, by: int) -> str:
    at = month.year * 12 + month.month - 1 + by
    return f"{at // 12}-{at % 12 + 1:02d}"
