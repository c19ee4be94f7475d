"""The request as our views see it: with the actor who makes it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from lantai.core.access import Actor


class Request(HttpRequest):
    """A request that passed the gate."""

    actor: Actor
    htmx: HtmxDetails


def actor_of(request: HttpRequest) -> Actor | None:
    """Return who makes the request, or None for a stranger."""
    return getattr(request, "actor", None)


def address_of(request: HttpRequest) -> str:
    """Return the network address the request came from, as the ledger keeps it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def whole(text: str | None, default: int, *, most: int = 1_000_000) -> int:
    """Return a parameter as a number from 0 to *most*; *default* where it is none."""
    return min(int(text), most) if text and text.isdecimal() and len(text) < 12 else default
