"""Text and XML from outside: decoded whatever Chinese encoding it has, parsed without trusting it."""

import codecs
import re
from pathlib import Path

from lxml import etree

from lantai.packages.parcel import read_back

# Metadata of one record is some kilobytes; a file over this is not metadata, whatever it is called.
LIMIT_BYTES = 32 * 1024**2
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Unreadable(ValueError):
    """Content that is not what it should be; its text says why, in Chinese, for a finding."""


def decode(content: bytes) -> str:
    """Return the text of *content*: by its byte order mark, else UTF-8, else GB18030 (which holds GB2312 and GBK).

    Whatever encoding the text itself declares is not believed. Raises Unreadable where none fits.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _decoded(content, encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(content, "gb18030")


def parse_xml(content: bytes, *, is_huge: bool = False) -> etree._Element:
    """Return the root of an XML document without DTD; nothing is fetched, no entity expanded, depth and size bounded.

    Raises Unreadable.
    """
    text = _DECLARATION.sub("", decode(content), count=1)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("含有 DTD 声明，为安全起见不读取")
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
        huge_tree=is_huge,
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"XML 格式错误：{error.msg}") from error


def read_bytes(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """Return the content of a small file. Raises Unreadable for one over *limit_bytes* or that the system does not give."""
    try:
        if path.stat().st_size > limit_bytes:
            raise Unreadable(f"超过 {limit_bytes} 字节")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error


def local(node: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return str(node.tag).rpartition("}")[2]


def text_of(node: etree._Element) -> str:
    """Return the text directly inside an element, without white space at its ends; what our own writers wrote out is put back."""
    return read_back((node.text or "").strip())


def attribute(node: etree._Element, name: str) -> str:
    """Return an attribute as :func:`text_of` returns a text; empty where it is absent."""
    return read_back((node.get(name) or "").strip())


def child_text(node: etree._Element, name: str) -> str:
    """Return the text of the first child called *name* in any namespace, empty where there is none."""
    return next((text_of(item) for item in node if local(item) == name), "")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("不是 UTF-8 或 GB18030 编码的文字") from error
