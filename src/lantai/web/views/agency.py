"""系统›单位: departments with their history, categories with their rules of codes and live examples."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.stages import categories, fonds
from lantai.stages import departments as verb
from lantai.stages.report import agency as read
from lantai.stages.report import setup as read_setup
from lantai.web.requests import Request


@require_GET
def agency(request: Request) -> HttpResponse:
    """The departments and the rule of codes; asked for as a part, only what a rule gives."""
    if request.htmx.target == "tried":
        tried = read.tried(work.house(), request.actor, _wanted(request.GET), category=request.GET.get("category", ""))
        return render(request, "web/parts/tried.html", {"tried": tried})
    return _page(request)


@require_POST
def change(request: Request) -> HttpResponse:
    """Set up, rename or close a department."""
    given, house, actor = request.POST, work.house(), request.actor
    act, code, since = given.get("act", ""), given.get("code", ""), given.get("since", "")
    try:
        if act == "unit":
            fonds.rename(house, actor, name=given.get("name", ""), since=since)
            messages.success(request, "立档单位的名称已存；此前归档的件仍用当时的名称。")
        elif act == "add":
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
    return HttpResponseRedirect(f"{reverse('agency')}{'?add' if act in ('unit', 'add') else ''}")


@require_POST
def category(request: Request) -> HttpResponse:
    """Decide how a category is filed and its codes are written, or give its own rule up."""
    given, house, actor = request.POST, work.house(), request.actor
    code, reason = given.get("category", "").strip().upper(), given.get("reason", "")
    try:
        if given.get("act") == "retire":
            categories.retire(house, actor, code, reason=reason)
            messages.success(request, f"门类 {code} 的规则已停用，此后的档号照标准写法；已固定的不变。")
        else:
            categories.decide(house, actor, code, _wanted(given), reason=reason)
            messages.success(request, f"门类 {code} 的规则已存，此后的档号照此编；已固定的不变。")
    except Refusal as refusal:
        if refusal.row.http in (403, 404):
            raise
        return _page(request, refusal)
    return HttpResponseRedirect(f"{reverse('agency')}?{urlencode({'category': code})}")


def _page(request: Request, problem: Refusal | None = None) -> HttpResponse:
    house = work.house()
    rows, kinds = read.departments(request.actor), read.categories(house, request.actor)
    wanted = request.POST.get("category") or request.GET.get("category", "")
    chosen = next((row for row in kinds if row.code == wanted.strip().upper()), None if wanted else kinds[0])
    context: dict[str, Any] = {
        "here": "system",
        "rows": rows,
        "standing": [row for row in rows if row.name],
        "unit": read.unit(house, request.actor),
        "history": read.history(house, request.actor),
        "categories": kinds,
        "chosen": chosen,
        "shown": {name: request.POST.get(name) or getattr(chosen, name, "") for name in ("name", "filing")},
        "filings": categories.FILINGS.items(),
        "standard": read.standard_categories().items(),
        "tried": _tried(request, chosen),
        "forms": read.FORMS,
        "settings": house.settings,
        "may_change": access.may(request.actor, verb.CHANGE).allowed,
        "is_adding": "add" in request.GET or not rows,
        "may_read_formats": access.may(request.actor, "policy:format:read").allowed,
        "may_read_metadata": access.may(request.actor, "policy:metadata:read").allowed,
        "problem": problem,
        "is_of_category": "category" in request.POST,
        "given": request.POST,
    }
    return render(request, "web/agency.html", context, status=problem.row.http if problem else 200)


def _tried(request: Request, chosen: read.Category | None) -> read.Tried:
    """Return what the form of codes on the page gives: the one that was sent, else that of the category that is chosen."""
    given = request.POST
    wanted = _wanted(given)
    if chosen and not wanted.template:
        wanted = categories.Wanted(chosen.name, chosen.filing, chosen.template, chosen.catalogues)
    code = given.get("category") or (chosen.code if chosen else "")
    return read.tried(work.house(), request.actor, wanted, category=code)


def _wanted(given: QueryDict) -> categories.Wanted:
    """Return the rule of a category that a form has sent."""
    catalogues = {period: given.get(f"catalogue_{period}", "") for period in categories.CATALOGUED}
    return categories.Wanted(given.get("name", ""), given.get("filing", ""), given.get("template", ""), catalogues)


#: Where a step is done, what the way there is called, and who may look and who may do it.
PLACES = {
    "fonds": ("agency", "去定名", "system:agency:read", "system:agency:change"),
    "departments": ("agency", "去设机构", "system:agency:read", "system:agency:change"),
    "people": ("accounts", "去建账号", "people:account:list", "people:account:create"),
    "category": ("agency", "去定规则", "system:agency:read", "system:agency:change"),
    "schedule": ("schedule", "去拟订", "policy:schedule:read", "policy:schedule:draft"),
}


def _way(actor: Actor, step: read_setup.Step) -> tuple[str, str]:
    """Return the address at which a person does a step, or looks at it, and what the way there is called; nothing without either."""
    page, act, looks, does = PLACES[step.key]
    if access.may(actor, does).allowed:
        return reverse(page), "查看、修改" if step.is_done else act
    return (reverse(page), "查看") if access.may(actor, looks).allowed else ("", "")


@require_GET
def setup(request: Request) -> HttpResponse:
    """The guided first run: the steps in order, what is done, what is missing, and where to go for the next one."""
    steps = read_setup.steps(work.house(), request.actor)
    following = next((step.key for step in steps if not step.is_done), "")
    context = {
        "here": "system",
        "steps": [(step, *_way(request.actor, step)) for step in steps],
        "following": following,
        "obstacle": read_setup.obstacle(work.house()),
        "done": sum(step.is_done for step in steps),
        "may_read_formats": access.may(request.actor, "policy:format:read").allowed,
        "may_read_metadata": access.may(request.actor, "policy:metadata:read").allowed,
    }
    return render(request, "web/setup.html", context)
