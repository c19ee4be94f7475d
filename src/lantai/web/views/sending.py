"""接收: a large delivery in parts, asked for by the page's own script; what is not finished can be given up."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from lantai import work
from lantai.stages import sending as verb
from lantai.web.requests import Request


@require_POST
def begin(request: Request) -> HttpResponse:
    """Begin a delivery, or find the unfinished one of the same files; answers how many parts are here."""
    try:
        files, delivery = _told(request.body)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return HttpResponseBadRequest()
    return _state(verb.begin(work.house(), request.actor, files, delivery))


def _told(body: bytes) -> tuple[list[verb.Listed], verb.Delivery]:
    """Return what is to be sent. Raises one of the built-in errors for what is no list of files, or text that no disk and no row takes."""
    told = json.loads(body)
    files = [verb.Listed(str(path), max(0, int(size)), int(modified)) for path, size, modified in told["files"]]
    said = [str(told.get(name) or "").strip() for name in ("channel", "department", "title", "carrier")]
    "".join((*said, *(item.path for item in files))).encode()
    if any("\0" in text for text in said):
        raise ValueError("NUL")
    return files, verb.Delivery(said[0] or "manual", *said[1:])


@require_POST
def take(request: Request, sending_id: str, number: int) -> HttpResponse:
    """Take one part: the body of the request, with its SHA-256 in a header."""
    return _state(verb.take(work.house(), request.actor, sending_id, number, request, request.headers.get("X-Part-Digest", "")))


@require_POST
def finish(request: Request, sending_id: str) -> HttpResponse:
    """Hold everything against the sender's digest, and open the batch."""
    batch_id = verb.finish(work.house(), request.actor, sending_id, request.POST.get("digest", ""))
    messages.success(request, "已全部送到，摘要相符，正在接收。")
    return JsonResponse({"url": reverse("batch", args=[batch_id])})


@require_POST
def discard(request: Request, sending_id: str) -> HttpResponse:
    """Give up an unfinished delivery."""
    verb.discard(work.house(), request.actor, sending_id)
    messages.success(request, "没有传完的部分已删去，原文件没有改动。")
    return HttpResponseRedirect(f"{reverse('intake')}?new")


def _state(one: verb.Sending) -> JsonResponse:
    answer: dict[str, Any] = {"id": one.id, "part_bytes": one.part_bytes, "here": one.parts_here, "parts": one.parts}
    return JsonResponse(answer)
