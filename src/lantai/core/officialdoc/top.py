"""What stands at the top of the first page (GB/T 9704-2012, 7.2 and 7.3): copy number, marks, sign, number, signatory, title, receiver."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lantai.core.officialdoc.element import Found
from lantai.core.officialdoc.fields import Understood
from lantai.core.officialdoc.head import HEAD_LINES, NOWHERE, Span, joined, neat
from lantai.core.officialdoc.numbers import code_and_year, document_number, is_well_formed
from lantai.core.officialdoc.page import Row, Sheet
from lantai.core.officialdoc.pattern import pattern
from lantai.core.officialdoc.titles import ends_like_a_title, is_organisation, type_of
from lantai.core.officialdoc.words import Words

_COPY = pattern("(份号[:：]?)?(?:[Nn][Oo][.:]?|№)?([0-9]{3,8})")
_LIKE_DATE = pattern("(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])?)?")
_SECRECY = pattern(
    "(密级(?:和保密期限)?[:：])?(绝密|机密|秘密)级?(?:([★☆*])?((?:[0-9]{1,3}|[一二三四五六七八九十]{1,3})(?:年|个月|月|天)|长期)?)?"
)
_URGENCY = pattern("((?:紧急程度|缓急)[:：]|等级[:：]?)?(.{2,3})")
_SIGNATORY = pattern("签\\s*发\\s*人\\s*[:：]\\s*(.{1,60})$")
_NAME = pattern("[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{1,8})?")
_SIGN_ENDINGS = ("文件", "令", "公报", "公告", "通告", "纪要", "简报", "议案")
_PLACEHOLDER = pattern("[\u4e00-\u9fffA-Za-zＸ×*]{1,20}[〔\\[［(（][0-9Xx×*]{2,4}[〕\\]］)）]第?[0-9Xx×*]{1,5}号")
_HOLDS_NUMBER = pattern("〔|[)）〕\\]]?[\u4e00-\u9fff]{1,14}字第?[0-9]{1,5}号|^[^\u4e00-\u9fff]*[0-9]{2,4}[)）〕\\]]")
_HOLDS_DATE = pattern("^[^关《]{0,30}[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日")
#: What names of organs are written with; another sign among them was a letter.
_OF_NAMES = pattern("[\u4e00-\u9fffA-Za-z0-9·“”‘’《》—-]+")
_NO_SIGN_OF_TITLES = pattern("[\\[\\]|_~^{}\\\\<>]")
_HALF_A_LETTER = 0.4
_SIGN_ROWS = 8
_TOP_ROWS = 14
_END_ROWS = 6


@dataclass(frozen=True, slots=True)
class Read:
    """A document being read: its pages made ready, what was understood of the text, and where the head's lines stand."""

    sheets: tuple[Sheet, ...]
    texts: tuple[str, ...]
    understood: Understood
    origin: tuple[tuple[int, int], ...]
    words: Words

    def rows(self, page: int) -> tuple[Row, ...]:
        """Return the rows of a page by index, none where there is no such page."""
        return self.sheets[page].rows if 0 <= page < len(self.sheets) else ()

    def at(self, span: Span) -> tuple[int, Span]:
        """Return page index and rows of a span of the head's lines; (-1, NOWHERE) where they stand nowhere."""
        first, stop = (_unfolded(index, self.understood.head.folds) for index in (span[0], span[1] - 1))
        if span == NOWHERE or not 0 <= first < len(self.origin) or stop >= len(self.origin):
            return -1, NOWHERE
        page, row = self.origin[first]
        other, last = self.origin[stop]
        return page, (row, (last if other == page else row) + 1)


def _unfolded(index: int, folds: Span) -> int:
    """Return the line that *index* was before one line was broken up."""
    if folds == NOWHERE or index <= folds[0]:
        return index
    return max(folds[0], index - folds[1])


def origin(sheets: Sequence[Sheet]) -> tuple[tuple[int, int], ...]:
    """Return page and row of every line of the head, counted as :func:`head.gather` counts them."""
    places: list[tuple[int, int]] = []
    for page, ready in enumerate(sheets):
        rows = ready.rows[: 3 * HEAD_LINES]
        places += [(page, index) for index, row in enumerate(rows) if neat(row.text).lstrip("# ")]
        if len(places) >= HEAD_LINES:
            break
    return tuple(places[:HEAD_LINES])


def gather(read: Read) -> Iterator[Found]:
    """Yield everything found at the top."""
    body = _first_row(read)
    yield from _marks(read, body)
    yield from _sign(read)
    yield from _number(read)
    yield from _signatory(read)
    yield from _title(read)
    yield from _receiver(read)


def _first_row(read: Read) -> int:
    """Return the row of page 1 at which the title begins: above it stands the red head 版头."""
    page, rows = read.at(read.understood.head.title_at)
    return rows[0] if page == 0 else min(_TOP_ROWS, len(read.rows(0)))


# --- copy number, secrecy, urgency


def _marks(read: Read, body: int) -> Iterator[Found]:
    """Look at the red head first, then under the title, then at the end, where text boxes of word processors come out."""
    wanted = {"copy_number", "security_classification", "precedence"}
    for page, row, where in _places(read, body):
        for piece in read.rows(page)[row].pieces:
            for found in _mark(piece, wanted, read.words):
                found.page, found.rows = page, (row, row + 1)
                found.note(where)
                _corner(found, read, row)
                wanted.discard(found.name)
                yield found


def _places(read: Read, body: int) -> Iterator[tuple[int, int, str]]:
    top = min(_TOP_ROWS, len(read.rows(0)))
    yield from ((0, row, "mark.in_head") for row in range(min(body, top)))
    last = len(read.sheets) - 1
    rows = [index for index, row in enumerate(read.rows(last)) if row.text.strip()][-_END_ROWS:]
    if last >= 0 and not read.sheets[last].page.lines:
        yield from ((last, row, "head.at_end") for row in rows if last or row >= top)
    yield from ((0, row, "mark.below_title") for row in range(body, top))


def _mark(piece: str, wanted: set[str], words: Words) -> Iterator[Found]:
    if len(piece) > 24:
        return
    flat = "".join(unicodedata.normalize("NFKC", piece).split())
    if "copy_number" in wanted and (match := _COPY.fullmatch(flat)):
        yield _copy(match)
    elif "security_classification" in wanted and (match := _SECRECY.fullmatch(flat)):
        yield from _secrecy(match)
    elif "precedence" in wanted and (match := _URGENCY.fullmatch(flat)) and match[2] in words.urgency:
        yield Found("precedence", match[2], marks=["urgency.word", *(["mark.labelled"] if match[1] else [])])


def _copy(match: re.Match[str]) -> Found:
    found = Found("copy_number", match[2])
    found.note("copy.six", "copy.digits", is_true=len(match[2]) == 6)
    found.note("copy.like_a_date", is_true=len(match[2]) != 6 and _LIKE_DATE.fullmatch(match[2]) is not None)
    found.note("copy.labelled", is_true=bool(match[1]))
    return found


def _secrecy(match: re.Match[str]) -> Iterator[Found]:
    marks = ["mark.alone", *(["mark.labelled"] if match[1] else []), *(["mark.star"] if match[3] else [])]
    yield Found("security_classification", match[2], marks=marks)
    if match[4]:
        yield Found("secrecy_period", match[4], marks=list(marks))


def _corner(found: Found, read: Read, row: int) -> None:
    if found.name != "copy_number":
        return
    found.note("copy.first", is_true=found.page == 0 and row < 2)
    ready = read.sheets[found.page]
    is_corner = 0 <= ready.depth(row) < 0.15 and ready.rows[row].span[0] < ready.page.width / 3
    found.note("copy.corner", is_true=is_corner)


# --- sign, number, signatory


def _sign(read: Read) -> Iterator[Found]:
    """The organ's name with 文件, or alone in letters, in large type above the number (7.2.4); of joint documents every organ."""
    page, rows = read.at(read.understood.head.number_at)
    stop = rows[0] if page == 0 else _placeholder_row(read)
    if stop < 0:
        stop = _first_row(read)
    usual = read.sheets[0].size() if read.sheets else 0.0
    chosen = [row for row in range(min(stop + 1, len(read.rows(0)), _SIGN_ROWS)) if _is_sign(read, row, is_above=row < stop)]
    if not chosen:
        return
    first = read.rows(0)
    value = "".join(_sign_text(first[row].text).replace(" ", "") for row in chosen)
    found = Found("issuing_sign", value, 0, (chosen[0], chosen[-1] + 1))
    found.note("sign.ends", "sign.organ", is_true=value.endswith(_SIGN_ENDINGS))
    found.note("sign.above_number", is_true=page == 0)
    author = read.understood.signed.author
    found.note("sign.author", is_true=bool(author) and all(name in value for name in author.split("；")))
    if size := max(first[row].size for row in chosen):
        found.note("sign.large", "sign.small", is_true=size > 1.3 * usual)
        found.note("sign.centred", is_true=is_centred(read.sheets[0], chosen[0]))
    yield found


def _sign_text(text: str) -> str:
    """Return the part of a row that is the sign: what stands before a number on the same row."""
    flat = neat(text)
    return flat[: flat.index("文件") + 2] if "文件" in flat and not flat.endswith("文件") else flat


def _is_sign(read: Read, row: int, *, is_above: bool) -> bool:
    flat = _sign_text(read.rows(0)[row].text)
    is_named = len(flat) < 60 and flat.endswith(_SIGN_ENDINGS) and "关于" not in flat and re.search("[\u4e00-\u9fff]{2}", flat) is not None
    return is_named if not is_above else is_named or is_organisation(flat, read.words)


def _placeholder_row(read: Read) -> int:
    rows = read.rows(0)[:_TOP_ROWS]
    return next((index for index, row in enumerate(rows) if _PLACEHOLDER.fullmatch(neat(row.text).replace(" ", ""))), -1)


def _number(read: Read) -> Iterator[Found]:
    head = read.understood.head
    page, rows = read.at(head.number_at)
    if head.number:
        found = Found("document_number", head.number, page, rows)
    elif (row := _placeholder_row(read)) >= 0:
        found = Found("document_number", document_number(neat(read.rows(0)[row].text).replace(" ", "")), 0, (row, row + 1))
    else:
        return
    found.note("number.formed", "number.unformed", is_true=is_well_formed(found.value))
    found.note("number.mended", is_true=head.is_mended)
    found.note("number.order", is_true="〔" not in found.value and not code_and_year(found.value)[1])
    is_above = not head.title or head.title_at[0] >= head.number_at[1]
    found.note("number.in_head", "number.below_title", is_true=is_above)
    depth = read.sheets[0].depth(found.rows[0]) if found.page == 0 else -1.0
    if depth >= 0:
        found.note("number.high", "number.low", is_true=depth < 0.5)
    yield found


def _signatory(read: Read) -> Iterator[Found]:
    for index, row in enumerate(read.rows(0)[:_TOP_ROWS]):
        match = _SIGNATORY.search(row.text) if "签" in row.text else None
        if match is None:
            continue
        names = _names(match[1])
        found = Found("signatory", "；".join(names), 0, (index, index + 1), names if len(names) > 1 else (), ["signatory.labelled"])
        found.note("signatory.beside", is_true="号" in row.text[: match.start()])
        found.note("signatory.name", "signatory.odd", is_true=all(_NAME.fullmatch(name) for name in names))
        is_upward = read.understood.fields.document_type in {"请示", "报告", "意见", "议案"}
        found.note("signatory.upward", "signatory.not_upward", is_true=is_upward)
        if names:
            yield found
        return


def _names(text: str) -> tuple[str, ...]:
    """Part the names; a space inside a name of two characters is none (李　明)."""
    parts = [part for part in re.split("[、，,\\s\u3000]+", text.strip()) if part]
    names: list[str] = []
    for part in parts:
        if names and len(part) == 1 and len(names[-1]) == 1:
            names[-1] += part
        else:
            names.append(part)
    return tuple(names)


# --- title, receiver


def _title(read: Read) -> Iterator[Found]:
    head, fields, words = read.understood.head, read.understood.fields, read.words
    if not fields.title:
        return
    page, rows = read.at(head.title_at)
    found = Found("title", fields.title, page, rows)
    is_like_a_title = ends_like_a_title(fields.title, words) or "关于" in fields.title
    if not head.title:
        found.note("title.file_name", "title.file_name_only", is_true=is_like_a_title)
    elif "之上" in head.title_reason:
        found.note("title.above_number")
    else:
        found.note("title.of_head", "title.first_line", is_true=is_like_a_title)
        found.note("title.below_number", is_true=_is_below_number(read, page, rows))
    if is_like_a_title:
        found.note("title.typed", "title.ending", is_true=bool(type_of(fields.title, words)))
    found.note("title.about", is_true="关于" in fields.title)
    found.note("title.above_receiver", is_true=bool(head.receiver))
    found.note("title.long", is_true=len(fields.title) > 110)
    found.note("title.open", is_true=fields.title.count("《") != fields.title.count("》"))
    found.note("title.odd_sign", is_true=_NO_SIGN_OF_TITLES.search(fields.title) is not None)
    found.note("title.holds_number", is_true=_HOLDS_NUMBER.search(fields.title) is not None)
    found.note("title.holds_date", is_true=_HOLDS_DATE.search(fields.title) is not None)
    found.note("title.like_a_sign", is_true=_is_like_a_sign(fields.title, words))
    author = read.understood.signed.author
    found.note("title.names_author", is_true=bool(author) and fields.title.startswith(author))
    _look(found, read)
    yield found
    if fields.document_type:
        is_typed = bool(type_of(fields.title, words))
        yield Found("document_type", fields.document_type, page, rows, (), ["type.of_title" if is_typed else "type.of_order"])


def _is_like_a_sign(title: str, words: Words) -> bool:
    """Tell whether *title* is no more than an organ and what its head ends with: its real one was not found."""
    ending = next((one for one in _SIGN_ENDINGS if title.endswith(one)), "")
    organ = re.sub("[A-Za-z0-9\\s]", "", title.removesuffix(ending)).removesuffix("会议")
    return bool(ending) and is_organisation(organ, words)


def _is_below_number(read: Read, page: int, rows: Span) -> bool:
    at, number = read.at(read.understood.head.number_at)
    if at < 0:
        at, number = 0, (_placeholder_row(read), 0)
    return number[0] >= 0 and (at, number[0]) < (page, rows[0])


def _look(found: Found, read: Read) -> None:
    """Let size and place of a title's lines speak, where there are boxes."""
    if found.page < 0 or read.sheets[found.page].depth(found.rows[0]) < 0:
        return
    ready = read.sheets[found.page]
    size = ready.rows[found.rows[0]].size
    found.note("title.large", "title.small", is_true=size > 1.15 * ready.size())
    found.note("title.apart", is_true=any(_has_letters_apart(row) for row in ready.rows[slice(*found.rows)]))
    found.note("title.uneven", is_true=_is_uneven(ready, ready.rows[slice(*found.rows)]))
    found.note("title.centred", "title.aside", is_true=is_centred(ready, found.rows[0]))
    found.note("title.late", is_true=found.page > 0 or ready.depth(found.rows[0]) > 0.6)


def _is_uneven(ready: Sheet, rows: Sequence[Row]) -> bool:
    """Tell whether one of several centred rows stands beside the middle of the others by half a letter and more."""
    middles = [sum(row.span) / 2 for row in rows]
    is_centred_ = bool(rows) and abs(2 * middles[0] - ready.page.width) < ready.page.width / 6
    return is_centred_ and max(middles) - min(middles) > _HALF_A_LETTER * min(row.size for row in rows)


def _has_letters_apart(row: Row) -> bool:
    """Tell whether one or two letters stand far before or behind the others of a row."""
    pieces = row.pieces
    return len(pieces) > 1 and min(len(pieces[0]), len(pieces[-1])) <= 2 < 4 <= max(len(piece) for piece in pieces)


def is_centred(ready: Sheet, row: int) -> bool:
    """Tell whether a row stands in the middle of the page, to a twelfth of its width."""
    left, right = ready.rows[row].span
    return ready.page.width > 0 and abs(left + right - ready.page.width) < ready.page.width / 6


def _receiver(read: Read) -> Iterator[Found]:
    head = read.understood.head
    if not head.receiver:
        return
    page, rows = read.at(head.receiver_at)
    found = Found("principal_receiver", head.receiver, page, rows, marks=["receiver.under_title"])
    found.note("receiver.organ", "receiver.odd", is_true=are_receivers(head.receiver, read.words))
    found.note("receiver.long", is_true=len(head.receiver) > 160)
    ready = read.sheets[page] if page >= 0 else None
    if ready and ready.depth(rows[0]) >= 0:
        left = min(row.span[0] for row in ready.rows[rows[0] :])
        found.note("receiver.flush", "receiver.indented", is_true=ready.rows[rows[0]].span[0] - left < ready.rows[rows[0]].size)
    yield found


def are_receivers(text: str, words: Words) -> bool:
    """Tell whether every part of *text* is named like an organisation, or like all of a kind (各…, 有关…)."""
    parts = [part for part in re.split("[，、,；;]", re.sub("[（(].*?[）)]", "", text)) if part]
    return (
        bool(parts)
        and all(map(_OF_NAMES.fullmatch, parts))
        and all(
            "各" in part or part.startswith(("有关", "全")) or is_organisation(joined([part]), words) or len(part) <= 4 for part in parts
        )
    )
