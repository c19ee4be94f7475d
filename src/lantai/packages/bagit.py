"""BagIt 0.90–0.97 and 1.0 (RFC 8493): reading, validating and writing bags. This module is its door."""

from lantai.packages.bagit_check import Checked, check
from lantai.packages.bagit_read import is_bag
from lantai.packages.bagit_values import ALGORITHMS, Bag, FetchLine
from lantai.packages.bagit_write import seal, write, write_record

__all__ = ["ALGORITHMS", "Bag", "Checked", "FetchLine", "check", "is_bag", "seal", "write", "write_record"]
