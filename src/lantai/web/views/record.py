"""一件档案: its pages, description, files, history and proof."""

from io import BytesIO
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.stages import evidence, metadata, prove, use
from lantai.stages.report import records, scope
from lantai.standards import da_t_46
from lantai.web import proofs, signing, viewing
from lantai.web.requests import Request, whole
from lantai.web.views.viewer import viewer

WIDTHS = (120, 2400)
MAIN_ELEMENTS = ("document_number", "author", "date", "principal_receiver", "document_type")
HIDDEN = ("title", *MAIN_ELEMENTS)


@require_GET
def record(request: Request, key: str) -> HttpResponse:
    """The page of one record; asked for as a part, only the viewer."""
    house = work.house()
    view = use.open_record(house, request.actor, key)
    context = {"here": "search", "view": view} | viewer(request, view)
    if request.htmx.target == "viewer":
        return render(request, "web/parts/viewer.html", context)
    names = scope.classed()
    department = str(view.columns.get("department", ""))
    known, own = da_t_46.by_code(), metadata.own_names()
    context |= {
        "columns": view.columns,
        "department": f"{department}　{names.get(department, '')}".strip("　"),
        "elements": [(name, view.elements[name]) for name in MAIN_ELEMENTS if view.elements.get(name)],
        "others": [
            (known[name].number if name in known else "", own.get(name, name), value)
            for name, value in view.elements.items()
            if value and name not in HIDDEN
        ],
        "history": records.history(view.id),
        **_inside(view),
        "may_export": access.may(request.actor, "holdings:record:export", _facts(view)).allowed,
        "may_download": access.may(request.actor, "holdings:file:download", _facts(view)).allowed,
        **_proof(request, view),
    }
    return render(request, "web/record.html", context)


@require_POST
def verify(request: Request, key: str) -> HttpResponse:
    """Verify now, and show exactly what was checked."""
    house = work.house()
    view_id = use.find_record(key).id
    started = house.clock.now()
    verified = prove.verify(house, request.actor, (view_id,))
    seconds = (house.clock.now() - started).total_seconds()
    problems = tuple((item.code, item.message) for item in verified.problems)
    view = use.open_record(house, request.actor, view_id)
    raw = proofs.Shown(next(iter(verified.proofs), None), next(iter(verified.stamps), None))
    verdict = proofs.verdict(problems, seconds, next(iter(verified.chains), None), raw, unable=prove.unable())
    context = _proof(request, view) | {"verdict": verdict, "view": view}
    if request.htmx:
        return render(request, "web/parts/proof.html", context)
    return HttpResponseRedirect(reverse("record", args=[view_id]))


@require_GET
def evidence_file(request: Request, key: str) -> FileResponse:
    """The evidence package as a zip."""
    name, stream = evidence.to_zip(work.house(), request.actor, key)
    return FileResponse(stream, as_attachment=True, filename=name, content_type="application/zip")


@require_GET
def page_image(request: Request, key: str, file_id: str, page: int) -> HttpResponse:
    """One page as PNG, drawn on the server."""
    width = min(max(whole(request.GET.get("w"), 900), WIDTHS[0]), WIDTHS[1])
    image = use.page_image(work.house(), request.actor, key, file_id, page=page, width=width)
    response = HttpResponse(image, content_type="image/png")
    response["Cache-Control"] = "private, max-age=300"
    return response


@require_GET
def download(request: Request, key: str, file_id: str) -> FileResponse:
    """The bytes of a file, always as an attachment: nothing that came from outside is run in our pages."""
    item, stream = use.file(work.house(), request.actor, key, file_id)
    return FileResponse(stream, as_attachment=True, filename=item.name, content_type="application/octet-stream")


@require_GET
def inside(request: Request, key: str, file_id: str, index: int) -> FileResponse:
    """One file out of a file, always as an attachment; *index* from 1, as the screen counts."""
    name, data = use.inside(work.house(), request.actor, key, file_id, index=max(index - 1, 0))
    return FileResponse(BytesIO(data), as_attachment=True, filename=name, content_type="application/octet-stream")


def _inside(view: use.RecordView) -> dict[str, Any]:
    """Return what the files themselves hold beside their pages: signatures, files inside, notes, what runs, what they say of themselves."""
    files = [item for document in view.documents for item in document.files if item.representation != "text"]
    said = [(item.name, viewing.metadata(item.metadata)) for item in files]
    return {
        "signatures": [
            *(signing.signature(f"{view.came_as}（送来时的封装包）", row) for row in view.signatures),
            *(signing.signature(item.name, row) for item in files for row in item.signatures),
        ],
        "metadata": [(name, rows) for name, rows in said if rows],
        "attached": [(item, item.attachments) for item in files if item.attachments],
        "noted": [(item, viewing.notes(item.notes)) for item in files if item.notes],
        "dangers": viewing.dangers(item.findings for item in files),
    }


def _facts(view: use.RecordView) -> dict[str, str]:
    return {"state": view.state} | {name: str(view.columns.get(name, "")) for name in ("department", "opening")}


def _proof(request: Request, view: use.RecordView) -> dict[str, Any]:
    """Return the kept proof and earlier verifications, or the reason why this person may not see them."""
    if not access.may(request.actor, "holdings:record:verify", _facts(view)).allowed:
        return {"may_verify": False}
    try:
        kept = records.proof(work.house(), request.actor, view.id)
    except Refusal:
        return {"may_verify": False}
    digests = [item for document in view.documents for item in document.files]
    return {"may_verify": True, "proof": kept, "checks": records.checks(view.id), "digests": digests, "verdict": None}
