"""接收: batches, what the gate found in them, the evidence, and the person's decision."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.stages import accept as verb
from lantai.stages import answer as answering
from lantai.stages import capture
from lantai.stages.report import batches, scope, verdicts
from lantai.web import uploads
from lantai.web.requests import Request

REASONS = ("摘要不符，需重新封装", "附件缺失", "文件打不开", "元数据有误", "不属归档范围")
VIEWS = ("all", "first", "fail")
CHANNELS = ("oa", "manual", "scan", "transfer", "catalogue")
SHOWN = 300


@require_GET
def intake(request: Request) -> HttpResponse:
    """The first batch that waits, or the page that says how to send material in."""
    is_all = request.GET.get("list") == "all"
    rows = batches.batches(request.actor, is_open_only=not is_all)
    if rows and "new" not in request.GET:
        return HttpResponseRedirect(f"{reverse('batch', args=[rows[0].id])}{'?list=all' if is_all else ''}")
    return render(request, "web/intake.html", _around(request, rows) | {"batch": None})


@require_GET
def batch(request: Request, batch_id: str) -> HttpResponse:
    """One batch with its lines; asked for as a part, only the evidence of the chosen line."""
    view = batches.batch(request.actor, batch_id)
    found = verdicts.verdicts(view.row.id)
    lines = _chosen(request, found)
    key = request.GET.get("line") or (lines[0].key if lines else "")
    evidence = verdicts.evidence(request.actor, view.row.id, key) if key else None
    context = _lines_context(request, found, lines) | {
        "batch": view,
        "evidence": evidence,
        "line_at": next((at for at, line in enumerate(lines, 1) if line.key == key), 0),
        "reasons": REASONS,
        "may_accept": access.may(request.actor, "intake:batch:accept", {"department": view.row.department}).allowed,
    }
    if request.htmx.target == "evidence":
        return render(request, "web/parts/evidence.html", context)
    if request.htmx.target == "batch-live":
        return render(request, "web/parts/batch_live.html", context)
    rows = batches.batches(request.actor, is_open_only=request.GET.get("list") != "all")
    return render(request, "web/intake.html", _around(request, rows) | context | {"unreceived": batches.unreceived(view.row.id, limit=200)})


@require_POST
def upload(request: Request) -> HttpResponse:
    """Take files, folders or archives as a new batch; answers the page's own script with the batch's address."""
    house = work.house()
    sources = uploads.keep(house, request.FILES.getlist("files"), request.POST.getlist("paths"))
    channel = request.POST.get("channel", "manual")
    batch_id = uploads.or_discard(
        sources,
        lambda: capture.open_batch(
            house,
            request.actor,
            sources,
            channel=channel,
            title=request.POST.get("title", "").strip(),
            department=request.POST.get("department", ""),
            is_upload=True,
        ),
    )
    url = reverse("batch", args=[batch_id])
    messages.success(request, f"已送入 {len(request.FILES.getlist('files'))} 个文件，正在接收。")
    return JsonResponse({"url": url}) if request.headers.get("X-Requested-With") == "lantai" else HttpResponseRedirect(url)


@require_POST
def accept(request: Request, batch_id: str) -> HttpResponse:
    """Accept what passed."""
    count = verb.accept(work.house(), request.actor, batch_id)
    messages.success(request, f"已接收 {count} 件，正在整理。")
    return HttpResponseRedirect(reverse("batch", args=[batch_id]))


@require_POST
def answer(request: Request, batch_id: str) -> HttpResponse:
    """Answer what a machine could not judge about one record."""
    record_id, opinion = request.POST.get("record", ""), request.POST.get("opinion", "")
    count = answering.answer(work.house(), request.actor, (record_id,), opinion=opinion)
    messages.success(request, "已判定，可以接收。" if count else "已判定；这一件还有不通过的项目。")
    return HttpResponseRedirect(reverse("batch", args=[batch_id]))


@require_POST
def give_back(request: Request, batch_id: str) -> HttpResponse:
    """Return one record, or all that still can be, with a reason and a message."""
    record_id = request.POST.get("record", "")
    reason = "；".join(filter(None, request.POST.getlist("reason")))
    count = verb.give_back(
        work.house(),
        request.actor,
        batch_id,
        record_ids=(record_id,) if record_id else None,
        reason=reason,
        message=request.POST.get("message", "").strip(),
    )
    messages.success(request, f"已退回 {count} 件，理由和证据会给到移交人；其余不受影响。")
    return HttpResponseRedirect(reverse("batch", args=[batch_id]))


@require_GET
def return_dialog(request: Request, batch_id: str) -> HttpResponse:
    """The dialog of returning a whole batch."""
    return render(request, "web/parts/return_dialog.html", {"batch": batches.batch(request.actor, batch_id), "reasons": REASONS})


@require_GET
def report_file(request: Request, batch_id: str) -> HttpResponse:
    """The arrival report as JSON, for machines."""
    view = batches.batch(request.actor, batch_id)
    body = verdicts.as_json(view.row.id) | {"batch": view.row.code}
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="report-{view.row.code}.json"'
    return response


@require_GET
def report_page(request: Request, batch_id: str) -> HttpResponse:
    """The arrival report as a page to be printed."""
    view = batches.batch(request.actor, batch_id)
    context = {"batch": view, "found": verdicts.verdicts(view.row.id), "now": work.house().clock.now()}
    return render(request, "web/print_report.html", context | {"unreceived": batches.unreceived(view.row.id, limit=5000)})


def _around(request: Request, rows: tuple[batches.BatchRow, ...]) -> dict[str, Any]:
    return {
        "here": "intake",
        "batches": rows,
        "is_all": request.GET.get("list") == "all",
        "open_count": batches.open_count(request.actor),
        "departments": scope.departments(),
        "channels": CHANNELS,
        "may_open": bool(access.rows(request.actor, "intake:batch:open")),
    }


def _chosen(request: Request, found: verdicts.Verdicts) -> tuple[verdicts.Line, ...]:
    lines = found.lines
    if request.GET.get("card"):
        lines = tuple(line for line in lines if line.aspect == request.GET["card"])
    if request.GET.get("show") == "fail":
        lines = tuple(line for line in lines if line.outcome in verdicts.FAILED)
    if request.GET.get("show") == "all":
        lines = tuple(sorted(lines, key=lambda line: (line.item, line.subject)))
    return lines


def _lines_context(request: Request, found: verdicts.Verdicts, lines: tuple[verdicts.Line, ...]) -> dict[str, Any]:
    kept = {name: request.GET[name] for name in ("card", "show", "list") if request.GET.get(name)}
    return {
        "found": found,
        "lines": lines[:SHOWN],
        "lines_total": len(lines),
        "card": request.GET.get("card", ""),
        "show": request.GET.get("show", "first") if request.GET.get("show", "first") in VIEWS else "first",
        "kept": f"&{urlencode(kept)}" if kept else "",
        "kept_but_card": f"&{urlencode({key: value for key, value in kept.items() if key != 'card'})}",
        "kept_but_show": f"&{urlencode({key: value for key, value in kept.items() if key != 'show'})}",
    }
