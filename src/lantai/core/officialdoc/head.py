"""The head of an official document: sign, number, title and principal receiver, line by line (GB/T 9704-2012, 7.2 and 7.3)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lantai.core.officialdoc.dates import DATE, civil_date
from lantai.core.officialdoc.numbers import document_number
from lantai.core.officialdoc.pattern import pattern
from lantai.core.officialdoc.titles import ends_like_a_title, is_organisation, type_of
from lantai.core.officialdoc.words import Words

_HAN = "[\u4e00-\u9fff]"
_LETTER = "[\u4e00-\u9fffA-Za-z·]"
#: 机关代字; what stands in brackets in it ends in it, as in 云发改（规划）.
_CODE = f"[\u4e00-\u9fffA-Z](?:{_LETTER}|[（(]{_LETTER}{{1,12}}[）)]){{0,24}}(?<!·)"
_OPENS, _CLOSES, _SERIAL = "[〔\\[［(（【﹝]", "[〕\\]］)）】﹞]", "[0-9]{1,5}号"
#: 机关代字〔年份〕序号号, and what was usual before the standard: years of two digits, 字第, the year before the code.
_NUMBER_TEXT = (
    f"(?:{_CODE}{_OPENS}[0-9]{{4}}{_CLOSES}(?:字?第)?{_SERIAL}|{_CODE}{_OPENS}[0-9]{{2}}{_CLOSES}(?:字?第)?{_SERIAL}"
    f"|{_OPENS}(?:[0-9]{{4}}|[0-9]{{2}}){_CLOSES}{_HAN}{{1,14}}(?:字第?|第){_SERIAL}|{_HAN}{{1,12}}字第{_SERIAL})"
)
_URGENT = "(?:(?:等级|紧急程度|缓急)[:：]?)?(?:特急|加急|特提|平急|急件)"
_NUMBER_LINE = pattern(
    f"(?:.{{0,30}}文件|发文字号[:：]|{_URGENT}|[^\u4e00-\u9fffA-Za-z0-9〔（(\\[]{{1,3}})?({_NUMBER_TEXT})(?:.{{0,2}}签发人.*|[^\u4e00-\u9fff0-9]{{1,4}}|第.{{0,6}}|[0-9]{{0,4}}年[0-9月日]{{0,6}})?|[(（]({_NUMBER_TEXT})[)）]?"
)
#: A number as soft print is read: a bracket lost or doubled, a stray sign beside it. What it says is certain only where the year tells.
_WORN_LINE = pattern(
    f"(?P<code>{_HAN}[\u4e00-\u9fffA-Za-z（）()·]{{1,23}}?)[:：.,·|_]?(?P<opens>{_OPENS}{{0,2}})[:：.,·|_]?(?P<year>(?:19|20)[0-9]{{2}})"
    f"(?P<closes>{_CLOSES}{{0,2}})[:：.,·|_]?(?:字?第)?(?P<serial>[0-9]{{1,4}})号(?:.{{0,2}}|.{{0,2}}签发人.*)"
)
_WORN_FIRST = pattern(
    f"(?P<year>(?:19|20)?[0-9]{{2}})(?P<closes>{_CLOSES})[:：.,·]?(?P<code>{_HAN}{{1,14}}(?:字第?|第))(?P<serial>[0-9]{{1,4}})号"
)
_COUNT = "(?:[0-9]{1,5}|[一二三四五六七八九十百〇零]{1,7})"
_ORDER_LINE = pattern(f"(.{{0,40}}(?:令|公告|通告))?((?:[0-9]{{4}}年)?第{_COUNT}号)")
_ISSUE_LINE = pattern(f"(.{{2,40}}纪要)?[(（]?((?:[0-9]{{4}}年)?第{_COUNT}期)[)）]?(?:[(（]?总第.{{1,8}}[)）]?)?")
_FURNITURE = pattern(
    "[0-9]{4,8}|(?:[0-9]{4,7})?(?:绝密|机密|秘密)级?.{0,12}|[—\\-－–]*[0-9]{1,3}[—\\-－–]*|签发人.*|.*〔[0-9]{4}〕(?:.{0,4}号|.{0,4}[0-9]{0,5}签发人.*|[0-9]{1,5})"
    "|第?[0-9]{1,5}号|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日|<!--.*-->|(?:总)?第[0-9]{1,5}期.{0,12}|(?:密级|份号|紧急程度|缓急)[:：].*|第[0-9]+页.*|Page.*|[★☆·.—_-]+|附件[0-9]*[:：]?"
)
_LABEL = pattern("(?:密级|索引号|主题分类|发文机关|成文日期|标题|发文字号|发布日期|主题词|文号|来源)[:：]")
_SIGN = pattern("(.{2,40}?)(?:机密)?文件")
_UNDER_TITLE = pattern("[(（].{4,200}[)）]?")
_BODY = pattern(
    "[一二三四五六七八九十]+、|第[一二三四五六七八九十0-9]+[条章节]|目录$|[(（][一二三四五六七八九十]+[)）]"
    "|为[^了]?.{8}|根据|按照|现将|近年来|经.{0,6}研究"
)
_SAYS = pattern(
    "^单位$|如下|同志们|各位|根据|按照|现将|以下|为了|你们|关于|通过|[。；《》]|[0-9]{4}年|的(?:决[议定]|命令|公[报告]|通[告知报]|意见|报告|请示|批复|函)"
)
_TIME = pattern("(?:会议|开会)?(?:时间|日期)[:：]")
#: An organ and a date beside it, whatever soft print put between them.
_WORN_DATELINE = pattern(f"({_HAN}{{3,30}})[^\u4e00-\u9fff]{{0,3}}(?:{DATE.pattern}|[0-9]{{4}}年[0-9]{{1,2}}月[0-9]{{1,2}}日)")
_BESIDE_DATE = pattern("(?:[\u4e00-\u9fff]{2,24})?[(（]?")
#: A line that goes on with a title whose last line happens to end with a document type.
_CONTINUES = pattern("的(?:通知|决定|函|批复|意见|通报|公告|通告|请示|报告)$")
_GOES_ON = ("的", "》", "）", "(", "（")
_ORDERS = ("令", "公告", "通告")
_OF_HEAD = "取自正文首部的标题"
_ISSUES = ("纪要",)
_MASTS = ("纪要", "简报")
_MEETING = pattern("(?:第[0-9一二三四五六七八九十百]{1,4}次)?(?:常务|全体|办公|局务|党组|专题|联席|工作)?(?:扩大)?会议$")
_LABELLED = pattern("[^，。《]{2,8}[:：]")
HEAD_LINES = 60
Span = tuple[int, int]
NOWHERE: Span = (-1, -1)
_TITLE_LINES = 7
_LONG_LINE = 90
_SCRAP = 8


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the body; ``title_reason`` says where the title came from, ``sign`` is the organ of the red head.

    The ``…_at`` are the first and the end index among the head's lines that hold anything, (-1, -1) where there is none: every line that
    a value was read from. ``folds`` is the index of a line that had to be broken up and how many lines came of it, beyond itself.
    ``is_mended``: brackets of the number were put where they must have been.
    """

    title: str = ""
    title_reason: str = ""
    number: str = ""
    receiver: str = ""
    sign: str = ""
    date: str = ""
    is_order: bool = False
    sign_at: Span = NOWHERE
    date_at: Span = NOWHERE
    number_at: Span = NOWHERE
    title_at: Span = NOWHERE
    receiver_at: Span = NOWHERE
    folds: Span = NOWHERE
    is_mended: bool = False


def neat(line: str) -> str:
    """Return *line* without the white space that means nothing: next to any wide character, at the ends, doubled."""
    parts = line.split()
    return joined(parts) if len(parts) > 1 else "".join(parts)


def joined(parts: Sequence[str]) -> str:
    """Join neat pieces: with a space only between two narrow characters."""
    text = ""
    for part in parts:
        text += f" {part}" if text and text[-1] < "\x80" and part[:1] < "\x80" else part
    return text


def _neat_lines(page: str) -> list[str]:
    """Return the lines of a page's head that hold anything, without the marks of Markdown headings."""
    return [_numbered(flat) for line in page[:6000].splitlines()[: 3 * HEAD_LINES] if (flat := neat(line).lstrip("# "))]


def _numbered(line: str) -> str:
    """Return the line of a number without the spaces that stand in it between narrow signs, any other as it is."""
    squeezed = line.replace(" ", "")
    return squeezed if len(squeezed) < len(line) and _NUMBER_LINE.fullmatch(squeezed) else line


def gather(pages: Sequence[str], words: Words) -> Head:
    """Read the head out of the first lines of the text."""
    lines, folds = _unfold(_first_lines(pages), words)
    number_at, number, is_order = _find_number(lines)
    is_mended = not number
    if is_mended:
        number_at, number = _find_worn_number(lines)
    sign_at, sign = _find_sign(lines, number_at[0], words)
    date_at, date = _find_date(lines)
    head = Head(
        is_mended=is_mended and bool(number), number=number, sign=sign, is_order=is_order, date=date, sign_at=sign_at, date_at=date_at,
        number_at=number_at, folds=folds,
    )  # fmt: skip
    start, stop, reason = _find_title(lines, max(number_at[1], 0), words)
    if is_order and head.sign and not ends_like_a_title(joined(lines[max(start, 0) : stop]), words):
        start, stop, reason = _order_title(lines, number_at[0])
    if start < 0:
        return head
    receiver, (first, end) = _find_receiver(lines[stop:], words)
    receiver_at = (stop + first, stop + end) if receiver else NOWHERE
    title = joined(lines[start:stop])
    return replace(head, title=title, title_reason=reason, title_at=(start, stop), receiver=receiver, receiver_at=receiver_at)


def _order_title(lines: Sequence[str], number: int) -> tuple[int, int, str]:
    """Return the line that names an order: it has no title but its head, and begins at once with what it orders (10.2)."""
    at = next((index for index in range(number, -1, -1) if "令" in lines[index]), -1)
    return (at, at + 1, "令没有另外的标题，取自版头") if at >= 0 and lines[at].endswith("令") else (-1, -1, "")


def _first_lines(pages: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for page in pages:
        lines += _neat_lines(page)
        if len(lines) >= HEAD_LINES:
            break
    return lines[:HEAD_LINES]


def _unfold(lines: list[str], words: Words) -> tuple[list[str], Span]:
    """Break up a first line that holds everything: text that came without line breaks; tell where and into how many more."""
    long = next((index for index, line in enumerate(lines[:8]) if len(line) > _LONG_LINE), -1)
    if long < 0:
        return lines, NOWHERE
    types = "|".join(words.document_types)
    run = re.match(
        f"(?P<before>.{{0,60}}?文件)?(?P<number>{_NUMBER_TEXT})?(?P<title>[^。；：:]{{0,60}}关于[^。；：:]{{2,120}}?(?:{types})(?:（[^）]{{1,10}}）)?)"
        "(?P<receiver>(?!的|》)[^。；：:]{2,200}[:：])(?P<rest>.*)",
        lines[long],
    )
    if run is None:
        return lines, NOWHERE
    parts = [part for part in run.groups() if part]
    return [*lines[:long], *parts, *lines[long + 1 :]], (long, len(parts) - 1)


def _find_number(lines: Sequence[str]) -> tuple[Span, str, bool]:
    """Return the lines of the number, the number, and whether it is an order's."""
    for index, line in enumerate(lines[:30]):
        if match := _NUMBER_LINE.fullmatch(line):
            return (index, index + 1), document_number(match[1] or match[2]), False
        if match := _broken_number(line, lines[index + 1 : index + 2]):
            return (index, index + 2), document_number(match[1] or match[2]), False
        if named := _ordinal(line, lines[index - 1] if index else ""):
            mast, count, above = named
            return (index - above, index + 1), document_number(mast + count), mast.endswith("令")
    return NOWHERE, "", False


def _find_worn_number(lines: Sequence[str]) -> tuple[Span, str]:
    """Return the lines of a number whose brackets were not read as such, and the number with its brackets."""
    for index, line in enumerate(lines[:14]):
        following = "".join(lines[index + 1 : index + 2])
        is_broken = len(line) <= 14 and not _WORN_LINE.fullmatch(following)
        match = _WORN_LINE.fullmatch(line) or (_WORN_LINE.fullmatch(line + following) if is_broken else None)
        if match and len(line) <= 30 and (match["opens"] or match["closes"]):
            stop = index + 1 if match.end() == len(line) else index + 2
            return (index, stop), document_number(f"{match['code']}〔{match['year']}〕{match['serial']}号")
        if first := _WORN_FIRST.fullmatch(line):
            opens = "（" if first["closes"] in ")）" else "〔"
            return (index, index + 1), document_number(f"{opens}{line}")
    return NOWHERE, ""


def _ordinal(line: str, before: str) -> tuple[str, str, int] | None:
    """Return what is counted, its count, and how many lines above it says what is counted: of an order or an announcement (第n号).

    Of an issue of minutes (第n期) its count alone.
    """
    if match := _ORDER_LINE.fullmatch(line):
        if match[1]:
            return match[1], match[2], 0
        if before.endswith(_ORDERS):
            return before, match[2], 1
    if (match := _ISSUE_LINE.fullmatch(line)) and (match[1] or before.endswith(_ISSUES)):
        return "", match[2], 0
    return None


def _broken_number(line: str, following: Sequence[str]) -> re.Match[str] | None:
    """Match a number whose line was broken inside it: neither line holds it alone."""
    if not following or len(line) > 14 or _NUMBER_LINE.fullmatch(following[0]):
        return None
    return _NUMBER_LINE.fullmatch(line + following[0])


def _find_sign(lines: Sequence[str], number: int, words: Words) -> tuple[Span, str]:
    """Return the line of the organ of the red head, and the organ; in letters it stands alone above the number (line *number*)."""
    for index, line in enumerate(lines[:8]):
        match = _SIGN.match(line) if len(line) < 60 and "文件" in line else None
        if match and re.search("[\u4e00-\u9fff]{2}", match[1]) and (line.endswith("文件") or _NUMBER_LINE.fullmatch(line)):
            return (index, index + 1), match[1]
        mast = next((one for one in ("令", "便函") if line.endswith(one)), "")
        if mast and index < 6 and is_organisation(line.removesuffix(mast), words):
            return (index, index + 1), line.removesuffix(mast)
        if index < number and len(line) > 3 and is_organisation(line, words):
            return (index, index + 1), line
    return NOWHERE, ""


def _find_date(lines: Sequence[str]) -> tuple[Span, str]:
    """Return the line of a date and the date: under the title in brackets, beside the organ in the head of minutes, or after 时间："""
    for index, line in enumerate(lines[:15]):
        match = DATE.search(line) if len(line) <= 40 else None
        if match and _TIME.fullmatch(line[: match.start()].replace(" ", "")):
            return (index, index + 1), civil_date(match[0])[0]
        if match and _BESIDE_DATE.fullmatch(line[: match.start()]) and line[match.end() :] in {"", "）", ")"}:
            return (index, index + 1), civil_date(match[0])[0]
    return NOWHERE, ""


def _find_title(lines: Sequence[str], at: int, words: Words) -> tuple[int, int, str]:
    """Return the first and the end index of the title's lines and the reason; (-1, -1, "") where there is none.

    *at* is the index after the number's line: the title stands below it, on web pages above it.
    """
    start = _after_furniture(lines, at, words)
    if at and _looks_like_receiver(lines, start, words):
        return _title_above(lines, at - 1, words)
    below = _title_from(lines, start, words)
    if below[0] >= 0 and below[2] != _OF_HEAD:
        below = _title_behind(lines, start, words) or below
    if not at or (below[0] >= 0 and below[2] == _OF_HEAD):
        return below
    above = _title_from(lines[: at - 1], _after_furniture(lines, 0, words), words)
    is_better = above[2] == _OF_HEAD and not _is_masthead(joined(lines[above[0] : above[1]]), words)
    return above if is_better or below[0] < 0 else below


def _title_behind(lines: Sequence[str], start: int, words: Words) -> tuple[int, int, str] | None:
    """Return a real title that stands one or two short lines further down than a line that is none: what is left there of a stamp."""
    for at in range(start + 1, min(start + 3, len(lines))):
        if len(lines[at - 1]) > _SCRAP:
            return None
        found = _title_from(lines, _after_furniture(lines, at, words), words)
        if found[2] == _OF_HEAD and "关于" in joined(lines[found[0] : found[1]]):
            return found
    return None


def _after_furniture(lines: Sequence[str], at: int, words: Words) -> int:
    """Return the index of the first line from *at* that may begin a title; a lone 公告 above a full title is a masthead."""
    start = next((index for index in range(at, len(lines)) if not _is_furniture(lines[index], words)), len(lines))
    is_masthead = lines[start : start + 1] and lines[start] in words.document_types
    if is_masthead and any("关于" in line and type_of(line, words) for line in lines[start + 1 : start + 5]):
        return _after_furniture(lines, start + 1, words)
    if start + 1 < len(lines) and _ISSUE_LINE.fullmatch(lines[start + 1]) and _has_title_below(lines, start + 2, words):
        return _after_furniture(lines, start + 2, words)
    stop = _masthead_end(lines, start, words)
    return _after_furniture(lines, stop, words) if stop > start else start


def _masthead_end(lines: Sequence[str], start: int, words: Words) -> int:
    """Return the end of the masthead of minutes or a bulletin, an organ and 纪要 on up to three lines; *start* where no title follows."""
    for stop in range(start + 1, min(start + 4, len(lines))):
        ending = next((one for one in _MASTS if lines[stop - 1].endswith(one)), "")
        if not ending or not _is_named("".join(lines[start:stop]).removesuffix(ending), words):
            continue
        if _has_title_below(lines, stop, words):
            return stop
    return start


def _is_masthead(title: str, words: Words) -> bool:
    """Tell whether *title* says no more than who issues what kind: an organ and 纪要, 公告 or the like."""
    ending = next((one for one in (*_MASTS, *_ORDERS) if title.endswith(one)), "")
    return bool(ending) and _is_named(title.removesuffix(ending), words)


def _has_title_below(lines: Sequence[str], at: int, words: Words) -> bool:
    """Tell whether one of the next lines ends like a title, with no sentence and no label before it."""
    below = lines[at : at + 8]
    title = next((index for index, line in enumerate(below) if ends_like_a_title(line, words) and not _is_furniture(line, words)), -1)
    return title >= 0 and not any(mark in line for line in below[: title + 1] for mark in "。：:")


def _is_named(text: str, words: Words) -> bool:
    """Tell whether *text* is an organ, or one with its meeting: what the head of minutes says before 纪要."""
    return bool(text) and is_organisation(_MEETING.sub("", text) or text, words)


def _title_from(lines: Sequence[str], start: int, words: Words) -> tuple[int, int, str]:
    stop = _title_end(lines, start, words)
    title = joined(lines[start:stop])
    if stop <= start or not 2 <= len(title) <= 200:
        return -1, -1, ""
    if ends_like_a_title(title, words) or "关于" in title:
        return start, stop, _OF_HEAD
    is_plain = len(title) <= 50 and not re.search("[。；，：:？！]", title) and re.search("[\u4e00-\u9fff]{2}", title)
    return (start, stop, "取自正文首行，不以文种结尾，请核对") if is_plain else (-1, -1, "")


def _title_above(lines: Sequence[str], number: int, words: Words) -> tuple[int, int, str]:
    """Return the title that stands above the number's line, as web pages have it; upwards to the line with 关于."""
    start = number
    while start > max(0, number - _TITLE_LINES) and not _LABEL.match(lines[start - 1]) and not _is_furniture(lines[start - 1], words):
        start -= 1
        if "关于" in lines[start]:
            if lines[start].startswith("关于") and start and is_organisation(lines[start - 1], words):
                start -= 1
            break
    return (start, number, "取自发文字号之上的标题") if start < number else (-1, -1, "")


def _title_end(lines: Sequence[str], start: int, words: Words) -> int:
    stop = start
    while stop < min(len(lines), start + _TITLE_LINES) and not _ends_title(lines, start, stop, words):
        stop += 1
    return stop


def _ends_title(lines: Sequence[str], start: int, stop: int, words: Words) -> bool:
    """Tell whether the line at *stop* no longer belongs to the title that began at *start*."""
    line = lines[stop]
    title = joined(lines[start:stop])
    if len(line) > 70 or "。" in line or _LABEL.match(line) or _is_furniture(line, words):
        return True
    if stop == start:
        return bool(_BODY.match(line)) or line.endswith(("：", ":"))
    is_open = title.count("《") > title.count("》")
    if is_open or (not ends_like_a_title(title, words) and type_of(title + line, words)):
        return False
    if type_of(title, words) and not line.startswith(_GOES_ON) and not _CONTINUES.search(line):
        return True
    if "关于" not in title and ends_like_a_title(title, words) and not (line.startswith(_GOES_ON) or ends_like_a_title(line, words)):
        return True
    if (_UNDER_TITLE.fullmatch(line) and not _is_short_remark(line)) or _LABELLED.match(line):
        return True
    return bool(_BODY.match(line)) or _looks_like_receiver(lines, stop, words) or DATE.match(line) is not None


def _is_short_remark(line: str) -> bool:
    return len(line) <= 12 and DATE.search(line) is None


def _is_furniture(line: str, words: Words) -> bool:
    return (
        _FURNITURE.fullmatch(line) is not None
        or line in words.urgency
        or _NUMBER_LINE.fullmatch(line) is not None
        or _WORN_LINE.fullmatch(line) is not None
        or _WORN_FIRST.fullmatch(line) is not None
        or (line.endswith("文件") and len(line) < 45 and "关于" not in line)
        or (line.endswith("令") and is_organisation(line[:-1], words))
        or (line.endswith("便函") and is_organisation(line[:-2], words))
        or _ORDER_LINE.fullmatch(line) is not None
        or _is_dateline(line, words)
    )


def _is_dateline(line: str, words: Words) -> bool:
    """Tell whether *line* is an organ with a date, as minutes and bulletins have it under their name."""
    match = _WORN_DATELINE.fullmatch(line) if len(line) <= 40 else None
    return match is not None and is_organisation(match[1], words)


def _looks_like_receiver(lines: Sequence[str], index: int, words: Words) -> bool:
    return index < len(lines) and bool(_find_receiver(lines[index:], words)[0])


def _find_receiver(lines: Sequence[str], words: Words) -> tuple[str, Span]:
    """Return the principal receiver: the lines right under the title up to a colon that closes a line (or follows an organisation)."""
    kept, first = "", 0
    for index, line in enumerate(lines[:6]):
        if not kept and (_is_furniture(line, words) or _UNDER_TITLE.fullmatch(line)):
            continue
        first = first if kept else index
        kept += line
        if match := re.match("([^:：]{2,240})[:：]", kept):
            named = match[1]
            is_whole = match.end() == len(kept) or named.endswith(words.organisation_endings) or named[:1] == "各"
            is_receiver = is_whole and not _SAYS.search(named) and not _BODY.match(named)
            return (named, (first, index + 1)) if is_receiver else ("", NOWHERE)
        if _SAYS.search(kept) or len(kept) > 240:
            return "", NOWHERE
    return "", NOWHERE
