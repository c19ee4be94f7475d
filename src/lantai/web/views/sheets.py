"""整理, the table out and back: a list as a workbook, and the edited workbook tried cell by cell before it is applied."""

from pathlib import Path
from tempfile import SpooledTemporaryFile

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.stages import leftovers, sheets
from lantai.stages.report import arrangement
from lantai.web import uploads
from lantai.web.requests import Request
from lantai.web.views.arrange import choice

SHOWN = 300
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def sheet(request: Request) -> FileResponse:
    """The chosen list as a workbook that can be edited and brought back."""
    chosen = choice(request.GET)
    ids = arrangement.ids(request.actor, chosen, sheets.MOST_ROWS + 1)
    out = SpooledTemporaryFile(max_size=16 * 1024**2)  # noqa: SIM115 - the response closes it
    sheets.write(work.house(), request.actor, ids, out)  # type: ignore[arg-type] # a binary stream in all but name
    out.seek(0)
    named = "-".join(part for part in (chosen.year, chosen.department, chosen.retention) if part) or "全部"
    return FileResponse(out, as_attachment=True, filename=f"著录-{named}.xlsx", content_type=XLSX)


@require_GET
def page(request: Request) -> HttpResponse:
    """The page on which an edited workbook is brought back."""
    access.require(request.actor, "holdings:record:revise")
    return render(request, "web/sheets.html", {"here": "arrange"})


@require_POST
def try_out(request: Request) -> HttpResponse:
    """Show what a workbook would do; it is kept until it is applied, or for an hour."""
    house = work.house()
    access.require(request.actor, "holdings:record:revise")
    files = request.FILES.getlist("file")[:1]
    path = uploads.keep(house, files, [item.name or "" for item in files])[0]
    try:
        seen = sheets.plan(house, request.actor, path)
    except Refusal:
        leftovers.remove(path.parent)
        raise
    context = {"here": "arrange", "plan": seen, "cells": seen.cells[:SHOWN], "wrong": seen.wrong[:SHOWN], "name": path.name}
    return render(request, "web/sheets.html", context | {"kept": path.parent.name, "digest": seen.digest})


@require_POST
def apply(request: Request) -> HttpResponse:
    """Apply a workbook as it was shown: all of it, or nothing."""
    house = work.house()
    path = _kept(request)
    act = sheets.apply(house, request.actor, path, digest=request.POST.get("digest", ""))
    leftovers.remove(path.parent)
    messages.success(request, f"已{act.title}，原值记在账本里。", extra_tags=f"undo:{act.id}")
    return HttpResponseRedirect(reverse("arrange"))


def _kept(request: Request) -> Path:
    """Return the workbook that was tried. Raises Refusal where it is gone, or was never there."""
    name, house = request.POST.get("kept", ""), work.house()
    folder = house.data / "uploads" / name
    found = next((item for item in folder.glob("*") if item.is_file()), None) if name.isalnum() else None
    if found is None:
        raise Refusal("SHEET-GONE")
    return found
