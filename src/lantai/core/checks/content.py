"""Items about content and its files: 1-1, 1-9 to 1-11, 2-7, 2-8, 3-3 to 3-8, 4-2 (DA/T 70-2018)."""

import re
from collections.abc import Iterator, Sequence

from lantai.core.checks.facts import FileFacts, RecordFacts
from lantai.core.checks.outcomes import PASSED, Outcome, Reason, Verdict, absent, judged
from lantai.core.checks.scheme import FormatRule, Parameters, extension
from lantai.core.checks.values import remark, whole_number
from lantai.core.composition import WHOLE
from lantai.core.findings import Finding
from lantai.core.record import ContentBasis, Representation, Role

_DRIVE = re.compile("[A-Za-z]:")
_NEEDS_PERSON = Verdict(Outcome.MANUAL, (), Reason.NEEDS_PERSON)


def fixity(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """1-1: declared digests hold and signatures verify, those over the package too. An unverified signature waits for a person; a weak
    digest is remarked on."""
    files, over = facts.files, facts.package.signatures if facts.package else ()
    if not over and not any(file.signatures or (file.declared and file.declared.digest) for file in files):
        if parameters.needs_fixity and not _nothing(facts):
            return judged([remark("GD-1-1-MISSING", facts.record_id)])
        return absent(_nothing(facts) or Reason.NO_FIXITY_INFORMATION)
    found = [item for file in files for item in _fixed(file, parameters)]
    found += [remark("GD-1-1-SIGNATURE", seal.kind, name=seal.name or seal.kind) for seal in over if seal.is_valid is False]
    verdict = judged(found)
    if verdict.outcome is Outcome.FAIL:
        return verdict
    seals = (*over, *(seal for file in files for seal in file.signatures))
    if any(seal.is_valid is None for seal in seals) or any(_is_opaque(file, parameters) for file in files):
        return Verdict(Outcome.MANUAL, verdict.findings, Reason.NEEDS_PERSON)
    return verdict


def extension_true(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """1-9 (to be verified): the extension is one of the identified format's."""
    return _of_content(facts, [item for file in facts.files for item in _misnamed(file, parameters, "GD-1-9")])


def electronic_attributes(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """1-10: name, size, format and digest are those that the metadata declares."""
    if nothing := _nothing(facts):
        return absent(nothing)
    declared = [file for file in facts.files if file.declared is not None]
    if not declared:
        return absent(Reason.NOT_DECLARED)
    return judged([item for file in declared for item in _attributes(file, parameters)])


def linked(facts: RecordFacts, _: Parameters) -> Verdict:
    """1-11: a record has content, every file is where metadata says, none is unreferenced."""
    found = [remark("GD-1-11-UNREFERENCED", path) for path in facts.unreferenced_files or ()]
    if _has_none(facts):
        return judged(found) if found else absent(Reason.PHYSICAL_ONLY)
    if not facts.files:
        found.append(remark("GD-1-11-NO-CONTENT", facts.record_id))
    for file in facts.files:
        if not file.exists:
            found.append(remark("GD-1-11-MISSING", file.path or file.name))
        if file.path and _leaves(file.path):
            found.append(remark("GD-1-11-OUTSIDE", file.path))
    return judged(found)


def content_whole(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """2-7: a main document is there, no file is empty, pages can be counted and agree with the described number."""
    if _has_none(facts):
        return absent(Reason.PHYSICAL_ONLY)
    found = []
    if not any(document.role in WHOLE and document.files for document in facts.documents):
        found.append(remark("GD-2-7-NO-MAIN", facts.record_id))
    found += [remark("GD-2-7-EMPTY", file.name) for file in facts.files if file.size_bytes == 0]
    found += [remark("GD-2-7-NO-PAGES", file.name) for file in facts.files if file.page_count == 0]
    return judged([*found, *_page_total(facts, parameters)])


def attachments(facts: RecordFacts, _: Parameters) -> Verdict:
    """2-8 (to be verified): as many attachment documents as the text names."""
    if _has_none(facts):
        return absent(Reason.PHYSICAL_ONLY)
    there = sum(1 for document in facts.documents if document.role is Role.ATTACHMENT and document.files)
    named = len(facts.attachments_named)
    if there == named:
        return PASSED
    return judged([remark("GD-2-8" if there < named else "GD-2-8-MORE", facts.record_id, named=named, there=there)])


def formats(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """3-3: the identified format of every original is in the gate's table, and the extension belongs to it."""
    found = [item for file in _content(facts) for item in _format(file, parameters)]
    return _of_content(facts, found)


def readable(facts: RecordFacts, _: Parameters) -> Verdict:
    """3-4: every file has been opened, and where its pages were drawn, the first and the last could be.

    What the reader remarked is added by the engine; an unread file is an error, not a pass.
    """
    if nothing := _nothing(facts):
        return absent(nothing)
    unread = tuple(remark("GD-3-4-NOT-READ", file.name) for file in _content(facts) if not file.is_read)
    if unread:
        return Verdict(Outcome.ERROR, unread, Reason.NOT_READ)
    return judged([remark("GD-3-4-NOT-DRAWN", file.name) for file in _content(facts) if file.is_drawn is False])


def long_term(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """3-5 (to be verified): every document has a file in a format that the table keeps for long.

    Conformance to PDF/A and OFD-A is not looked at, so what the table has no objection to is left to a person.
    """
    if nothing := _nothing(facts):
        return absent(nothing)
    found = [item for document in facts.documents for item in _passing(document.files, parameters)]
    return judged(found) if found else _NEEDS_PERSON


def environment(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """3-6 (to be verified): the software that made the content is described; whether it is at hand is left to a person."""
    if nothing := _nothing(facts):
        return absent(nothing)
    if facts.elements.get("document_creating_application") or facts.elements.get("information_system_description"):
        return _NEEDS_PERSON
    return Verdict(Outcome.MANUAL, (remark("GD-3-6", facts.record_id),), Reason.NEEDS_PERSON)


def package_usable(facts: RecordFacts, _: Parameters) -> Verdict:
    """3-7 (to be verified): no private compression, no encryption; such findings are routed here by the table."""
    return PASSED if facts.package else absent(Reason.NO_PACKAGE)


def package_formats(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """3-8: nothing in the package is of a format that may never be archived."""
    if facts.package is None:
        return absent(Reason.NO_PACKAGE)
    found = []
    for file in facts.files:
        known = (_rule(file, parameters), parameters.formats.by_extension.get(extension(file.name)))
        refused = next((rule for rule in known if rule and rule.is_refused), None)
        if refused:
            found.append(remark("GD-3-8", file.name, format=refused.name))
    return judged(found)


def virus(facts: RecordFacts, _: Parameters) -> Verdict:
    """4-2: the engine called every file clean. What no engine has seen is an error, never a pass."""
    if nothing := _nothing(facts):
        return absent(nothing)
    infected = [remark("GD-4-2", file.name, name=file.virus.partition(":")[2]) for file in facts.files if file.virus.startswith("infected")]
    if infected:
        return judged(infected)
    unseen = tuple(remark("GD-4-2-NOT-SCANNED", file.name) for file in _content(facts) if file.virus != "clean")
    return Verdict(Outcome.ERROR, unseen, Reason.ENGINE_ABSENT) if unseen else PASSED


def _fixed(file: FileFacts, parameters: Parameters) -> Iterator[Finding]:
    said = file.declared
    if said and said.digest:
        algorithm = said.algorithm.lower()
        if algorithm in parameters.weak_algorithms:
            yield remark("GD-1-1-WEAK", file.name, algorithm=algorithm)
        if _digest_differs(file):
            yield remark("GD-1-1-DIGEST", file.name, algorithm=algorithm)
    for seal in file.signatures:
        if seal.is_valid is False:
            yield remark("GD-1-1-SIGNATURE", file.name, name=seal.name or seal.kind)
        elif seal.is_valid is None:
            yield remark("GD-1-1-NOT-VERIFIED", file.name, name=seal.name or seal.kind)


def _digest_differs(file: FileFacts) -> bool:
    said = file.declared
    if said is None or not said.digest:
        return False
    actual = file.digests.get(said.algorithm.lower(), "")
    return bool(actual) and actual != said.digest.lower()


def _is_opaque(file: FileFacts, parameters: Parameters) -> bool:
    said = file.declared
    if said is None or not said.digest or said.algorithm.lower() in parameters.weak_algorithms:
        return False
    return said.algorithm.lower() not in file.digests


def _attributes(file: FileFacts, parameters: Parameters) -> Iterator[Finding]:
    said = file.declared
    if said is None:
        return
    if said.name and said.name != file.name:
        yield remark("GD-1-10-NAME", file.name, declared=said.name)
    if said.size_bytes is not None and said.size_bytes != file.size_bytes:
        yield remark("GD-1-10-SIZE", file.name, declared=said.size_bytes, actual=file.size_bytes)
    if _digest_differs(file):
        yield remark("GD-1-10-DIGEST", file.name, algorithm=said.algorithm.lower())
    if said.format:
        yield from _declared_format(file, said.format, parameters)


def _declared_format(file: FileFacts, declared: str, parameters: Parameters) -> Iterator[Finding]:
    named, actual = parameters.formats.named(declared), _rule(file, parameters)
    if declared in (file.puid, file.mime):
        return
    if named is None or actual is None:
        yield remark("GD-1-10-FORMAT-UNKNOWN", file.name, declared=declared)
    elif not named.extensions & actual.extensions:
        yield remark("GD-1-10-FORMAT", file.name, declared=declared, actual=actual.name)


def _format(file: FileFacts, parameters: Parameters) -> Iterator[Finding]:
    rule = _rule(file, parameters)
    if rule is None:
        is_empty = file.size_bytes == 0
        yield remark("GD-3-3-UNKNOWN", file.name, format="空文件" if is_empty else file.puid or file.mime or extension(file.name))
    elif not rule.is_accepted:
        yield remark("GD-3-3", file.name, format=rule.name)
    yield from _misnamed(file, parameters, "GD-3-3-EXTENSION")


def _passing(files: Sequence[FileFacts], parameters: Parameters) -> Iterator[Finding]:
    """Yield a finding for each original that the table does not keep for long, unless its document has a file for preservation."""
    known = [(file, rule) for file in files if file.representation is not Representation.TEXT and (rule := _rule(file, parameters))]
    if any(file.representation is Representation.PRESERVATION and rule.is_lasting for file, rule in known):
        return
    for file, rule in known:
        if not rule.is_lasting:
            yield remark("GD-3-5", file.name, format=rule.name, target=rule.target or "适宜长期保存的格式")


def _misnamed(file: FileFacts, parameters: Parameters, code: str) -> Iterator[Finding]:
    rule, ending = _rule(file, parameters), extension(file.name)
    if rule and ending and rule.extensions and ending not in rule.extensions:
        yield remark(code, file.name, extension=ending, format=rule.name)


def _rule(file: FileFacts, parameters: Parameters) -> FormatRule | None:
    return parameters.formats.of(file.puid, file.mime, file.name)


def _page_total(facts: RecordFacts, parameters: Parameters) -> Iterator[Finding]:
    element = facts.elements.get("total_number_of_pages", "")
    described = whole_number(element) if isinstance(element, str) else None
    counts = [
        [file.page_count for file in document.files if file.representation is Representation.ORIGINAL] for document in facts.documents
    ]
    flat = [count for row in counts for count in row if count is not None]
    if not (described is not None and flat and len(flat) == sum(len(row) for row in counts)):
        return
    widest = sum(max((count or 0 for count in row), default=0) for row in counts)
    if described not in (sum(flat), widest):
        yield remark("GD-2-7-PAGE-COUNT", parameters.label("total_number_of_pages"), described=described, actual=sum(flat))


def _content(facts: RecordFacts) -> Iterator[FileFacts]:
    """Yield all files but the text layers, which are our own product."""
    return (file for file in facts.files if file.representation is not Representation.TEXT)


def _leaves(path: str) -> bool:
    return path.startswith("/") or "\\" in path or _DRIVE.match(path) is not None or ".." in path.split("/")


def _has_none(facts: RecordFacts) -> bool:
    return facts.content_basis is ContentBasis.PHYSICAL_ONLY and not facts.documents


def _nothing(facts: RecordFacts) -> Reason:
    """Return why there is no file to look at, or no reason where there is one."""
    if _has_none(facts):
        return Reason.PHYSICAL_ONLY
    return Reason.NONE if facts.files else Reason.NO_CONTENT


def _of_content(facts: RecordFacts, found: list[Finding]) -> Verdict:
    nothing = _nothing(facts)
    return absent(nothing) if nothing else judged(found)
