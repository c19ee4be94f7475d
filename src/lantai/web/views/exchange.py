"""移交与导出: transfer acts with their states, what I exported, and the dialog that asks for a form."""

import json
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.shelves.exchange.models import Export, Transfer, TransferLine
from lantai.stages import transfer
from lantai.stages.export import FORMS, jobs
from lantai.stages.export.parcels import PERMISSION as EXPORT
from lantai.stages.report import scope
from lantai.stages.transfer import screen
from lantai.stages.transfer.acts import PERMISSION, Wanted, checked_there
from lantai.web.requests import Request
from lantai.web.views.search import all_found

SHOWN = 200
RETENTIONS = ("Y", "D30", "D10")
RECEIPT_BYTES = 64 * 1024**2


@require_GET
def transfers(request: Request) -> HttpResponse:
    """The whole screen with the newest act."""
    return _screen(request, "")


@require_GET
def one(request: Request, act_id: str) -> HttpResponse:
    """The screen with one act; asked for as a part, only that act."""
    return _screen(request, act_id)


def _screen(request: Request, act_id: str) -> HttpResponse:
    access.require(request.actor, EXPORT, _facts(request))
    may_transfer = bool(access.rows(request.actor, PERMISSION))
    acts = list(Transfer.objects.order_by("-created_at")[:SHOWN]) if may_transfer else []
    chosen = transfer.find(act_id) if act_id and may_transfer else acts[0] if acts else None
    context: dict[str, Any] = {
        "here": "transfers",
        "chosen": chosen,
        "may_transfer": may_transfer,
        "names": {key: form.name for key, form in FORMS.items()},
    }
    if chosen:
        context |= _act(chosen)
    if request.htmx.target == "act":
        return render(request, "web/parts/transfer_act.html", context)
    context |= {
        "acts": acts,
        "exports": list(Export.objects.filter(actor=request.actor.id).exclude(state="expired").order_by("-created_at")[:20]),
        "due": transfer.due(work.house(), request.actor, Wanted()).count() if may_transfer else 0,
        "years": work.house().settings.transfer_years,
        "retentions": RETENTIONS,
        "departments": scope.departments(),
    }
    return render(request, "web/transfers.html", context)


def _act(act: Transfer) -> dict[str, Any]:
    lines = TransferLine.objects.filter(transfer=act).order_by("sequence")
    titles = {row.id: row for row in screen.records([line.record_id for line in lines[:SHOWN]])}
    return {
        "lines": [(line, titles.get(line.record_id)) for line in lines[:SHOWN]],
        "failed": lines.exclude(conclusion__in=("", "pass", "trial")).count(),
        "refused": lines.filter(outcome="refused").count(),
        "accepted": lines.filter(outcome="accepted").count(),
        "is_ready": screen.is_packed(work.house(), act),
        "is_busy": screen.is_busy(act),
        "checked_there": checked_there(act),
    }


@require_POST
def draft(request: Request) -> HttpResponse:
    """Draft an act over what is due."""
    given = request.POST
    retentions = tuple(code for code in given.getlist("retention") if code in RETENTIONS)
    keys = tuple(given.getlist("record"))
    wanted = Wanted(given.get("first_year", "").strip(), given.get("last_year", "").strip(), retentions, given.get("department", ""), keys)
    act = transfer.draft(
        work.house(),
        request.actor,
        wanted,
        title=given.get("title", ""),
        keeps_copy="keeps_copy" in given,
        receiver=given.get("receiver", "").strip(),
    )
    messages.success(request, f"已拟定移交 {act.code}，{act.record_count} 件。下一步做移交检测。")
    return HttpResponseRedirect(reverse("transfer", args=[act.id]))


@require_POST
def act(request: Request, act_id: str) -> HttpResponse:
    """Take an act one step on: check, pack, receipt, cancel."""
    step, house = request.POST.get("step", ""), work.house()
    if step in ("check", "pack"):
        screen.ask(house, request.actor, act_id, step)
        messages.success(request, "移交检测已开始，在后台逐件进行。" if step == "check" else "正在形成移交信息包，好了可以在这里下载。")
    elif step == "receipt":
        row = screen.enter(house, request.actor, act_id, _receipt(request))
        messages.success(request, f"{row.code} 的回执已收下，签名相符，正在逐件登记。")
    elif step == "cancel":
        row = transfer.cancel(house, request.actor, act_id, reason=request.POST.get("reason", ""))
        messages.success(request, f"{row.code} 已取消，档案仍归本单位。")
    return HttpResponseRedirect(reverse("transfer", args=[act_id]))


def _receipt(request: Request) -> dict[str, Any]:
    given = request.FILES.get("receipt")
    if given is None or (given.size or 0) > RECEIPT_BYTES:
        raise Refusal("TRANSFER-RECEIPT-INVALID", "", reason="没有选择回执文件，或文件过大")
    try:
        read = json.loads(given.read())
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise Refusal("TRANSFER-RECEIPT-INVALID", given.name or "", reason="不是回执文件")
    return read


@require_GET
def package(request: Request, act_id: str) -> FileResponse:
    """The package of an act as a zip."""
    name, stream = screen.fetch(work.house(), request.actor, act_id)
    return FileResponse(stream, as_attachment=True, filename=name, content_type="application/zip")


@require_GET
def export_dialog(request: Request) -> HttpResponse:
    """The dialog that asks in which form the chosen records go out."""
    access.require(request.actor, EXPORT, _facts(request))
    found = request.GET.get("found", "")
    records = request.GET.getlist("record")
    count = len(all_found(request, QueryDict(found), most=jobs.MOST)) if found else len(records)
    context = {"records": records, "found": found, "count": count, "forms": list(FORMS.values())}
    return render(request, "web/parts/export_dialog.html", context)


def _facts(request: Request) -> dict[str, str]:
    return {"department": request.actor.department}


@require_POST
def export(request: Request) -> HttpResponse:
    """Ask for an export; a worker makes it."""
    keys = request.POST.getlist("record")
    if found := request.POST.get("found", ""):
        keys = all_found(request, QueryDict(found), most=jobs.MOST)
    jobs.ask(work.house(), request.actor, keys, form=request.POST.get("form", ""))
    messages.success(request, f"正在导出 {len(keys)} 件，好了可以在「移交」页下载。")
    return HttpResponseRedirect(reverse("transfers"))


@require_GET
def export_file(request: Request, export_id: str) -> FileResponse:
    """The zip of an export."""
    name, stream = jobs.fetch(work.house(), request.actor, export_id)
    return FileResponse(stream, as_attachment=True, filename=name, content_type="application/zip")
