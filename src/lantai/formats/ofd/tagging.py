"""What custom tags mark (GB/T 33190-2016 clause 18; for official documents GB/T 33476): names with the text of their objects."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from lantai.formats.ofd.model import ObjectReference, Tag
from lantai.formats.ofd.model_page import PageBlock, TextObject, Unit
from lantai.formats.ofd.package import OfdDocument, OfdPage

_TAGS = 10_000
Texts = dict[int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Marked:
    """One tag with something to say: the names from the root down to it, its text, and the pages (from 1) its objects stand on."""

    path: tuple[str, ...]
    text: str
    pages: tuple[int, ...] = ()


def tagged_pages(document: OfdDocument) -> frozenset[int]:
    """Return the numbers of the pages that tags name objects of."""
    trees = (tree.root for tree in document.tags if tree.root is not None)
    tags = islice((tag for root in trees for _, tag in _walk(root, ())), _TAGS)
    return frozenset(document.page_number(item.page_id) for tag in tags for item in tag.objects) - {0}


def texts_of(page: OfdPage) -> dict[str, str]:
    """Return the text of each object of a page by its identifier."""
    return {id_: text for _, layer in page.drawn() for id_, text in _named(layer.units)}


def marked(document: OfdDocument, known: Texts | None = None) -> tuple[Marked, ...]:
    """Return what the tags of *document* mark, in their order: text written in the tag itself, else that of the objects named.

    A tag without text whose objects are gone is left out. At most 10,000 tags are looked at; each page named
    is opened once, or not at all where its :func:`texts_of` are *known* by its number.
    """
    texts: Texts = {} if known is None else known
    found: list[Marked] = []
    trees = (tree.root for tree in document.tags if tree.root is not None)
    for index, (path, tag) in enumerate(item for root in trees for item in _walk(root, ())):
        if index >= _TAGS:
            break
        said = [(number, text) for number, text in _texts(tag.objects, document, texts) if text]
        text = tag.text or "".join(text for _, text in said)
        if text:
            found.append(Marked(path, text, tuple(dict.fromkeys(number for number, _ in said))))
    return tuple(found)


def _walk(tag: Tag, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Tag]]:
    path = (*above, tag.name)
    yield path, tag
    for item in tag.children:
        yield from _walk(item, path)


def _texts(objects: Iterable[ObjectReference], document: OfdDocument, known: dict[int, dict[str, str]]) -> Iterator[tuple[int, str]]:
    for item in objects:
        number = document.page_number(item.page_id)
        if number and number not in known:
            known[number] = texts_of(document.page(number))
        if number:
            yield number, known[number].get(item.object_id, "")


def _named(units: Iterable[Unit]) -> Iterator[tuple[str, str]]:
    for unit in units:
        if isinstance(unit, PageBlock):
            inside = list(_named(unit.units))
            yield unit.id, "".join(text for _, text in inside)
            yield from inside
        elif isinstance(unit, TextObject):
            yield unit.frame.id, unit.text
