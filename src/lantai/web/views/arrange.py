"""整理: the tree of classes, a list of any length, the form of one record. What changes anything stands in ``arranging``."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from lantai import work
from lantai.core import access
from lantai.core.archival_code import CodeParts, Template, matching_template
from lantai.core.classification import LEVELS, Scheme
from lantai.core.codes import CODES
from lantai.shelves.edge.presence import meet
from lantai.shelves.holdings.order import ANY
from lantai.shelves.people.models import Account
from lantai.stages import coding, number, saved_views, undo
from lantai.stages.report import arrangement, classes, printing, scope, volumes
from lantai.web.requests import Request, whole

SEGMENTS = {"全宗号": "全宗", "档案门类代码": "门类", "保管期限代码": "期限", "机构（问题）代码": "机构", "案卷号": "卷组"}
RETENTIONS = (("Y", "永久"), ("D30", "30年"), ("D10", "10年"))
ORDERS = {"hand": "手动", "date": "按成文日期", "number": "按文号", "title": "按题名"}
#: The columns that a person may have in the list or not.
COLUMNS = {"number": "文号", "author": "责任者", "date": "成文日期", "pages": "页数"}
#: What a browser can lay out at most; a longer list is narrowed by the tree.
MOST_SHOWN = 900_000


@require_GET
def arrange(request: Request) -> HttpResponse:
    """The three panes; asked for as a part, some rows of the list or the form of the chosen record."""
    access.require(request.actor, "holdings:record:revise")
    if request.htmx.target in ("form", "form-code"):
        chosen_id = request.GET.get("record", "")  # the list beside the form has told its number already
        return render(request, "web/parts/form.html", form(request, chosen_id, items={chosen_id: request.GET.get("item", "")}))
    if request.headers.get("X-Rows"):
        return _rows(request)
    tree = classes.tree(request.actor)
    if not request.GET and (first := _first_open(tree)):
        return HttpResponseRedirect(f"{reverse('arrange')}?{urlencode(first)}")
    chosen = choice(request.GET)
    seen = arrangement.survey(request.actor, chosen)
    if not seen.open and seen.fixed and "fixed" not in request.GET:
        chosen = replace(chosen, is_fixed=True)
    outlook = number.outlook(work.house(), request.actor, **class_of(chosen)) if chosen.is_leaf else None
    number_one = outlook.first if outlook and outlook.scope else None
    chosen = replace(chosen, left_out=outlook.without) if outlook else chosen
    listing = arrangement.listing(request.actor, chosen, number_one, found=seen.found.get(chosen.is_fixed))
    record_id = request.GET.get("record") or (listing.rows[0].id if listing.rows else "")
    context = {
        "here": "arrange",
        **tree_of(tree, chosen),
        "by_volume": volumes.is_by_volume(work.house(), listing.rows[0].id if listing.rows else ""),
        "volumes": volumes.count(request.actor, year=chosen.year, department=chosen.department),
        "volume_query": urlencode({name: value for name, value in class_of(chosen).items() if name != "retention" and value}),
        "listing": listing,
        "still_open": seen.open,
        "fixed": seen.fixed,
        "outlook": outlook,
        "sums": arrangement.unplaced(request.actor),
        "orders": ORDERS,
        "most_shown": MOST_SHOWN,
        "page": arrangement.PAGE,
        "print_scope": _print_scope(chosen, listing),
        "printed_forms": [(key, name) for key, (name, _) in printing.FORMS.items() if key not in ("report", "receipt")],
        "class_query": urlencode(class_of(chosen)),
        "kept": _kept(request.GET, "record", "from"),
        "kept_but_words": _kept(request.GET, "record", "words", "from"),
        "kept_but_fixed": _kept(request.GET, "record", "fixed", "from"),
        "kept_but_order": _kept(request.GET, "record", "order", "from"),
        "columns": COLUMNS.items(),
        "look": Account.objects.only("list_columns", "list_density").get(id=request.actor.id),
        "views": saved_views.listed(request.actor),
        "view_query": saved_views.query_of(request.GET.dict()),
        "last_act": undo.last(work.house(), request.actor),
        "failed_acts": undo.failed(work.house(), request.actor),
        **form(request, record_id, outlook, {row.id: row.item for row in listing.rows}),
    }
    return render(request, "web/arrange.html", context)


def tree_of(tree: tuple[classes.Node, ...], chosen: arrangement.Class, at: str = "arrange") -> dict[str, Any]:
    """Return what the tree of classes shows: what is chosen in it, and the screen that its years and departments lead to."""
    parts = {name: value for name in arrangement.PLACED if (value := getattr(chosen, name)) is not None}
    return {"tree": tree, "chosen": chosen, "parts": parts, "place": place(chosen), "tree_at": reverse(at), "by": scheme_of(chosen).name}


def scheme_of(chosen: arrangement.Class) -> Scheme:
    """Return by what the records of the chosen category and year are parted."""
    return coding.scheme(chosen.category or work.house().settings.category, chosen.year or "9999")


def _rows(request: Request) -> HttpResponse:
    """Some rows of the list, for a list that is read as it is scrolled."""
    chosen = choice(request.GET)
    first = None
    if chosen.is_leaf and not chosen.is_fixed:
        outlook = number.outlook(work.house(), request.actor, **class_of(chosen))
        first, chosen = outlook.first if outlook.scope else None, replace(chosen, left_out=outlook.without)
    listing = arrangement.listing(request.actor, chosen, first)
    context = {"listing": listing, "chosen": chosen, "kept": _kept(request.GET, "record", "from")}
    return render(request, "web/parts/arrange_rows.html", context)


def _print_scope(chosen: arrangement.Class, listing: arrangement.Listing) -> str:
    """Return the class of codes whose forms can be printed: one class is chosen and its codes are fixed."""
    if not chosen.is_fixed or not chosen.retention or not listing.rows:
        return ""
    return printing.scope_of(listing.rows[0].id)


def choice(asked: QueryDict) -> arrangement.Class:
    """Return what a request has chosen of the records."""
    order, department = asked.get("order", "hand"), asked.get("department")
    chosen = arrangement.Class(
        category=asked.get("category") or None,
        year=asked.get("year"),
        department=None if department == ANY else department,
        retention=asked.get("retention"),
        attention=asked.get("attention"),
        words=asked.get("words", "").strip(),
        order=order if order in ORDERS else "hand",
        offset=whole(asked.get("from"), 0),
        is_fixed=asked.get("fixed") == "1",
    )
    return replace(chosen, is_flat=not scheme_of(chosen).middle)


def class_of(chosen: arrangement.Class) -> dict[str, str]:
    """Return the class of numbers that is chosen, by its parts."""
    department = ANY if chosen.is_flat and chosen.department is None else chosen.department or ""
    parts = {"year": chosen.year or "", "department": department, "retention": chosen.retention or ""}
    return parts | ({"category": chosen.category} if chosen.category else {})


def place(chosen: arrangement.Class) -> list[str]:
    """Return in words what is chosen."""
    if chosen.attention == arrangement.ANY_REASON:
        return ["需要您看一看"]
    if chosen.attention is not None:
        row = CODES.get(chosen.attention)
        return ["需要您看一看", row.text.split("{")[0].rstrip("：「《 ") if row else chosen.attention]
    words = [f"{chosen.category} {coding.name_of(chosen.category)}"] if chosen.category else []
    said = {"year": f"{chosen.year} 年度" if chosen.year else "年度未定"} if chosen.year is not None else {}
    if chosen.department is not None:
        said["department"] = scope.classed().get(chosen.department, chosen.department) or "机构未定"
    if chosen.retention is not None:
        said["retention"] = dict(RETENTIONS).get(chosen.retention, chosen.retention) or "期限未定"
    named = [said.pop(level) for level in scheme_of(chosen).columns if level in said]
    return [*words, *named, *said.values()] or ["全部"]


def _first_open(tree: tuple[classes.Node, ...]) -> dict[str, str]:
    """Return the class that has most work left in it, the first of several; else the first class."""
    leaf = max((leaf for node in tree for leaf in node.leaves), key=lambda each: each.open, default=None)
    return dict(leaf.parts) if leaf else {}


def form(request: Request, record_id: str, outlook: number.Outlook | None = None, items: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what the form of one record shows, and who else has it open; *items* are the numbers that the list shows already."""
    shown = arrangement.form(request.actor, record_id) if record_id else None
    if shown is None:
        return {"form": None}
    item, listed = None, (items or {}).get(record_id, "")
    is_later = listed == arrangement.UNRANKED and not request.htmx  # the page is painted first, then asks for the number
    if shown.is_editable and not shown.code and not is_later:
        item = int(listed) if listed.isdecimal() and listed.isascii() and len(listed) < 8 else _item(request, shown, outlook)
    retentions = dict(RETENTIONS)
    if shown.values["retention"] and shown.values["retention"] not in retentions:
        retentions[shown.values["retention"]] = shown.values["retention"]
    return {
        "form": shown,
        "proposed": item,
        "number_later": f"?{_kept(request.GET, 'record')}&record={record_id}" if is_later else "",
        "segments": _segments(shown, item),
        "retentions": retentions.items(),
        **_middle(shown),
        "others": meet(record_id, request.actor.id, request.actor.name, work.house().clock.now()) if shown.is_editable else [],
        "back": request.htmx.current_url if request.htmx else request.get_full_path(),
    }


def _item(request: Request, shown: arrangement.Form, outlook: number.Outlook | None) -> int | None:
    """Return the number that the record would get, None where it cannot be numbered."""
    of = {name: shown.values.get(name, "") for name in arrangement.PLACED}
    outlook = outlook or number.outlook(work.house(), request.actor, **of)
    return arrangement.item_of(shown.id, outlook.of, outlook.first, outlook.without) if outlook.scope else None


def _middle(shown: arrangement.Form) -> dict[str, Any]:
    """Return what a record is put under between year and period: a department, a subject of its scheme, or nothing that is asked for."""
    scheme = coding.scheme(shown.values["category"], shown.values["year"])
    names = dict(scheme.terms) if scheme.middle == "subject" else scope.departments()
    return {"departments": names, "middle": LEVELS.get(scheme.middle, ""), "middle_held": scope.classed()}


def _segments(shown: arrangement.Form, item: int | None) -> list[tuple[str, str, str]]:
    """Return the parts of the code as (joint before, value, name), as the form of its category has them; the item number last."""
    house, values = work.house(), shown.values
    if shown.code:
        template = matching_template(shown.code, coding.templates(house))
        if template is None:
            return [("", shown.code, "档号")]
        found = [(joint, value, SEGMENTS.get(name, name)) for joint, name, value in template.segments(template.parse(shown.code))]
        joint, _, name = found[-1]
        return [*found[:-1], (joint, shown.code.rpartition(joint)[2] if joint else shown.code, name)]
    rule = coding.rule(house, values["category"])
    org = values["department"] if coding.scheme(values["category"], values["year"]).middle else ""
    catalogue = rule.catalogues.get(values["retention"], "")
    template = Template(rule.template)
    parts = CodeParts(values["fonds"], values["category"], values["year"], values["retention"], org or "", catalogue=catalogue)
    found = [(joint, value or "—", SEGMENTS.get(name, name)) for joint, name, value in template.segments(parts)]
    joint, _, name = found[-1]
    return [*found[:-1], (joint, template.item_text(item) if item else "····", name)]


def _kept(asked: QueryDict, *dropped: str) -> str:
    kept = asked.copy()
    for name in dropped:
        kept.pop(name, None)
    return kept.urlencode()
