"""What goes over the pipes between the guard and its child: frames of JSON, four bytes of length first.

JSON and not pickle: the child opens hostile files, so what it says must not be able to run code in the parent.
"""

import json
import struct
from collections.abc import Callable
from typing import Any

from lantai.core.findings import Finding, Severity
from lantai.ports.reader import Attachment, Format, Line, Note, OutlineEntry, PageText, Reading

LENGTH = struct.Struct(">I")
MAX_FRAME = 512 * 1024**2


def frame(value: object) -> bytes:
    """Return *value* as one frame."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return LENGTH.pack(len(body)) + body


def unframe(read: Callable[[int], bytes]) -> Any:  # noqa: ANN401 - JSON
    """Return the next frame's value; None at the end of the stream. Raises ValueError for a frame that is none."""
    head = read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    if size > MAX_FRAME:
        raise ValueError(f"frame of {size} bytes")
    body = read(size)
    return json.loads(body) if len(body) == size else None


def pack(reading: Reading) -> dict[str, Any]:
    """Return *reading* as plain JSON values, lines as flat rows."""
    return {
        "format": [reading.format.puid, reading.format.mime, reading.format.name],
        "page_count": reading.page_count,
        "pages": [[p.number, p.text, p.width, p.height, [[line.text, *line.box] for line in p.lines]] for p in reading.pages],
        "metadata": reading.metadata,
        "signatures": list(reading.signatures),
        "findings": [[item.code, item.severity.value, item.message, item.where] for item in reading.findings],
        "attachments": [[item.name, item.size_bytes, item.mime, item.is_program] for item in reading.attachments],
        "outline": [[item.level, item.title, item.page] for item in reading.outline],
        "notes": [[item.kind, item.name, item.text, item.page] for item in reading.notes],
    }


def unpack(row: dict[str, Any]) -> Reading:
    """Rebuild the reading that :func:`pack` gave. Raises KeyError, TypeError or ValueError where *row* is none."""
    return Reading(
        Format(*map(str, row["format"])),
        None if row["page_count"] is None else int(row["page_count"]),
        tuple(_page(item) for item in row["pages"]),
        {str(key): str(value) for key, value in row["metadata"].items()},
        tuple(dict(item) for item in row["signatures"]),
        tuple(Finding(code, Severity(severity), str(message), str(where)) for code, severity, message, where in row["findings"]),
        tuple(Attachment(str(name), _whole(size), str(mime), bool(runs)) for name, size, mime, runs in row["attachments"]),
        tuple(OutlineEntry(int(level), str(title), _whole(page)) for level, title, page in row["outline"]),
        tuple(Note(str(kind), str(name), str(text), _whole(page)) for kind, name, text, page in row["notes"]),
    )


def _whole(value: Any) -> int | None:  # noqa: ANN401 - JSON
    return None if value is None else int(value)


def _page(row: list[Any]) -> PageText:
    number, text, width, height, lines = row
    return PageText(
        int(number), text, float(width), float(height), tuple(Line(line[0], (line[1], line[2], line[3], line[4])) for line in lines)
    )
