"""OFD (GB/T 33190-2016): a lazy, bounded reader of packages into values, its text with positions, its signatures and their coverage.

``open_ofd`` opens a package, ``read`` gives what the dispatcher wants, ``covered`` tells what a signature protects.
"""

from lantai.formats.ofd.coverage import covered, uncovered
from lantai.formats.ofd.inside import attachment
from lantai.formats.ofd.package import OfdDocument, OfdPackage, OfdPage, open_ofd
from lantai.formats.ofd.reading import annotation_text, page_text, read
from lantai.formats.ofd.signatures import signatures, verdicts
from lantai.formats.ofd.tagging import Marked, marked

__all__ = [
    "Marked",
    "OfdDocument",
    "OfdPackage",
    "OfdPage",
    "annotation_text",
    "attachment",
    "covered",
    "marked",
    "open_ofd",
    "page_text",
    "read",
    "signatures",
    "uncovered",
    "verdicts",
]
