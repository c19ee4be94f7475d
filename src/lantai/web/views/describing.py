"""著录: a page beside its form. Drafts go to the server by themselves; submitting leads on to the next item."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core.errors import Refusal
from lantai.shelves.digitising import queries
from lantai.stages.digitise import describing as verb
from lantai.stages.digitise import form, pictures, reading
from lantai.stages.digitise.describing import Entered
from lantai.stages.report import describing as read
from lantai.stages.report import suggesting
from lantai.web import words
from lantai.web.requests import Request, whole

IMAGE_SECONDS = 600


@require_GET
def start(request: Request) -> HttpResponse:
    """The first item that waits, or the page that says that none does."""
    key = read.first(request.actor, request.GET.get("batch", ""))
    if key:
        return HttpResponseRedirect(reverse("describe", args=[key]))
    return render(request, "web/describe.html", {"here": "describe", "desk": None})


@require_GET
def describe(request: Request, item_id: str) -> HttpResponse:
    """One item: its pages left, the page in the middle, the form right."""
    desk = read.desk(work.house(), request.actor, item_id)
    marks = verb.marks(work.house())
    context: dict[str, Any] = {
        "here": "describe",
        "desk": desk,
        "sure": round(marks.sure * 100),
        "glance": round(marks.glance * 100),
        "is_open": desk.item.state == "proposed",
        "began": work.house().clock.now().isoformat(),
    }
    return render(request, "web/describe.html", context)


@require_POST
def draft(request: Request, item_id: str) -> HttpResponse:
    """Keep what stands in the form; a conflict is answered as a refusal that the page shows side by side."""
    row = verb.save_draft(work.house(), request.actor, item_id, _entered(request))
    return JsonResponse({"version": row.version, "at": words.local(row.draft_at).strftime("%H:%M") if row.draft_at else ""})


@require_GET
def state(request: Request, item_id: str) -> HttpResponse:
    """What the server has of an item now, for a page that found itself overtaken."""
    desk = read.desk(work.house(), request.actor, item_id)
    values = {field.name: field.value for field in desk.fields}
    return JsonResponse({"version": desk.item.version, "state": desk.item.state, "who": desk.draft_by, "values": values})


@require_GET
def suggest(request: Request, item_id: str) -> HttpResponse:
    """Keywords and persons proposed for an item."""
    return JsonResponse(asdict(suggesting.for_item(work.house(), request.actor, item_id)))


@require_POST
def submit(request: Request, item_id: str) -> HttpResponse:
    """Submit an item and lead on to the next."""
    row = verb.confirm(work.house(), request.actor, item_id, _entered(request))
    messages.success(request, f"第 {row.sequence} 件已提交。")
    key = read.first(request.actor, row.batch_id, row.sequence)
    return JsonResponse({"url": reverse("describe", args=[key]) if key else reverse("describe-start")})


@require_POST
def doubt(request: Request, item_id: str) -> HttpResponse:
    """Leave an item for somebody else."""
    verb.doubt(work.house(), request.actor, item_id, question=request.POST.get("question", ""))
    row = queries.item(item_id)
    messages.success(request, "已存疑，排到最后，等人解答。")
    key = read.first(request.actor, row.batch_id, row.sequence)
    return HttpResponseRedirect(reverse("describe", args=[key or item_id]))


@require_POST
def reopen(request: Request, item_id: str) -> HttpResponse:
    """Take a submitted item back."""
    verb.reopen(work.house(), request.actor, item_id)
    return HttpResponseRedirect(reverse("describe", args=[item_id]))


@require_POST
def read_again(request: Request, page_id: str) -> HttpResponse:
    """Read a part of a page again."""
    edges = [whole(part, 0) for part in request.POST.get("box", "").split(",")]
    if len(edges) != 4:
        raise Refusal("DIGITISE-PAGE-UNKNOWN", page_id)
    text, confidence = reading.read_again(work.house(), request.actor, page_id, (edges[0], edges[1], edges[2], edges[3]))
    return JsonResponse({"text": text, "percent": round(confidence * 100)})


@require_GET
def image(request: Request, page_id: str) -> HttpResponse:
    """A page as JPEG: ``of=scan`` as it was scanned, else as it was cleaned; ``box`` a part of it as PNG."""
    house, wide = work.house(), min(max(whole(request.GET.get("w"), 1000), 40), 2400)
    box = [whole(part, 0) for part in request.GET.get("box", "").split(",") if part.isdecimal()]
    chosen = (box[0], box[1], box[2], box[3]) if len(box) == 4 else None
    content = pictures.shown(house, request.actor, page_id, of_scan=request.GET.get("of") == "scan", width=wide, box=chosen)
    answer = HttpResponse(content, content_type="image/png" if chosen else "image/jpeg")
    answer.headers["Cache-Control"] = f"private, max-age={IMAGE_SECONDS}"
    return answer


def _entered(request: Request) -> Entered:
    names = [item.name for item in form.fields() if item.name in request.POST]
    values = {name: request.POST[name].replace("\r\n", "\n") for name in names}
    seen = tuple(name for name in request.POST.get("seen", "").split(",") if name)
    return Entered(values, seen, whole(request.POST.get("version"), 0), words.instant(request.POST.get("began", "")))
