"""系统/保管: the vaults and how they stand, the register of offline media, the fixity audits; set up, started and written down here."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access, beijing
from lantai.stages import copies
from lantai.stages.report import copies as read
from lantai.standards import da_t_38
from lantai.web.requests import Request, whole

_GIGABYTE = 10**9


@require_GET
def keeping(request: Request) -> HttpResponse:
    """The whole screen."""
    house, actor = work.house(), request.actor
    standing, rows = read.standing(house, actor), read.recent(actor)
    strip = [row for row in rows if row.state != "running"][: read.STRIP][::-1]
    places = [None] * (read.STRIP - len(strip)) + strip
    context: dict[str, Any] = {
        "here": "system",
        "standing": standing,
        "is_away": standing.places[0].is_away,
        "has_bad": any(place.bad for place in standing.places),
        "places": [(place, read.next_on(house, place)) for place in standing.places],
        "media": read.media(actor),
        "audits": rows,
        "strip": [(20 * at, read.tick(row) if row else "none", row) for at, row in enumerate(places)],
        "good": sum(read.tick(row) == "ok" for row in strip),
        "mended": sum(row.state == "done" and read.tick(row) == "warn" for row in strip),
        "unended": sum(row.state != "done" for row in strip),
        "bad": sum(read.tick(row) == "bad" for row in strip),
        "audit_days": house.settings.audit_days,
        "types": da_t_38.types(),
        "grades": da_t_38.grades(),
        "may_change": access.may(actor, "vault:replica:change").allowed,
        "may_audit": access.may(actor, "vault:audit:start").allowed,
        "may_enter": access.may(actor, "vault:medium:change").allowed,
        "may_read_copies": True,
        "may_read_formats": access.may(actor, "policy:format:read").allowed,
        "may_read_metadata": access.may(actor, "policy:metadata:read").allowed,
    }
    return render(request, "web/keeping.html", context)


@require_POST
def replica(request: Request) -> HttpResponse:
    """Set a replica up, or retire one."""
    house, given = work.house(), request.POST
    if given.get("retire"):
        row = copies.retire(house, request.actor, given["retire"])
        messages.success(request, f"副本「{row.name}」已停用，里面的内容没有动，不再计入保管份数。")
    else:
        wish = copies.Wish(given.get("name", ""), given.get("kind", ""), given.get("address", ""))
        row = copies.add(house, request.actor, wish)
        messages.success(request, f"副本「{row.name}」已设立，后台正把在库的档案写进去，写完读回核对。")
    return HttpResponseRedirect(reverse("keeping"))


@require_POST
def audit(request: Request) -> HttpResponse:
    """Begin an audit, stop one, or let it go on."""
    house, given = work.house(), request.POST
    if given.get("stop"):
        row = copies.stop(house, request.actor, given["stop"])
        messages.success(request, f"{row.code} 已停止，已核的 {row.done} 件都在，可以继续。")
    elif given.get("resume"):
        row = copies.resume(house, request.actor, given["resume"])
        messages.success(request, f"{row.code} 从第 {row.done + 1} 件继续。")
    else:
        row = copies.start(house, request.actor, given.get("place", ""), share_percent=whole(given.get("share"), 0))
        messages.success(request, f"{row.code} 已开始，共 {row.total} 件，在后台逐字节核验；您可以离开这一页。")
    return HttpResponseRedirect(reverse("keeping"))


@require_POST
def medium(request: Request) -> HttpResponse:
    """Enter a medium, or write down the grade of a check."""
    house, given = work.house(), request.POST
    if given.get("check"):
        day = given.get("next_check", "").replace("-", "")
        row = copies.check_medium(
            house, request.actor, given["check"], given.get("grade", ""), next_check=day, place=given.get("place", "")
        )
        messages.success(request, f"离线介质 {row.number} 的检查结果已记下，下次 {beijing.civil(row.next_check)}。")
    else:
        capacity = whole(given.get("gb"), 0) * _GIGABYTE
        fields = [given.get(name, "") for name in ("place", "address", "note")]
        row = copies.register(house, request.actor, copies.Entered(given.get("number", ""), given.get("type", ""), capacity, *fields))
        messages.success(request, f"离线介质 {row.number} 已登记。接在服务器上时，用 lantai medium fill {row.number} 写入。")
    return HttpResponseRedirect(reverse("keeping"))
