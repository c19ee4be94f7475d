"""Codecs of one file: bytes to values.

The readers are imported when one is first asked for: whoever only sniffs at a container, or hands files to a guarded process, holds
none of them in memory.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lantai.formats.dispatch import read
    from lantai.formats.inner import attachment
    from lantai.formats.render import render

__all__ = ["attachment", "read", "render"]
_HOMES = {"attachment": "lantai.formats.inner", "read": "lantai.formats.dispatch", "render": "lantai.formats.render"}


def __getattr__(name: str) -> object:
    """Import a codec when it is asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found  # a module of the same name has just taken this place
    return found
