"""Text out of office XML: paragraphs end lines, cells end with tabs, deleted and hidden instructions are left out."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from lxml import etree

from lantai.formats.xmlsafe import local

_LEFT_OUT = frozenset({"del", "moveFrom", "instrText", "delText", "delInstrText", "Fallback", "tracked-changes", "annotation"})
_COLUMNS = 16_384  # the widest sheet of ECMA-376
_INSTEAD = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "line-break": "\n", "s": " "}
_CLOSED = {"p": "\n", "h": "\n", "tc": "\t", "table-cell": "\t", "tr": "\r", "table-row": "\r"}
_ODF_TEXT = frozenset({"p", "h", "span", "a"})
_ODF = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def flow(root: etree._Element) -> str:
    """Return the running text of a WordprocessingML, DrawingML or OpenDocument part, in document order."""
    written: list[str] = []
    for part in _walk(root):
        _write(written, part)
    return "".join(written).strip("\n")


def _write(written: list[str], part: str) -> None:
    """Append *part*; the end of a cell takes the place of the line end of its last paragraph."""
    if part in ("\t", "\r") and written and written[-1] == "\n":
        written.pop()
    if part == "\r":
        if written and written[-1] == "\t":
            written.pop()
        part = "\n"
    written.append(part)


def _walk(root: etree._Element) -> Iterator[str]:
    skipped: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name, is_odf = _named(element.tag)
        if skipped is not None:
            if event == "start" or element is not skipped:
                continue
            skipped = None
        elif event == "start" and name in _LEFT_OUT:
            skipped = element
            continue
        elif event == "start":
            yield from _opened(element, name, is_odf=is_odf)
        elif name in _CLOSED:
            yield _CLOSED[name]
        if event == "end" and element.tail and _is_odf_text(element.getparent()):
            yield element.tail


def _opened(element: etree._Element, name: str, *, is_odf: bool) -> Iterator[str]:
    if name == "t" or (is_odf and name in _ODF_TEXT):
        yield element.text or ""
    elif name in _INSTEAD and (name != "s" or is_odf) and _is_run_part(element):
        yield _INSTEAD[name]


@lru_cache(maxsize=4096)
def _named(tag: object) -> tuple[str, bool]:
    """Return the local name of a tag, empty for comments and instructions, and whether it is text of OpenDocument."""
    return (tag.rpartition("}")[2], tag.startswith(_ODF)) if isinstance(tag, str) else ("", False)


def _is_run_part(element: etree._Element) -> bool:
    """Tell a tab within text from the tab stop of a paragraph's properties, which has the same name."""
    parent = element.getparent()
    return parent is not None and local(parent) not in ("tabs", "pPr", "rPr")


def _is_odf_text(element: etree._Element | None) -> bool:
    name, is_odf = _named(element.tag) if element is not None else ("", False)
    return is_odf and name in _ODF_TEXT


def shared_strings(root: etree._Element) -> list[str]:
    """Return the string table of a workbook; phonetic hints are left out."""
    return ["".join(_plain(item)) for item in root.iterfind("{*}si")]


def _plain(item: etree._Element) -> Iterator[str]:
    for text in item.iter("{*}t"):
        parent = text.getparent()
        if parent is None or local(parent) != "rPh":
            yield text.text or ""


def sheet(root: etree._Element, strings: list[str], limit: int) -> str:
    """Return a worksheet as lines of tab-parted cells, about *limit* characters at most; empty rows are left out.

    One long shared string may be pointed at a million times: the limit holds while rows are built, not after.
    """
    rows: list[str] = []
    for row in root.iter("{*}row"):
        text = "\t".join(islice(_cells(row, strings, limit), _COLUMNS))
        limit -= len(text) + 1
        if text.strip():
            rows.append(text)
        if limit < 0:
            break
    return "\n".join(rows)


def _cells(row: etree._Element, strings: list[str], limit: int) -> Iterator[str]:
    for cell in row.iterfind("{*}c"):
        text = _cell(cell, strings)
        limit -= len(text)
        yield text
        if limit < 0:
            return


def _cell(cell: etree._Element, strings: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(_plain(cell))
    value = cell.findtext("{*}v") or ""
    if cell.get("t") != "s":
        return value
    is_known = value.isascii() and value.isdecimal() and len(value) < 10 and int(value) < len(strings)
    return strings[int(value)] if is_known else ""
