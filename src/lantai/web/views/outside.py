"""What goes wrong outside our views, before or around them: told in the words of the other pages, not in those of the framework."""

import logging
import sys

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from lantai import work
from lantai.core.errors import Refusal
from lantai.web.middleware import answered

log = logging.getLogger("lantai.web")
_HOST = 100


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is not the one of this session: it stood open too long, or another site sent it."""
    return answered(request, Refusal("PAGE-STALE"))


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request for another host, or one that cannot be taken apart: too many fields, a form that breaks off."""
    if isinstance(exception, DisallowedHost):
        return answered(request, Refusal("HOST-UNKNOWN", request.META.get("HTTP_HOST", "")[:_HOST]))
    return answered(request, Refusal("REQUEST-UNREADABLE"))


def failed(request: HttpRequest) -> HttpResponse:
    """A bug before our views were reached, such as sessions that cannot be read. The page asks nothing of the database."""
    number = work.house().ids.new()[-10:]
    log.error("bug %s at %r", number, request.path, exc_info=sys.exc_info())
    return HttpResponse(render_to_string("web/500.html", {"number": number, "request": request}), status=500)
