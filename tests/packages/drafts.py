"""Drafts for the tests of packages and stores."""

import hashlib
from collections.abc import Mapping

from lantai.ports.store import Content, Draft

RECORD = "01JD0000000000000000000042"


def content(path: str, body: bytes) -> Content:
    """Return a file with its true digests."""
    return Content(path, body, len(body), hashlib.sha256(body).hexdigest(), hashlib.new("sm3", body).hexdigest())


def draft(files: Mapping[str, bytes], *, record_id: str = RECORD, version: int = 1, created: str = "2026-03-08T09:00:00+08:00") -> Draft:
    """Return a draft of *files* by logical path."""
    contents = tuple(content(path, body) for path, body in files.items())
    return Draft(record_id, version, contents, created, "归档", "沈知远", "urn:lantai:account:shen")
