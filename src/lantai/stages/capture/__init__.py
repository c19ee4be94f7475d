"""capture 接收: whatever arrives becomes records of a batch, and every file has an outcome (in = out).

The verbs stand in ``receiving`` and need the database. They are imported when first asked for, because ``plan`` and ``take``
serve ``lantai inspect`` and ``lantai check PATH`` too, which need no store and should not wait for one.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lantai.stages.capture.receiving import open_batch, receive, receive_task

__all__ = ["open_batch", "receive", "receive_task"]


def __getattr__(name: str) -> object:
    """Import a verb when it is asked for (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("lantai.stages.capture.receiving"), name)
