"""整理, composing items 组件: several records into one, one into several, roles and order of what is inside."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from lantai import work
from lantai.core.errors import Refusal
from lantai.core.record import Role
from lantai.stages import compose as verb
from lantai.stages.compose import Given
from lantai.web.requests import Request
from lantai.web.views.arranging import back, selected

#: 花脸 is what archivists call a draft full of corrections.
ROLES = tuple((role.value, "修改稿（花脸）" if role is Role.REVISION else role.value) for role in Role)


@require_POST
def dialog(request: Request) -> HttpResponse:
    """The dialog that lays the documents of the chosen records out, in the order proposed; with roles given, in the order of these."""
    chosen = selected(request)
    pieces = verb.pieces(work.house(), request.actor, chosen, given=_given(request) if request.POST.get("act") == "propose" else None)
    context = {
        "pieces": pieces,
        "records": [(key, next(piece.record_title for piece in pieces if piece.record_id == key)) for key in chosen],
        "head": request.POST.get("head", pieces[0].record_id),
        "roles": ROLES,
        "back": request.POST.get("back") or request.htmx.current_url or "",
    }
    return render(request, "web/parts/compose_dialog.html", context)


@require_POST
def compose(request: Request) -> HttpResponse:
    """Make one item of several, change roles and order, or split chosen documents off."""
    house, chosen, act = work.house(), selected(request), request.POST.get("act")
    if not chosen:
        raise Refusal("SELECTION-EMPTY")
    if act == "split":
        described = {name: request.POST.get(name, "") for name in ("title", "document_number", "date")}
        done = verb.split(house, request.actor, chosen[0], document_ids=request.POST.getlist("off"), described=described)
        text = f"已拆出一件《{described['title'].strip()[:40]}》，排在同一类里。"
    elif len(chosen) > 1:
        head = request.POST.get("head", chosen[0])
        done = verb.merge(house, request.actor, sorted(chosen, key=lambda key: key != head), given=_given(request))
        text = f"{len(chosen)} 件已合为一件，文件的位置和摘要都没有变。"
    else:
        done = verb.arrange_parts(house, request.actor, chosen[0], given=_given(request))
        text = "这一件的组成已改好。"
    messages.success(request, text, extra_tags=f"undo:{done.id}")
    return back(request)


def _given(request: Request) -> Given:
    return Given(tuple(zip(request.POST.getlist("part"), request.POST.getlist("role"), strict=False)))
