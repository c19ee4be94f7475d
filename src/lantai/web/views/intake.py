"""接收: batches, what the gate found in them, the evidence, and the person's decision."""

from datetime import timedelta
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
from lantai.stages import accepted, accession, capture, let_pass, report_seal, sending
from lantai.stages import answer as answering
from lantai.stages.report import batches, returns, scope, verdicts
from lantai.stages.succession import Terms
from lantai.web import uploads, words
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
    """One batch with its lines; asked for as a part, only how far it has come, or the evidence of the chosen line."""
    view = batches.batch(request.actor, batch_id)
    head = _head(request, view)
    if request.htmx.target == "batch-live":  # asked for over and over while reports are written: what they say is not gone through
        return render(request, "web/parts/batch_live.html", head)
    found = verdicts.verdicts(view.row.id)
    lines = _chosen(request, found)
    key = _key(request.GET.get("line", ""), lines)
    evidence = verdicts.evidence(request.actor, view.row.id, key) if key else None
    at = next((at for at, line in enumerate(lines, 1) if line.key == key), 0)
    context = (
        head
        | _lines_context(request, found, lines)
        | {
            "evidence": evidence,
            "line_at": at,
            "next_key": lines[at].key if at < len(lines) else "",
            "reasons": REASONS,
            "deadline": _deadline(),
            "first_words": let_pass.first_words(view.row.id, evidence.line.number) if evidence else None,
        }
    )
    if request.htmx.target == "evidence":
        return render(request, "web/parts/evidence.html", context)
    rows = batches.batches(request.actor, is_open_only=request.GET.get("list") != "all")
    return render(
        request,
        "web/intake.html",
        _around(request, rows) | context | {"unreceived": batches.unreceived(view.row.id, limit=200, actor=request.actor)},
    )


def _head(request: Request, view: batches.BatchView) -> dict[str, Any]:
    """Return what the head of a batch shows: how far it has come, and what can be done with it now."""
    before, after = returns.linked(view.row.id)
    return {
        "batch": view,
        "came_before": before,
        "came_again": after,
        "is_sealed": report_seal.is_sealed(view.row.id),
        "may_accept": access.may(request.actor, "intake:batch:accept", {"department": view.row.department}).allowed,
        "against": _against(view),
        "codes_waiting": len(accession.waiting(view.row.id)) if view.row.state == "accepted" and _may_fix(request, view) else 0,
    }


def _against(view: batches.BatchView) -> tuple[dict[str, Any], ...]:
    """Return what of the batch as a whole has to be settled before anything of it can be accepted."""
    return accepted.open_items(view.row.id, is_trial=work.house().settings.kind == "trial") if view.row.state == "waiting" else ()


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
            carrier=request.POST.get("carrier", "").strip(),
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
def register_codes(request: Request, batch_id: str) -> HttpResponse:
    """Register the codes that the records of a batch brought with them."""
    view = batches.batch(request.actor, batch_id)
    access.require(request.actor, "holdings:number:fix", {"department": view.row.department}, where=view.row.code)
    count = accession.accession(work.house(), request.actor, accession.waiting(view.row.id))
    messages.success(request, f"已登记原有档号 {count} 件，正在入库。")
    return HttpResponseRedirect(reverse("batch", args=[batch_id]))


@require_POST
def answer(request: Request, batch_id: str) -> HttpResponse:
    """Answer what a machine could not judge about one record, or one item about the batch as a whole."""
    record_id, opinion = request.POST.get("record", ""), request.POST.get("opinion", "")
    if item := request.POST.get("item", ""):
        if request.POST.get("outcome", "") == "let":
            is_second = let_pass.let_pass(work.house(), request.actor, batch_id, item, words=opinion)
            messages.success(request, "两人都已说明，这一项不再妨碍接收；结果仍是不通过。" if is_second else "已提出，等另一位档案员确认。")
            return _onward(request, batch_id)
        is_good = request.POST.get("outcome", "") == "pass"
        answering.answer_batch(work.house(), request.actor, batch_id, item, is_good=is_good, opinion=opinion)
        messages.success(request, "已判定，意见随检测报告和账本保存。")
        return _onward(request, batch_id)
    count = answering.answer(work.house(), request.actor, (record_id,), opinion=opinion)
    messages.success(request, "已判定，可以接收。" if count else "已判定；这一件还有不通过的项目。")
    return _onward(request, batch_id)


@require_POST
def give_back(request: Request, batch_id: str) -> HttpResponse:
    """Return the chosen records, or all that still can be, with a reason, a message and a day."""
    chosen = tuple(dict.fromkeys(filter(None, request.POST.getlist("record"))))
    count = verb.give_back(
        work.house(),
        request.actor,
        batch_id,
        record_ids=chosen or None,
        reason=verb.REASONS_APART.join(filter(None, request.POST.getlist("reason"))),
        terms=Terms(request.POST.get("message", "").strip(), request.POST.get("deadline", "").replace("-", "")),
    )
    messages.success(request, f"已退回 {count} 件，理由和证据会给到移交人；其余不受影响。")
    return _onward(request, batch_id)


@require_GET
def return_dialog(request: Request, batch_id: str) -> HttpResponse:
    """The dialog of returning a whole batch, or the records that are ticked."""
    view = batches.batch(request.actor, batch_id)
    chosen = tuple(dict.fromkeys(request.GET.getlist("record")))
    context = {"batch": view, "reasons": REASONS, "chosen": chosen, "deadline": _deadline()}
    return render(request, "web/parts/return_dialog.html", context)


def _may_fix(request: Request, view: batches.BatchView) -> bool:
    return access.may(request.actor, "holdings:number:fix", {"department": view.row.department, "state": "arranged"}).allowed


def _onward(request: Request, batch_id: str) -> HttpResponse:
    """Go on to the line that follows the one decided on, with the filters as they were."""
    kept = {name: request.POST[name] for name in ("card", "show", "list") if request.POST.get(name)}
    kept |= {"line": request.POST["next"]} if request.POST.get("next") else {}
    return HttpResponseRedirect(reverse("batch", args=[batch_id]) + (f"?{urlencode(kept)}" if kept else ""))


def _key(wanted: str, lines: tuple[verdicts.Line, ...]) -> str:
    """Return the line to show: the one asked for, else the first that waits for somebody, else the first."""
    if any(line.key == wanted for line in lines):
        return wanted
    waiting = (line.key for line in lines if line.outcome != "pass" and not line.is_settled)
    return next(waiting, lines[0].key if lines else "")


def _deadline() -> str:
    """Return the day that the setting proposes, as a date field has it."""
    house = work.house()
    return (words.local(house.clock.now()).date() + timedelta(days=house.settings.return_days)).isoformat()


def _around(request: Request, rows: tuple[batches.BatchRow, ...]) -> dict[str, Any]:
    return {
        "here": "intake",
        "batches": rows,
        "is_all": request.GET.get("list") == "all",
        "is_unused": not rows and not batches.batches(request.actor, is_open_only=False),
        "open_count": batches.open_count(request.actor),
        "departments": scope.departments(),
        "channels": CHANNELS,
        "may_open": bool(access.rows(request.actor, "intake:batch:open")),
        "whole_bytes": work.house().settings.upload_whole_bytes,
        "unfinished": sending.unfinished(work.house(), request.actor),
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
        "lines": verdicts.in_words(request.actor, lines[:SHOWN]),
        "lines_total": len(lines),
        "card": request.GET.get("card", ""),
        "show": request.GET.get("show", "first") if request.GET.get("show", "first") in VIEWS else "first",
        "kept": f"&{urlencode(kept)}" if kept else "",
        "kept_but_card": f"&{urlencode({key: value for key, value in kept.items() if key != 'card'})}",
        "kept_but_show": f"&{urlencode({key: value for key, value in kept.items() if key != 'show'})}",
    }
