"""The request as our views see it: with the actor who makes it."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import content_disposition_header
from django_htmx.middleware import HtmxDetails

from lantai.core.access import Actor
from lantai.core.address import sender

#: The tag of a message: the page is to look for the end of what was begun, even where nothing runs any more when it is drawn.
WATCH = "watch"


class Request(HttpRequest):
    """A request that passed the gate."""

    actor: Actor
    htmx: HtmxDetails


def actor_of(request: HttpRequest) -> Actor | None:
    """Return who makes the request, or None for a stranger."""
    return getattr(request, "actor", None)


def address_of(request: HttpRequest) -> str:
    """Return the network address the request came from, as the ledger keeps it.

    Behind a proxy it is what the proxy wrote down last; without one, what the sender says of itself counts for nothing.
    """
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.LANTAI.https else ""
    return sender(forwarded, str(request.META.get("REMOTE_ADDR", "")))


def whole(text: str | None, default: int, *, most: int = 1_000_000) -> int:
    """Return a parameter as a number from 0 to *most*; *default* where it is none."""
    return min(int(text), most) if text and text.isdecimal() and len(text) < 12 else default


def named(name: str) -> str:
    """Return the header that gives a download its name; nothing in a name starts another parameter or line."""
    return content_disposition_header(as_attachment=True, filename="".join(one if one.isprintable() else "_" for one in name)) or ""
