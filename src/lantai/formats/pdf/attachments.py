"""Files embedded in a PDF, listed with their sizes and not unpacked (ISO 32000-2 7.11.4)."""

import ctypes

import pypdfium2.raw as pdfium

from lantai.formats.content import Source, clean
from lantai.formats.pdf.raw import is_held
from lantai.ports.reader import Attachment

_MOST = 200
_LONGEST = 2048


def attachments(document: pdfium.FPDF_DOCUMENT, source: Source) -> tuple[Attachment, ...]:
    """Return the embedded files by name, size and media type.

    A size is measured by unpacking, so it is None in a file that is too large to be held.
    """
    count = min(max(0, pdfium.FPDFDoc_GetAttachmentCount(document)), _MOST)
    handles = (pdfium.FPDFDoc_GetAttachment(document, index) for index in range(count))
    may_measure = is_held(source)
    return tuple(_attachment(handle, may_measure=may_measure) for handle in handles if handle)


def _attachment(handle: pdfium.FPDF_ATTACHMENT, *, may_measure: bool) -> Attachment:
    size = ctypes.c_ulong()
    is_measured = may_measure and pdfium.FPDFAttachment_GetFile(handle, None, 0, size)
    return Attachment(_text(pdfium.FPDFAttachment_GetName, handle), size.value if is_measured else None, _media_type(handle))


def _media_type(handle: pdfium.FPDF_ATTACHMENT) -> str:
    kind = _text(pdfium.FPDFAttachment_GetSubtype, handle)
    return kind if kind.isprintable() else ""


def _text(ask: object, handle: pdfium.FPDF_ATTACHMENT) -> str:
    room = ctypes.create_string_buffer(_LONGEST)
    size = ask(handle, ctypes.cast(room, ctypes.POINTER(ctypes.c_ushort)), _LONGEST)  # type: ignore[operator]
    return clean(room.raw[: min(size, _LONGEST)].decode("utf-16-le", "replace")).partition("\0")[0]
