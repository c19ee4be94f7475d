"""系统›归档范围和保管期限表: the lines in force or drafted, one of them to edit, the approval, the versions, and Excel out and in."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.core.schedule import DIRECTIONS, Line, texts
from lantai.packages import schedule_file
from lantai.stages import schedule as verb
from lantai.stages.report import scope
from lantai.web.requests import Request, named, whole

VIEWS = {"lines": "表", "draft": "拟订稿", "versions": "版本"}
NEW = "new"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIELDS = ("id", "name", "retention", "is_outside", "any_of", "also", "unless", "types", "directions", "in_head", "source", "is_retired")


@require_GET
def schedule(request: Request) -> HttpResponse:
    """The screen; asked for as a part, only the pane of the chosen line."""
    return _page(request)


@require_POST
def line(request: Request) -> HttpResponse:
    """Write one line into the draft."""
    given = {name: request.POST.get(name, "") for name in FIELDS}
    try:
        row = verb.edit(work.house(), request.actor, given, reason=request.POST.get("reason", ""), seen=whole(request.POST.get("seen"), 0))
    except Refusal as refusal:
        return _refused(request, refusal)
    messages.success(request, f"已写入第 {row.number} 版拟订稿，采用以后才生效。")
    return _back(line=given["id"].strip())


@require_POST
def act(request: Request) -> HttpResponse:
    """Adopt or withdraw the draft, or bring one in as a workbook."""
    given, house, actor = request.POST, work.house(), request.actor
    seen, wanted = whole(given.get("seen"), 0), given.get("act", "")
    try:
        if wanted == "adopt":
            approval = verb.Approval(given.get("authority", ""), given.get("number", ""), given.get("day", ""))
            row = verb.adopt(house, actor, approval, seen=seen)
            messages.success(request, f"第 {row.number} 版已采用，此后按它建议保管期限；已有的件不变。")
        elif wanted == "withdraw":
            verb.withdraw(house, actor, seen=seen)
            messages.success(request, "拟订稿已撤回，经过记入账本。")
        elif wanted == "import" and (file := request.FILES.get("file")):
            lines = schedule_file.read(str(file.name), file.read(schedule_file.MOST_BYTES + 1))
            row = verb.take(house, actor, lines, reason=given.get("reason", ""), seen=seen)
            messages.success(request, f"已导入 {len(lines)} 行，成为第 {row.number} 版拟订稿。")
    except Refusal as refusal:
        return _refused(request, refusal)
    return _back(view="draft" if wanted == "import" else "versions" if wanted == "adopt" else "lines")


@require_GET
def workbook(request: Request) -> HttpResponse:
    """A version as a workbook: the one asked for by number, else what the screen shows."""
    asked = request.GET.get("number", "")
    lines = verb.lines_of(request.actor, whole(asked, 0)) if asked else verb.look(request.actor).lines
    content = schedule_file.write(lines, made=work.house().clock.now())
    name = f"schedule-{asked or 'now'}.xlsx"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": named(name)})


def _refused(request: Request, refusal: Refusal) -> HttpResponse:
    if refusal.row.http == 403:
        raise refusal
    return _page(request, problem=refusal)


def _back(**asked: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('schedule')}?{urlencode({name: value for name, value in asked.items() if value})}")


def _page(request: Request, *, problem: Refusal | None = None) -> HttpResponse:
    given = request.POST if problem else request.GET
    seen, view = verb.look(request.actor), given.get("view", "lines")
    context: dict[str, Any] = {
        "here": "system",
        "view": view if view in VIEWS else "lines",
        "views": VIEWS,
        "seen": seen,
        "rows": [(row, texts(row)) for row in seen.lines],
        "held": sum(not row.is_retired for row in seen.lines),
        "directions": DIRECTIONS,
        "may_draft": access.may(request.actor, "policy:schedule:draft").allowed,
        "may_adopt": access.may(request.actor, "policy:schedule:adopt").allowed,
        "problem": problem,
        "given": given,
        "people": scope.persons({person for row in seen.versions for person in (row.drafted_by, row.decided_by) if person}),
        **_chosen(request, seen.lines, problem),
    }
    part = "web/parts/schedule_line.html" if request.htmx.target == "line" else "web/schedule.html"
    return render(request, part, context, status=problem.row.http if problem else 200)


def _chosen(request: Request, lines: tuple[Line, ...], problem: Refusal | None) -> dict[str, Any]:
    """Return the line that the form holds: what was typed where it was refused, so that nothing is lost."""
    key = request.POST.get("chosen", "") if problem else request.GET.get("line", "")
    row = next((row for row in lines if row.id == key), None if key == NEW else lines[0])
    shown = texts(row) if row else dict.fromkeys(FIELDS, "")
    if problem and "name" in request.POST:
        shown |= {name: request.POST.get(name, "") for name in FIELDS}
    return {"chosen": row, "is_new": row is None, "shown": shown}
