"""Files embedded in a PDF, listed with their sizes, and taken out one at a time (ISO 32000-2 7.11.4)."""

import ctypes

import pypdfium2.raw as pdfium

from lantai.formats.content import Source, clean
from lantai.formats.pdf.engine import opened
from lantai.formats.pdf.raw import is_held
from lantai.formats.programs import is_program
from lantai.ports.reader import Attachment

_MOST = 200
_LONGEST = 2048
_LOOKED_AT = 16 * 1024**2


def attachments(document: pdfium.FPDF_DOCUMENT, source: Source) -> tuple[Attachment, ...]:
    """Return the embedded files by name, size and media type.

    What begins like a program is told apart. A size is measured by unpacking, so it is None in a file that is too large to be held.
    """
    count = min(max(0, pdfium.FPDFDoc_GetAttachmentCount(document)), _MOST)
    handles = (pdfium.FPDFDoc_GetAttachment(document, index) for index in range(count))
    may_measure = is_held(source)
    return tuple(_attachment(handle, may_measure=may_measure) for handle in handles if handle)


def attachment(source: Source, index: int, most: int) -> bytes | None:
    """Return the bytes of the embedded file at *index*; None where there is none or it is larger than *most*."""
    with opened(source) as document:
        if index >= min(max(0, pdfium.FPDFDoc_GetAttachmentCount(document)), _MOST):
            return None
        handle = pdfium.FPDFDoc_GetAttachment(document, index)
        return _unpacked(handle, most) if handle else None


def _attachment(handle: pdfium.FPDF_ATTACHMENT, *, may_measure: bool) -> Attachment:
    size = ctypes.c_ulong()
    is_measured = may_measure and pdfium.FPDFAttachment_GetFile(handle, None, 0, size)
    name = _text(pdfium.FPDFAttachment_GetName, handle)
    head = (_unpacked(handle, _LOOKED_AT) or b"")[:16] if is_measured else b""
    return Attachment(name, size.value if is_measured else None, _media_type(handle), is_program(name, head))


def _unpacked(handle: pdfium.FPDF_ATTACHMENT, most: int) -> bytes | None:
    size = ctypes.c_ulong()
    if not pdfium.FPDFAttachment_GetFile(handle, None, 0, size) or size.value > most:
        return None
    room = ctypes.create_string_buffer(max(1, size.value))
    return room.raw[: size.value] if pdfium.FPDFAttachment_GetFile(handle, room, size.value, size) else None


def _media_type(handle: pdfium.FPDF_ATTACHMENT) -> str:
    kind = _text(pdfium.FPDFAttachment_GetSubtype, handle)
    return kind if kind.isprintable() else ""


def _text(ask: object, handle: pdfium.FPDF_ATTACHMENT) -> str:
    room = ctypes.create_string_buffer(_LONGEST)
    size = ask(handle, ctypes.cast(room, ctypes.POINTER(ctypes.c_ushort)), _LONGEST)  # type: ignore[operator]
    return clean(room.raw[: min(size, _LONGEST)].decode("utf-16-le", "replace")).partition("\0")[0]
