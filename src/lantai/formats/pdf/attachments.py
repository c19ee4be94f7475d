"""Files embedded in a PDF, listed with their sizes and not unpacked (ISO 32000-2 7.11.4)."""

import ctypes

import pypdfium2.raw as pdfium

from lantai.formats.content import clean
from lantai.ports.reader import Attachment

_MOST = 200
_LONGEST = 2048


def attachments(document: pdfium.FPDF_DOCUMENT) -> tuple[Attachment, ...]:
    """Return the embedded files by name, size (None where the file does not say and it cannot be measured) and media type."""
    count = min(max(0, pdfium.FPDFDoc_GetAttachmentCount(document)), _MOST)
    handles = (pdfium.FPDFDoc_GetAttachment(document, index) for index in range(count))
    return tuple(_attachment(handle) for handle in handles if handle)


def _attachment(handle: pdfium.FPDF_ATTACHMENT) -> Attachment:
    size = ctypes.c_ulong()
    is_measured = pdfium.FPDFAttachment_GetFile(handle, None, 0, size)
    return Attachment(_text(pdfium.FPDFAttachment_GetName, handle), size.value if is_measured else None, _media_type(handle))


def _media_type(handle: pdfium.FPDF_ATTACHMENT) -> str:
    kind = _text(pdfium.FPDFAttachment_GetSubtype, handle)
    return kind if kind.isprintable() else ""


def _text(ask: object, handle: pdfium.FPDF_ATTACHMENT) -> str:
    room = ctypes.create_string_buffer(_LONGEST)
    size = ask(handle, ctypes.cast(room, ctypes.POINTER(ctypes.c_ushort)), _LONGEST)  # type: ignore[operator]
    return clean(room.raw[: min(size, _LONGEST)].decode("utf-16-le", "replace")).partition("\0")[0]
