"""A request as a call: who makes it, how its body is read."""

import json
from typing import Any, Never

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import parse_header_parameters
from ninja.parser import Parser
from ninja.renderers import JSONRenderer
from ninja.security import HttpBearer

from lantai import work
from lantai.core.access import Actor
from lantai.core.address import sender
from lantai.core.errors import Refusal
from lantai.stages import clients
from lantai.stages.clients import Call


class Bearer(HttpBearer):
    """The token in the header ``Authorization``; nothing else counts, and no cookie is read.

    *limit* is the name of the setting that says how many bytes a call may bring.
    """

    def __init__(self, limit: str = "api_bytes") -> None:
        super().__init__()
        self._limit = limit

    def __call__(self, request: HttpRequest) -> Actor:
        """Return the client that calls, before a byte of the body is read. Refusals as :func:`authenticate`."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        return self.authenticate(request, token.strip() if kind.lower() == "bearer" else "")

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Return the client of a token. Refusals as :func:`clients.admit`, and API-TOO-LARGE for what is longer than may be."""
        actor = clients.admit(work.house(), token, call_of(request))
        request.auth = actor  # type: ignore[attr-defined]
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        most: int = getattr(settings.LANTAI, self._limit)
        if not length.isdecimal() or int(length) > most:
            raise Refusal("API-TOO-LARGE", limit=most // 1024)
        return actor


class Plain(JSONRenderer):
    """Writes Chinese as it is."""

    json_dumps_params = {"ensure_ascii": False}  # noqa: RUF012 - the library's own attribute


class Body(Parser):
    """Reads the body as JSON of UTF-8."""

    def parse_body(self, request: HttpRequest) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value. Raises Refusal API-BODY."""
        try:
            return json.loads(request.body.decode("utf-8-sig"), parse_constant=_no_number)
        except RecursionError:
            raise Refusal("API-BODY", reason="层次太深") from None
        except json.JSONDecodeError as error:
            raise Refusal("API-BODY", reason=f"第 {error.lineno} 行第 {error.colno} 个字符处读不下去") from None
        except ValueError as error:
            reason = "不是 UTF-8" if isinstance(error, UnicodeDecodeError) else "有不能用的数"
            raise Refusal("API-BODY", reason=reason) from None


def call_of(request: HttpRequest) -> Call:
    """Return the request as the ledger tells of it."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.LANTAI.https else ""
    address = sender(forwarded, str(request.META.get("REMOTE_ADDR", "")))
    return Call(request.method or "", plain(request.get_full_path()), plain(address))


def file_name(request: HttpRequest) -> str:
    """Return the name in the header ``Content-Disposition`` (RFC 6266); in an address the ledger would keep it, and it may tell a secret.

    Raises Refusal API-PACKAGE-NAME where there is none, or one in other letters than ASCII that are not percent-encoded.
    """
    _, given = parse_header_parameters(request.headers.get("Content-Disposition", ""))
    if not given.get("filename"):
        raise Refusal("API-PACKAGE-NAME")
    return given["filename"]


def plain(text: str) -> str:
    """Return a text that a stranger sent without what cannot be seen, and no longer than two hundred characters."""
    return "".join(one if one.isprintable() else "?" for one in text[:200])


def _no_number(name: str) -> Never:
    raise ValueError(name)
