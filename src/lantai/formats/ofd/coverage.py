"""What a signature covers, and what is covered by nothing: every entry of the package, without any cryptography but digests.

An entry is listed with the right digest, listed with a wrong one, listed but gone, or not listed. What differs is traced to
the pages that show it: page parts, templates and annotations by the page list, resources by the objects that use them.
"""

from collections.abc import Iterator, Mapping

from lantai.core.findings import Finding
from lantai.formats.content import Unreadable
from lantai.formats.ofd.digests import algorithm, declared_bytes, digest
from lantai.formats.ofd.model_page import CompositeObject, ImageObject, PageBlock, PathObject, TextObject, Unit
from lantai.formats.ofd.model_signature import Coverage, EntryCoverage, Signature, State
from lantai.formats.ofd.package import OfdDocument, OfdPackage, OfdPage
from lantai.formats.ofd.resources import Resources

_NESTED = 16


class Ledger:
    """Digests of entries of one package, computed once an algorithm, and the places of its parts."""

    def __init__(self, package: OfdPackage) -> None:
        self.package = package
        self._digests: dict[tuple[str, str], bytes | None] = {}
        self.ended: Finding | None = None
        self._parts: dict[str, tuple[str, tuple[int, ...]]] | None = None
        self._users: dict[str, set[int]] | None = None

    def digest(self, name: str, method: str) -> bytes | None:
        """Return the digest of an entry as stored; None where it cannot be read. Where a budget ends, ``ended`` says so."""
        key = (name, method)
        if key not in self._digests and self.ended is None:
            try:
                self._digests[key] = digest(self.package.parts.chunks(name), method)
            except Unreadable as problem:
                self._digests[key] = None
                if problem.finding.code in ("READ-TOO-LARGE", "READ-TIMEOUT"):
                    self.ended = problem.finding
                    del self._digests[key]
        return self._digests.get(key)

    def part(self, name: str) -> tuple[str, tuple[int, ...]]:
        """Return what part of the document an entry is and the pages it makes up by itself; resources have none here."""
        if self._parts is None:
            self._parts = _parts(self.package)
        return self._parts.get(name, ("", ()))

    def shown_on(self, name: str) -> tuple[int, ...]:
        """Return the pages that show an entry, those that use it as a resource too. Opens every page for a resource."""
        part, pages = self.part(name)
        if pages or part not in ("", "resources", "template"):
            return pages
        if self._users is None:
            self._users = _users(self.package)
        return tuple(sorted(self._users.get(name, ())))


def covered(package: OfdPackage, signature: Signature, ledger: Ledger | None = None) -> Coverage:
    """Compare every entry of *package* with what *signature* declares; what a budget leaves unread is not checked.

    Raises Unreadable where even the list of parts cannot be read within it. A *ledger* shared between the signatures of a
    package saves computing digests again.
    """
    ledger = ledger or Ledger(package)
    method = algorithm(signature.check_method)
    states: dict[str, State] = {}
    for reference in signature.references:
        name = reference.place or reference.raw
        state = _state(ledger, reference.place, reference.declared, method)
        states[name] = state if states.get(name, State.RIGHT) is State.RIGHT else states[name]
    own = {signature.place: "signature", signature.value_place: "signature_value"}
    rows = [_row(ledger, name, states.pop(name, State.NOT_LISTED), own) for name in package.parts.names]
    rows += [EntryCoverage(name, state) for name, state in states.items()]
    return Coverage(signature.place, method or signature.check_method, bool(method), tuple(rows))


def uncovered(coverages: tuple[Coverage, ...]) -> tuple[str, ...]:
    """Return the entries no signature lists, apart from the signatures' own files and the list of signatures."""
    listed = {entry.name for item in coverages for entry in item.entries if entry.state is not State.NOT_LISTED}
    rows = {entry.name: entry.part for item in coverages for entry in item.entries}
    return tuple(name for name, part in rows.items() if name not in listed and not part.startswith("signature"))


def _state(ledger: Ledger, place: str, declared: str, method: str) -> State:
    if not place:
        return State.MISSING
    if not method:
        return State.UNCHECKED
    actual = ledger.digest(place, method)
    if actual is None and ledger.ended is not None:
        return State.UNCHECKED
    return State.RIGHT if actual and declared_bytes(declared, len(actual)) == actual else State.WRONG


def _row(ledger: Ledger, name: str, state: State, own: Mapping[str, str]) -> EntryCoverage:
    part = own.get(name) or ledger.part(name)[0]
    pages = ledger.shown_on(name) if state is State.WRONG else ledger.part(name)[1]
    return EntryCoverage(name, state, part, pages)


def _parts(package: OfdPackage) -> dict[str, tuple[str, tuple[int, ...]]]:
    found: dict[str, tuple[str, tuple[int, ...]]] = {"OFD.xml": ("root", ())}
    offset = 0
    for document in package.documents:
        for name, part, pages in _document_parts(document, offset):
            before = found.get(name, (part, ()))
            found[name] = (before[0], tuple(sorted({*before[1], *pages})))
        offset += document.page_count
    for document in package.documents:
        for place in document.signature_lists:
            found[place] = ("signatures", ())
    return found


def _document_parts(document: OfdDocument, offset: int) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    facts = document.facts
    yield document.place, "document", ()
    for place in (*facts.public_resources, *facts.document_resources):
        yield place, "resources", ()
    for place, part in ((facts.annotations, "annotations"), (facts.tags, "tags"), (facts.attachments, "attachments")):
        yield place, part, ()
    for tree in document.tags:
        yield tree.place, "tag", ()
    for item in document.attachments:
        yield item.place, "attachment", ()
    for number, entry in enumerate(facts.pages, offset + 1):
        yield entry.place, "page", (number,)
        for place in document.annotation_places.get(entry.id, ()) if entry.id else ():
            yield place, "annotation", (number,)
    for template in facts.templates:
        yield template.place, "template", ()


def _users(package: OfdPackage) -> dict[str, set[int]]:
    """Return the pages that use each entry through templates or resources, by opening all pages once."""
    users: dict[str, set[int]] = {}
    for number, page in enumerate(package.pages(), 1):
        for place in _used(page):
            users.setdefault(place, set()).add(number)
    return users


def _used(page: OfdPage) -> Iterator[str]:
    yield from page.content.resources
    listed = page.document.templates
    yield from (listed[use.template_id].place for use in page.content.templates if use.template_id in listed)
    units = [unit for _, layer in page.drawn() for unit in layer.units]
    units += [unit for item in page.annotations for unit in item.units]
    for id_ in {id_ for unit in units for id_ in _ids(unit, page.resources, 0)}:
        yield from page.resources.place_of(id_)


def _ids(unit: Unit, resources: Resources, depth: int) -> Iterator[str]:
    if isinstance(unit, PageBlock):
        below: tuple[Unit, ...] = unit.units
    else:
        yield unit.frame.draw_param
        yield from _own(unit)
        made = resources.composite(unit.resource) if isinstance(unit, CompositeObject) else None
        below = made.units if made is not None and depth < _NESTED else ()
    for item in below:
        yield from _ids(item, resources, depth + 1)


def _own(unit: TextObject | PathObject | ImageObject | CompositeObject) -> tuple[str, ...]:
    match unit:
        case TextObject():
            return (unit.font,)
        case ImageObject():
            return unit.resource, unit.substitution, unit.mask
        case CompositeObject():
            return (unit.resource,)
        case _:
            return ()
