"""整理: the tree of classes, the rows of one with their proposed numbers, the form, and the sealed act of fixing codes."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.codes import CODES
from lantai.stages import accept, number
from lantai.stages import arrange as verb
from lantai.stages.report import arrangement, printing, scope
from lantai.web.requests import Request, whole

RETENTIONS = (("Y", "永久"), ("D30", "30年"), ("D10", "10年"))
EDITED = ("title", "document_number", "date", "year", "retention", "department", "author", "principal_receiver", "annotation")
ORDERS = {"hand": "手动", "date": "按成文日期", "title": "按题名"}


@require_GET
def arrange(request: Request) -> HttpResponse:
    """The three panes; asked for as a part, only the form of the chosen record."""
    access.require(request.actor, "holdings:record:revise")
    if request.htmx.target == "form":
        return render(request, "web/parts/form.html", _form(request, request.GET.get("record", "")))
    tree = arrangement.tree(request.actor)
    if not request.GET and (first := _first_open(tree)):
        return HttpResponseRedirect(f"{reverse('arrange')}?{urlencode(first)}")
    chosen = _chosen(request.GET)
    still_open, fixed = arrangement.counts(request.actor, chosen)
    if not still_open and fixed and "fixed" not in request.GET:
        chosen = replace(chosen, is_fixed=True)
    preview = number.preview(work.house(), request.actor, **_class(chosen)) if chosen.is_leaf else None
    listing = _listing(request, chosen, preview)
    record_id = request.GET.get("record") or (listing.rows[0].id if listing.rows else "")
    context = {
        "here": "arrange",
        "tree": tree,
        "chosen": chosen,
        "place": _place(chosen),
        "listing": listing,
        "still_open": still_open,
        "fixed": fixed,
        "kept_but_fixed": _kept(request.GET, "record", "fixed", "from"),
        "preview": preview,
        "sums": arrangement.unplaced(request.actor),
        "orders": ORDERS,
        "print_scope": _print_scope(chosen, listing),
        "printed_forms": [(form, name) for form, (name, _) in printing.FORMS.items() if form not in ("report", "receipt")],
        "kept": _kept(request.GET, "record"),
        "kept_but_words": _kept(request.GET, "record", "words"),
        "class_query": urlencode(_class(chosen)),
        "kept_but_order": _kept(request.GET, "record", "order"),
        "earlier": _page(request.GET, chosen.offset - arrangement.PAGE) if chosen.offset else "",
        "later": _page(request.GET, listing.last) if listing.last < listing.total else "",
        **_form(request, record_id, preview),
    }
    return render(request, "web/arrange.html", context)


def _print_scope(chosen: arrangement.Class, listing: arrangement.Listing) -> str:
    """Return the class of codes whose forms can be printed: one class is chosen and its codes are fixed."""
    if not chosen.is_fixed or not chosen.retention or not listing.rows:
        return ""
    return printing.scope_of(listing.rows[0].id)


@require_POST
def revise(request: Request, record_id: str) -> HttpResponse:
    """Save the form of one record, and go on to the next where asked."""
    asked = arrangement.form(request.actor, record_id)
    names = (*EDITED, *(item.element.code for item in asked.asked)) if asked else EDITED
    said = {name: request.POST[name].replace("\r\n", "\n") for name in names if name in request.POST}
    changes = {name: value for name, value in said.items() if value != request.POST.get(f"was_{name}", "").replace("\r\n", "\n")}
    if changes:
        verb.revise(work.house(), request.actor, record_id, version=whole(request.POST.get("version"), 0), changes=changes)
        messages.success(request, f"已保存 {len(changes)} 处改动。")
    return _back(request)


@require_POST
def bulk(request: Request) -> HttpResponse:
    """Change retention or department of the ticked records, or take them out."""
    chosen, act = request.POST.getlist("record"), request.POST.get("act", "")
    if act == "discard":
        count = accept.discard(work.house(), request.actor, chosen, reason=request.POST.get("reason", "").strip())
        messages.success(request, f"已移出归档 {count} 件，事件留在账本里。")
    elif act in ("retention", "department") and request.POST.get(act):
        count = verb.revise_many(work.house(), request.actor, chosen, changes={act: request.POST[act]})
        messages.success(request, f"{count} 件的{'保管期限' if act == 'retention' else '机构（问题）'}已改好，原值记在账本里。")
    return _back(request)


@require_POST
def reorder(request: Request) -> HttpResponse:
    """Put a record behind another of its class."""
    record_id = request.POST.get("record", "")
    verb.reorder(work.house(), request.actor, record_id, after=request.POST.get("after", ""))
    return _back(request)


@require_GET
def fix_dialog(request: Request) -> HttpResponse:
    """The dialog that says what fixing will do, what stands in the way, and waits for the seal."""
    chosen = _chosen(request.GET)
    preview = number.preview(work.house(), request.actor, **_class(chosen))
    titles = dict(scope.records(request.actor).filter(id__in=[key for key, _ in preview.problems]).values_list("id", "title"))
    problems = [(titles.get(key, key), finding.message) for key, finding in preview.problems]
    return render(
        request, "web/parts/fix_dialog.html", {"chosen": chosen, "preview": preview, "problems": problems, "place": _place(chosen)}
    )


@require_GET
def bulk_dialog(request: Request, act: str) -> HttpResponse:
    """The dialog of a change to many: retention, department, or taking out."""
    access.require(request.actor, "holdings:record:revise")
    context = {"act": act, "records": request.GET.getlist("record"), "retentions": RETENTIONS, "departments": scope.departments()}
    return render(request, "web/parts/bulk_dialog.html", context | {"back": request.htmx.current_url or ""})


@require_POST
def fix(request: Request) -> HttpResponse:
    """The sealed act. The count the person saw goes with it: another count is refused."""
    chosen = _chosen(request.POST)
    sealed = number.fix(work.house(), request.actor, **_class(chosen), record_ids=None, expected=whole(request.POST.get("expected"), 0))
    messages.success(request, f"已固定 {sealed.count} 件的档号：{sealed.scope} 第 {sealed.first}–{sealed.last} 件。正在打包入库。")
    return HttpResponseRedirect(f"{reverse('arrange')}?{urlencode(_class(chosen))}")


def _chosen(asked: QueryDict) -> arrangement.Class:
    order = asked.get("order", "hand")
    return arrangement.Class(
        year=asked.get("year"),
        department=asked.get("department"),
        retention=asked.get("retention"),
        attention=asked.get("attention"),
        words=asked.get("words", "").strip(),
        order=order if order in ORDERS else "hand",
        offset=whole(asked.get("from"), 0),
        is_fixed=asked.get("fixed") == "1",
    )


def _class(chosen: arrangement.Class) -> dict[str, str]:
    return {"year": chosen.year or "", "department": chosen.department or "", "retention": chosen.retention or ""}


def _listing(request: Request, chosen: arrangement.Class, preview: number.Preview | None) -> arrangement.Listing:
    proposed = {item.record_id: item.item for item in preview.items} if preview else {}
    problems = {key: finding.message for key, finding in preview.problems} if preview else {}
    return arrangement.listing(request.actor, chosen, proposed, problems)


def _first_open(tree: tuple[arrangement.Node, ...]) -> dict[str, str] | None:
    leaves = (leaf for year in tree for department in year.below for leaf in department.below)
    first = next((leaf for leaf in leaves if leaf.open), None)
    return {"year": first.year, "department": first.department or "", "retention": first.retention or ""} if first else None


def _place(chosen: arrangement.Class) -> list[str]:
    """Return the words of where one is, for the top bar."""
    if chosen.attention is not None:
        row = CODES.get(chosen.attention)
        return ["需要您看一看", row.text.split("{")[0].rstrip("：「《 ") if row else chosen.attention]
    words = [f"{chosen.year} 年度" if chosen.year else "年度未定"] if chosen.year is not None else ["全部"]
    if chosen.department is not None:
        words.append(scope.departments().get(chosen.department, chosen.department) or "机构未定")
    if chosen.retention is not None:
        words.append(dict(RETENTIONS).get(chosen.retention, chosen.retention) or "期限未定")
    return words


def _form(request: Request, record_id: str, preview: number.Preview | None = None) -> dict[str, Any]:
    form = arrangement.form(request.actor, record_id) if record_id else None
    if form is None:
        return {"form": None}
    if preview is None and form.is_editable and not form.code:
        place = {name: form.values.get(name, "") for name in ("year", "department", "retention")}
        preview = number.preview(work.house(), request.actor, **place)
    proposed = next((item for item in preview.items if item.record_id == record_id), None) if preview else None
    retentions = dict(RETENTIONS)
    if form.values["retention"] and form.values["retention"] not in retentions:
        retentions[form.values["retention"]] = form.values["retention"]
    return {
        "form": form,
        "proposed": proposed,
        "segments": _segments(form, proposed),
        "moves": _moves(preview, record_id) if proposed and preview else (),
        "retentions": retentions.items(),
        "departments": scope.departments(),
        "back": request.htmx.current_url if request.htmx else request.get_full_path(),
    }


def _moves(preview: number.Preview, record_id: str) -> list[dict[str, Any]]:
    """Return the two moves of a record in its class: after whom it would stand, and whether there is room."""
    order = [item.record_id for item in preview.items]
    at = order.index(record_id)
    before = order[at - 2] if at > 1 else ""
    behind = order[at + 1] if at + 1 < len(order) else ""
    return [
        {"label": "上移一位（Alt+↑）", "icon": "up", "key": "alt+up", "after": before, "is_possible": at > 0},
        {"label": "下移一位（Alt+↓）", "icon": "down", "key": "alt+down", "after": behind, "is_possible": bool(behind)},
    ]


def _segments(form: arrangement.Form, proposed: number.Proposed | None) -> list[tuple[str, str, str]]:
    """Return the six parts of the code as (joint before, value, name); the item number last."""
    item = form.code.rpartition("-")[2] if form.code else f"{proposed.item:04d}" if proposed else "····"
    values = (*(form.values.get(name, "") or "—" for name in ("fonds", "category", "year", "retention", "department")), item)
    return list(zip(("", "-", "·", "-", "-", "-"), values, ("全宗", "门类", "年度", "期限", "机构", "件号"), strict=True))


def _kept(asked: QueryDict, *dropped: str) -> str:
    kept = asked.copy()
    for name in dropped:
        kept.pop(name, None)
    return kept.urlencode()


def _page(asked: QueryDict, offset: int) -> str:
    kept = asked.copy()
    kept.pop("record", None)
    kept["from"] = str(max(0, offset))
    return kept.urlencode()


def _back(request: Request) -> HttpResponse:
    """Return to the page the act came from, if it is ours."""
    goal = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(goal, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(goal if is_ours else reverse("arrange"))
