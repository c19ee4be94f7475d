"""E-ARK information packages (CSIP 2.x with METS and PREMIS): validating, reading and writing. This module is its door."""

from lantai.packages.csip_check import Checked, check, looks_like_csip
from lantai.packages.csip_read import package_of
from lantai.packages.csip_write import write

__all__ = ["Checked", "check", "looks_like_csip", "package_of", "write"]
