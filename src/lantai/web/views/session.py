"""Signing in and out, the password, and how the screens look."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from lantai import work
from lantai.core.errors import Refusal
from lantai.core.own_keys import KEYS
from lantai.shelves.people.models import Account
from lantai.stages import own_keys, people
from lantai.stages.report import setup
from lantai.web.requests import Request, actor_of, address_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
THEMES = ("auto", "light", "dark")


@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """The sign-in page; it leads on to the page that was asked for."""
    goal = _goal(request)
    if request.method == "GET":
        return HttpResponseRedirect(goal) if actor_of(request) else _login_page(request, goal)
    try:
        _enter(request)
    except Refusal as refusal:
        return _login_page(request, goal, refusal)
    return HttpResponseRedirect(_home(request) if goal == reverse("desk") else goal)


@require_http_methods(["GET", "POST"])
def login_again(request: HttpRequest) -> HttpResponse:
    """Sign in again over a page whose session ended, or ask who is signed in; answers with a token for the page's forms."""
    if request.method == "GET":
        actor = actor_of(request)
        return JsonResponse({"login": actor.login if actor else "", "token": get_token(request)}, status=200 if actor else 401)
    try:
        _enter(request)
    except Refusal as refusal:
        return JsonResponse(refusal.as_json(), status=refusal.row.http)
    return JsonResponse({"token": get_token(request)})


@require_POST
def logout(request: Request) -> HttpResponse:
    """End the session."""
    people.sign_out(work.house(), request.actor)
    auth.logout(request)
    return HttpResponseRedirect(reverse("login"))


@require_http_methods(["GET", "POST"])
def password(request: Request) -> HttpResponse:
    """Change one's own password."""
    is_first = people.must_change_password(request.actor)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        problems = _change_password(request)
        if not problems:
            messages.success(request, "口令已换好。")
            return HttpResponseRedirect(_home(request))
    context = {"is_first": is_first, "problems": problems}
    return render(request, "web/password.html", context, status=422 if problems else 200)


@require_POST
def theme(request: Request) -> HttpResponse:
    """Keep the person's choice of light, dark or the system's."""
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        Account.objects.filter(id=request.actor.id).update(theme=chosen)
    if request.headers.get("X-Requested-With") == "lantai":
        return HttpResponse(status=204)
    return HttpResponseRedirect(request.headers.get("Referer") or reverse("desk"))


@require_http_methods(["GET", "POST"])
def keys(request: Request) -> HttpResponse:
    """A person's own single keys: shown beside the usual ones, kept, or given up."""
    given, problem = {usual: request.POST.get(f"key-{usual}", "") for usual in KEYS}, None
    if request.method == "POST":
        try:
            own_keys.keep(request.actor, {} if request.POST.get("act") == "usual" else given)
        except Refusal as refusal:
            problem = refusal
        else:
            messages.success(request, "快捷键已存，马上可用。")
            return HttpResponseRedirect(reverse("keys"))
    own = given if problem else own_keys.of(request.actor)
    rows = [(usual, name, own.get(usual, "")) for usual, name in KEYS.items()]
    return render(request, "web/keys.html", {"here": "", "rows": rows, "problem": problem}, status=422 if problem else 200)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that there is not, told in the words of the other pages."""
    return render(request, "web/404.html", status=404)


def _home(request: HttpRequest) -> str:
    """Return where a person begins: the desk; whoever is to set an empty installation up, there."""
    actor = actor_of(request)
    return reverse("setup" if actor and setup.leads(work.house(), actor) else "desk")


def _enter(request: HttpRequest) -> None:
    """Check the password and begin a session under a new key."""
    actor = people.sign_in(work.house(), request.POST.get("login", ""), request.POST.get("password", ""), address_of(request))
    account = Account.objects.get(id=actor.id)
    auth.login(request, account, backend=BACKEND)


def _change_password(request: Request) -> tuple[str, ...]:
    if request.POST.get("new") != request.POST.get("again"):
        return ("两次输入的新口令不一样，请再输一遍。",)
    try:
        people.change_password(work.house(), request.actor, request.POST.get("old", ""), request.POST.get("new", ""))
    except Refusal as refusal:
        return (refusal.message, *(reason.message for reason in refusal.reasons), *filter(None, [refusal.next]))
    auth.update_session_auth_hash(request, Account.objects.get(id=request.actor.id))
    return ()


def _goal(request: HttpRequest) -> str:
    """Return where to go after signing in: only to our own pages, and never back to the sign-in page."""
    goal = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(goal, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return goal if is_ours and not urlsplit(goal).path.startswith("/log") else reverse("desk")


def _login_page(request: HttpRequest, goal: str, refusal: Refusal | None = None) -> HttpResponse:
    context = {
        "next": goal,
        "login": request.POST.get("login", ""),
        "attempts": settings.LANTAI.login_attempts,
        "lock_minutes": settings.LANTAI.login_lock_minutes,
        "problem": refusal.message if refusal else "",
        "advice": refusal.next if refusal else "",
    }
    return render(request, "web/login.html", context, status=refusal.row.http if refusal else 200)
