"""What hangs on a document: attachments, annotations, custom tags, extensions (GB/T 33190-2016 clauses 15 to 18)."""

from collections.abc import Iterator

from lxml import etree

from lantai.formats.content import clean
from lantai.formats.ofd.graphics import units
from lantai.formats.ofd.model import Attachment, Extension, IntegrityEntries, ObjectReference, Tag, TagTree
from lantai.formats.ofd.model_page import Annotation
from lantai.formats.ofd.parts import Parts
from lantai.formats.ofd.values import box, child, children, number, text_of, yes
from lantai.formats.xmlsafe import local


def attachments(place: str, parts: Parts) -> tuple[Attachment, ...]:
    """Read the list of attachments at *place*."""
    return tuple(_attachment(item, place, parts) for item in children(parts.xml(place) if place else None, "Attachment"))


def _attachment(element: etree._Element, place: str, parts: Parts) -> Attachment:
    get = element.get
    where = parts.resolve(text_of(element, "FileLoc") or get("BaseLoc"), place)
    visible = yes(get("Visible"), otherwise=True)
    dates = get("CreationDate", "").strip(), get("ModDate", "").strip()
    return Attachment(get("ID", ""), get("Name", ""), where, get("Format", ""), *dates, number(get("Size")), visible, get("Usage", "none"))


def annotation_places(place: str, parts: Parts) -> dict[str, tuple[str, ...]]:
    """Return the annotation entries of each page by its identifier."""
    found: dict[str, tuple[str, ...]] = {}
    for item in children(parts.xml(place) if place else None, "Page"):
        where = parts.resolve(text_of(item, "FileLoc"), place)
        if where:
            page = item.get("PageID", "")
            found[page] = (*found.get(page, ()), where)
    return found


def annotations(place: str, parts: Parts) -> tuple[Annotation, ...]:
    """Read the annotations of one page from the entry *place*."""
    return tuple(_annotation(item, place) for item in children(parts.xml(place), "Annot"))


def _annotation(element: etree._Element, place: str) -> Annotation:
    get = element.get
    look = child(element, "Appearance")
    parameters = ((item.get("Name", ""), clean(item.text or "")) for item in children(child(element, "Parameters"), "Parameter"))
    return Annotation(
        get("ID", ""),
        get("Type", ""),
        get("Subtype", ""),
        get("Creator", ""),
        get("LastModDate", ""),
        yes(get("Visible"), otherwise=True),
        yes(get("Print"), otherwise=True),
        not yes(get("NoZoom"), otherwise=False),
        not yes(get("NoRotate"), otherwise=False),
        yes(get("ReadOnly"), otherwise=True),
        clean(text_of(element, "Remark")),
        tuple(parameters),
        None if look is None else box(look.get("Boundary")),
        () if look is None else units(look),
        place,
    )


def tags(place: str, parts: Parts) -> tuple[TagTree, ...]:
    """Read the custom tag trees listed at *place*; broken tag files are repaired as far as they go, for they are met often."""
    return tuple(_tag_tree(item, place, parts) for item in children(parts.xml(place) if place else None, "CustomTag"))


def _tag_tree(element: etree._Element, place: str, parts: Parts) -> TagTree:
    where = parts.resolve(text_of(element, "FileLoc"), place)
    schema = parts.resolve(text_of(element, "SchemaLoc"), place)
    root = parts.xml(where, is_lenient=True) if where else None
    kind = element.get("TypeID") or element.get("NameSpace") or ""
    return TagTree(kind, schema, where, None if root is None else _tag(root))


def _tag(element: etree._Element) -> Tag:
    references: list[ObjectReference] = []
    below: list[Tag] = []
    for item in element:
        name = local(item)
        if name.rpartition(":")[2] == "ObjectRef":
            references.append(ObjectReference(item.get("PageRef", ""), (item.text or "").strip()))
        elif name:
            below.append(_tag(item))
    name = local(element)
    space = str(element.tag)[1:].partition("}")[0] if str(element.tag).startswith("{") else ""
    attributes = tuple((str(key).rpartition("}")[2], str(value)) for key, value in element.attrib.items())
    return Tag(name, space, attributes, clean(element.text or "").strip(), tuple(references), tuple(below))


def extensions(place: str, parts: Parts) -> tuple[Extension, ...]:
    """Read the extensions listed at *place*."""
    return tuple(_extension(item, place, parts) for item in children(parts.xml(place) if place else None, "Extension"))


def _extension(element: etree._Element, place: str, parts: Parts) -> Extension:
    get = element.get
    rows = ((item.get("Name", ""), item.get("Type", ""), clean(item.text or "")) for item in children(element, "Property"))
    data = child(element, "Data")
    said = "" if data is None else clean(" ".join(str(piece) for piece in data.itertext())).strip()
    where = parts.resolve(text_of(element, "ExtendData"), place)
    about = get("AppName", ""), get("RefId") or get("RefID") or "", get("Company", ""), get("AppVersion", ""), get("Date", "")
    return Extension(*about, tuple(rows), said, where)


def integrity(parts: Parts) -> IntegrityEntries | None:
    """Return the declared integrity protection of the package (GM/T 0099); None where there is none."""
    place = parts.find("OFDEntries.xml")
    root = parts.xml(place) if place else None
    if root is None:
        return None
    files = tuple(_listed(root, place, parts))
    return IntegrityEntries(
        parts.resolve(text_of(root, "SignedValueLoc"), place), files, root.get("CreatorName", ""), root.get("CreationDate", "")
    )


def _listed(root: etree._Element, place: str, parts: Parts) -> Iterator[str]:
    for item in children(child(root, "FileList"), "File"):
        where = parts.resolve(item.get("FileLoc"), place)
        if where:
            yield where
