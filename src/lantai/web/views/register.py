"""应归尽归: the register of finished documents held against the holdings, department by department; what persons decide of it."""

import io
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.core.finished import EXCLUSIONS, STANDING_NAMES
from lantai.packages import workbook
from lantai.shelves.register.standing import Asked
from lantai.stages import leftovers
from lantai.stages import register as verb
from lantai.stages.report import register as read
from lantai.stages.report import scope
from lantai.web import uploads
from lantai.web.kept import kept
from lantai.web.requests import Request, named, whole

SHOWN = {
    "open": ("未归", ("unfiled", "ambiguous", "under_way")),
    "unfiled": ("应归未归", ("unfiled",)),
    "ambiguous": ("待确认对应", ("ambiguous",)),
    "under_way": ("归档中", ("under_way",)),
    "filed": ("已归", ("filed",)),
    "excluded": ("不应归", ("excluded",)),
    "all": ("全部", ()),
}
WIDTHS = (16, 24, 60, 12, 14, 10, 28)
KEEP_SECONDS = 20


@require_GET
def register(request: Request) -> HttpResponse:
    """Departments, the list, and one document; asked for as a part, only that document."""
    house, actor = work.house(), request.actor
    departments = read.departments_of(actor)
    key = request.GET.get("document", "")
    chosen = read.detail(house, actor, key) if key else None
    context: dict[str, Any] = _rights(request) | {"chosen": chosen, "exclusions": EXCLUSIONS, "standings": STANDING_NAMES}
    if request.htmx.target == "document":
        return render(request, "web/parts/register_document.html", context)
    years = read.years()
    year = next((each for each in years if each == request.GET.get("year")), years[0] if years else "")
    seconds = 0 if chosen else KEEP_SECONDS
    lines = kept(house, actor, f"register {year} {departments}", seconds, lambda: read.table(house, actor, year)) if year else []
    context |= _listed(request, year, lines) | {"years": years, "year": year, "lines": [(line, _bars(line)) for line in lines]}
    days_left = (read.deadline(year) - read.today(house)).days if year else 0
    context |= {"whole": read.whole(lines), "days_left": days_left, "days_over": -days_left}
    return render(request, "web/register.html", context)


def _listed(request: Request, year: str, lines: list[read.DepartmentLine]) -> dict[str, Any]:
    """Return the list with what narrows it and the ways to its other pages."""
    asked, offset = _asked(request, year), whole(request.GET.get("from"), 0)
    rows = read.listing(work.house(), request.actor, asked, offset=offset) if year else []
    keeps = {name: request.GET[name] for name in ("year", "department", "show", "words") if request.GET.get(name)}
    return {
        "rows": list(zip(rows, _names(rows), strict=True)),
        "asked": asked,
        "department": request.GET.get("department", ""),
        "show": request.GET.get("show", "open"),
        "shown": [(key, text) for key, (text, _) in SHOWN.items()],
        "total": _total(lines, asked),
        "offset": offset,
        "last": offset + len(rows),
        "kept": urlencode(keeps),
        "kept_but_show": urlencode({key: value for key, value in keeps.items() if key != "show"}),
        "kept_but_place": urlencode({key: value for key, value in keeps.items() if key not in ("department", "show")}),
        "earlier": urlencode(keeps | {"from": max(0, offset - read.PAGE)}) if offset else "",
        "later": urlencode(keeps | {"from": offset + read.PAGE}) if len(rows) == read.PAGE else "",
    }


@require_GET
def sheet(request: Request) -> HttpResponse:
    """The list as a workbook."""
    house = work.house()
    year = request.GET.get("year", "")
    head, *rows = read.sheet(house, request.actor, _asked(request, year))
    out = io.BytesIO()
    workbook.write(out, [workbook.Sheet("应归尽归", list(zip(head, WIDTHS, strict=True)), rows)], made=house.clock.now())
    response = HttpResponse(out.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    response["Content-Disposition"] = named(f"register-{year or 'all'}.xlsx")
    return response


@require_GET
def imports(request: Request) -> HttpResponse:
    """What was imported, and the rows that could not be registered."""
    return render(request, "web/register_imports.html", {"imports": read.imports(request.actor)} | _rights(request))


@require_POST
def enter(request: Request) -> HttpResponse:
    """Import a table, or show what importing it would do."""
    house = work.house()
    access.require(request.actor, "intake:register:import")
    files = request.FILES.getlist("file")[:1]
    names = [item.name or "" for item in files]
    sources = uploads.keep(house, files, names)
    try:
        path = next((item for item in sources[0].rglob("*") if item.is_file()), sources[0]) if sources[0].is_dir() else sources[0]
        is_dry = request.POST.get("act") == "dry"
        done = verb.enter_file(
            house, request.actor, path, department=request.POST.get("department", ""), is_dry=is_dry, source=names[0] if names else ""
        )
    finally:
        leftovers.remove(sources[0].parent, is_secret=True)
    context = {"done": done, "imports": read.imports(request.actor)} | _rights(request)
    return render(request, "web/register_imports.html", context)


@require_POST
def decide(request: Request, key: str, act: str) -> HttpResponse:
    """Exclude or include a document, confirm or part its record."""
    house, actor, given = work.house(), request.actor, request.POST
    if act == "exclude":
        verb.exclude(house, actor, key, reason=given.get("reason", ""), words=given.get("words", ""))
        messages.success(request, "已判为不应归，理由记入账本，可以撤销。")
    elif act == "include":
        verb.include(house, actor, key)
        messages.success(request, "已撤销，仍按应归计。")
    elif act == "match":
        verb.match(house, actor, key, given.get("record", ""))
        messages.success(request, "已确认对应。")
    elif act == "part":
        verb.part(house, actor, key)
        messages.success(request, "已撤销对应。")
    else:
        raise Refusal("REGISTER-UNKNOWN", act)
    return HttpResponseRedirect(f"{reverse('register')}?{given.get('kept', '')}&document={key}")


def _asked(request: Request, year: str) -> Asked:
    given = request.GET
    show = given.get("show", "open")
    place = given.get("department", "")
    places = ("",) if place == "-" else (place,) if place else None
    return Asked(year, places, SHOWN.get(show, SHOWN["open"])[1], given.get("words", "").strip())


def _total(lines: list[read.DepartmentLine], asked: Asked) -> int | None:
    """Return how many the list holds, from the counts; None where words narrow it."""
    if asked.words:
        return None
    wanted = asked.standings or tuple(STANDING_NAMES)
    chosen = [line for line in lines if asked.departments is None or line.code in asked.departments]
    counts: list[int] = [getattr(line, name) for line in chosen for name in wanted]
    return sum(counts)


def _bars(line: read.DepartmentLine) -> list[tuple[str, str, float, float, int]]:
    """Return the stacked bar of a department: (show, tone, x, width, count) in hundredths of its whole."""
    parts = (("filed", "c1"), ("under_way", "c2"), ("ambiguous", "c3"), ("unfiled", "c4"), ("excluded", "c6"))
    found, at = [], 0.0
    for name, tone in parts:
        count = getattr(line, name)
        wide = 100 * count / line.total if line.total else 0
        if count:
            found.append((name, tone, round(at, 2), round(wide, 2), count))
        at += wide
    return found


def _names(rows: list[read.Line]) -> list[str]:
    names = scope.departments()
    return [names.get(row.department, row.department) or "未写部门" for row in rows]


def _rights(request: Request) -> dict[str, Any]:
    return {
        "may_import": access.may(request.actor, "intake:register:import").allowed,
        "may_decide": bool(access.rows(request.actor, "intake:register:decide")),
        "departments": scope.departments(),
        "here": "register",
    }
