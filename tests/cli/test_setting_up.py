"""init, config, doctor: setting an installation up and looking after it."""

import re
import sqlite3
from pathlib import Path

import pytest

from lantai.cli.setting_up import FIRST_ACCOUNTS
from lantai.ports.settings import Settings
from tests.cli.conftest import AGENCY, Made
from tests.cli.shell import Shell


def at(shell: Shell, folder: Path) -> Shell:
    (folder / "home").mkdir()
    return Shell(folder / "data", folder / "home", shell.compiled)


def test_init_shows_each_first_password_once_and_signs_the_archivist_in(bare: Shell, tmp_path: Path) -> None:
    shell = at(bare, tmp_path)
    shell.data.mkdir(mode=0o755)
    done = shell.run("init", "--agency", AGENCY, "--fonds", "A001")
    assert done.code == 0
    assert shell.data.stat().st_mode & 0o777 == 0o700
    shown = re.findall(r"^  \S+ +(\w+) +(Lt-\S+)$", done.out, re.MULTILINE)
    assert [login for login, _ in shown] == [login for login, *_ in FIRST_ACCOUNTS]
    assert len({password for _, password in shown}) == len(FIRST_ACCOUNTS)
    token = next((shell.home / "lantai").glob("*.token"))
    assert token.stat().st_mode & 0o777 == 0o600
    assert (shell.data / "lantai.toml").stat().st_mode & 0o777 == 0o600
    kept = "".join(path.read_text("utf-8", "replace") for path in shell.data.rglob("*") if path.is_file())
    assert not [password for _, password in shown if password in kept]
    assert shell.run("find", "通知").code == 0
    with sqlite3.connect(shell.data / "lantai.db") as base:
        assert base.execute("SELECT count(*) FROM ledger_event WHERE type = 'system:initialised'").fetchone() == (1,)


def test_init_twice_is_refused_and_changes_nothing(shell: Shell) -> None:
    before = (shell.data / "lantai.toml").read_bytes()
    done = shell.run("init", "--json")
    assert done.code == 3
    assert done.json("error")["error"]["code"] == "INIT-ALREADY"
    assert "已经建立过" in done.err
    assert (shell.data / "lantai.toml").read_bytes() == before


def test_an_init_that_died_can_be_run_again(bare: Shell, tmp_path: Path) -> None:
    shell = at(bare, tmp_path)
    first = shell.run("init", "--agency", AGENCY)
    assert (first.code, "没有写全宗号，先用 Z109" in first.err) == (0, True)
    (shell.data / "lantai.toml").rename(shell.data / "lantai.toml.new")
    refused = shell.run("find", "通知")
    assert (refused.code, refused.err.split()[0]) == (3, "NOT-INITIALISED")
    again = shell.run("init", "--agency", AGENCY)
    assert again.code == 0, again.err
    assert shell.run("find", "通知").code == 0


def test_init_without_login_leaves_nobody_signed_in(bare: Shell, tmp_path: Path) -> None:
    shell = at(bare, tmp_path)
    done = shell.run("init", "--no-login")
    assert done.code == 0
    assert "立档单位全称" in done.err
    assert not (shell.home / "lantai").exists()
    refused = shell.run("find", "通知", "--json")
    assert (refused.code, refused.json("error")["error"]["code"]) == (3, "NOT-SIGNED-IN")


def test_a_folder_that_can_not_be_made_is_a_fault(bare: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shell = Shell(tmp_path / "file" / "data", bare.home, bare.compiled)
    done = shell.run("init", "--json")
    assert (done.code, done.json("error")["error"]["code"]) == (5, "SYSTEM-FAILED")


def test_config_shows_every_setting_with_help_and_origin(shell: Shell) -> None:
    rows = {row["name"]: row for row in shell.with_variables(LANTAI_PORT="9000").run("config", "--json").json("config")}
    assert set(rows) == set(Settings.model_fields)
    assert rows["agency"] == {"name": "agency", "value": AGENCY, "origin": "file", "variable": "LANTAI_AGENCY", "help": "立档单位全称"}
    assert (rows["port"]["value"], rows["port"]["origin"]) == (9000, "variable")
    assert rows["bind"]["origin"] == "default"
    assert all(row["help"] for row in rows.values())


def test_config_never_shows_the_secret_key(shell: Shell) -> None:
    key = re.search(r'secret_key = "(.+)"', (shell.data / "lantai.toml").read_text("utf-8"))
    assert key
    for words in (["config"], ["config", "--json"]):
        done = shell.run(*words)
        assert key[1] not in done.out + done.err


def test_config_works_before_init(bare: Shell) -> None:
    done = bare.run("config")
    assert done.code == 0
    assert "port = 8420    〔缺省〕" in done.out


def test_config_names_settings_that_nobody_knows(shell: Shell) -> None:
    with (shell.data / "lantai.toml").open("a", encoding="utf-8") as stream:
        stream.write("colour = 1\n")
    done = shell.run("config", "--json")
    assert done.code == 0
    assert "colour" in done.err


@pytest.mark.parametrize(
    ("command", "line", "variables", "told"),
    [
        ("config", 'port = "many"', {}, "port"),
        ("doctor", "port = = 1", {}, "line"),
        ("serve", 'database = "mysql://x"', {}, "postgresql://"),
        ("inspect", "", {"LANTAI_WORKERS": "-1"}, "workers"),
    ],
)
def test_settings_that_can_not_be_used_are_refused(shell: Shell, command: str, line: str, variables: dict[str, str], told: str) -> None:
    with (shell.data / "lantai.toml").open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
    done = shell.with_variables(**variables).run(command, "--json", *(["x"] if command == "inspect" else []))
    assert done.code == 3, done.err
    error = done.json("error")["error"]
    assert error["code"] == "SETTINGS-INVALID"
    assert told in error["message"]


def test_doctor_tells_of_every_part(shell: Shell) -> None:
    done = shell.run("doctor", "--json")
    rows = {row["part"]: row["state"] for row in done.json("doctor")}
    assert done.code == 0, rows
    assert {"立档单位", "数据库", "档案库", "索引", "签名密钥", "杀毒引擎", "账本", "磁盘", "待处理"} <= set(rows)
    assert rows["杀毒引擎"] == "warning"
    assert rows["数据目录"] == "ok"
    shell.data.chmod(0o755)
    assert f"chmod o= {shell.data}" in shell.run("doctor").out


def test_doctor_ends_with_4_where_a_part_must_be_seen_to(shell: Shell) -> None:
    done = shell.with_variables(LANTAI_KIND="production").run("doctor")
    assert done.code == 4
    assert "✗ 杀毒引擎" in done.out


def without_database(shell: Shell) -> Path:
    for path in shell.data.glob("lantai.db*"):
        path.unlink()
    return shell.data / "lantai.db"


def test_a_database_that_is_none_is_a_fault_and_no_bug(shell: Shell) -> None:
    without_database(shell).write_bytes(b"no database at all" * 1000)
    done = shell.run("find", "通知", "--json")
    assert done.code == 5, done.err
    assert done.json("error")["error"]["code"] == "DATABASE-FAILED"


def test_a_lost_database_is_not_begun_anew(shell: Shell) -> None:
    without_database(shell)
    done = shell.run("doctor", "--json")
    assert done.code == 6, done.err
    assert done.json("error")["error"]["code"] == "DATABASE-EMPTY"


def test_a_database_of_an_older_edition_is_brought_up_once(shell: Shell) -> None:
    with sqlite3.connect(shell.data / "lantai.db") as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'people%'").fetchall():
            database.execute(f'DROP TABLE "{table}"')
        database.execute("DELETE FROM django_migrations WHERE app = 'people'")
    first = shell.run("doctor", "--json")
    assert "已更新到本版本" in first.err
    assert first.code == 0
    assert shell.run("doctor", "--json").err == ""


def test_accounts_of_init_are_those_of_the_page(made: Made) -> None:
    assert {"sysadmin", "secadmin", "auditor", "archivist"} <= set(made.passwords) == {login for login, *_ in FIRST_ACCOUNTS}
