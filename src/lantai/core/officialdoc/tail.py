"""What stands at the end (GB/T 9704-2012, 7.3.7 to 7.5): note of release 附注, imprint 版记, page numbers, attachments themselves."""

from collections.abc import Iterator

from lantai.core.officialdoc.dates import DATE, civil_date
from lantai.core.officialdoc.element import Found
from lantai.core.officialdoc.head import NOWHERE, Span, joined, neat
from lantai.core.officialdoc.page import Sheet
from lantai.core.officialdoc.pattern import pattern
from lantai.core.officialdoc.titles import is_organisation
from lantai.core.officialdoc.top import Read, are_receivers

_PRINTED = pattern("(.{0,40}?)(" + DATE.pattern + ")\\s*印\\s*[发制]\\s*$")
_LABEL = pattern("(抄送|抄报|分送|主送|发送)[:：]")
#: What a scan may show behind the full stop of a list: figures that shine through from the back.
_BEHIND = pattern("(?<=。)[^\u4e00-\u9fff]{1,6}$")
_NUMBERED = pattern("(?:第\\s*([0-9]{1,4})\\s*页.*|[—\\-－–·.\\s]*([0-9]{1,4})[—\\-－–·.\\s]*|([0-9]{1,4})\\s*/\\s*[0-9]{1,4})")
_HEADING = pattern("附件[0-9一二三四五六七八九十]{0,3}[:：]?")
_RELEASE = pattern("[(（].{2,120}[)）]")
_OPEN = pattern("[(（][^)）]{2,80}")
_BOTTOM = 0.85
_LOW = 0.55
_HEADING_ROWS = 4


def gather(read: Read) -> Iterator[Found]:
    """Yield everything found at the end."""
    yield from _release(read)
    yield from _imprint(read)
    yield from _attachments(read)
    yield from _page_numbers(read)


def signature_rows(read: Read) -> tuple[int, Span]:
    """Return page and rows of the date of the signature, (-1, NOWHERE) where there is none."""
    signed = read.understood.signed
    if signed.page < 0:
        return -1, NOWHERE
    ready = read.sheets[signed.page]
    return signed.page, (ready.row_at(signed.date_offset), ready.row_at(signed.date_stop - 1) + 1)


def _release(read: Read) -> Iterator[Found]:
    """The bracketed line right below the date (7.3.7); it may run over two."""
    page, (_, below) = signature_rows(read)
    if page < 0:
        return
    rows = [(index, flat) for index, row in enumerate(read.rows(page)[below:], below) if (flat := neat(row.text))][:2]
    if not rows:
        return
    index, text = rows[0]
    stop = index + 1
    if _OPEN.fullmatch(text) and len(rows) > 1:
        text, stop = text + rows[1][1], rows[1][0] + 1
    if _RELEASE.fullmatch(text):
        yield Found("release_note", text[1:-1], page, (index, stop), (), ["release.brackets", "release.below_date"])


# --- imprint


def _imprint(read: Read) -> Iterator[Found]:
    """The imprint stands at the foot of the last page, after the attachments (7.4); older documents have it before them."""
    for page in range(len(read.sheets) - 1, -1, -1):
        text = read.texts[page]
        if "印" not in text and "送" not in text and "抄" not in text:
            continue
        found = [*_printed(read, page), *_copied(read, page)]
        if found:
            yield from found
            return


def _printed(read: Read, page: int) -> Iterator[Found]:
    rows = read.rows(page)
    for index in range(len(rows) - 1, -1, -1):
        match = _PRINTED.fullmatch(neat(rows[index].text)) if "印" in rows[index].text else None
        if match is None:
            continue
        organ, first = match[1], index
        if not organ and index and is_organisation(above := neat(rows[index - 1].text), read.words):
            organ, first = above, index - 1
        date = civil_date(match[2])[0]
        if organ:
            found = _in_imprint(Found("printing_body", organ, page, (first, index + 1)), read)
            found.note("imprint.organ", is_true=is_organisation(organ, read.words))
            yield found
        if date:
            yield _in_imprint(Found("printing_date", date, page, (index, index + 1), marks=["imprint.printed"]), read)
        return


def _copied(read: Read, page: int) -> Iterator[Found]:
    """抄送, and 主送 where it was moved down for want of room (7.3.2)."""
    rows = read.rows(page)
    flats = [neat(row.text).replace(" ", "") for row in rows]
    for index, flat in enumerate(flats):
        match = _LABEL.match(flat)
        if match is None:
            continue
        stop = _end_of_list(flats, index)
        value = _BEHIND.sub("", joined([flat[match.end() :], *flats[index + 1 : stop]])).strip("。；;，")
        name = "principal_receiver" if match[1] == "主送" else "other_receivers"
        if value and not (name == "principal_receiver" and read.understood.head.receiver):
            rule = "receiver.in_imprint" if name == "principal_receiver" else "imprint.labelled"
            found = _in_imprint(Found(name, value, page, (index, stop), marks=[rule]), read)
            found.note("imprint.organ", is_true=are_receivers(value, read.words))
            yield found


def _end_of_list(flats: list[str], start: int) -> int:
    """Return the row after the last of a list of receivers: it goes on until a full stop, another label or the printing line."""
    for index in range(start + 1, min(start + 8, len(flats))):
        if flats[index - 1].endswith("。") or _LABEL.match(flats[index]) or _PRINTED.fullmatch(flats[index]) or not flats[index]:
            return index
        if _NUMBERED.fullmatch(flats[index]) or (index + 1 < len(flats) and DATE.match(flats[index + 1]) and "印" in flats[index + 1]):
            return index
    return min(start + 8, len(flats))


def _in_imprint(found: Found, read: Read) -> Found:
    depth = read.sheets[found.page].depth(found.rows[0])
    if depth >= 0:
        found.note("imprint.low", "imprint.high", is_true=depth > _LOW)
    found.note("imprint.last_page", is_true=found.page == len(read.sheets) - 1)
    return found


# --- attachments, page numbers


def _attachments(read: Read) -> Iterator[Found]:
    """Every attachment begins on a page of its own with 附件 and its number in the first line (7.4)."""
    page, (_, below) = signature_rows(read)
    if page < 0:
        return
    begun: list[tuple[int, int, str]] = []
    for index in range(page, len(read.sheets)):
        if "附件" not in read.texts[index]:
            continue
        rows = read.rows(index)
        is_paged = bool(read.sheets[index].page.lines)
        for at in range(below if index == page else 0, min(len(rows), _HEADING_ROWS) if is_paged and index > page else len(rows)):
            if rows[at].text.lstrip()[:1] == "附" and _HEADING.fullmatch(neat(rows[at].text).replace(" ", "")):
                begun.append((index, at, _heading_title(read.sheets[index], at)))
    if begun:
        first = begun[0]
        items = tuple(title for _, _, title in begun)
        marks = ["attachment.headed", "attachment.after_signature"]
        yield Found("attachments", "；".join(items), first[0], (first[1], first[1] + 2), items, marks)


def _heading_title(ready: Sheet, row: int) -> str:
    following = [(item, flat) for item in ready.rows[row + 1 : row + 5] if (flat := neat(item.text))]
    if not following:
        return ""
    title, size = following[0][1], following[0][0].size
    for item, flat in following[1:]:
        if not size or abs(item.size - size) > size / 10 or size < 1.15 * ready.size():
            break
        title += flat
    return title


def _page_numbers(read: Read) -> Iterator[Found]:
    """The last row of each page, at its foot; only formats with pages have them."""
    numbers: list[tuple[int, int, int]] = []
    for page, ready in enumerate(read.sheets):
        row = len(ready.rows) - 1
        if row < 0 or ready.depth(row) < _BOTTOM:
            continue
        match = _NUMBERED.fullmatch(ready.rows[row].text.strip())
        if match:
            numbers.append((page, row, int(match[1] or match[2] or match[3])))
    if not numbers:
        return
    page, row, first = numbers[0]
    items = tuple(str(number) for _, _, number in numbers)
    found = Found("page_numbers", items[0] if len(items) == 1 else f"{items[0]}—{items[-1]}", page, (row, row + 1), items, ["page.bottom"])
    is_running = all(number - first == at - page for at, _, number in numbers)
    found.note("page.running", "page.broken", is_true=is_running)
    yield found
