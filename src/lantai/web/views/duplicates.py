"""整理, what may be there twice: groups that are alike, their records side by side, and what can be done with each."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

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
