"""整理, the acts: saving a form, changing many, moving, taking back, fixing the codes of a class."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.shelves.edge.presence import meet
from lantai.shelves.journal.models import Act
from lantai.shelves.people.models import Account
from lantai.stages import accept, number, saved_views
from lantai.stages import arrange as verb
from lantai.stages import undo as undoing
from lantai.stages.report import arrangement, scope, setup, suggesting
from lantai.web.requests import WATCH, Request, whole
from lantai.web.views.arrange import COLUMNS, RETENTIONS, choice, class_of, place

EDITED = ("title", "document_number", "date", "year", "retention", "department", "author", "principal_receiver", "annotation")
MANY = (
    "retention",
    "department",
    "year",
    "category",
    "author",
    "document_number",
    "date",
    "document_type",
    "principal_receiver",
    "annotation",
)
#: What is said of a value that does not fit: in a dialog that is being filled in no refusal yet.
UNFIT = ("ELEMENT-", "RETENTION-", "CATEGORY-")
GAP_REASONS = ("撤件", "涉密另存", "重号作废", "并入他件", "其他")
SELECTION = ("category", "year", "department", "retention", "words", "attention", "fixed")


@require_POST
def revise(request: Request, record_id: str) -> HttpResponse:
    """Save the form of one record; where somebody else changed the same value meanwhile, show both and ask."""
    asked = arrangement.form(request.actor, record_id)
    names = (*EDITED, *(item.element.code for item in asked.asked)) if asked else EDITED
    said = {name: request.POST[name].replace("\r\n", "\n") for name in names if name in request.POST}
    was = {name: request.POST.get(f"was_{name}", "").replace("\r\n", "\n") for name in said}
    changes = {name: value for name, value in said.items() if value != was[name]}
    if changes:
        version = whole(request.POST.get("version"), 0)
        if asked and asked.version != version and "settled" not in request.POST:
            version, found = verb.conflicts(request.actor, record_id, was=was, mine=changes)
            if found:
                return _conflict(request, record_id, found, changes, version)
        act = verb.revise(work.house(), request.actor, record_id, version=version, changes=changes)
        _say(request, f"已保存 {len(changes)} 处改动。", act)
    return back(request)


def _conflict(request: Request, record_id: str, found: list[verb.Conflict], changes: dict[str, str], version: int) -> HttpResponse:
    """Show what both wrote, and the three ways out; what was typed goes along."""
    who, when = arrangement.last_change(record_id)
    context = {
        "record_id": record_id,
        "version": version,
        "rows": [(row, verb.name_of(row.name)) for row in found],
        "others": [(name, value) for name, value in changes.items() if name not in {row.name for row in found}],
        "was": {row.name: row.theirs for row in found},
        "who": who,
        "when": when,
        "back": request.POST.get("back", ""),
    }
    response = render(request, "web/parts/conflict_dialog.html", context, status=409)
    for name, value in (("HX-Retarget", "#dialog"), ("HX-Reswap", "innerHTML"), ("HX-Push-Url", "false")):
        response.headers[name] = value
    return response


@require_GET
def suggest(request: Request, record_id: str) -> HttpResponse:
    """Keywords and persons proposed for a record."""
    return JsonResponse(asdict(suggesting.for_record(work.house(), request.actor, record_id)))


def selected(request: Request) -> list[str]:
    """Return the ids that a request chose: the ticked ones, or the whole result, whose count must be as the person saw it."""
    if not request.POST.get("all"):
        return list(dict.fromkeys(request.POST.getlist("record")))
    found = arrangement.ids(request.actor, choice(request.POST), verb.MOST + 1)
    expected = whole(request.POST.get("expected"), 0)
    if expected != len(found) and len(found) <= verb.MOST:
        raise Refusal("SELECTION-CHANGED", expected=expected, actual=len(found))
    return found


@require_POST
def bulk_dialog(request: Request, act: str) -> HttpResponse:
    """The dialog of a change to many, which shows before anything is done what it would do."""
    access.require(request.actor, "holdings:record:revise")
    chosen = selected(request)
    context = {
        "act": act,
        "count": len(chosen),
        "at_once": verb.AT_ONCE,
        "hidden": hidden(request),
        "retentions": RETENTIONS,
        "departments": scope.classed(),
        "fields": [(name, verb.name_of(name)) for name in MANY],
        "back": request.htmx.current_url or request.POST.get("back", ""),
    }
    return render(request, "web/parts/bulk_dialog.html", context)


@require_POST
def foresee(request: Request) -> HttpResponse:
    """What the change in the dialog would do, record by record; while a value is half typed, what it lacks."""
    changes = _changes(request)
    context: dict[str, Any] = {"changes": changes}
    try:
        if changes:
            context |= {"seen": verb.foresee(work.house(), request.actor, selected(request), changes=changes)}
    except Refusal as refused:
        if not refused.code.startswith(UNFIT):
            raise
        name, value = next(iter(changes.items()))
        context["missing"] = f"{refused.message}{refused.next}" if value else f"请填「{verb.name_of(name)}」改成什么。"
    return render(request, "web/parts/bulk_preview.html", context)


def _changes(request: Request) -> dict[str, str]:
    """Return the element to be changed and its new value, which no field of the selection is named like."""
    act, value = request.POST.get("act", ""), request.POST.get("value", "")
    name = request.POST.get("field", "") if act == "field" else act
    return {name: value} if name in MANY and (value or act == "field") else {}


def hidden(request: Request) -> list[tuple[str, str]]:
    """Return the fields by which a dialog hands on what was chosen: the ticked ones, or the whole result with its count."""
    if not request.POST.get("all"):
        return [("record", key) for key in request.POST.getlist("record")]
    kept = [(name, request.POST[name]) for name in SELECTION if name in request.POST]
    return [("all", "1"), ("expected", request.POST.get("expected", "")), *kept]


@require_POST
def bulk(request: Request) -> HttpResponse:
    """Change many records, move them, or take them out."""
    chosen, act = selected(request), request.POST.get("act", "")
    if act == "discard":
        count = accept.discard(work.house(), request.actor, chosen, reason=request.POST.get("reason", "").strip())
        messages.success(request, f"已移出归档 {count} 件，事件留在账本里。")
    elif act == "move":
        done = verb.reorder(work.house(), request.actor, chosen, after=_behind(request, chosen))
        _say(request, f"已移动 {done.done} 件，件号随之改变。", done)
    elif changes := _changes(request):
        done = verb.revise_many(work.house(), request.actor, chosen, changes=changes)
        name = verb.name_of(next(iter(changes)))
        if done.state == "queued":
            messages.success(request, f"正在后台改 {done.total} 件的{name}，可以离开本页。", extra_tags=WATCH)
        else:
            _say(request, f"{done.done} 件的{name}已改好，原值记在账本里。", done)
    return back(request)


def _behind(request: Request, chosen: list[str]) -> str:
    """Return the record behind which the chosen ones are to stand: named, or by the number it would get."""
    if "after" in request.POST:
        return request.POST["after"]
    shown = arrangement.form(request.actor, chosen[0]) if chosen else None
    item = whole(request.POST.get("item"), 0)
    if shown is None or not item:
        return ""
    of = {name: shown.values.get(name, "") for name in arrangement.PLACED}
    seen = number.outlook(work.house(), request.actor, **of)
    return arrangement.at_item(seen.of, item - seen.first + 1, set(chosen), seen.without)


@require_POST
def reorder(request: Request) -> HttpResponse:
    """Put records behind another of their class; a list that shows it already only wants to know that it is done."""
    done = verb.reorder(work.house(), request.actor, request.POST.getlist("record"), after=request.POST.get("after", ""))
    if request.headers.get("X-Requested-With") == "lantai":
        return JsonResponse({"act": done.id, "title": done.title})
    _say(request, f"已移动 {done.done} 件，件号随之改变。", done)
    return back(request)


@require_POST
def undo(request: Request) -> HttpResponse:
    """Take back an act of one's own, the last one where none is named."""
    done = undoing.undo(work.house(), request.actor, request.POST.get("act", ""))
    if done.is_going_on:
        messages.success(request, f"正在后台撤销「{done.title}」，可以离开本页。", extra_tags=WATCH)
        return back(request)
    rest = f"；另有 {done.overtaken} 件后来又被改过或已固定，没有动" if done.overtaken else ""
    messages.success(request, f"已撤销「{done.title}」，{done.done} 件恢复原样{rest}。")
    return back(request)


@require_GET
def fix_dialog(request: Request) -> HttpResponse:
    """The dialog that says what fixing will do, what stands in the way, and waits for the seal."""
    chosen = choice(request.GET)
    outlook = number.outlook(work.house(), request.actor, **class_of(chosen))
    blocked = number.standing_in_the_way(work.house(), request.actor, **class_of(chosen)) if outlook.impeded else []
    problems = [(row.title, finding.message) for row, finding in blocked]
    context = {"chosen": chosen, "outlook": outlook, "problems": problems, "place": place(chosen)}
    return render(request, "web/parts/fix_dialog.html", context | {"is_fonds_untold": setup.is_fonds_untold(work.house())})


@require_POST
def fix(request: Request) -> HttpResponse:
    """The sealed act. The count the person saw goes with it: another count is refused."""
    chosen = choice(request.POST)
    done = number.begin(work.house(), request.actor, **class_of(chosen), expected=whole(request.POST.get("expected"), 0))
    if isinstance(done, Act):
        messages.success(request, f"正在后台{done.title}，可以离开本页，做好会在这里显示。", extra_tags=WATCH)
    else:
        messages.success(request, f"已固定 {done.count} 件的档号：{done.scope} 第 {done.first}–{done.last} 件。正在打包入库。")
    return HttpResponseRedirect(f"{reverse('arrange')}?{urlencode(class_of(chosen))}")


@require_GET
def gaps(request: Request) -> HttpResponse:
    """The empty numbers of a scope: those that are explained, and those that are not yet."""
    scope_ = request.GET.get("scope", "")
    empty, explained = number.gaps(work.house(), request.actor, scope_)
    context = {"scope": scope_, "empty": empty, "explained": explained, "reasons": GAP_REASONS, "back": request.htmx.current_url or ""}
    return render(request, "web/parts/gaps_dialog.html", context)


@require_POST
def explain(request: Request) -> HttpResponse:
    """Explain an empty number."""
    given = request.POST
    at = whole(given.get("number"), 0)
    number.explain_gap(
        work.house(), request.actor, scope=given.get("scope", ""), number=at, reason=given.get("reason", ""), note=given.get("note", "")
    )
    messages.success(request, f"{given.get('scope')} 第 {at} 号已记空号说明，检测断号时照此认可。")
    return back(request)


@require_GET
def withdraw_dialog(request: Request, record_id: str) -> HttpResponse:
    """The dialog that says what withdrawing a number means."""
    access.require(request.actor, "holdings:number:fix")
    shown = arrangement.form(request.actor, record_id)
    return render(
        request, "web/parts/withdraw_dialog.html", {"form": shown, "reasons": GAP_REASONS, "back": request.htmx.current_url or ""}
    )


@require_POST
def withdraw(request: Request, record_id: str) -> HttpResponse:
    """Take a numbered record back; its number stays empty, explained."""
    number.withdraw(work.house(), request.actor, record_id, reason=request.POST.get("reason", ""), note=request.POST.get("note", ""))
    messages.success(request, "已撤件，原号永不再用，已记空号说明；这一件回到待整理。")
    return back(request)


@require_GET
def presence(request: Request, record_id: str) -> HttpResponse:
    """Note that the form is still open here, and say who else has it open."""
    access.require(request.actor, "holdings:record:revise")
    others = meet(record_id, request.actor.id, request.actor.name, work.house().clock.now())
    return render(request, "web/parts/presence.html", {"record_id": record_id, "others": others})


@require_POST
def put_away(request: Request) -> HttpResponse:
    """Put away the news of an act that failed."""
    undoing.put_away(request.actor, request.POST.get("act", ""))
    return back(request)


@require_POST
def look(request: Request) -> HttpResponse:
    """Keep which columns the list shows the person, and how high its rows are."""
    columns = " ".join(name for name in request.POST.getlist("column") if name in COLUMNS)
    density = "dense" if request.POST.get("density") == "dense" else ""
    Account.objects.filter(id=request.actor.id).update(list_columns=columns, list_density=density)
    return back(request)


@require_POST
def keep_view(request: Request) -> HttpResponse:
    """Keep what is chosen under a name."""
    kept = saved_views.keep(request.actor, request.POST.get("name", ""), QueryDict(request.POST.get("query", "")).dict())
    messages.success(request, f"已存为视图「{kept.name}」，在左栏上方。")
    return HttpResponseRedirect(f"{reverse('arrange')}?{kept.query}")


@require_POST
def drop_view(request: Request) -> HttpResponse:
    """Forget a view."""
    if name := saved_views.drop(request.actor, whole(request.POST.get("view"), 0)):
        messages.success(request, f"已删去视图「{name}」，件没有变动。")
    return back(request)


def _say(request: Request, text: str, act: Act) -> None:
    """Say what was done, with the way back."""
    messages.success(request, text, extra_tags=f"undo:{act.id}")


def back(request: Request) -> HttpResponse:
    """Return to the page the act came from, if it is ours; a form that was sent as a part is told where to go."""
    goal = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(goal, allowed_hosts={request.get_host()})
    goal = goal if is_ours else reverse("arrange")
    if request.htmx:
        response = HttpResponse(status=200)
        response.headers["HX-Redirect"] = goal
        return response
    return HttpResponseRedirect(goal)
