"""What leaves a screen as a file: printed forms, reports, receipts, tables of findings, and the seal over the reports."""

from urllib.parse import quote

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.shelves.digitising import queries as scans
from lantai.stages import report_seal
from lantai.stages.digitise import separating
from lantai.stages.report import batches, printing, receipts, scan_filing, verdicts
from lantai.stages.report import findings as tables
from lantai.web.requests import Request, named

TABLES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@require_GET
def form(request: Request, form: str, target: str) -> HttpResponse:
    """A printed form as PDF/A, to be shown by the browser."""
    printed = printing.make(work.house(), request.actor, form, target)
    return _file(printed.content, "application/pdf", printed.name, is_shown=True)


@require_GET
def scan_form(request: Request, batch_id: str, form: str) -> HttpResponse:
    """A working paper of a batch of scans, its separator sheets, or the labels of its boxes."""
    if form in {"separators", "box-labels"}:
        access.require(request.actor, "digitise:batch:open")
        batch = scans.batch(batch_id)
        if form == "box-labels":
            return _file(separating.labels(batch), "application/pdf", f"盒签-{batch.code}.pdf", is_shown=True)
        return _file(separating.sheets(work.house(), batch), "application/pdf", f"分件页-{batch.code}.pdf", is_shown=True)
    printed = printing.make(work.house(), request.actor, form, batch_id)
    return _file(printed.content, "application/pdf", printed.name, is_shown=True)


@require_GET
def filed_form(request: Request, filed_id: str) -> HttpResponse:
    """A working paper of a batch of scans as it was kept, held against its digest."""
    name, content = scan_filing.shown(work.house(), request.actor, filed_id)
    return _file(content, "application/pdf", name, is_shown=True)


@require_GET
def report_file(request: Request, batch_id: str) -> HttpResponse:
    """The arrival reports as JSON with the state of their seal, for machines."""
    view = batches.batch(request.actor, batch_id)
    sealed = report_seal.state(work.house(), view.row.id)
    return _json(verdicts.as_json(view.row.id) | {"batch": view.row.code, "seal": sealed.as_json()}, f"report-{view.row.code}.json")


@require_GET
def receipt(request: Request, batch_id: str) -> HttpResponse:
    """The sender's receipt as JSON."""
    told = receipts.receipt(work.house(), request.actor, batch_id)
    return _json(told, f"receipt-{told['batch']['code']}.json")


@require_GET
def findings(request: Request, batch_id: str, kind: str) -> HttpResponse:
    """The findings of a batch as Excel or CSV."""
    view = batches.batch(request.actor, batch_id)
    if kind not in TABLES:
        raise Refusal("OUTPUT-KIND-UNKNOWN", kind, known="、".join(TABLES))
    content = tables.export(work.house(), request.actor, view.row.id, kind)
    return _file(content, TABLES[kind], f"findings-{view.row.code}.{kind}")


@require_GET
def seal(request: Request, batch_id: str) -> HttpResponse:
    """The dialog that verifies the seal over the reports now."""
    view = batches.batch(request.actor, batch_id)
    return render(request, "web/parts/report_seal.html", {"batch": view, "seal": report_seal.state(work.house(), view.row.id)})


def _json(document: dict[str, object], name: str) -> HttpResponse:
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = named(name)
    return response


def _file(content: bytes, mime: str, name: str, *, is_shown: bool = False) -> HttpResponse:
    response = HttpResponse(content, content_type=mime)
    response["Content-Disposition"] = f"{'inline' if is_shown else 'attachment'}; filename*=UTF-8''{quote(name)}"
    return response
