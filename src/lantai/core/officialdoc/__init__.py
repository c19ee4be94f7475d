"""Official documents 公文 (GB/T 9704-2012): their elements, numbers, dates and marks of secrecy, read out of plain page text.

Nothing is guessed in silence: every field says where it came from, and a field that cannot be read stays empty. Nothing is
repaired: a number or date is only brought into its common form.
"""

from lantai.core.officialdoc.dates import civil_date
from lantai.core.officialdoc.fields import Fields, read
from lantai.core.officialdoc.marks import Secrecy, secrecy
from lantai.core.officialdoc.numbers import document_number, is_well_formed
from lantai.core.officialdoc.words import WORDS, Words

__all__ = ["WORDS", "Fields", "Secrecy", "Words", "civil_date", "document_number", "is_well_formed", "read", "secrecy"]
