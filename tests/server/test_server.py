"""The server's own settings: headers, static files, where sessions rest, how passwords are kept."""

import pytest
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.sessions.models import Session
from django.db import router
from django.test import Client

from tests.support.databases import IS_POSTGRESQL

pytestmark = pytest.mark.django_db


def test_no_page_runs_or_loads_what_is_not_ours(client: Client) -> None:
    answer = client.get("/no-such-page")
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";") if part.strip())
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer["Referrer-Policy"] == "same-origin"


def test_static_files_are_served_without_collecting_them(client: Client) -> None:
    answer = client.get("/static/django_htmx/django-htmx.js")
    assert answer.status_code == 200
    assert b"htmx" in answer.getvalue()
    answer.close()


def test_passwords_are_kept_with_argon2() -> None:
    assert identify_hasher(make_password("correct horse")).algorithm == "argon2"


def test_sessions_end_with_idleness_and_rest_at_the_edge() -> None:
    assert settings.LANTAI.session_minutes * 60 == settings.SESSION_COOKIE_AGE
    assert settings.SESSION_COOKIE_HTTPONLY
    assert router.db_for_write(Session) == ("default" if IS_POSTGRESQL else "edge")


def test_instants_are_utc_and_debugging_is_off() -> None:
    assert settings.USE_TZ
    assert settings.TIME_ZONE == "UTC"
    assert not settings.DEBUG
