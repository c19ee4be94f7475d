"""An OFD package opened lazily: documents, pages, resources are read when asked for and not kept (GB/T 33190-2016).

``with open_ofd(path) as package: package.documents[0].page(1).content``. What is missing or broken is a finding in
``package.findings``; everything else still opens. Unreadable leaves these classes only where a budget ends or nothing opens at all.
"""

import zipfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType

from lxml import etree

from lantai.core.findings import Finding
from lantai.formats.content import Source, Unreadable
from lantai.formats.ofd import documents, extras
from lantai.formats.ofd.actions import actions
from lantai.formats.ofd.geometry import A4, PageArea
from lantai.formats.ofd.graphics import layers
from lantai.formats.ofd.model import (
    Attachment,
    DocInfo,
    DocumentFacts,
    Extension,
    IntegrityEntries,
    PageEntry,
    TagTree,
    TemplatePage,
    Version,
)
from lantai.formats.ofd.model_page import Annotation, Layer, PageContent, TemplateUse
from lantai.formats.ofd.parts import Parts
from lantai.formats.ofd.resources import Resources
from lantai.formats.ofd.values import area, child, children, text_of
from lantai.formats.xmlsafe import parse
from lantai.formats.zipped import DAMAGE, damage_words, open_zip
from lantai.ports.reader import Limits

_RANKS = {"Background": 0, "Body": 1, "Custom": 1, "Foreground": 2}
_ENCRYPTION = ("encryptions.xml",)


def open_ofd(path: Path, limits: Limits | None = None, *, name: str = "") -> "OfdPackage":
    """Open the OFD at *path*, called *name* in findings.

    Raises Unreadable where nothing opens: ZIP-DAMAGED, ZIP-MEMBER-…, OFD-DAMAGED, OFD-ENCRYPTED, XML-DTD, READ-….
    """
    return open_source(Source.of(path, name or path.name, limits or Limits()))


def open_source(source: Source) -> "OfdPackage":
    """As :func:`open_ofd` for a source whose clock is running."""
    try:
        archive = open_zip(source.path)
    except DAMAGE as problem:
        raise Unreadable("ZIP-DAMAGED", source.name, detail=damage_words(problem)) from None
    try:
        return OfdPackage(archive, source)
    except BaseException:
        archive.close()
        raise


class OfdPackage:
    """The package: its documents and what was remarked on. Close it, or use it in a ``with``."""

    def __init__(self, archive: zipfile.ZipFile, source: Source) -> None:
        self._archive = archive
        self.parts = Parts(archive, source)
        self.is_encrypted = bool(self.parts.encrypted) or any(self.parts.find(name) for name in _ENCRYPTION)
        root = self._root(source)
        self.version, self.doc_type = root.get("Version", ""), root.get("DocType", "")
        self.documents = tuple(OfdDocument(self, index, body) for index, body in enumerate(children(root, "DocBody")))
        if not self.documents:
            raise Unreadable("OFD-DAMAGED", source.name, detail="OFD.xml 中没有 DocBody")
        self._remark(source)

    def _root(self, source: Source) -> etree._Element:
        try:
            return parse(self.parts.read(self.parts.find("OFD.xml") or "OFD.xml"), source.name, "OFD-DAMAGED")
        except Unreadable as problem:
            if self.is_encrypted and not problem.finding.code.startswith("READ-"):
                raise Unreadable("OFD-ENCRYPTED", source.name) from None
            raise

    def _remark(self, source: Source) -> None:
        if self.is_encrypted:
            self.parts.remark("OFD-ENCRYPTED", source.name)
        for name in self.parts.doubled:
            self.parts.remark("OFD-ENTRY-DOUBLED", name, member=name[:200])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was remarked on so far; in an encrypted package missing and broken parts are no news."""
        found = self.parts.findings
        if not self.is_encrypted:
            return found
        return tuple(item for item in found if item.code not in ("OFD-PART-MISSING", "OFD-PART-DAMAGED", "ZIP-MEMBER-ENCRYPTED"))

    @property
    def page_count(self) -> int:
        """Number of pages of all documents."""
        return sum(document.page_count for document in self.documents)

    @cached_property
    def integrity(self) -> IntegrityEntries | None:
        """The declared integrity protection (GM/T 0099); None where there is none. It is not verified."""
        return extras.integrity(self.parts)

    def pages(self) -> Iterator["OfdPage"]:
        """Yield the pages of all documents, one at a time."""
        for document in self.documents:
            for number in range(1, document.page_count + 1):
                yield document.page(number)

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def __enter__(self) -> "OfdPackage":
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class OfdDocument:
    """One document of the package (a DocBody). Its parts are read on first use."""

    def __init__(self, package: OfdPackage, index: int, body: etree._Element) -> None:
        self.package, self.parts, self.index = package, package.parts, index
        self._body = body
        self.place = self.parts.resolve(text_of(body, "DocRoot"), "OFD.xml")
        self.signature_lists = tuple(filter(None, (self.parts.resolve(item.text, "OFD.xml") for item in children(body, "Signatures"))))

    @cached_property
    def info(self) -> DocInfo:
        """What the document says of itself."""
        return documents.doc_info(self._body)

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """The versions listed (clause 19)."""
        return documents.versions(self._body, self.parts)

    @cached_property
    def facts(self) -> DocumentFacts:
        """Document.xml; without pages where it cannot be read. Where DocRoot leads nowhere the current version's root is read."""
        current = next((item.root for item in self.versions if item.is_current and item.root), "") if not self.place else ""
        return self.facts_of(self.place or current)

    def facts_of(self, place: str) -> DocumentFacts:
        """Return the root at *place* read as a document: the root of a version, for instance."""
        root = self.parts.xml(place) if place else None
        return DocumentFacts(A4) if root is None else documents.document_facts(root, place, self.parts)

    @property
    def page_count(self) -> int:
        """Number of pages listed."""
        return len(self.facts.pages)

    def page(self, number: int) -> "OfdPage":
        """Return page *number*, from 1. Raises IndexError where there is no such page."""
        if not 1 <= number <= self.page_count:
            raise IndexError(number)
        return OfdPage(self, number, self.facts.pages[number - 1])

    def page_number(self, page_id: str) -> int:
        """Return the number of the page with an identifier, 0 where there is none."""
        return self._numbers.get(page_id, 0)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {entry.id: number for number, entry in reversed(list(enumerate(self.facts.pages, 1)))}

    @cached_property
    def resources(self) -> Resources:
        """Document resources over public ones."""
        return Resources(self.parts, self.facts.document_resources, Resources(self.parts, self.facts.public_resources))

    @cached_property
    def templates(self) -> dict[str, TemplatePage]:
        """Templates by identifier."""
        return {item.id: item for item in reversed(self.facts.templates)}

    def template(self, id_: str) -> PageContent | None:
        """Return the content of a template; None, with a finding, where it is missing."""
        listed = self.templates.get(id_)
        if listed is None:
            self.parts.remark("OFD-TEMPLATE-MISSING", id_, id=id_[:50])
        root = self.parts.kept_xml(listed.place) if listed and listed.place else None
        return None if listed is None or root is None else page_content(root, listed.place, self.parts)

    @cached_property
    def annotation_places(self) -> dict[str, tuple[str, ...]]:
        """The annotation entries of each page by its identifier."""
        return extras.annotation_places(self.facts.annotations, self.parts)

    @cached_property
    def attachments(self) -> tuple[Attachment, ...]:
        """Files carried along."""
        return extras.attachments(self.facts.attachments, self.parts)

    @cached_property
    def tags(self) -> tuple[TagTree, ...]:
        """Custom tag trees (for official documents GB/T 33476)."""
        return extras.tags(self.facts.tags, self.parts)

    @cached_property
    def extensions(self) -> tuple[Extension, ...]:
        """What applications added."""
        return extras.extensions(self.facts.extensions, self.parts)


class OfdPage:
    """One page. The document does not keep it: let it go and its memory is free."""

    def __init__(self, document: OfdDocument, number: int, entry: PageEntry) -> None:
        self.document, self.number = document, number
        self.id, self.place = entry.id, entry.place

    @cached_property
    def content(self) -> PageContent:
        """What the page's own entry holds; empty where it cannot be read."""
        parts = self.document.parts
        root = parts.xml(self.place) if self.place else None
        return PageContent() if root is None else page_content(root, self.place, parts)

    @property
    def area(self) -> PageArea:
        """The boxes of the page: its own, else the document's, else A4."""
        return self.content.area or self.document.facts.area

    @cached_property
    def resources(self) -> Resources:
        """Resources of the page over those of the document."""
        own = self.content.resources
        return Resources(self.document.parts, own, self.document.resources) if own else self.document.resources

    def drawn(self) -> Iterator[tuple[str, Layer]]:
        """Yield layers from the bottom to the top, each with where it comes from: ``template`` or ``page``.

        Under the page lie its Background templates, over it the Foreground ones; within each Background, Body and Custom, Foreground.
        """
        under, over = self._templates("Background"), self._templates("Foreground")
        yield from (("template", layer) for layer in under)
        yield from (("page", layer) for layer in _sorted(self.content.layers))
        yield from (("template", layer) for layer in over)

    def _templates(self, order: str) -> list[Layer]:
        uses = [use for use in self.content.templates if (self._order(use) == "Foreground") == (order == "Foreground")]
        found = (self.document.template(use.template_id) for use in uses)
        return [layer for content in found if content is not None for layer in _sorted(content.layers)]

    def _order(self, use: TemplateUse) -> str:
        listed = self.document.templates.get(use.template_id)
        return use.z_order or (listed.z_order if listed else "Background")

    @cached_property
    def annotations(self) -> tuple[Annotation, ...]:
        """Annotations, drawn over everything else in this order."""
        places = self.document.annotation_places.get(self.id, ()) if self.id else ()
        return tuple(item for place in places for item in extras.annotations(place, self.document.parts))


def page_content(root: etree._Element, place: str, parts: Parts) -> PageContent:
    """Read the root of a page or template, the entry *place*."""
    uses = tuple(TemplateUse(item.get("TemplateID", ""), item.get("ZOrder", "")) for item in children(root, "Template"))
    resources = tuple(filter(None, (parts.resolve(item.text, place) for item in children(root, "PageRes"))))
    return PageContent(area(child(root, "Area")), layers(child(root, "Content")), uses, resources, actions(root))


def _sorted(found: tuple[Layer, ...]) -> list[Layer]:
    return sorted(found, key=lambda layer: _RANKS.get(layer.kind, 1))
