"""系统›分类与代码表: by what each category is parted, version by version, with live examples; the agency's own lists of values."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core import classification as core
from lantai.core import value_list as values
from lantai.core.errors import Refusal
from lantai.stages import classification, value_lists
from lantai.stages.report import classification as read
from lantai.web.requests import Request, whole

NEW = "new"


@require_GET
def page(request: Request) -> HttpResponse:
    """The screen; asked for as a part, only what a scheme gives."""
    if request.htmx.target == "parted":
        return render(request, "web/parts/parted.html", {"tried": _tried(request, request.GET, request.GET.get("category", ""))})
    return _page(request, request.GET)


@require_POST
def scheme(request: Request) -> HttpResponse:
    """Decide by what a category is parted from a year on, or let a version hold no more."""
    given, house, actor = request.POST, work.house(), request.actor
    category, reason = given.get("category", "").strip().upper(), given.get("reason", "")
    try:
        if given.get("act") == "retire":
            number = whole(given.get("number"), 0)
            classification.retire(house, actor, category, number, reason=reason)
            messages.success(request, f"门类 {category} 的第 {number} 版分类方案已停用；已固定的档号不变。")
        else:
            wanted = classification.Wanted(given.get("form", ""), _terms(given), given.get("since", "").strip())
            row = classification.decide(house, actor, category, wanted, reason=reason)
            messages.success(request, f"门类 {category} 的第 {row.number} 版分类方案已存，整理的分类树随之改变；已固定的档号不变。")
    except Refusal as refusal:
        return _refused(request, refusal)
    return HttpResponseRedirect(f"{reverse('classes')}?{urlencode({'category': category})}")


@require_POST
def value_list(request: Request) -> HttpResponse:
    """Put the next version of a list in force, or retire the list."""
    given, house, actor = request.POST, work.house(), request.actor
    code, reason = given.get("code", "").strip().lower(), given.get("reason", "")
    try:
        if given.get("act") == "retire":
            value_lists.retire(house, actor, code, reason=reason)
            messages.success(request, f"代码表 {code} 已停用，用它著录过的值照样认得。")
        else:
            row = value_lists.decide(house, actor, code, given.get("name", ""), values.read(given.get("values", "")), reason=reason)
            messages.success(request, f"代码表 {code} 的第 {row.number} 版已存，著录、检测和表格导入从现在起照此选值。")
    except Refusal as refusal:
        return _refused(request, refusal)
    return HttpResponseRedirect(f"{reverse('classes')}?{urlencode({'list': code})}")


def _refused(request: Request, refusal: Refusal) -> HttpResponse:
    if refusal.row.http == 403:
        raise refusal
    return _page(request, request.POST, refusal)


def _page(request: Request, asked: QueryDict, problem: Refusal | None = None) -> HttpResponse:
    house, actor = work.house(), request.actor
    kinds, lists = read.schemes(house, actor), read.lists(actor)
    category, code = asked.get("category", "").strip().upper(), asked.get("list") or asked.get("code") or ""
    chosen = next((row for row in kinds if row.category == category), kinds[0])
    listed = next((row for row in lists if row.code == code.strip().lower()), None if code else next(iter(lists), None))
    shown: Any = asked if "form" in request.POST else {"form": chosen.now.form, "terms": core.as_text(chosen.now.terms), "since": ""}
    context: dict[str, Any] = {
        "here": "system",
        "kinds": kinds,
        "chosen": chosen,
        "forms": read.forms(),
        "shown": shown,
        "tried": _tried(request, shown, chosen.category),
        "lists": lists,
        "listed": listed,
        "given": request.POST,
        "problem": problem,
        "is_of_list": "code" in request.POST,
        "may_change": access.may(actor, classification.CHANGE).allowed,
        "may_read_formats": access.may(actor, "policy:format:read").allowed,
        "may_read_metadata": access.may(actor, "policy:metadata:read").allowed,
    }
    return render(request, "web/classes.html", context, status=problem.row.http if problem else 200)


def _tried(request: Request, given: Any, category: str) -> read.Tried:  # noqa: ANN401 - a form, or what stands in its place
    form = given.get("form", "")
    return read.tried(work.house(), request.actor, category, form, _terms(given), since=str(given.get("since", "")).strip())


def _terms(given: Any) -> core.Terms:  # noqa: ANN401 - as above
    """Return the subjects of a form, none where its scheme has no level for them: the field is hidden then, not emptied."""
    return core.terms(str(given.get("terms", ""))) if "subject" in given.get("form", "") else ()
