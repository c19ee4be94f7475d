"""The roots read into values: OFD.xml and Document.xml (GB/T 33190-2016 7.4, 7.5, 7.8, clause 19)."""

from collections.abc import Iterator

from lxml import etree

from lantai.formats.content import clean
from lantai.formats.ofd.actions import actions, destination
from lantai.formats.ofd.geometry import A4
from lantai.formats.ofd.model import (
    Bookmark,
    DocInfo,
    DocumentFacts,
    OutlineItem,
    PageEntry,
    Permissions,
    TemplatePage,
    Version,
    ViewerPreferences,
)
from lantai.formats.ofd.parts import Parts
from lantai.formats.ofd.values import area, child, children, text_of, whole, yes
from lantai.formats.xmlsafe import local

_PAGES = 200_000


def doc_info(body: etree._Element) -> DocInfo:
    """Read the DocInfo of a DocBody."""
    info = child(body, "DocInfo")
    say = {local(item): clean(item.text or "").strip() for item in (info if info is not None else ())}
    words = tuple(clean(item.text or "") for item in children(child(info, "Keywords"), "Keyword"))
    custom = tuple((item.get("Name", ""), clean(item.text or "")) for item in children(child(info, "CustomDatas"), "CustomData"))
    return DocInfo(
        doc_id=say.get("DocID", ""),
        title=say.get("Title", ""),
        author=say.get("Author", ""),
        subject=say.get("Subject", ""),
        abstract=say.get("Abstract", ""),
        created=say.get("CreationDate", ""),
        modified=say.get("ModDate", ""),
        usage=say.get("DocUsage", ""),
        cover=say.get("Cover", ""),
        keywords=words,
        creator=say.get("Creator", ""),
        creator_version=say.get("CreatorVersion", ""),
        custom=custom,
    )


def versions(body: etree._Element, parts: Parts) -> tuple[Version, ...]:
    """Read the versions of a DocBody, each with what its own entry says."""
    return tuple(_version(item, parts) for item in children(child(body, "Versions"), "Version"))


def _version(element: etree._Element, parts: Parts) -> Version:
    place = parts.resolve(element.get("BaseLoc"), "OFD.xml")
    root = parts.xml(place) if place else None
    listed = children(child(root, "FileList"), "File")
    files = tuple((item.get("ID", ""), parts.resolve(item.text, place)) for item in listed)
    return Version(
        element.get("ID", ""),
        whole(element.get("Index"), 0),
        yes(element.get("Current"), otherwise=False),
        place,
        "" if root is None else root.get("Name", ""),
        "" if root is None else root.get("Version", ""),
        "" if root is None else root.get("CreationDate", ""),
        parts.resolve(text_of(root, "DocRoot"), place) if root is not None else "",
        files,
    )


def document_facts(root: etree._Element, place: str, parts: Parts) -> DocumentFacts:
    """Read Document.xml, the entry *place*. The pages themselves are not opened."""
    common = child(root, "CommonData")

    def loc(holder: etree._Element | None, name: str) -> str:
        return parts.resolve(text_of(holder, name), place)

    return DocumentFacts(
        area=area(child(common, "PageArea")) or A4,
        pages=tuple(_pages(root, place, parts)),
        templates=tuple(_templates(common, place, parts)),
        public_resources=tuple(filter(None, (parts.resolve(item.text, place) for item in children(common, "PublicRes")))),
        document_resources=tuple(filter(None, (parts.resolve(item.text, place) for item in children(common, "DocumentRes")))),
        default_colour_space=text_of(common, "DefaultCS"),
        max_unit_id=text_of(common, "MaxUnitID"),
        outlines=_outlines(child(root, "Outlines")),
        bookmarks=tuple(_bookmarks(root)),
        actions=actions(root),
        permissions=_permissions(child(root, "Permissions")),
        preferences=_preferences(child(root, "VPreferences")),
        annotations=loc(root, "Annotations"),
        tags=loc(root, "CustomTags"),
        attachments=loc(root, "Attachments"),
        extensions=loc(root, "Extensions"),
    )


def _pages(root: etree._Element, place: str, parts: Parts) -> Iterator[PageEntry]:
    for index, item in enumerate(children(child(root, "Pages"), "Page")):
        if index >= _PAGES:
            parts.remark("READ-PAGES-CUT", place, pages=_PAGES)
            return
        yield PageEntry(item.get("ID", ""), parts.resolve(item.get("BaseLoc"), place))


def _templates(common: etree._Element | None, place: str, parts: Parts) -> Iterator[TemplatePage]:
    for item in children(common, "TemplatePage"):
        where = parts.resolve(item.get("BaseLoc"), place)
        yield TemplatePage(item.get("ID", ""), where, item.get("Name", ""), item.get("ZOrder", "Background"))


def _outlines(holder: etree._Element | None) -> tuple[OutlineItem, ...]:
    return tuple(
        OutlineItem(clean(item.get("Title", "")).strip(), actions(item), _outlines(item), yes(item.get("Expanded"), otherwise=True))
        for item in children(holder, "OutlineElem")
    )


def _bookmarks(root: etree._Element) -> Iterator[Bookmark]:
    for item in children(child(root, "Bookmarks"), "Bookmark"):
        yield Bookmark(item.get("Name", ""), destination(child(item, "Dest")))


def _permissions(element: etree._Element | None) -> Permissions | None:
    if element is None:
        return None

    def allows(name: str) -> bool:
        return yes(text_of(element, name), otherwise=True)

    printing, period = child(element, "Print"), child(element, "ValidPeriod")
    return Permissions(
        may_edit=allows("Edit"),
        may_annotate=allows("Annot"),
        may_export=allows("Export"),
        may_sign=allows("Signature"),
        may_watermark=allows("Watermark"),
        may_capture_screen=allows("PrintScreen"),
        may_print=printing is None or yes(printing.get("Printable"), otherwise=True),
        copies=-1 if printing is None else whole(printing.get("Copies"), -1),
        valid_from="" if period is None else period.get("StartDate", ""),
        valid_until="" if period is None else period.get("EndDate", ""),
    )


def _preferences(element: etree._Element | None) -> ViewerPreferences | None:
    if element is None:
        return None
    return ViewerPreferences(
        text_of(element, "PageMode") or "None",
        text_of(element, "PageLayout") or "OneColumn",
        text_of(element, "TabDisplay") or "DocTitle",
        yes(text_of(element, "HideToolbar"), otherwise=False),
        yes(text_of(element, "HideMenubar"), otherwise=False),
        yes(text_of(element, "HideWindowUI"), otherwise=False),
        text_of(element, "Zoom") or text_of(element, "ZoomMode"),
    )
