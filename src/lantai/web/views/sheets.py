"""整理, the table out and back: a list as a workbook; the edited workbook tried cell by cell, then applied, as jobs that are watched."""

from tempfile import SpooledTemporaryFile
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.stages import leftovers, sheets
from lantai.stages.report import arrangement
from lantai.web import uploads
from lantai.web.requests import Request, whole
from lantai.web.views.arrange import choice

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What people call the state of a sheet, and how its badge looks.
STATES = {
    journal.TRYING: ("正在试算", "dai"),
    journal.TRIED: ("试算好了，还没有导入", "warn"),
    journal.QUEUED: ("正在导入", "dai"),
    journal.RETURNING: ("正在撤回", "warn"),
    journal.DONE: ("已导入", "ok"),
    journal.SPENT: ("已导入", "ok"),
    journal.UNDONE: ("已撤销", ""),
    journal.DROPPED: ("已作废", ""),
    journal.FAILED: ("没有导入", "err"),
    journal.SEEN: ("没有导入", "err"),
}
#: Of one that was tried and is not to be imported: a row is wrong, or nothing would change.
_WRONG, _SAME = ("有错，不能导入", "err"), ("不需要导入", "")
#: Of a list on its way out.
_OUTWARD = {
    journal.QUEUED: ("正在导出", "dai"),
    journal.SEALED: ("导出好了", "ok"),
    journal.DROPPED: ("已作废", ""),
    journal.FAILED: ("没有导出", "err"),
    journal.SEEN: ("没有导出", "err"),
}
_VERBS = {journal.TRYING: "sheet", journal.QUEUED: "sheet", journal.RETURNING: "undo"}


@require_GET
def sheet(request: Request) -> FileResponse:
    """The chosen list as a workbook that can be edited and brought back, written while the person waits."""
    chosen = choice(request.GET)
    ids = arrangement.ids(request.actor, chosen, sheets.AT_ONCE + 1)
    if len(ids) > sheets.AT_ONCE:
        raise Refusal("SELECTION-TOO-MANY", actual=len(ids), most=sheets.AT_ONCE)
    out = SpooledTemporaryFile(max_size=16 * 1024**2)  # noqa: SIM115 - the response closes it
    sheets.write(work.house(), request.actor, ids, out)  # type: ignore[arg-type] # a binary stream in all but name
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=_name(chosen), content_type=XLSX)


@require_POST
def send(request: Request) -> HttpResponse:
    """Let the chosen list be written: a short one is fetched at once, a long one goes on in the background and is fetched later."""
    chosen = choice(request.GET)
    ids = arrangement.ids(request.actor, chosen, sheets.MOST_ROWS + 1)
    if len(ids) <= sheets.AT_ONCE:
        return HttpResponseRedirect(f"{reverse('sheet')}?{request.GET.urlencode()}")
    act = sheets.send(work.house(), request.actor, ids, name=_name(chosen))
    return HttpResponseRedirect(reverse("sheet-seen", args=[act.id]))


@require_GET
def file(request: Request, act_id: str) -> FileResponse:
    """The workbook that was written in the background."""
    act, folder = sheets.find(work.house(), request.actor, act_id)
    return FileResponse(sheets.file(act, folder).open("rb"), as_attachment=True, filename=act.asked["name"], content_type=XLSX)


def _name(chosen: arrangement.Class) -> str:
    named = "-".join(part for part in (chosen.year, chosen.department, chosen.retention) if part) or "全部"
    return f"著录-{named[:60]}.xlsx"


@require_GET
def page(request: Request) -> HttpResponse:
    """The page on which an edited workbook is brought back, with those that are under way."""
    access.require(request.actor, "holdings:record:revise")
    return render(request, "web/sheets.html", _page(request))


@require_POST
def try_out(request: Request) -> HttpResponse:
    """Keep a workbook and let it be tried; nothing is changed."""
    house = work.house()
    access.require(request.actor, "holdings:record:revise")
    files = request.FILES.getlist("file")[:1]
    path = uploads.keep(house, files, [item.name or "" for item in files])[0]
    try:
        act = sheets.receive(house, request.actor, path)
    except BaseException:
        leftovers.remove(path.parent)
        raise
    return HttpResponseRedirect(reverse("sheet-seen", args=[act.id]))


@require_GET
def seen(request: Request, act_id: str) -> HttpResponse:
    """How far a workbook has come; tried, what it would do, page by page."""
    act, folder = sheets.find(work.house(), request.actor, act_id)
    context: dict[str, Any] = {"act": act, "name": act.asked["name"], "state": _state(act), "why": act.asked.get("why", "")}
    if act.state in _VERBS:
        context["progress"] = work.progress_of(_VERBS[act.state], act.id)
    elif act.state == journal.TRIED:
        plan, is_wrong = sheets.load(folder), "wrong" in request.GET
        listed = sheets.WRONG if is_wrong or (plan.wrong and "changes" not in request.GET) else sheets.CHANGES
        context |= {"plan": plan, "listed": listed, "shown": sheets.page(folder, plan, listed, whole(request.GET.get("from"), 0))}
    if request.htmx:
        return render(request, "web/parts/sheet.html", context)
    return render(request, "web/sheets.html", context | _page(request, act))


@require_POST
def apply(request: Request, act_id: str) -> HttpResponse:
    """Apply a workbook as it was shown: all of it, or nothing."""
    act = sheets.apply(work.house(), request.actor, act_id)
    if act.state == journal.DONE:
        messages.success(request, f"已{act.title}，原值记在账本里。", extra_tags=f"undo:{act.id}")
        return HttpResponseRedirect(reverse("arrange"))
    return HttpResponseRedirect(reverse("sheet-seen", args=[act.id]))


@require_POST
def call_off(request: Request, act_id: str) -> HttpResponse:
    """Call a workbook off: what was written of it goes back."""
    act = sheets.call_off(work.house(), request.actor, act_id)
    done = "已作废。" if act.kind == "export" else "已作废，没有改动任何一件。"
    said = {journal.DROPPED: done, journal.DONE: "这份表已经导入，没有停下；要改回，请按撤销。"}
    messages.success(request, said.get(act.state, "正在撤回已写的部分，撤完就与导入前一样。"))
    return HttpResponseRedirect(reverse("sheet-page" if act.state == journal.DROPPED else "sheet-seen", args=_args(act)))


def _state(act: Act) -> tuple[str, str]:
    if act.state == journal.TRIED and act.asked.get("wrong"):
        return _WRONG
    if act.state == journal.TRIED and not act.total:
        return _SAME
    return (_OUTWARD if act.kind == "export" else STATES)[act.state]


def _args(act: Act) -> list[str]:
    return [] if act.state == journal.DROPPED else [act.id]


def _page(request: Request, act: Act | None = None) -> dict[str, Any]:
    waiting = [(item, *_state(item)) for item in sheets.listed(request.actor) if act is None or item.id != act.id]
    return {"here": "arrange", "waiting": waiting}
