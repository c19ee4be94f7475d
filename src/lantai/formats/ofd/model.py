"""Values of an OFD package and its documents (GB/T 33190-2016 clauses 7, 12 to 16 and annexes).

Lengths are millimetres, places are names of entries in the package, empty where nothing is said or the thing is not there.
"""

from dataclasses import dataclass

from lantai.formats.ofd.geometry import PageArea
from lantai.formats.ofd.model_action import Action, Destination


@dataclass(frozen=True, slots=True)
class DocInfo:
    """What a document says of itself (7.4, CT_DocInfo); dates as written."""

    doc_id: str = ""
    title: str = ""
    author: str = ""
    subject: str = ""
    abstract: str = ""
    created: str = ""
    modified: str = ""
    usage: str = ""
    cover: str = ""
    keywords: tuple[str, ...] = ()
    creator: str = ""
    creator_version: str = ""
    custom: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document (clause 19): its own root and the files that belong to it by identifier and place."""

    id: str
    index: int
    is_current: bool
    place: str
    name: str = ""
    number: str = ""
    created: str = ""
    root: str = ""
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """A template that pages may name (7.6): under (Background) or over (Foreground) what they hold."""

    id: str
    place: str
    name: str = ""
    z_order: str = "Background"


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One row of the page list: identifier and the entry that holds the page."""

    id: str
    place: str


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """One line of the outline with those below it (7.8)."""

    title: str
    actions: tuple[Action, ...] = ()
    children: tuple["OutlineItem", ...] = ()
    is_expanded: bool = True


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A named destination (7.5)."""

    name: str
    destination: Destination | None


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the producer allows (7.5, CT_Permission); copies -1 is without limit, dates as written."""

    may_edit: bool = True
    may_annotate: bool = True
    may_export: bool = True
    may_sign: bool = True
    may_watermark: bool = True
    may_capture_screen: bool = True
    may_print: bool = True
    copies: int = -1
    valid_from: str = ""
    valid_until: str = ""


@dataclass(frozen=True, slots=True)
class ViewerPreferences:
    """How viewers are asked to open the document (7.5, CT_VPreferences)."""

    page_mode: str = "None"
    page_layout: str = "OneColumn"
    tab_display: str = "DocTitle"
    hides_toolbar: bool = False
    hides_menubar: bool = False
    hides_window: bool = False
    zoom: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file carried along (clause 17); ``size`` in KB as declared."""

    id: str
    name: str
    place: str
    format: str = ""
    created: str = ""
    modified: str = ""
    size: float | None = None
    is_visible: bool = True
    usage: str = "none"


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """An object of a page that a tag is about: identifiers of page and object."""

    page_id: str
    object_id: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A node of a custom tag tree (clause 18; for official documents GB/T 33476): its name, text and the objects it marks."""

    name: str
    namespace: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    objects: tuple[ObjectReference, ...] = ()
    children: tuple["Tag", ...] = ()


@dataclass(frozen=True, slots=True)
class TagTree:
    """One custom tag file: kind, schema, place and its root; None where the file could not be read."""

    type_id: str
    schema: str
    place: str
    root: Tag | None


@dataclass(frozen=True, slots=True)
class Extension:
    """What an application added of its own (clause 17)."""

    application: str
    reference: str = ""
    company: str = ""
    version: str = ""
    date: str = ""
    properties: tuple[tuple[str, str, str], ...] = ()
    data: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The root of a document: everything in Document.xml but the pages' content."""

    area: PageArea
    pages: tuple[PageEntry, ...] = ()
    templates: tuple[TemplatePage, ...] = ()
    public_resources: tuple[str, ...] = ()
    document_resources: tuple[str, ...] = ()
    default_colour_space: str = ""
    max_unit_id: str = ""
    outlines: tuple[OutlineItem, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()
    actions: tuple[Action, ...] = ()
    permissions: Permissions | None = None
    preferences: ViewerPreferences | None = None
    annotations: str = ""
    tags: str = ""
    attachments: str = ""
    extensions: str = ""


@dataclass(frozen=True, slots=True)
class IntegrityEntries:
    """The declared list of an integrity-protected package (GM/T 0099, OFDEntries.xml): signed value and the files it names."""

    signed_value: str
    files: tuple[str, ...] = ()
    creator: str = ""
    created: str = ""
