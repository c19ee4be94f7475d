"""整理, volumes 组卷: each a row that opens, its items in their order, its description; what makes and changes them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.shelves.journal.models import Act
from lantai.stages import undo
from lantai.stages import volumes as verb
from lantai.stages.report import arrangement, classes
from lantai.stages.report import volumes as read
from lantai.web.requests import Request, whole
from lantai.web.views.arrange import choice, class_of, tree_of
from lantai.web.views.arrange import form as form_of
from lantai.web.views.arranging import back, hidden, selected


@require_GET
def page(request: Request) -> HttpResponse:
    """The volumes of a year and department; the one that is named stands open, and the item that is named has its form beside it."""
    access.require(request.actor, "holdings:record:revise")
    house, chosen = work.house(), choice(request.GET)
    rows = read.listing(house, request.actor, year=chosen.year, department=chosen.department)
    opened = next((row for row in rows if row.id == request.GET.get("volume")), None)
    item = next((line for line in opened.items if line.id == request.GET.get("record")), None) if opened else None
    seen = arrangement.survey(request.actor, chosen)
    kept = {name: value for name, value in class_of(chosen).items() if name != "retention" and value}
    context: dict[str, Any] = {
        "here": "arrange",
        **tree_of(classes.tree(request.actor), chosen, "volumes"),
        "sums": arrangement.unplaced(request.actor),
        "rows": [(row, row is opened) for row in rows],
        "opened": opened,
        "item": item,
        "still_open": seen.open,
        "fixed": seen.fixed,
        "total": read.count(request.actor, year=chosen.year, department=chosen.department),
        "kept": urlencode(kept),
        "fixed_scopes": sorted({row.code.rpartition("-")[0] for row in rows if row.is_fixed}),
        "last_act": undo.last(house, request.actor),
        **(form_of(request, item.id) if item else {}),
    }
    return render(request, "web/volumes.html", context)


@require_POST
def dialog(request: Request) -> HttpResponse:
    """The dialog that makes a volume of the chosen records, or puts them into one that is still open."""
    house, chosen = work.house(), selected(request)
    outlook = verb.foresee(house, request.actor, chosen)
    near = read.listing(house, request.actor, year=outlook.year, department=outlook.department)
    context = {
        "outlook": outlook,
        "hidden": hidden(request),
        "open_volumes": [row for row in near if not row.is_fixed],
        "back": request.htmx.current_url or request.POST.get("back", ""),
    }
    return render(request, "web/parts/volume_dialog.html", context)


@require_POST
def form(request: Request) -> HttpResponse:
    """Make a volume of the chosen records, or put them into the one that is named."""
    house, chosen, into = work.house(), selected(request), request.POST.get("volume", "")
    if into:
        done = verb.add(house, request.actor, into, chosen)
        _say(request, f"已放入 {len(chosen)} 件，排在卷末。", done)
    else:
        done = verb.form(house, request.actor, chosen, title=request.POST.get("title", ""), note=request.POST.get("note", ""))
        _say(request, f"已组成一卷，{len(chosen)} 件，排定次序后固定档号。", done)
    return back(request)


@require_POST
def change(request: Request, volume_id: str) -> HttpResponse:
    """Describe, order, empty, undo or fix one volume."""
    house, actor, given = work.house(), request.actor, request.POST
    act, records = given.get("act", ""), given.getlist("record")
    if act == "fix":
        sealed = verb.fix(house, actor, volume_id, seen=whole(given.get("seen"), 0))
        messages.success(request, f"已固定案卷 {sealed.scope}，卷内 {sealed.count} 件一并编号。正在打包入库。")
    elif act == "describe":
        _say(request, "案卷已存。", verb.describe(house, actor, volume_id, title=given.get("title", ""), note=given.get("note", "")))
    elif act == "take":
        _say(request, f"已取出 {len(records)} 件，回到待整理。", verb.take_out(house, actor, volume_id, records))
    elif act == "undo":
        _say(request, "已拆卷，各件回到待整理。", verb.undo(house, actor, volume_id))
        return HttpResponseRedirect(f"{reverse('volumes')}?{given.get('kept', '')}")
    elif act in ("up", "down") and records:
        after = read.behind(house, actor, volume_id, records[0], by=-1 if act == "up" else 1)
        if after is not None:
            _say(request, "卷内次序已改，页号随之改变。", verb.order(house, actor, volume_id, records[:1], after=after))
    return back(request)


@require_GET
def fix_dialog(request: Request, volume_id: str) -> HttpResponse:
    """The dialog that says what fixing a volume will do, what stands in the way, and waits for the seal."""
    seen = read.one(work.house(), request.actor, volume_id)
    return render(request, "web/parts/volume_fix_dialog.html", {"seen": seen, "back": request.htmx.current_url or ""})


def _say(request: Request, text: str, act: Act) -> None:
    messages.success(request, text, extra_tags=f"undo:{act.id}")
