"""质检: the light table, verdicts by single keys, the sample and the two signatures."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.shelves.digitising import queries
from lantai.stages.digitise import accepting, pictures, turning
from lantai.stages.digitise import inspecting as verb
from lantai.stages.report import digitising
from lantai.stages.report import inspection as read
from lantai.web.requests import Request, whole


@require_GET
def start(request: Request) -> HttpResponse:
    """The batch whose inspection goes on, or the page that says that there is none."""
    key = read.first(request.actor)
    if key:
        return HttpResponseRedirect(reverse("inspect", args=[key]))
    may_open = access.may(request.actor, "digitise:batch:open").allowed
    return render(request, "web/inspect.html", {"here": "inspect", "table": None, "may_open": may_open})


@require_GET
def inspect(request: Request, batch_id: str) -> HttpResponse:
    """The light table of a batch with the page that is compared."""
    table = read.table(request.actor, batch_id, show=request.GET.get("show", "")[:20], offset=whole(request.GET.get("from"), 0))
    chosen = request.GET.get("page") or next((card.id for card in table.cards if not card.verdict), "")
    chosen = chosen or (table.cards[0].id if table.cards else "")
    row = table.standing.acceptance
    people = digitising.names({row.first_by, row.second_by}) if row else {}
    context: dict[str, Any] = {
        "here": "inspect",
        "table": table,
        "chosen": chosen,
        "compared": read.compared(request.actor, chosen) if chosen else None,
        "bars": _bars(request, chosen),
        "batches": read.batches(request.actor),
        "earlier": max(0, table.offset - read.PAGE) if table.offset else None,
        "later": table.offset + read.PAGE if table.offset + read.PAGE < table.total else None,
        "last": table.offset + len(table.cards),
        "may_accept": access.may(request.actor, "digitise:batch:accept").allowed,
        "first_by": people.get(row.first_by, "") if row else "",
        "second_by": people.get(row.second_by, "") if row else "",
    }
    return render(request, "web/inspect.html", context)


@require_GET
def compare(request: Request, page_id: str) -> HttpResponse:
    """One page large, as a part of the table."""
    found = read.compared(request.actor, page_id)
    return render(request, "web/parts/compare.html", {"compared": found, "bars": _bars(request, page_id)})


@require_POST
def verdict(request: Request, page_id: str) -> HttpResponse:
    """Judge a page; answers with how the table stands then."""
    page = verb.verdict(
        work.house(), request.actor, page_id, request.POST.get("verdict", ""), error=request.POST.get("error", "")
    )  # fmt: skip
    stands = verb.standing(page.batch)
    figures = stands.figures
    return JsonResponse(
        {"verdict": page.verdict, "sampled": figures.sampled, "undecided": figures.undecided, "rate": round(figures.rate, 1)}
    )


@require_POST
def turn(request: Request, page_id: str) -> HttpResponse:
    """Turn a page by a quarter: a new picture, read again."""
    return JsonResponse({"turned": turning.turn(work.house(), request.actor, page_id).turned})


@require_POST
def draw(request: Request, batch_id: str) -> HttpResponse:
    """Draw the sample."""
    row = verb.draw(work.house(), request.actor, batch_id)
    messages.success(request, f"已抽取样本 {row.sampled} 页，种子 {row.seed[-8:]}。")
    return HttpResponseRedirect(f"{reverse('inspect', args=[batch_id])}?show=sample")


@require_POST
def send_back(request: Request, batch_id: str) -> HttpResponse:
    """Send the items with rejected pages back to the scanner."""
    count = verb.send_back(work.house(), request.actor, batch_id)
    messages.success(request, f"已退扫 {count} 件，补扫后送入同一批次即替换原页。")
    return HttpResponseRedirect(reverse("inspect", args=[batch_id]))


@require_GET
def sign_dialog(request: Request, batch_id: str) -> HttpResponse:
    """The dialog of a signature: what it stands under, what follows, and the count to type."""
    batch = queries.batch(batch_id)
    access.require(request.actor, "digitise:batch:accept")
    stands = verb.standing(batch)
    row = stands.acceptance
    first = digitising.names({row.first_by}).get(row.first_by, "") if row else ""
    return render(request, "web/parts/sign_scans.html", {"batch": batch, "stands": stands, "row": row, "first_by": first})


@require_POST
def sign(request: Request, batch_id: str) -> HttpResponse:
    """Sign; the second signature concludes."""
    row = accepting.sign(work.house(), request.actor, batch_id, count=whole(request.POST.get("count"), 0))
    told = {
        "signed": "已签署，还要另一人签署才算验收。",
        "accepted": "验收通过，成果正在转入接收。",
        "rejected": "验收没有通过，整批退回返工。",
    }
    messages.success(request, told[row.state])
    return HttpResponseRedirect(reverse("inspect", args=[batch_id]))


def _bars(request: Request, page_id: str) -> str:
    """Return the histogram of a page as the path of an area, 256 wide and 40 high; empty where there is none."""
    counts = pictures.histogram(work.house(), request.actor, page_id) if page_id else ()
    if not counts or not max(counts):
        return ""
    top, step = max(counts) ** 0.5, 256 / len(counts)
    points = " ".join(f"L{at * step:.0f} {40 - 38 * count**0.5 / top:.1f}" for at, count in enumerate(counts))
    return f"M0 40 {points} L256 40Z"
