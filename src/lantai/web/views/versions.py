"""一件档案›版本: the versions of a record side by side, and corrections: of key elements and files by two persons."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core.errors import Refusal
from lantai.shelves.versions.models import Amendment
from lantai.stages import amend, use
from lantai.stages.report import scope
from lantai.web.requests import Request, whole

WIDTHS = (120, 2400)
STATES = {
    "proposed": ("等另一人批准", "warn"),
    "approved": ("已批准，正在写入", "dai"),
    "stopped": ("已批准，没有写成", "err"),
    "done": ("已成为新的一版", "ok"),
    "rejected": ("未同意", ""),
    "void": ("已失效", ""),
}
KINDS = {"added": "增加", "removed": "去掉", "changed": "内容改变", "moved": "换了位置"}


@require_GET
def versions(request: Request, key: str) -> HttpResponse:
    """The versions of a record; two of them compared."""
    return _page(request, key)


@require_POST
def correct(request: Request, key: str) -> HttpResponse:
    """Propose other values of elements: those of the form that differ from what it was filled with."""
    row = use.find_record(key)
    was = {name: value for name, value, _ in amend.correctable(request.actor, row.id)}
    given = {name: request.POST.get(f"e-{name}", value).replace("\r\n", "\n") for name, value in was.items()}
    changes = {name: value for name, value in given.items() if value.strip() != was[name].strip()}
    try:
        item = amend.correct(work.house(), request.actor, row.id, changes, reason=request.POST.get("reason", ""))
    except Refusal as refusal:
        return _again(request, key, refusal)
    messages.success(request, _told(item, "已提出更正，等另一位档案员批准；档案没有改动。"))
    return _back(row.id)


@require_POST
def restore(request: Request, key: str) -> HttpResponse:
    """Propose to describe a record as an earlier version did."""
    row = use.find_record(key)
    try:
        number, reason = whole(request.POST.get("number"), 0), request.POST.get("reason", "")
        item = amend.restore(work.house(), request.actor, row.id, number, reason=reason)
    except Refusal as refusal:
        return _again(request, key, refusal)
    messages.success(request, _told(item, "已提出恢复，等另一位档案员批准；档案没有改动。"))
    return _back(row.id)


@require_POST
def replace(request: Request, key: str) -> HttpResponse:
    """Propose that the files of another record take the place of a document, or of all."""
    row = use.find_record(key)
    offer, number = request.POST.get("offer", ""), whole(request.POST.get("document"), 0)
    try:
        amend.replace(work.house(), request.actor, row.id, offer, reason=request.POST.get("reason", ""), number=number)
    except Refusal as refusal:
        return _again(request, key, refusal)
    messages.success(request, "已提出替换，等另一位档案员批准；档案没有改动。")
    return _back(row.id)


@require_POST
def decide(request: Request, key: str, amendment_id: str) -> HttpResponse:
    """Approve or reject what another person proposed, or let what stopped go on."""
    act, words = request.POST.get("act", ""), request.POST.get("words", "")
    try:
        if act == "resume":
            item = amend.resume(work.house(), request.actor, amendment_id)
        else:
            item = amend.decide(work.house(), request.actor, amendment_id, is_approved=act == "approve", words=words)
    except Refusal as refusal:
        return _again(request, key, refusal)
    told = {"done": "已批准，写成了新的一版；原来的版本都在。", "rejected": "没有同意，档案没有改动。"}
    messages.success(request, told.get(item.state, f"{STATES[item.state][0]}。"))
    return _back(item.record_id)


@require_GET
def page_image(request: Request, key: str, version: int, page: int) -> HttpResponse:
    """One page of a file as a version holds it, as PNG."""
    width = min(max(whole(request.GET.get("w"), 900), WIDTHS[0]), WIDTHS[1])
    path = request.GET.get("path", "")
    response = HttpResponse(
        amend.page_image(work.house(), request.actor, key, path, version=version, page=page, width=width), content_type="image/png"
    )
    response["Cache-Control"] = "private, max-age=300"
    return response


def _page(request: Request, key: str, problem: Refusal | None = None) -> HttpResponse:
    house = work.house()
    listed = amend.listed(house, request.actor, key)
    newest = listed[0].number
    after = whole(request.GET.get("to"), newest) or newest
    before = whole(request.GET.get("from"), max(after - 1, 1)) or 1
    found = amend.compared(house, request.actor, key, before, after)
    view = use.view_of(use.find_record(found.record_id))
    rows = amend.standing(request.actor, found.record_id)
    context = {
        "here": "search",
        "view": view,
        "listed": listed,
        "names": scope.persons(item.actor for item in listed if item.actor),
        "compared": found,
        "kinds": KINDS,
        "asked": [(row, *STATES[row.state], row.proposed_by == request.actor.id) for row in rows],
        "fields": [] if any(_is_live(row) for row in rows) else amend.correctable(request.actor, found.record_id),
        "offers": amend.offered(request.actor),
        "problem": problem,
        "given": request.POST,
        **_shown(request, found),
    }
    return render(request, "web/versions.html", context, status=problem.row.http if problem else 200)


def _shown(request: Request, found: amend.Compared) -> dict[str, Any]:
    """Return the document and page that are shown side by side, and the addresses around them."""
    at = min(whole(request.GET.get("document"), 0), max(len(found.pairs) - 1, 0))
    pair = found.pairs[at] if found.pairs else None
    page = min(max(whole(request.GET.get("page"), 1), 1), max(pair.pages if pair else 1, 1))

    def address(**changes: int) -> str:
        return urlencode({"from": found.before, "to": found.after, "document": at, "page": page} | changes)

    return {
        "pair": pair,
        "page": page,
        "documents": [(number, item, address(document=number, page=1)) for number, item in enumerate(found.pairs)],
        "at": at,
        "earlier": address(page=page - 1) if page > 1 else "",
        "later": address(page=page + 1) if pair and page < pair.pages else "",
    }


def _told(item: Amendment, waiting: str) -> str:
    """Say what came of a correction: it waits for another person, or is a version already."""
    if item.state == "proposed":
        return waiting
    return "已写成新的一版；原来的版本都在，改错了可以恢复旧版。" if item.state == "done" else f"{STATES[item.state][0]}。"


def _is_live(row: Amendment) -> bool:
    return row.state in {"proposed", "approved", "stopped"}


def _again(request: Request, key: str, refusal: Refusal) -> HttpResponse:
    if refusal.row.http == 403:
        raise refusal
    return _page(request, key, refusal)


def _back(record_id: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("versions", args=[record_id]))
