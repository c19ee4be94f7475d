"""Printed forms: facts in, PDF/A-2b out, one function a form; same facts, printer and instant, same bytes.

宋 throughout, black on white, 0.3 mm rules, heads repeated, rows never split, signature lines on the last page; the foot names the range,
the digest of the content, who printed it and when, and the page (the interface design, Print).
"""

from lantai.forms import sheet
from lantai.forms.press import pdf
from lantai.forms.sheet import Facts, Listed, Plain, Printing, Sheet

__all__ = ["Facts", "Listed", "Plain", "Printing", "Sheet", "pdf", "sheet"]
