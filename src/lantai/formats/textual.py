"""Text formats: plain, CSV, Markdown, HTML, XML and mail, in UTF-8, UTF-16 or GB18030."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from itertools import islice

from lxml import etree

from lantai.core.findings import Finding, finding
from lantai.formats.content import Content, Pages, Source, Unreadable, clean, described
from lantai.formats.decode import decode
from lantai.formats.programs import is_program
from lantai.formats.xmlsafe import local, parse, parse_html, recover
from lantai.ports.reader import Attachment

_BYTES = 128 * 1024**2
_BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "table", "section", "article", "header", "footer", "ul", "ol", "pre", "blockquote", "title"}
)
_BLOCKS |= {f"h{level}" for level in range(1, 7)}
_SILENT = frozenset({"script", "style", "noscript", "template"})
_SCRIPTS = ("script", "iframe", "object", "embed")
_HEADERS = {"subject": "title", "from": "author", "to": "recipient", "date": "created", "message-id": "message_id"}
_ATTACHMENTS_NAMED = 50
_ATTACHMENTS = 200
_MAIL_DAMAGE = (ValueError, LookupError, TypeError, AttributeError, AssertionError)


def read_plain(source: Source) -> Content:
    """Read plain text, CSV or Markdown as one text."""
    text, encoding = decode(_data(source))
    return _content(source, text, {"encoding": encoding}, [] if encoding else [finding("TEXT-ENCODING-UNKNOWN", source.name)])


def read_html(source: Source) -> Content:
    """Read HTML: visible text, blocks on lines of their own; active content is remarked on."""
    text, encoding = decode(_data(source))
    root = parse_html(text, source.name)
    findings = [finding("HTML-ACTIVE", source.name)] if next(root.iter(*_SCRIPTS), None) is not None else []
    return _content(source, html_text(root), {"encoding": encoding, "title": root.findtext(".//title")}, findings)


def read_xml(source: Source) -> Content:
    """Read XML: the text of its elements, of a broken one as far as it goes. Raises Unreadable: XML-DTD, XML-DAMAGED."""
    data, findings = _data(source), list[Finding]()
    try:
        root = parse(data, source.name)
    except Unreadable as problem:
        if problem.finding.code != "XML-DAMAGED":
            raise
        findings = [problem.finding]
        root = recover(data, source.name)
    lines = (part.strip() for part in root.itertext() if isinstance(part, str))
    text = "\n".join(line for line in lines if line)
    return _content(source, text, {"root": local(root), "namespace": _namespace(root)}, findings)


def _namespace(root: etree._Element) -> str:
    """Return the namespace of a root, which in broken XML may be no name that a QName takes."""
    return str(root.tag)[1:].partition("}")[0] if str(root.tag).startswith("{") else ""


def read_mail(source: Source) -> Content:
    """Read a mail (RFC 5322): its headers as metadata, its text; attachments are named, not opened."""
    try:
        message = email.message_from_bytes(_data(source), policy=email.policy.default)
        text, inside = _mail_text(message, source.name), [_attachment(part) for part in _parts(message)]
        metadata = {key: str(message[name]) for name, key in _HEADERS.items() if message[name]}
    except _MAIL_DAMAGE as problem:
        raise Unreadable("TEXT-DAMAGED", source.name, detail=str(problem)[:200]) from None
    findings = [finding("EML-ATTACHMENT", source.name, member=item.name[:200]) for item in inside[:_ATTACHMENTS_NAMED]]
    return replace(_content(source, text, dict(metadata), findings), attachments=tuple(inside))


def attachment(source: Source, index: int, most: int) -> bytes | None:
    """Return the bytes of the attachment of a mail at *index*; None where there is none or it is larger than *most*."""
    try:
        parts = list(_parts(email.message_from_bytes(_data(source), policy=email.policy.default)))
        data = _payload(parts[index]) if index < len(parts) else None
    except _MAIL_DAMAGE:
        return None
    return data if data is not None and len(data) <= most else None


def chunk_text(data: bytes, member: str, where: str) -> str:
    """Return the text of a part that another document takes in whole: web archive, HTML or plain text, by its name.

    Raises Unreadable with TEXT-DAMAGED.
    """
    extension = member.rpartition(".")[2].lower()
    if extension in ("mht", "mhtml", "eml"):
        try:
            return _mail_text(email.message_from_bytes(data, policy=email.policy.default), where)
        except _MAIL_DAMAGE as problem:
            raise Unreadable("TEXT-DAMAGED", where, detail=str(problem)[:200]) from None
    text = decode(data)[0]
    return html_text(parse_html(text, where)) if extension in ("htm", "html", "xhtml") else text if extension == "txt" else ""


def html_text(root: etree._Element) -> str:
    """Return the visible text under *root*, white space folded, one line a block."""
    written: list[str] = []
    silent: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = local(element)
        if event == "start":
            silent = element if silent is None and name in _SILENT else silent
            written.append("\n" if name in _BLOCKS else "\t" if name in ("td", "th") else "")
            written.append(_folded(element.text or "") if silent is None else "")
        else:
            silent = None if element is silent else silent
            written.append("\n" if name in _BLOCKS else "")
            written.append(_folded(element.tail or "") if silent is None else "")
    return "\n".join(line.strip() for line in "".join(written).splitlines() if line.strip())


def _folded(text: str) -> str:
    return " " * text[:1].isspace() + " ".join(text.split()) + " " * (text[-1:].isspace() and bool(text.strip()))


def _data(source: Source) -> bytes:
    if source.path.stat().st_size > _BYTES:
        raise Unreadable("READ-TOO-LARGE", source.name, limit=_BYTES)
    return source.path.read_bytes()


def _content(source: Source, text: str, metadata: dict[str, str | None], findings: list[Finding]) -> Content:
    pages = Pages(source)
    pages.add(text.replace("\r\n", "\n").removeprefix("\ufeff"))
    return Content(None, pages.kept, described(metadata), (), (*findings, *pages.findings))


def _mail_text(message: EmailMessage, where: str) -> str:
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    content = body.get_content()
    text = content if isinstance(content, str) else decode(content)[0]
    return html_text(parse_html(text, where)) if body.get_content_type() == "text/html" and text.strip() else text


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    found = (part for part in message.walk() if part.is_attachment())
    return islice((part for part in found if isinstance(part, EmailMessage)), _ATTACHMENTS)


def _payload(part: EmailMessage) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _attachment(part: EmailMessage) -> Attachment:
    name, data = clean(part.get_filename() or "未命名")[:2000], _payload(part)
    return Attachment(name, len(data), part.get_content_type(), is_program(name, data[:16]))
