"""系统›检测方案: forty items at four gates, chosen in place, with reason and history."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.checks import GATE_NAMES, MODE_NAMES, PROPERTY_NAMES, Gate
from lantai.core.errors import Refusal
from lantai.stages import scheme
from lantai.stages.report import schemes as read
from lantai.stages.scheme import Place
from lantai.standards.da_t_70.choices import tunables_of
from lantai.web.requests import Request

FIELDS = ("enabled", "severity", "mode", "share")


@require_GET
def schemes(request: Request) -> HttpResponse:
    """The table; asked for as a part, only the pane of the chosen cell."""
    asked = request.GET
    return _page(request, Place(asked.get("gate", ""), asked.get("number", ""), asked.get("category", "")))


@require_POST
def choose(request: Request) -> HttpResponse:
    """Choose a cell otherwise than the standard, or go back to it."""
    given, reason = request.POST, request.POST.get("reason", "")
    place = Place(given.get("gate", ""), given.get("number", ""), given.get("category", ""))
    try:
        if given.get("act") == "restore":
            scheme.restore(work.house(), request.actor, place, reason=reason)
            messages.success(request, "已恢复原来的规定，经过记入账本。")
        else:
            wanted = {name: given[name] for name in FIELDS if name in given}
            wanted |= {row.name: "|".join(given.getlist(row.name)) for row in tunables_of(place.number) if row.name in given}
            scheme.change(work.house(), request.actor, place, wanted, reason=reason)
            messages.success(request, "检测方案已调整，经过记入账本；此后的检测按新方案。")
    except Refusal as refusal:
        if refusal.row.http in (403, 404):
            raise
        return _page(request, place, problem=refusal)
    kept = {"gate": place.gate, "number": place.number, "category": place.category}
    return HttpResponseRedirect(f"{reverse('schemes')}?{urlencode({name: value for name, value in kept.items() if value})}")


def _page(request: Request, place: Place, problem: Refusal | None = None) -> HttpResponse:
    gate = Gate(place.gate) if place.gate in list(Gate) else Gate.ARCHIVING
    table = read.table(request.actor, place.category)
    chosen = read.opened(request.actor, gate, place.number, place.category)
    context: dict[str, Any] = {
        "here": "system",
        "groups": [(name, [row for row in table if row.group is key]) for key, name in PROPERTY_NAMES.items()],
        "gates": [(each.value, GATE_NAMES[each]) for each in Gate],
        "own": sum(cell.is_own for row in table for cell in row.cells),
        "unsure": sum(row.certainty == "?" for row in table),
        "category": place.category,
        "categories": read.categories(request.actor),
        "chosen": chosen,
        "gate": gate.value,
        "gate_name": GATE_NAMES[gate],
        "history": read.history(request.actor, gate, chosen.number, place.category),
        "asked_for": frozenset(value for each in chosen.values if each.kind == "elements" for value in each.value.split("|")),
        "weights": read.WEIGHTS,
        "modes": MODE_NAMES,
        "elements": read.elements() if any(value.kind == "elements" for value in chosen.values) else (),
        "may_change": access.may(request.actor, "policy:check:change").allowed,
        "problem": problem,
        "given": request.POST,
    }
    template = "web/parts/scheme.html" if request.htmx.target == "cell" else "web/schemes.html"
    return render(request, template, context, status=problem.row.http if problem else 200)
