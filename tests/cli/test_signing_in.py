"""login: passwords on stdin, locks, first passwords, tokens."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Made
from tests.cli.shell import Done, Shell

OWN = "Own-word-2026"


@pytest.fixture
def away(made: Made, tmp_path: Path) -> Shell:
    """An installation in which nobody is signed in."""
    copied = made.shell.copy(tmp_path)
    return Shell(copied.data, copied.home, copied.compiled, {"LANTAI_KIND": "trial", "LANTAI_CLAMD": "/nowhere"})


def sign_in(shell: Shell, user: str, *lines: str) -> Done:
    return shell.run("login", "--user", user, "--password-stdin", "--json", stdin="".join(f"{line}\n" for line in lines))


def code_of(done: Done) -> str:
    code: str = done.json("error")["error"]["code"]
    return code


def test_a_first_password_must_be_changed_before_there_is_a_token(away: Shell, made: Made) -> None:
    refused = sign_in(away, "archivist", made.passwords["archivist"])
    assert (refused.code, code_of(refused)) == (3, "PEOPLE-PASSWORD-FIRST")
    assert code_of(away.run("find", "通知", "--json")) == "NOT-SIGNED-IN"
    weak = sign_in(away, "archivist", made.passwords["archivist"], "short")
    assert (weak.code, code_of(weak)) == (3, "PEOPLE-PASSWORD-WEAK")
    done = sign_in(away, "archivist", made.passwords["archivist"], OWN)
    assert done.code == 0, done.err
    assert done.json("login")["role"] == "archivist"
    assert away.run("find", "通知").code == 0
    assert code_of(sign_in(away, "archivist", made.passwords["archivist"])) == "PEOPLE-SIGN-IN-FAILED"
    assert sign_in(away, "archivist", OWN).code == 0


def test_five_wrong_passwords_lock_and_then_the_right_one_is_refused_too(away: Shell, made: Made) -> None:
    for _ in range(5):
        wrong = sign_in(away, "archivist", "nonsense")
        assert (wrong.code, code_of(wrong)) == (3, "PEOPLE-SIGN-IN-FAILED")
        assert "5 次" in wrong.err
        assert "{" not in wrong.err
    locked = sign_in(away, "archivist", made.passwords["archivist"], OWN)
    assert (locked.code, code_of(locked)) == (3, "PEOPLE-LOCKED")
    assert "分钟" in locked.err


def test_passwords_stand_in_no_output(away: Shell, made: Made) -> None:
    done = sign_in(away, "archivist", made.passwords["archivist"], OWN)
    assert not {made.passwords["archivist"], OWN} & set((done.out + done.err).split())


def test_a_script_must_name_the_account(away: Shell) -> None:
    done = away.run("login", "--password-stdin", stdin="x\n")
    assert done.code == 2
    assert "--user" in done.err


def test_an_administrators_token_opens_no_content_and_the_reasons_are_told(away: Shell, made: Made, pdfs: Path) -> None:
    assert sign_in(away, "sysadmin", made.passwords["sysadmin"], OWN).code == 0
    done = away.run("capture", pdfs, "--json")
    error = done.json("error")["error"]
    assert (done.code, error["code"]) == (3, "ACCESS-REFUSED")
    assert [reason["code"] for reason in error["reasons"]] == ["ACCESS-ADMINISTRATOR"]
    assert "三员账户不接触档案内容" in done.err
    assert code_of(away.run("find", "通知", "--json")) == "ACCESS-REFUSED"
    with sqlite3.connect(away.data / "lantai.db") as base:
        assert base.execute("SELECT count(*) FROM ledger_event WHERE type = 'access:refused'").fetchone() == (2,)


def test_a_token_that_nobody_issued_is_refused(away: Shell) -> None:
    done = away.with_variables(LANTAI_TOKEN="made-up").run("find", "通知", "--json")
    assert (done.code, code_of(done)) == (3, "PEOPLE-TOKEN-INVALID")


def test_the_token_is_kept_for_one_user_and_one_data_folder(away: Shell, made: Made) -> None:
    assert sign_in(away, "archivist", made.passwords["archivist"], OWN).code == 0
    token = next((away.home / "lantai").glob("*.token"))
    assert token.stat().st_mode & 0o777 == 0o600
    assert token.parent.stat().st_mode & 0o777 == 0o700
    elsewhere = Shell(made.shell.data, away.home, away.compiled)
    assert code_of(elsewhere.run("find", "通知", "--json")) == "NOT-SIGNED-IN"
