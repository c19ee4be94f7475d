"""检索: words, facets with counts, hits with their snippets, and the page beside them."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.stages import find, refusals, use
from lantai.stages.export import jobs
from lantai.stages.report import scope, suggestions
from lantai.web import words
from lantai.web.requests import Request, whole

LIMIT = 20
FACETS = {
    "year": "年度",
    "department": "机构（问题）",
    "retention": "保管期限",
    "document_type": "文种",
    "state": "办到哪一步",
    "opening": "可看范围",
}
FIELDS = {
    "all": ("题名与全文", ()),
    "title": ("只题名", ("title",)),
    "keywords": ("主题与自定项", ("keywords",)),
    "code": ("档号", ("code",)),
}
SORTS = {"relevance": "按相关度", "newest": "新的在前", "oldest": "旧的在前"}
OPENINGS = {"open": "已开放", "closed": "未开放", "in_review": "开放审核中", "controlled": "控制使用"}
SHOWN_VALUES = 8
MOST_CHOSEN = 200


@require_GET
def search(request: Request) -> HttpResponse:
    """Search; asked for as a part, only the preview of the chosen hit."""
    access.require(request.actor, "search:record:find")
    if request.htmx.target == "preview":
        return render(request, "web/parts/preview.html", _preview(request, request.GET.get("hit", "")))
    asked = request.GET.get("q", "").strip()
    chosen = _chosen(request.GET)
    context: dict[str, Any] = {"here": "search", "q": asked, "fields": FIELDS, "sorts": SORTS, **_choices(request)}
    context["most_exported"] = jobs.MOST
    context["may_export"] = bool(access.rows(request.actor, "holdings:record:export"))
    context["searched"] = suggestions.searched(request.actor)
    if asked or chosen:
        context |= _found(request, asked, chosen)
    return render(request, "web/search.html", context)


def _found(request: Request, asked: str, chosen: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    house = work.house()
    offset = whole(request.GET.get("from"), 0)
    choices = _choices(request)
    result = find.search(
        house, request.actor, asked, facets=chosen, fields=FIELDS[choices["field"]][1], offset=offset, limit=LIMIT, sort=choices["sort"]
    )
    names = scope.classed()
    hit = request.GET.get("hit") or (result.hits[0].record_id if result.hits else "")
    context = {
        "result": result,
        "chosen": [
            (name, value, facet_name(name, value, names), without(request.GET, name, value)) for name in chosen for value in chosen[name]
        ],
        "groups": _groups(request.GET, result.facets, chosen, names),
        "first": offset + 1,
        "last": offset + len(result.hits),
        "earlier": turned(request.GET, offset - LIMIT) if offset else "",
        "later": turned(request.GET, offset + LIMIT) if offset + LIMIT < result.total else "",
        "kept": without(request.GET, "hit"),
        **(_preview(request, hit) if hit else {"hit_id": ""}),
    }
    if not result.total:
        context["instead"] = [
            (item, *_instead(request.GET, item)) for item in suggestions.instead(house, request.actor, result.words, chosen)
        ]
    return context


def _preview(request: Request, record_id: str) -> dict[str, Any]:
    """Return what the pane shows: the record's pages that can be drawn, or why it may not be read."""
    try:
        view = use.open_record(work.house(), request.actor, record_id)
    except Refusal as refusal:
        refusals.note(work.house(), request.actor, refusal)
        return {"hit_id": record_id, "refusal": refusal, "reasons": refusal.reasons}
    files = [item for document in view.documents for item in document.files if item.page_count]
    page = max(1, whole(request.GET.get("page"), 1))
    asked = request.GET.get("q", "").strip()
    return {"hit_id": record_id, "q": asked, "view": view, "file": files[0] if files else None, "page": page}


def all_found(request: Request, asked: QueryDict, *, most: int) -> list[str]:
    """Return the ids of everything that the search with these address parameters finds."""
    chosen = _chosen(asked)
    words = asked.get("q", "").strip()
    if not words and not chosen:
        return []
    field, sort = asked.get("in", "all"), asked.get("sort", "relevance")
    fields, order = FIELDS.get(field, FIELDS["all"])[1], sort if sort in SORTS else "relevance"
    return find.found_ids(work.house(), request.actor, words, facets=chosen, fields=fields, sort=order, most=most)


def _chosen(asked: QueryDict) -> dict[str, tuple[str, ...]]:
    """Return the values that are ticked, by facet. Raises Refusal REQUEST-UNREADABLE for more than any page shows: each is a link."""
    chosen = {name: tuple(dict.fromkeys(asked.getlist(name))) for name in FACETS if asked.getlist(name)}
    if len(asked) + sum(map(len, chosen.values())) > MOST_CHOSEN or any(len(asked.getlist(name)) > MOST_CHOSEN for name in asked):
        raise Refusal("REQUEST-UNREADABLE")
    return chosen


def _choices(request: Request) -> dict[str, str]:
    field, sort = request.GET.get("in", "all"), request.GET.get("sort", "relevance")
    return {"field": field if field in FIELDS else "all", "sort": sort if sort in SORTS else "relevance"}


def facet_name(facet: str, value: str, departments: dict[str, str]) -> str:
    """Return the words of a facet value."""
    if not value:
        return "未定"
    by_facet = {"department": departments, "state": words.RECORD_STATES, "opening": OPENINGS}
    if facet == "retention":
        return words.retention(value)
    return by_facet[facet].get(value, value) if facet in by_facet else value


def _groups(
    asked: QueryDict, counted: dict[str, dict[str, int]], chosen: dict[str, tuple[str, ...]], names: dict[str, str]
) -> list[tuple[str, str, list[tuple[str, str, int, bool]]]]:
    groups = []
    for facet, title in FACETS.items():
        values = counted.get(facet, {}) | {value: counted.get(facet, {}).get(value, 0) for value in chosen.get(facet, ())}
        order = sorted(values, reverse=True) if facet == "year" else sorted(values, key=lambda value: -values[value])
        rows = [(value, facet_name(facet, value, names), values[value], value in chosen.get(facet, ())) for value in order[:SHOWN_VALUES]]
        if rows:
            groups.append((facet, title, rows))
    return groups


def without(asked: QueryDict, name: str, value: str | None = None) -> str:
    """Return the address parameters without one value (or all) of *name*, from the first page on."""
    kept = asked.copy()
    kept.setlist(name, [item for item in kept.getlist(name) if value is not None and item != value])
    for each in ("from", "hit", "page"):
        kept.pop(each, None)
    return kept.urlencode()


def turned(asked: QueryDict, offset: int) -> str:
    """Return the address parameters of another page of hits."""
    kept = asked.copy()
    kept.pop("hit", None)
    kept["from"] = str(max(0, offset))
    return kept.urlencode()


def _instead(asked: QueryDict, item: suggestions.Suggestion) -> tuple[str, str]:
    if item.without:
        values = "、".join(facet_name(item.without, value, scope.classed()) for value in asked.getlist(item.without))
        return f"去掉「{values}」", without(asked, item.without)
    kept = asked.copy()
    kept["q"] = " ".join(item.words)
    return f"改查「{kept['q']}」", without(kept, "hit")
