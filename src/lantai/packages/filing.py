"""The filing package 归档信息包: what an OA system hands over for one record (GB/T 39362-2020; package-da-t-48 §4).

A folder with 基本信息元数据.xml, 处理过程元数据.xml, 说明文件.txt, a manifest with sizes and digests, and the content in
正本, 定稿与修改稿 and 处理单. This module is its door: values, reading and writing.
"""

from lantai.packages.filing_read import find_packages, is_filing_package, plain_files, read
from lantai.packages.filing_values import DESCRIPTION, METADATA, PROCESS, FilingDocument, FilingFile, FilingPackage
from lantai.packages.filing_write import write, write_parcel
from lantai.packages.manifest import MANIFEST

__all__ = [
    "DESCRIPTION",
    "MANIFEST",
    "METADATA",
    "PROCESS",
    "FilingDocument",
    "FilingFile",
    "FilingPackage",
    "find_packages",
    "is_filing_package",
    "plain_files",
    "read",
    "write",
    "write_parcel",
]
