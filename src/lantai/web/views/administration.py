"""The pages of the three administrators: accounts and health, quarantine and approvals, the audit log. None shows content."""

from datetime import date

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lantai import work
from lantai.core import access
from lantai.core.access import ROLE_NAMES
from lantai.core.errors import Refusal
from lantai.core.events import EVENTS
from lantai.stages import attest, excerpt, people
from lantai.stages import quarantine as sealed
from lantai.stages.report import accounts as read
from lantai.stages.report import audit as log
from lantai.stages.report import chain, health, scan_filing, scope
from lantai.web import words
from lantai.web.requests import Request, whole

GROUPS = {"all": "全部", "refused": "拒绝", "administrators": "三员操作", "use": "利用", "record": "档案办理"}
KEPT = ("words", "group", "day", "person", "act", "since", "until")
RIGHTS = ("create", "disable", "reset", "assign")


@require_http_methods(["GET", "POST"])
def accounts(request: Request) -> HttpResponse:
    """The accounts; the system administrator makes and closes them, the security administrator approves and assigns."""
    problem = None
    if request.method == "POST":
        try:
            return _account_act(request)
        except Refusal as refusal:
            if refusal.row.http == 403:
                raise
            problem = refusal
    rights = {name: access.may(request.actor, f"people:account:{name}").allowed for name in RIGHTS}
    context = {
        "here": "accounts",
        "rows": read.accounts(request.actor),
        "rights": rights,
        "roles": ROLE_NAMES,
        "departments": scope.departments(),
        "problem": problem,
        "given": request.POST,
    }
    return render(request, "web/accounts.html", context, status=problem.row.http if problem else 200)


def _account_act(request: Request) -> HttpResponse:
    house, actor, given = work.house(), request.actor, request.POST
    act, account_id = given.get("act", ""), given.get("account", "")
    if act == "create":
        names = ("login", "name", "role", "person", "password", "department")
        people.create_account(house, actor, **{name: given.get(name, "") for name in names})
        messages.success(request, f"账号 {given.get('login')} 已建立，等安全保密管理员批准后可以登录。")
    elif act == "disable":
        people.disable(house, actor, account_id)
        messages.success(request, "账号已停用，已登录的会话随即失效。")
    elif act == "reset":
        people.reset_password(house, actor, account_id, given.get("password", ""))
        messages.success(request, "已设新口令，等安全保密管理员批准后，本人用它登录并自己再换。")
    elif act == "approve":
        people.approve(house, actor, account_id)
        messages.success(request, "账号已批准，可以登录了。")
    elif act == "assign":
        people.assign(house, actor, account_id, role=given.get("role", ""), department=given.get("department", ""))
        messages.success(request, "权限已调整，下一次操作即按新权限。")
    return HttpResponseRedirect(reverse("accounts"))


@require_GET
def system(request: Request) -> HttpResponse:
    """The health of every part."""
    access.require(request.actor, "system:health:read")
    parts = health.look(work.house())
    context = {
        "here": "system",
        "parts": parts,
        "bad": sum(part.state != "ok" for part in parts),
        "may_read_copies": access.may(request.actor, "vault:copy:read").allowed,
        "may_read_formats": access.may(request.actor, "policy:format:read").allowed,
        "may_read_metadata": access.may(request.actor, "policy:metadata:read").allowed,
    }
    return render(request, "web/system.html", context)


@require_GET
def quarantine(request: Request) -> HttpResponse:
    """What is sealed: batch, position, time; never a name or content."""
    items = sealed.held(work.house(), request.actor)
    names = scope.persons(item.proposed_by for item in items if item.proposed_by)
    context = {
        "here": "quarantine",
        "certificates": [(row, scan_filing.is_certified(row)) for row in scan_filing.certificates(request.actor)],
        "items": [(item, names.get(item.proposed_by, ""), item.proposed_by == request.actor.id) for item in items],
    }
    return render(request, "web/quarantine.html", context)


@require_POST
def certify(request: Request, filed_id: str) -> HttpResponse:
    """Sign the certificate that marked scans were erased, as the security administrator."""
    row = scan_filing.sign(work.house(), request.actor, filed_id, place=scan_filing.SECURITY)
    messages.success(request, f"批次 {row.batch.code} 的销毁证明第 {row.edition} 版已签署，签署记入账本。")
    return HttpResponseRedirect(reverse("quarantine"))


@require_POST
def decide(request: Request, item_id: str) -> HttpResponse:
    """Propose or confirm what becomes of a sealed item."""
    outcome = sealed.decide(work.house(), request.actor, item_id, decision=request.POST.get("decision", ""))
    said = {
        "held": "已提出处置意见，等另一位安全保密管理员确认。",
        "removed": "已清除，原件不可恢复，处置记入账本。",
        "released": "已解除隔离，文件已放回接收区，等重新接收。",
    }
    messages.success(request, said[outcome.state])
    return HttpResponseRedirect(reverse("quarantine"))


@require_GET
def audit(request: Request) -> HttpResponse:
    """The audit log, read only; asked for as a part, only the chosen event."""
    if request.htmx.target == "event":
        return render(request, "web/parts/event.html", _event(request, request.GET.get("event", "")))
    now = work.house().clock.now()
    asked = _asked(request, words.local(now).date())
    listing = log.listing(request.actor, asked)
    event_id = request.GET.get("event") or (listing.lines[0].id if listing.lines else "")
    counts = log.counts(request.actor, asked)
    days = log.refused_days(request.actor, now)
    kept = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
    context = {
        "here": "audit",
        "listing": listing,
        **_event(request, event_id),
        "chain": chain.chain(request.actor, now),
        "may_verify": access.may(request.actor, "ledger:log:verify").allowed,
        "persons": log.persons(request.actor),
        "acts": [(row.type, row.name) for row in EVENTS.values()],
        "groups": [(group, name, counts[group]) for group, name in GROUPS.items()],
        "asked": asked,
        "day": "own" if request.GET.get("since") or request.GET.get("until") else request.GET.get("day", "today"),
        "days": [(at * 26, 36 * count / max(max(each for _, each in days), 1), count, day) for at, (day, count) in enumerate(days)],
        "refused_today": days[-1][1],
        "kept": urlencode(kept),
        "kept_but_group": urlencode({name: value for name, value in kept.items() if name != "group"}),
        "earlier": urlencode(kept | {"from": max(0, asked.offset - log.PAGE)}) if asked.offset else "",
        "later": urlencode(kept | {"from": listing.last}) if listing.last < listing.total else "",
    }
    return render(request, "web/audit.html", context)


def _event(request: Request, event_id: str) -> dict[str, object]:
    """Return an event and where it stands in the log."""
    if not event_id:
        return {"detail": None}
    return {"detail": log.detail(request.actor, event_id), "place": chain.place(work.house(), request.actor, event_id)}


@require_GET
def excerpt_file(request: Request) -> FileResponse:
    """What the filter selects, with the proof of each event, as a zip for an inspector."""
    house = work.house()
    name, stream = excerpt.to_zip(house, request.actor, _asked(request, words.local(house.clock.now()).date()))
    return FileResponse(stream, as_attachment=True, filename=name, content_type="application/zip")


@require_POST
def attest_ledger(request: Request) -> HttpResponse:
    """Verify the whole ledger now."""
    outcome = attest.attest(work.house(), request.actor)
    if outcome.ok:
        messages.success(request, f"验账完毕，{outcome.size} 条全部相符。")
    return HttpResponseRedirect(reverse("audit"))


def _asked(request: Request, today: date) -> log.Filter:
    """Return what is asked for; without days of one's own it is today, or everything where that is chosen."""
    given = request.GET
    since, until = _day(given.get("since", "")), _day(given.get("until", ""))
    if not since and not until and given.get("day") != "all":
        since = until = today
    group, act = given.get("group", "all"), given.get("act", "")
    return log.Filter(
        words=given.get("words", "").strip(),
        group=group if group in GROUPS else "all",
        person=given.get("person", ""),
        act=act if act in EVENTS else "",
        since=since,
        until=until,
        offset=whole(given.get("from"), 0),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
