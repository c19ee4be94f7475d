"""PDF (ISO 32000): pages, text with boxes, metadata, attachments, locks, active content, signatures and the claim to be PDF/A."""

from lantai.formats.pdf.attachments import attachment
from lantai.formats.pdf.reader import read
from lantai.formats.pdf.values import iso_date, unverified

__all__ = ["attachment", "iso_date", "read", "unverified"]
