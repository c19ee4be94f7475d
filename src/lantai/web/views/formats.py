"""系统›格式: the format table in force and its changes, the holdings by format, and the list of risks 过时风险清单."""

from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.stages import obsolescence, policy
from lantai.stages.report import formats as read
from lantai.standards.da_t_70.formats import CLASSES
from lantai.web import charts, words
from lantai.web.kept import kept
from lantai.web.requests import Request, whole

VIEWS = {"policy": "格式政策", "held": "馆藏格式", "risks": "过时风险清单"}
SHAPES = {"chart": "图", "table": "表"}
FIELDS = ("archiving", "preservation", "target", "risk", "risk_reason", "note")
HELD_SECONDS = 60
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def formats(request: Request) -> HttpResponse:
    """The table, the holdings or the risks, as asked for; asked for as a part, only the pane of the chosen family."""
    view = request.GET.get("view", "")
    return _page(request, view if view in VIEWS else "policy")


@require_POST
def judge(request: Request, family: str) -> HttpResponse:
    """Change what is decided of a family, or go back to the standard."""
    given, reason = request.POST, request.POST.get("reason", "")
    try:
        if given.get("act") == "restore":
            policy.restore(work.house(), request.actor, family, reason=reason)
            messages.success(request, "已恢复标准的规定，经过记入账本。")
        else:
            chosen = {name: given[name] for name in FIELDS if name in given}
            policy.change(work.house(), request.actor, family, chosen, reason=reason)
            messages.success(request, "已按本机关的规定调整，经过记入账本；此后的检测按新规定判定。")
    except Refusal as refusal:
        if refusal.row.http in (403, 404):
            raise
        return _page(request, "policy", family=family, problem=refusal)
    return HttpResponseRedirect(f"{reverse('formats')}?{urlencode({'family': family})}")


@require_GET
def risk_list(request: Request) -> FileResponse:
    """The list of risks as a workbook; taking it out is an event."""
    with ExitStack() as unfinished:
        out: BinaryIO = unfinished.enter_context(TemporaryFile())
        obsolescence.export(work.house(), request.actor, out)
        out.seek(0)
        unfinished.pop_all()  # the response closes it
    name = f"过时风险清单-{words.local(work.house().clock.now()):%Y%m%d}.xlsx"
    return FileResponse(out, as_attachment=True, filename=name, content_type=WORKBOOK)


def _page(request: Request, view: str, *, family: str = "", problem: Refusal | None = None) -> HttpResponse:
    table = read.table(request.actor)
    family = family or request.GET.get("family", "")
    chosen = next((row for row in table if row.format.family == family), None)
    context: dict[str, Any] = {
        "here": "system",
        "view": view,
        "views": VIEWS,
        "family": family,
        "may_change": access.may(request.actor, "policy:format:change").allowed,
        "sees_files": access.may(request.actor, "search:record:find").allowed,
        "problem": problem,
        "given": request.POST,
        **(_policy(request, table, chosen) if view == "policy" else _holdings(request, table, view, family)),
    }
    part = {"family": "web/parts/format.html", "files": "web/parts/format_files.html"}.get(request.htmx.target or "")
    return render(request, part or "web/formats.html", context, status=problem.row.http if problem else 200)


def _policy(request: Request, table: tuple[read.PolicyRow, ...], chosen: read.PolicyRow | None) -> dict[str, Any]:
    chosen = chosen or table[0]
    asked = request.GET.get("class", "")
    shown = asked if asked in CLASSES else ""
    groups = [(key, name, [row for row in table if row.format.format_class == key]) for key, name in CLASSES.items()]
    counts = {item.family: item.files for item in _held(request, table)}
    return {
        "classes": [(key, name, len(rows)) for key, name, rows in groups],
        "total": len(table),
        "own": sum(row.is_own for row in table),
        "class": shown,
        "groups": [group for group in groups if shown in ("", group[0])],
        "counts": counts,
        "chosen": chosen,
        "held_files": counts.get(chosen.format.family, 0),
        "history": read.history(request.actor, chosen.format.family),
        "archivings": words.ARCHIVINGS,
        "risks": words.RISKS,
    }


def _held(request: Request, table: tuple[read.PolicyRow, ...]) -> tuple[read.Held, ...]:
    """Return the holdings by family, counted at most a minute ago under the same table."""
    name = f"formats {hash(tuple(row.format.judgement for row in table))}"
    return kept(work.house(), request.actor, name, HELD_SECONDS, lambda: read.held(request.actor))


def _holdings(request: Request, table: tuple[read.PolicyRow, ...], view: str, family: str) -> dict[str, Any]:
    found = _held(request, table)
    shown = read.risks(found) if view == "risks" else found
    files = sum(item.files for item in found)
    lasting = sum(item.files for item in found if item.is_lasting)
    shape = request.GET.get("shape", "chart")
    return {
        "found": shown,
        "files": files,
        "size_bytes": sum(item.size_bytes for item in found),
        "lasting": lasting,
        "at_risk": sum(item.waiting for item in found if item.is_at_risk),
        "share": int(1000 * lasting / files) / 10 if files else 0,
        "bars": charts.lying([(item.family, item.name, item.files, item.risk) for item in found]),
        "shape": shape if shape in SHAPES else "chart",
        "shapes": SHAPES,
        **_files(request, shown, family),
    }


def _files(request: Request, shown: tuple[read.Held, ...], family: str) -> dict[str, Any]:
    """Return the files behind a figure, for those who may read the records."""
    chosen = next((item for item in shown if item.family == family), shown[0] if shown else None)
    group = request.GET.get("group", "")
    one = next((each for each in chosen.groups if each.key == group), None) if chosen else None
    context: dict[str, Any] = {"held": chosen, "group": one}
    if chosen and access.may(request.actor, "search:record:find").allowed:
        start = whole(request.GET.get("from"), 0)
        total, rows = read.files(request.actor, chosen.family, one.key if one else "", start=start)
        kept_parts = {"view": request.GET.get("view", "held"), "family": chosen.family} | ({"group": group} if one else {})
        context |= {
            "rows": rows,
            "rows_total": total,
            "rows_first": start + 1,
            "rows_last": start + len(rows),
            "rows_earlier": urlencode(kept_parts | {"from": max(0, start - read.PAGE)}) if start else "",
            "rows_later": urlencode(kept_parts | {"from": start + read.PAGE}) if start + len(rows) < total else "",
        }
    return context
