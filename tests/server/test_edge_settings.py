"""Which names the server answers to, and how its cookies travel."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from lantai.ports.settings import Settings

SOURCES = Path(__file__).resolve().parents[2] / "src"
PROGRAM = """
import json
from lantai.server import settings as s
names = ("ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_PROXY_SSL_HEADER")
print(json.dumps({name: getattr(s, name) for name in names}))
"""


def served(data: Path, **variables: str) -> dict[str, object]:
    """The settings as a process of their own sees them."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LANTAI_", "DJANGO_"))}
    environment = kept | {"LANTAI_DATA": str(data), "PYTHONPATH": str(SOURCES)} | variables
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_without_more_the_server_answers_to_this_machine_alone(tmp_path: Path) -> None:
    found = served(tmp_path)
    assert found["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is False
    assert found["SECURE_PROXY_SSL_HEADER"] is None


def test_hosts_and_the_address_listened_on_are_answered_to(tmp_path: Path) -> None:
    (tmp_path / "lantai.toml").write_text('hosts = ["archives.example"]\nbind = "10.0.0.9"\n', "utf-8")
    assert served(tmp_path)["ALLOWED_HOSTS"] == ["archives.example", "127.0.0.1", "localhost", "[::1]", "10.0.0.9"]


def test_behind_a_proxy_that_speaks_https_cookies_travel_by_https_alone(tmp_path: Path) -> None:
    found = served(tmp_path, LANTAI_HTTPS="true")
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


def test_words_stand_in_a_list_or_between_commas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lantai.toml").write_text('accept_automatically = ["oa"]\nhosts = "a, b"\n', "utf-8")
    assert Settings(data=tmp_path).accept_automatically == ("oa",)
    assert Settings(data=tmp_path).hosts == ("a", "b")
    monkeypatch.setenv("LANTAI_ACCEPT_AUTOMATICALLY", "oa,,manual ")
    monkeypatch.setenv("LANTAI_HOSTS", "")
    assert Settings(data=tmp_path).accept_automatically == ("oa", "manual")
    assert Settings(data=tmp_path).hosts == ()


@pytest.mark.parametrize("wrong", [{"port": 0}, {"port": 70_000}, {"workers": -1}, {"database": "mysql://x"}, {"kind": "other"}])
def test_values_that_can_not_be_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(data=tmp_path, **wrong)  # type: ignore[arg-type]
