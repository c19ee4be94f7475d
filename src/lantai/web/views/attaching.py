"""整理, hanging files onto catalogue rows 挂接: a batch held against the rows without files, looked over, then hung on."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.stages import attach as verb
from lantai.web.requests import Request

SHOWN = 200


@require_GET
def page(request: Request) -> HttpResponse:
    """What of a batch belongs to which row: sure, several to choose from, none; and the rows that stay without."""
    access.require(request.actor, verb.PERMISSION)
    chosen, house = request.GET.get("batch", ""), work.house()
    context: dict[str, Any] = {"here": "arrange", "batches": list(verb.batches(request.actor)), "chosen": chosen}
    if chosen:
        plan = verb.plan(house, request.actor, chosen)
        groups = (("sure", "对上一件的", plan.sure), ("several", "不止对上一件的", plan.several), ("none", "没有对上的", plan.unmatched))
        context |= {"plan": plan, "groups": groups, "missing": plan.missing[:SHOWN]}
    return render(request, "web/attach.html", context)


@require_POST
def attach(request: Request) -> HttpResponse:
    """Hang on what was ticked, each onto the row chosen for it."""
    ticked = request.POST.getlist("offer")
    pairs = {key: request.POST.get(f"row-{key}", "") for key in ticked}
    act = verb.attach(work.house(), request.actor, {key: row for key, row in pairs.items() if row})
    messages.success(request, f"已{act.title}，文件的位置和摘要都没有变。", extra_tags=f"undo:{act.id}")
    return HttpResponseRedirect(f"{reverse('attach-page')}?{urlencode({'batch': request.POST.get('batch', '')})}")
