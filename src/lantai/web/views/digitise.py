"""扫描: projects and batches of the paper line, one batch with its steps, forms and figures; scans are sent in here too."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.digitising import RANKS, SHAPE_NAMES, ItemState
from lantai.shelves.digitising import queries
from lantai.stages import digitise as verb
from lantai.stages.digitise import assigning, confirming, learning
from lantai.stages.digitise import projects as acts
from lantai.stages.digitise.projects import Done
from lantai.stages.report import digitising as read
from lantai.stages.report import scan_filing, scope
from lantai.web import uploads
from lantai.web.requests import WATCH, Request, whole

REASON_NAMES = {name: words for name, (_, words) in RANKS.items()}
RETENTIONS = (("Y", "永久"), ("D30", "30年"), ("D10", "10年"))


@require_GET
def batches(request: Request) -> HttpResponse:
    """Projects, and their batches with what goes first in front."""
    access.require(request.actor, "digitise:batch:open")
    return render(request, "web/digitise.html", _around(request) | {"chosen": None})


@require_GET
def batch(request: Request, batch_id: str) -> HttpResponse:
    """One batch beside the list."""
    found = read.summary(request.actor, batch_id)
    context: dict[str, Any] = {
        "chosen": found,
        "steps": read.steps(found.batch),
        "worked": read.worked(found.batch),
        "missing": read.missing(found.batch),
        "totals": read.totals(found.batch),
        "papers": scan_filing.standing(work.house(), request.actor, batch_id),
        "may_hand": access.may(request.actor, "digitise:batch:hand").allowed,
        "waiting": queries.waiting(batch_id, ItemState.PROPOSED),
        "may_describe": access.may(request.actor, "digitise:item:describe").allowed,
        "may_inspect": access.may(request.actor, "digitise:page:inspect").allowed,
    }
    return render(request, "web/digitise.html", _around(request) | context)


@require_POST
def make(request: Request) -> HttpResponse:
    """Make a project."""
    given = request.POST
    order = verb.Order(
        given.get("name", ""),
        given.get("shape", ""),
        given.get("scope", ""),
        given.get("excluded", ""),
        given.get("contractor", ""),
        whole(given.get("sample"), 0) if given.get("sample") else None,
    )
    row = verb.make_project(work.house(), request.actor, order)
    messages.success(request, f"项目「{row.name}」已建立，编号 {row.code}。")
    return HttpResponseRedirect(reverse("digitise"))


@require_POST
def upload(request: Request) -> HttpResponse:
    """Take scans as a new batch, or into one that is there; a table among them is the existing catalogue."""
    house, given = work.house(), request.POST
    files, paths = request.FILES.getlist("files"), given.getlist("paths")
    sources = uploads.keep(house, files, paths)
    try:
        root = sources[0].parent
        tables = [path for path in root.rglob("*") if path.suffix.lower() in (".xlsx", ".csv")]
        key = given.get("batch", "")
        if key:
            row = queries.batch(key)
        else:
            papers = verb.Papers(
                given.get("title", "").strip() or sources[0].stem,
                given.get("box", ""),
                given.get("year", ""),
                given.get("department", ""),
                given.get("retention", ""),
                tuple(given.getlist("reason")),
                tables[0] if tables else None,
            )
            project = acts.usual(house, request.actor, given.get("project", ""))
            row = verb.open_batch(house, request.actor, project, papers)
        for table in tables:
            table.unlink()
        taken = verb.take_in(house, request.actor, row.id, root, is_whole=True)
    finally:
        uploads.remove(sources)
    refused = f"{taken.refused} 个打不开或不是扫描件，没有收入，理由见下。" if taken.refused else ""
    messages.success(request, f"已收 {taken.files} 个文件，{taken.items} 件 {taken.pages} 页，正在处理和识别。{refused}")
    url = reverse("digitise-batch", args=[row.id])
    return JsonResponse({"url": url}) if request.headers.get("X-Requested-With") == "lantai" else HttpResponseRedirect(url)


@require_POST
def step(request: Request, batch_id: str, name: str) -> HttpResponse:
    """Note that a step was done, or close the batch."""
    house, given = work.house(), request.POST
    if name == "close":
        acts.close(house, request.actor, batch_id)
        messages.success(request, "批次已结束。")
    else:
        done = Done(
            whole(given.get("items"), 0),
            whole(given.get("pages"), 0),
            given.get("note", ""),
            given.get("device", ""),
            given.get("with", ""),
        )
        verb.record_step(house, request.actor, batch_id, name, done)
        messages.success(request, "已登记。")
    return HttpResponseRedirect(reverse("digitise-batch", args=[batch_id]))


@require_POST
def exclude(request: Request, batch_id: str, number: int) -> HttpResponse:
    """Say why a row of the catalogue is not scanned."""
    acts.exclude(work.house(), request.actor, batch_id, number, reason=request.POST.get("reason", ""))
    return HttpResponseRedirect(reverse("digitise-batch", args=[batch_id]))


@require_POST
def assign(request: Request, batch_id: str, step: str) -> HttpResponse:
    """Say who is to do a step of a batch."""
    assigning.assign(work.house(), request.actor, batch_id, step, request.POST.getlist("person"))
    messages.success(request, "已定人。")
    return HttpResponseRedirect(reverse("digitise-batch", args=[batch_id]))


@require_POST
def confirm_sure(request: Request, batch_id: str) -> HttpResponse:
    """Submit the items of which everything is sure, as described by who asks for it; say what is left for a person."""
    told = confirming.begin_sure(work.house(), request.actor, batch_id, period=request.POST.get("retention", ""))
    if told is None:
        messages.success(request, "正在后台提交拿得准的，可以离开本页；要人看的会留在这里。", extra_tags=WATCH)
    else:
        done, left = told
        asked = "、".join(f"{label} {count} 件" for label, count in confirming.counted(left))
        rest = f"还有 {len(left)} 件要人看{f'：{asked}' if asked else ''}。" if left else "没有剩下的。"
        messages.success(request, f"已提交 {done} 件。{rest}")
    return HttpResponseRedirect(reverse("digitise-batch", args=[batch_id]))


@require_POST
def keep_forms(request: Request, batch_id: str) -> HttpResponse:
    """Keep every working paper that says something which is not kept yet."""
    kept = scan_filing.keep(work.house(), request.actor, batch_id)
    messages.success(request, f"已留存 {len(kept)} 份表单，摘要记入账本。" if kept else "各份表单都已留存，没有变动。")
    return HttpResponseRedirect(reverse("digitise-batch", args=[batch_id]))


@require_POST
def sign_form(request: Request, filed_id: str) -> HttpResponse:
    """Sign off a kept working paper."""
    row = scan_filing.sign(work.house(), request.actor, filed_id, place=request.POST.get("place", ""))
    messages.success(request, "已签署，记入账本。")
    return HttpResponseRedirect(reverse("digitise-batch", args=[row.batch_id]))


@require_GET
def learned(request: Request) -> HttpResponse:
    """What accepted records taught: bodies, codes of numbers and whose they are, receivers."""
    kind, words = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:100]
    context = {
        "here": "digitise",
        "rows": read.taught(request.actor, kind if kind in read.TAUGHT_KINDS else "", words),
        "kinds": read.TAUGHT_KINDS,
        "kind": kind,
        "words": words,
        "may_open": access.may(request.actor, "digitise:batch:open").allowed,
    }
    return render(request, "web/learned.html", context)


@require_POST
def retire(request: Request, learned_id: str) -> HttpResponse:
    """Retire one line of what was learned, or restore it."""
    is_retired = request.POST.get("act") == "retire"
    row = learning.retire(work.house(), request.actor, learned_id, is_retired=is_retired)
    messages.success(request, f"“{row.value}”已停用，不再据它识别。" if is_retired else f"“{row.value}”已恢复。")
    return HttpResponseRedirect(reverse("learned"))


def _around(request: Request) -> dict[str, Any]:
    return {
        "here": "digitise",
        "rows": read.rows(request.actor, is_open_only=request.GET.get("list") != "all"),
        "is_all": request.GET.get("list") == "all",
        "projects": read.projects(request.actor),
        "shapes": SHAPE_NAMES,
        "reasons": REASON_NAMES,
        "retentions": RETENTIONS,
        "departments": scope.departments(),
        "everybody": read.worked(),
        "may_open": access.may(request.actor, "digitise:batch:open").allowed,
    }
