"""The viewer of a record: which file and page, in what size and layer, with which words marked."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode

from lantai import work
from lantai.core import text
from lantai.core.errors import Fault
from lantai.formats.kinds import DRAWN
from lantai.stages import find, use
from lantai.web import viewing
from lantai.web.kept import kept
from lantai.web.requests import Request, whole

LAYERS = {"page": "版面", "text": "文字层", "both": "对照"}
#: How long it is kept how a file can be shown; a converter may be installed meanwhile.
SHOWING_SECONDS = 30
Address = Callable[..., str]
Pages = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The file on show, how it can be shown, and its text; all empty where the record has no files.

    ``unreadable`` says why the vault did not give the file: what the tables tell of the record is shown all the same.
    """

    document: use.DocumentView | None
    file: use.FileView | None
    showing: use.Showing
    texts: Pages
    unreadable: Fault | None = None


def viewer(request: Request, view: use.RecordView) -> dict[str, Any]:
    """Return what the viewer's template needs."""
    files = [(document, item) for document in view.documents for item in document.files if item.representation != "text"]
    words = find.split_words(request.GET.get("q", "")[:200])
    chosen = _chosen(request, view, files, words)
    count = chosen.showing.pages
    hits = viewing.counted(chosen.texts, words)
    is_own = chosen.showing.how == "own"
    first = min((number for number in hits if number <= count), default=1) if is_own else 1
    page = min(max(1, whole(request.GET.get("page"), first)), max(count, 1))
    own = next((row for row in chosen.texts if int(row["number"]) == page), None) if is_own else None
    asked = request.GET.get("layer", "page")
    layer = asked if asked in LAYERS and (count or asked == "text") else "page"
    zoom = viewing.zoom(request.GET.get("zoom", ""), float(own["width"]) if own else 0)

    kept_on: dict[str, str | int] = {"q": request.GET["q"][:200]} if words else {}
    kept_on |= {"outline": "on"} if request.GET.get("outline") == "on" else {}

    def address(**changes: str | int) -> str:
        parts: dict[str, str | int] = {"file": chosen.file.id if chosen.file else "", "page": page, "layer": layer, "zoom": zoom.name}
        return urlencode(parts | kept_on | changes)

    return {
        "document": chosen.document,
        "file": chosen.file,
        "files": files,
        "showing": chosen.showing,
        "unreadable": chosen.unreadable,
        "page": page,
        "pages": count,
        "layer": layer,
        "zoom": zoom,
        "outline": _outline(chosen, page, is_own=is_own),
        "pages_at": {goal: address(page=goal) for _, _, goal, _ in _outline(chosen, page, is_own=is_own) if goal},
        "outline_open": request.GET.get("outline") == "on",
        "toggle_outline": address(outline="" if request.GET.get("outline") == "on" else "on"),
        "bare": {other.id: address(file=other.id, page=1) for _, other in files},
        **_ways(address, page=page, count=count, zoom=zoom),
        **_said(chosen.texts, own, is_own=is_own, words=words),
        **_found(address, hits, is_own=is_own, page=page),
    }


def _chosen(request: Request, view: use.RecordView, files: list[tuple[use.DocumentView, use.FileView]], words: tuple[str, ...]) -> Chosen:
    """Choose the file that was asked for, else the first in which the words are found, else that of the first
    document whose own pages can be drawn."""
    house = work.house()

    def texts(item: use.FileView) -> Pages:
        return use.page_text(house, request.actor, view.id, item.id) if item.has_text else []

    wanted = request.GET.get("file", "")
    pair = next((pair for pair in files if pair[1].id == wanted), None)
    if pair is None and words:
        with suppress(Fault):  # the file that is shown then tells
            pair = next((pair for pair in files if viewing.counted(texts(pair[1]), words)), None)
    if not files:
        return Chosen(None, None, use.Showing(0, "none"), [])
    pair = pair or next((pair for pair in files if pair[0] is files[0][0] and pair[1].mime in DRAWN and pair[1].page_count), files[0])
    document, item = pair
    name = f"showing {item.id}"
    try:
        showing = kept(house, request.actor, name, SHOWING_SECONDS, lambda: use.showing(house, request.actor, view.id, item.id))
        return Chosen(document, item, showing, texts(item))
    except Fault as problem:
        return Chosen(document, item, use.Showing(0, "none"), [], problem)


def _outline(chosen: Chosen, page: int, *, is_own: bool) -> list[tuple[int, str, int | None, bool]]:
    """Return the outline of the file on show; the pages of a rendition are not those it counts."""
    return viewing.outlined(chosen.file.outline, page) if chosen.file and is_own else []


def _ways(address: Address, *, page: int, count: int, zoom: viewing.Zoom) -> dict[str, Any]:
    """Return the addresses around this page: layers, pages, sizes."""
    return {
        "layers": [(name, label, address(layer=name)) for name, label in LAYERS.items() if count or name != "both"],
        "earlier": address(page=page - 1) if page > 1 else "",
        "later": address(page=page + 1) if page < count else "",
        "fits": [(name, label, says, address(zoom=name)) for name, (label, says) in viewing.FITS.items()],
        "other_fit": "width" if zoom.name == "height" else "height",
        "full_size": address(zoom="100"),
        "larger": address(zoom=zoom.larger) if zoom.larger else "",
        "smaller": address(zoom=zoom.smaller) if zoom.smaller else "",
        "text_layer": address(layer="text"),
    }


def _said(texts: Pages, own: dict[str, Any] | None, *, is_own: bool, words: tuple[str, ...]) -> dict[str, Any]:
    """Return the text beside the page, and what is laid over it. The pages of a rendition are not those of the text: it is shown whole."""
    said = str(own["text"]) if own else "" if is_own else "\n".join(str(row["text"]) for row in texts)
    has_boxes = own is not None and float(own["width"]) > 0 and float(own["height"]) > 0
    return {
        "text": _marked_lines(said, words),
        "has_text": any(str(row["text"]).strip() for row in texts),
        "sheet": own if has_boxes else None,
        "lines": viewing.text_boxes(own) if own and has_boxes else [],
        "marks": viewing.hit_boxes(own, words) if own and has_boxes and words else [],
    }


def _marked_lines(said: str, words: tuple[str, ...]) -> list[list[tuple[str, bool]]]:
    """Return the lines of a text as runs, flagged where the words stand; a word that runs over the end of a line is marked on both."""
    lines: list[list[tuple[str, bool]]] = [[]]
    for run, is_hit in text.marked(said, words):
        first, *others = run.split("\n")
        lines[-1].append((first, is_hit))
        lines.extend([(part, is_hit)] for part in others)
    return [line for line in lines if any(part.strip() for part, _ in line)]


def _found(address: Address, hits: dict[int, int], *, is_own: bool, page: int) -> dict[str, Any]:
    """Return how often the words were found, and on which pages where the file has pages of its own."""
    return {
        "found": sum(hits.values()),
        "found_pages": [(number, count, address(page=number), number == page) for number, count in sorted(hits.items())] if is_own else [],
        "unmarked": address(q=""),
    }
