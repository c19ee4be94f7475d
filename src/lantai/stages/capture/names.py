"""Names and texts from outside, made such that they can be kept and shown, in this one place.

A file system allows any bytes in a name, a table any character in a cell; databases and XML take neither NUL nor half a
surrogate pair. Nothing is dropped: what cannot be kept is written out, and whoever writes it out says so in a finding.
"""

import os
import re
from collections.abc import Iterable
from typing import Any

from lantai.core.findings import Finding, finding
from lantai.packages.container_names import decoded

_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
_UNDECODED = re.compile("[\udc80-\udcff]")


def keepable(text: str) -> str:
    """Return *text* with NUL and lone surrogates written out as ``<U+0000>``."""
    return _UNKEEPABLE.sub(lambda match: f"<U+{ord(match[0]):04X}>", text) if _UNKEEPABLE.search(text) else text


def keepable_json(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value with every text in it, keys too, made :func:`keepable`."""
    if isinstance(value, str):
        return keepable(value)
    if isinstance(value, dict):
        return {keepable(str(key)): keepable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [keepable_json(item) for item in value]
    return value


def is_keepable(texts: Iterable[str]) -> bool:
    """Tell whether no text needs anything written out."""
    return not any(_UNKEEPABLE.search(text) for text in texts)


def shown(name: str) -> str:
    """Return the name of a file as people know it: bytes that are no UTF-8 are most likely GB18030, else they are written out."""
    if name.isascii():
        return keepable(name)
    try:
        text = decoded(os.fsencode(name), name)
    except UnicodeEncodeError:  # half a surrogate pair that no file system gave
        text = name
    return keepable(_UNDECODED.sub(lambda match: f"<{ord(match[0]) - 0xDC00:02X}>", text))


def remark(name: str, path: str) -> tuple[Finding, ...]:
    """Return what is to be said of a *name* that is not shown as it is."""
    return (finding("CAPTURE-NAME-ENCODING", path),) if shown(name) != name else ()


class Paths:
    """Gives every path of a delivery once: in = out is counted by path, so no two may be alike."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, path: str) -> str:
        """Return *path*, or with a number after it where it was given before; the same order gives the same answers."""
        free, number = path, 1
        while free in self._taken:
            number += 1
            free = f"{path}〔{number}〕"
        self._taken.add(free)
        return free
