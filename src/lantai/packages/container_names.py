"""Names inside containers: what they were before some tool misread them, and which of them may become a path."""

import re

_DRIVE = re.compile(r"^[A-Za-z]:")
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_ODD_SCRIPTS = re.compile("(?<![A-Za-z])[\u0300-\u036f]|[\u0250-\u02ff\u0530-\u07ff]")
_UNLIKELY = re.compile("[\x00-\x1f\x7f-\x9f\ue000-\uf8ff]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\..*)?|.*[<>:\"|?*\x01-\x1f\\].*|.*[. ]", re.IGNORECASE | re.DOTALL)
_PART_BYTES, _PATH_BYTES, _DEPTH = 255, 3000, 64


class BadName(Exception):
    """A name that must not become a path; ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def parts_of(name: str) -> tuple[str, ...]:
    """Return the parts of a relative path; backslashes part too, as Windows tools write them.

    Raises BadName: CONTAINER-PATH-ESCAPES for absolute paths, drive letters and ``..``; CONTAINER-NAME-INVALID for names
    that are empty, too long, too deep or hold control characters.
    """
    path = name.replace("\\", "/")
    if path.startswith("/") or _DRIVE.match(path):
        raise BadName("CONTAINER-PATH-ESCAPES")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in parts:
        raise BadName("CONTAINER-PATH-ESCAPES")
    is_long = (
        any(len(part.encode("utf-8", "replace")) > _PART_BYTES for part in parts) or len(path.encode("utf-8", "replace")) > _PATH_BYTES
    )
    if not parts or is_long or len(parts) > _DEPTH or _CONTROL.search(path):
        raise BadName("CONTAINER-NAME-INVALID")
    return parts


def is_reserved(part: str) -> bool:
    """Tell whether a name cannot be, or is another one, on some system: devices, streams (``a:b``), dots and spaces at the end."""
    return _RESERVED.fullmatch(part) is not None


def decoded(raw: bytes, otherwise: str) -> str:
    """Return the name that *raw*, of undeclared encoding, most likely is: UTF-8, else GB18030, else *otherwise*.

    A few Chinese words in GB18030 happen to be UTF-8 of scripts that nobody mixes: 通知 would read ֪ͨ.
    """
    text = _fits(raw, "utf-8")
    if text is None or _is_misread(text, raw):
        chinese = _fits(raw, "gb18030")
        if chinese is not None and not _UNLIKELY.search(chinese):
            return chinese
    return otherwise if text is None else text


def _is_misread(text: str, raw: bytes) -> bool:
    """Tell whether *text* holds nothing but two-byte characters, of scripts that stand in no name of ours, all possible in GB 2312."""
    is_gb2312 = all(byte < 0x80 or byte > 0xA0 for byte in raw)
    return is_gb2312 and max(text, default="") <= "\u07ff" and _ODD_SCRIPTS.search(text) is not None


def _fits(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def shown(name: str) -> str:
    """Return *name* as a finding may show it: no control characters, at most 200 characters."""
    return _CONTROL.sub("�", name)[:200] or "（无名）"
