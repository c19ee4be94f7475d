"""接收›经说明接受: a failed item is let pass by two persons, one who proposes and another who confirms."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core.errors import Refusal
from lantai.stages import overrule
from lantai.stages.report import overrulings as read
from lantai.web.requests import Request

STATES = {"accepted": "已接受", "rejected": "未同意", "void": "已失效"}


@require_GET
def overrulings(request: Request) -> HttpResponse:
    """What waits for a second person, what a gate stopped, and what was decided."""
    return _page(request)


@require_POST
def propose(request: Request) -> HttpResponse:
    """Propose that a failed item be let pass."""
    given = request.POST
    try:
        overrule.propose(work.house(), request.actor, given.get("record", ""), given.get("item", ""), reason=given.get("reason", ""))
    except Refusal as refusal:
        return _again(request, refusal)
    messages.success(request, "已提出，等另一位档案员确认；经过记入账本。")
    return HttpResponseRedirect(reverse("overrulings"))


@require_POST
def decide(request: Request, overruling_id: str) -> HttpResponse:
    """Confirm or reject what another person proposed."""
    is_accepted = request.POST.get("act") == "accept"
    try:
        overrule.decide(work.house(), request.actor, overruling_id, is_accepted=is_accepted, words=request.POST.get("words", ""))
    except Refusal as refusal:
        return _again(request, refusal)
    said = "已经说明接受：检测结果仍是不通过，说明记入账本并随报告保存。" if is_accepted else "没有同意，这一项仍是不通过。"
    messages.success(request, said)
    return HttpResponseRedirect(reverse("overrulings"))


def _again(request: Request, refusal: Refusal) -> HttpResponse:
    if refusal.row.http == 403:
        raise refusal
    return _page(request, refusal)


def _page(request: Request, problem: Refusal | None = None) -> HttpResponse:
    context = {
        "here": "intake",
        "waiting": read.proposals(request.actor, is_waiting=True),
        "decided": read.proposals(request.actor, is_waiting=False),
        "stopped": read.stopped(request.actor, request.GET.get("record", "")),
        "states": STATES,
        "problem": problem,
        "given": request.POST,
    }
    return render(request, "web/overrulings.html", context, status=problem.row.http if problem else 200)
