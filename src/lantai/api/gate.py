"""The gate before every call: it takes what lies below ``/api/`` out of the way of sessions and cookies, and answers it in JSON.

A call is authorised by its token alone, so no page of another site can make a browser send one. So many at once are served, so that
systems never take all the threads that serve people; the token is looked at before a byte of the body is read.
"""

import threading
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from lantai.api.calls import plain
from lantai.api.endings import ended
from lantai.core.errors import Refusal

PREFIX = "/api/"
#: How many calls are served at once: a quarter of the threads that serve.
SERVED = threading.BoundedSemaphore(2)

Next = Callable[[HttpRequest], HttpResponse]


class Gate:
    """Answers calls of the interface; lets everything else through."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the call, or let the request through."""
        if not request.path_info.startswith(PREFIX):
            return self._next(request)
        response = _answered(request)
        response.headers["Cache-Control"] = "no-store"
        return response


def _answered(request: HttpRequest) -> HttpResponse:
    if not SERVED.acquire(blocking=False):
        return ended(request, Refusal("API-BUSY"))
    try:
        return _answer(request)
    finally:
        SERVED.release()


def _answer(request: HttpRequest) -> HttpResponse:
    try:
        found = resolve(request.path_info, "lantai.api.urls")
    except Resolver404:
        return ended(request, Refusal("API-UNKNOWN", plain(request.path_info)))
    response: HttpResponse = found.func(request, *found.args, **found.kwargs)
    if response.status_code == 405:
        allowed = response.headers.get("Allow", "")
        response = ended(request, Refusal("API-METHOD", plain(request.method or "")))
        response.headers["Allow"] = allowed
    return response
