"""JSON as people read it, one value a line: the form of what lies in packages. Several times as fast as the library, whose indented
form is made in Python character by character.
"""

import json
from collections.abc import Mapping
from json.encoder import encode_basestring  # in C where the library has it so
from typing import Any


def laid_out(value: object) -> bytes:
    """Return what ``json.dumps(value, ensure_ascii=False, indent=1)`` returns, with an end of line, as UTF-8.

    Keys are text. Raises TypeError for what JSON has no form of. A surrogate that stands alone is kept as ``\\udXXX``.
    """
    return (_text(value, "\n") + "\n").encode("utf-8", "backslashreplace")


def _text(value: Any, at: str) -> str:  # noqa: ANN401 - any JSON value
    """Return a value whose line begins with *at*, an end of line and the blanks before it."""
    if isinstance(value, str):
        return encode_basestring(value)
    below = at + " "
    if isinstance(value, (list, tuple)) and value:
        inside = f",{below}".join([encode_basestring(item) if isinstance(item, str) else _text(item, below) for item in value])
        return f"[{below}{inside}{at}]"
    if isinstance(value, (dict, Mapping)) and value:  # asking an abstract class is dear, and nearly all are dicts
        inside = f",{below}".join([f"{encode_basestring(key)}: {_text(item, below)}" for key, item in value.items()])
        return f"{{{below}{inside}{at}}}"
    return json.dumps(value, ensure_ascii=False)
