"""Official documents 公文 (GB/T 9704-2012): their elements, numbers, dates and marks of secrecy, read out of the text of pages.

:func:`read` takes plain page texts and returns the fields a catalogue needs; :func:`elements` takes pages with boxes, where the
format has them, and returns every element of the standard with its place, its confidence and what speaks for and against it.
Nothing is guessed in silence: every field says where it came from, and a field that cannot be read stays empty. Nothing is
repaired: a number or date is only brought into its common form.
"""

from lantai.core.officialdoc.dates import civil_date
from lantai.core.officialdoc.element import NAMES, Element, Elements, Place, Reason
from lantai.core.officialdoc.elements import Known, elements
from lantai.core.officialdoc.fields import Fields, read
from lantai.core.officialdoc.marks import Secrecy, secrecy
from lantai.core.officialdoc.numbers import document_number, is_well_formed, objection
from lantai.core.officialdoc.page import Box, Page
from lantai.core.officialdoc.stamp import STAMP, Cell, Stamp
from lantai.core.officialdoc.words import WORDS, Words

__all__ = [
    "NAMES",
    "STAMP",
    "WORDS",
    "Box",
    "Cell",
    "Element",
    "Elements",
    "Fields",
    "Known",
    "Page",
    "Place",
    "Reason",
    "Secrecy",
    "Stamp",
    "Words",
    "civil_date",
    "document_number",
    "elements",
    "is_well_formed",
    "objection",
    "read",
    "secrecy",
]
