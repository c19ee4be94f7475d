"""Reading the elements of an official document out of plain page text, as PDFium or a DOCX gives it (GB/T 9704-2012)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lantai.core.officialdoc.head import Head, gather
from lantai.core.officialdoc.pattern import pattern
from lantai.core.officialdoc.signature import Signature, attachments, signature
from lantai.core.officialdoc.titles import author_in, from_name, type_of
from lantai.core.officialdoc.words import WORDS, Words

_MINUTES = "纪要"
_HIDDEN = pattern("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Fields:
    """What was read. ``date`` is YYYYMMDD, ``attachments`` the names in the attachment note; each may be empty.

    ``reasons`` says for every field, in Chinese, where it came from or why it is empty.
    """

    title: str = ""
    document_number: str = ""
    date: str = ""
    author: str = ""
    principal_receiver: str = ""
    document_type: str = ""
    attachments: tuple[str, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)


def read(text_pages: Sequence[str], name: str, *, words: Words = WORDS) -> Fields:
    """Read the elements out of page texts; *name* is the file's name, the last resort for the title."""
    return understand([plain(page) for page in text_pages], name, words).fields


@dataclass(frozen=True, slots=True)
class Understood:
    """The fields with what they were read from: the head and the signature with their places."""

    fields: Fields
    head: Head
    signed: Signature


def understand(pages: Sequence[str], name: str, words: Words) -> Understood:
    """Read pages that went through :func:`plain`."""
    head = gather(pages, words)
    signed = signature(pages, head, words)
    title, why_title = (head.title, head.title_reason) if head.title else from_name(name)
    author, why_author = _author(title, head, signed, words)
    date, why_date = _date(head, signed)
    listed = attachments(pages, signed)
    kind, why_kind = _type(title, head, words)
    fields = Fields(
        title=title,
        document_number=head.number,
        date=date,
        author=author,
        principal_receiver=head.receiver,
        document_type=kind,
        attachments=listed,
        reasons={
            "title": why_title,
            "document_number": "取自版头或标题旁的发文字号" if head.number else "正文首部没有规范的发文字号",
            "date": why_date,
            "author": why_author,
            "principal_receiver": "取自标题下的主送机关" if head.receiver else "标题下没有以冒号结尾的主送机关",
            "document_type": why_kind,
            "attachments": "取自附件说明" if listed else "没有附件说明",
        },
    )
    return Understood(fields, head, signed)


def _type(title: str, head: Head, words: Words) -> tuple[str, str]:
    """Return the document type and where it was read; orders and minutes name theirs in the red head, not in the title (10.2, 10.3)."""
    if kind := type_of(title, words):
        return kind, "取自题名结尾"
    if head.is_order:
        return "命令", "取自版头"
    if head.number.partition("〔")[0].endswith(_MINUTES):
        return _MINUTES, "取自版头"
    return "", "题名和版头都没有公文文种"


def plain(page: str) -> str:
    """Return a page with one kind of line break and without invisible characters."""
    page = page.replace("\r\n", "\n").replace("\r", "\n")
    return _HIDDEN.sub("", page) if _HIDDEN.search(page) else page


def _author(title: str, head: Head, signed: Signature, words: Words) -> tuple[str, str]:
    if signed.author:
        return signed.author, "取自落款"
    if author := author_in(title, words):
        return author, "没有落款，取自题名中的发文机关"
    if head.sign:
        return head.sign, "没有落款，取自发文机关标志"
    return "", "没有落款，题名和版头也没有发文机关"


def _date(head: Head, signed: Signature) -> tuple[str, str]:
    if signed.date:
        return signed.date, "取自落款处的成文日期"
    if head.date:
        return head.date, "没有落款日期，取自版头或题下日期"
    return "", "没有单独成行的成文日期"
