"""The transfer package 移交信息包 (DA/T 93-2022, and the electronic file package of 档发〔2012〕7号): values, reading, writing."""

from lantai.packages.transfer_read import Item, TransferPackage, form_of, read, read_item, validate
from lantai.packages.transfer_write import METADATA_NAME, Writer, form

__all__ = ["METADATA_NAME", "Item", "TransferPackage", "Writer", "form", "form_of", "read", "read_item", "validate"]
