"""整理, what may be there twice: groups that are alike, their records side by side, and what can be done with each."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.stages import distinguish as verb
from lantai.stages.report import duplicates as reports
from lantai.web.requests import Request


@require_GET
def page(request: Request) -> HttpResponse:
    """The groups of one way of being alike, and the chosen group side by side."""
    way = request.GET.get("by", "number")
    way = way if way in reports.WAYS else "number"
    found = reports.groups(request.actor, way)
    key = request.GET.get("key") or (found[0].key if found else "")
    context: dict[str, Any] = {
        "here": "arrange",
        "ways": reports.WAYS.items(),
        "way": way,
        "groups": found,
        "key": key,
        "most": reports.MOST,
    }
    if key:
        context["compared"] = reports.compared(request.actor, way, key)
    return render(request, "web/duplicates.html", context)


@require_POST
def distinguish(request: Request) -> HttpResponse:
    """Note that the records side by side are not the same; the group is not proposed again."""
    chosen = request.POST.getlist("record")
    verb.distinguish(work.house(), request.actor, chosen)
    messages.success(request, f"已记下这 {len(set(chosen))} 件不是重复，不再列出。要撤回，在「判过的」里找到它们。")
    return _back(request)


@require_POST
def take_back(request: Request) -> HttpResponse:
    """Take a judgement back; what is alike is proposed again."""
    verb.take_back(work.house(), request.actor, request.POST.get("one", ""), request.POST.get("other", ""))
    messages.success(request, "已撤回判定，这两件会再列为可能重复。")
    return _back(request)


def _back(request: Request) -> HttpResponse:
    way = request.POST.get("by", "")
    return HttpResponseRedirect(f"{reverse('duplicates')}?by={way}" if way in reports.WAYS else reverse("duplicates"))
