"""The table of readers, and the one function that takes any file and never raises for what is in it."""

from collections.abc import Callable, Iterator
from pathlib import Path

from lantai.core.findings import Finding, finding
from lantai.formats import executable, image, ofd, office, ole, pdf, rtf, textual
from lantai.formats.content import Content, Source, Unreadable
from lantai.formats.identify import identify
from lantai.formats.kinds import CONTAINERS, Kind
from lantai.formats.signing.remarks import findings as signature_remarks
from lantai.formats.zipped import zip_damage
from lantai.ports.reader import Format, Limits, Reading

_REASONS: dict[type[OSError], str] = {FileNotFoundError: "文件不存在", PermissionError: "没有读取权限"}
_PROGRAMS_NAMED = 20
_IMAGES = ("jpeg", "png", "tiff", "jp2", "j2k", "bmp", "gif")
READERS: dict[str, Callable[[Source], Content]] = {
    "pdf": pdf.read,
    "ofd": ofd.read,
    "docx": office.read_docx,
    "xlsx": office.read_xlsx,
    "pptx": office.read_pptx,
    "odt": office.read_odf,
    "ods": office.read_odf,
    "odp": office.read_odf,
    "doc": ole.read_doc,
    "xls": ole.read_xls,
    "ppt": ole.read_ppt,
    "encrypted-office": ole.read_encrypted,
    "ole": ole.read_other,
    "rtf": rtf.read,
    "xml": textual.read_xml,
    "eep": textual.read_xml,
    "html": textual.read_html,
    "eml": textual.read_mail,
    "text": textual.read_plain,
    "csv": textual.read_plain,
    "markdown": textual.read_plain,
    **dict.fromkeys(_IMAGES, image.read),
}


def read(path: Path, name: str, limits: Limits | None = None) -> Reading:
    """Read the file at *path*, which people call *name*: its format, pages, text and everything remarkable, as findings.

    Keeps to *limits* by itself as far as a process can; memory and hard time need the guarded reader. A file that cannot be
    opened at all gives the finding READ-NOT-OPENED.
    """
    source = Source.of(path, name, limits or Limits())
    try:
        kind, format_, remarks = identify(source)
        remarks = (*remarks, *_program(source))
        content = _content(kind, format_, source)
    except OSError as problem:
        return _failed("READ-NOT-OPENED", name, detail=_reason(problem))
    except MemoryError:
        return _failed("READ-TOO-LARGE", name, limit=source.limits.memory_bytes)
    programs = [finding("ATTACHMENT-PROGRAM", name, member=item.name[:200]) for item in content.attachments if item.is_program]
    found = (*remarks, *content.findings, *programs[:_PROGRAMS_NAMED], *signature_remarks(content.signatures, name))
    read = (content.page_count, content.pages, content.metadata, content.signatures)
    return Reading(format_, *read, tuple(dict.fromkeys(found)), content.attachments, content.outline, content.notes)


def _program(source: Source) -> Iterator[Finding]:
    with source.path.open("rb") as stream:
        found = executable.program(stream.read(executable.HEAD_BYTES))
    if found:
        yield finding("CONTENT-EXECUTABLE", source.name, kind=found)


def _failed(code: str, name: str, **values: object) -> Reading:
    return Reading(Format(), findings=(finding(code, name, **values),))


def _reason(problem: OSError) -> str:
    return _REASONS.get(type(problem)) or problem.strerror or str(problem)


def _content(kind: Kind, format_: Format, source: Source) -> Content:
    reader = READERS.get(kind.key)
    if kind.key == "zip" and (problem := zip_damage(source.path)):
        return Content(findings=(finding("ZIP-DAMAGED", source.name, detail=problem),))
    if reader is None:
        return Content(findings=(finding(_unread(kind, format_), source.name, format=format_.name),))
    try:
        return reader(source)
    except Unreadable as problem:
        return Content(findings=(problem.finding,))
    except MemoryError:
        return Content(findings=(finding("READ-TOO-LARGE", source.name, limit=source.limits.memory_bytes),))
    except RecursionError:
        return Content(findings=(finding("READ-TOO-DEEP", source.name),))


def _unread(kind: Kind, format_: Format) -> str:
    if kind.key == "empty":
        return "FILE-EMPTY"
    if kind.key in CONTAINERS:
        return "CONTAINER-NOT-A-DOCUMENT"
    return "FORMAT-TEXT-NOT-READ" if format_.puid else "FORMAT-UNKNOWN"
