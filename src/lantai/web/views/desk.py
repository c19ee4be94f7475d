"""工作台: what waits, what was verified, what came in, what is going on, what is held."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from lantai import work
from lantai.core import access
from lantai.core.access import Actor, Role
from lantai.stages.report import copies, frame, setup
from lantai.stages.report import desk as read
from lantai.stages.report.todo import Todo
from lantai.web import charts, words
from lantai.web.kept import kept
from lantai.web.requests import Request

SERIES = ("oa", "scan", "manual", "transfer", "catalogue")
OFFICE_HOURS = (8, 16)
PLACES = {
    "intake": ("inbox", "接收"),
    "arrange": ("tree", "整理"),
    "versions": ("pen", "更正"),
    "quarantine": ("lock", "隔离"),
    "accounts": ("person", "账号"),
    "preserve": ("shield", "保存"),
    "system": ("gear", "系统"),
    "register": ("list", "应归"),
}


@require_GET
def desk(request: Request) -> HttpResponse:
    """Show the desk; administrators, who see no content, get theirs without holdings."""
    house = work.house()
    now = house.clock.now()
    is_done = request.GET.get("show") == "done"
    held = kept(house, request.actor, "holdings", 20, lambda: read.holdings(request.actor))
    values = read.desk(house, request.actor, held)
    found = kept(house, request.actor, "copies", 20, lambda: copies.badges(house))
    context = {
        "here": "desk",
        "is_to_be_set_up": setup.leads(house, request.actor),
        "today": words.today_in_words(now),
        "greeting": words.greeting(now),
        "desk": values,
        "is_unused": request.actor.role in (Role.ARCHIVIST, Role.PART_TIME_ARCHIVIST) and not values.todos and not values.holdings.records,
        "todos": [(todo, *PLACES[todo.place], _address(todo)) for todo in values.todos],
        "late": sum(todo.is_late for todo in values.todos),
        "acts": read.acts(request.actor, now) if is_done else (),
        "is_done": is_done,
        "copies": found,
        "worst": next((text for text, tone, _ in found if tone == "err"), ""),
        "may_read_copies": access.may(request.actor, "vault:copy:read").allowed,
        "is_staff": bool(access.rows(request.actor, "intake:batch:read")),
        "sees_content": access.may(request.actor, "search:record:find").allowed,
        **_charts(values),
    }
    return render(request, "web/desk.html", context)


@require_GET
def formats(request: Request) -> HttpResponse:
    """How many archived files are in a format that lasts; counted seldom, loaded after the desk."""
    counted = kept(work.house(), request.actor, "desk formats", 600, lambda: read.formats(request.actor))
    may_read = access.may(request.actor, "policy:format:read").allowed
    return render(request, "web/desk.html#formats", {"formats": counted, "may_read_formats": may_read})


@require_GET
def jobs(request: Request) -> HttpResponse:
    """The running jobs, polled by the desk."""
    return render(request, "web/desk.html#jobs", _jobs(request.actor))


@require_GET
def jobs_pill(request: Request) -> HttpResponse:
    """The pill of the top bar, polled by every page while something runs; the last answer says that all of it is done."""
    asked = _jobs(request.actor)
    response = render(request, "web/parts/jobs_pill.html", asked)
    if not asked["jobs"]:
        response.headers["HX-Trigger"] = "jobs-done"
    return response


def _jobs(actor: Actor) -> dict[str, Any]:
    return {"jobs": frame.jobs(actor, work.house().clock.now()), "is_polled": True}


def _address(todo: Todo) -> str:
    kind, key = todo.target
    if kind == "intake":
        return reverse("batch", args=[key])
    if kind in ("handover", "versions"):
        return reverse(kind, args=[key])
    if kind == "register":
        return f"{reverse('register')}?{urlencode(dict(zip(('year', 'department'), key.split('/'), strict=True)))}"
    if kind == "preserve":
        return reverse("preserve-run", args=[key]) if len(key) == 26 else reverse("preserve")
    if kind == "group":
        return f"{reverse('arrange')}?{urlencode(dict(zip(('year', 'department', 'retention'), key.split('/'), strict=True)))}"
    return f"{reverse('arrange')}?{urlencode({'attention': key})}" if kind == "attention" else reverse(kind)


def _charts(values: read.Desk) -> dict[str, Any]:
    used = tuple(name for name in SERIES if values.intake.by_channel.get(name))[:4]
    return {
        "bars": charts.bars(values.intake.hours, used, first=OFFICE_HOURS[0], last=OFFICE_HOURS[1]),
        "legend": [(f"c{at + 1}", name, values.intake.by_channel[name]) for at, name in enumerate(used)],
        "shelf": charts.shelf(values.holdings.years, values.holdings.coming),
    }
