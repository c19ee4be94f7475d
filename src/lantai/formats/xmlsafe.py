"""The only door to XML and HTML: no document type, no entities, no network, no huge trees.

A document type declaration is refused before parsing, so entity bombs and external entities never reach the parser;
the parser is closed as well, for encodings in which the prologue cannot be read.
"""

from lxml import etree, html

from lantai.formats.content import Unreadable
from lantai.formats.decode import decode

_HEAD = 65_536


def has_doctype(data: bytes) -> bool:
    """Tell whether the prologue of *data* holds a document type declaration."""
    text = decode(data[:_HEAD], is_partial=True)[0].lstrip("\ufeff \t\r\n")
    while text.startswith(("<?", "<!--")):
        end = "?>" if text.startswith("<?") else "-->"
        text = text.partition(end)[2].lstrip()
    return text[:9].upper() == "<!DOCTYPE"


def parse(data: bytes, where: str, code: str = "XML-DAMAGED") -> etree._Element:
    """Parse *data* and return its root. Raises Unreadable: XML-DTD for a document type, *code* for broken XML."""
    if has_doctype(data):
        raise Unreadable("XML-DTD", where)
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise Unreadable(code, where, detail=str(problem)[:200]) from None
    if root is None:
        raise Unreadable(code, where, detail="没有根元素")
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("XML-DTD", where)
    return root


def parse_html(text: str, where: str) -> etree._Element:
    """Parse the HTML *text* and return its root. Raises Unreadable with TEXT-DAMAGED where nothing can be made of it."""
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as problem:
        raise Unreadable("TEXT-DAMAGED", where, detail=str(problem)[:200]) from None
    return root


def local(element: etree._Element) -> str:
    """Return the name of *element* without its namespace; empty for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False)


def recover(data: bytes, where: str, code: str = "XML-DAMAGED") -> etree._Element:
    """Parse broken XML as far as it goes. Raises Unreadable as :func:`parse` does, *code* where nothing is left of it."""
    if has_doctype(data):
        raise Unreadable("XML-DTD", where)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise Unreadable(code, where, detail=str(problem)[:200]) from None
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable(code, where, detail="没有根元素")
    return root
