"""What holds for every command: help, usage errors, --json on either side, exit codes, ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.cli import help as pages
from lantai.cli.console import EXITS
from lantai.cli.main import COMMANDS, table
from lantai.core.codes import CODES
from tests.cli.shell import ROOT, Shell

COMMAND = click.Context(table, info_name="lantai")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_in_chinese_that_fits(name: str) -> None:
    command = table.get_command(COMMAND, name)
    assert command is not None
    context = command.make_context(name, ["--help"], parent=COMMAND, resilient_parsing=True)
    text = command.get_help(context)
    assert text.startswith(f"用法：lantai {name}")
    for word in ("选项", "退出码", "--json", "--data", "--help"):
        assert word in text
    for english in ("Usage", "Options", "default:", "Show this", "required"):
        assert english not in text
    lines = text.splitlines()[1:]
    assert [line for line in lines if pages.width(line) > 80] == []
    assert all(row[1] for row in pages.option_rows(command, context)), "an option without help"
    named = {parameter.name for parameter in command.params if isinstance(parameter, click.Argument)}
    assert len(named) == len(command.arguments)  # type: ignore[attr-defined]


def test_the_first_page_lists_every_command_and_exit_code(bare: Shell) -> None:
    done = bare.run("--help")
    assert done.code == 0
    assert all(f"  {name} " in done.out and text in done.out for name, (_, text) in COMMANDS.items())
    assert all(f"  {code} " in done.out for code in EXITS)


def test_what_comes_from_outside_steers_no_terminal(shell: Shell) -> None:
    done = shell.run("show", "\x1b[2J甲\u202e乙\r丙")
    assert done.code == 3
    assert "<U+001B>[2J甲<U+202E>乙<U+000D>丙" in done.err
    assert not set("\x1b\u202e\r") & set(done.out + done.err)


def test_alone_it_says_what_to_do_next(bare: Shell, shell: Shell) -> None:
    assert "lantai init" in bare.run().out
    assert bare.run().code == 0
    assert "lantai serve" in shell.run().out


@pytest.mark.parametrize("name", ["doctor", "worker", "serve", "login", "show x", "find x", "verify --all", "archive x", "capture ."])
def test_without_a_data_folder_a_command_says_what_to_do(bare: Shell, name: str) -> None:
    done = bare.run(*name.split(), *(["--user", "x", "--password-stdin"] if name == "login" else []), stdin="x\n")
    assert done.code == 3
    assert done.out == ""
    assert done.err.startswith("NOT-INITIALISED")
    assert "lantai init" in done.err
    assert not bare.data.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["fnid", "x"], "是否指 find"),
        (["find"], "缺少参数 QUERY"),
        (["find", "x", "y"], "多余的参数：y"),
        (["find", "x", "--limti", "3"], "是否指 --limit"),
        (["find", "x", "--limit", "many"], "须是整数"),
        (["find", "x", "--sort", "size"], "relevance"),
        (["find", "x", "--limit"], "--limit"),
        (["capture"], "缺少参数 PATH…"),
        (["--dada", "x"], "没有选项 --dada"),
        (["show", os.fsdecode(b"\xb9\xab\xce\xc4")], "UTF-8"),
        (["sheet", "out", "-o", "x.xlsx", "--year", os.fsdecode(b"\xb9\xab")], "UTF-8"),
    ],
)
@pytest.mark.parametrize("is_json", [False, True])
def test_usage_errors_are_told_in_chinese(bare: Shell, words: list[str], told: str, *, is_json: bool) -> None:
    done = bare.run(*(["--json"] if is_json else []), *words)
    assert done.code == 2
    assert told in done.err
    assert "用法：lantai" in done.err
    assert "Error" not in done.err
    assert done.out == "" if not is_json else done.json("error")["error"]["code"] == "USAGE"


def test_json_and_data_stand_on_either_side(shell: Shell, bare: Shell) -> None:
    before = bare.run("--json", "--data", shell.data, "config")
    after = bare.run("config", "--json", "--data", shell.data)
    assert before.out == after.out
    assert {row["name"]: row["value"] for row in after.json("config")}["data"] == str(shell.data)


def test_the_version_is_told_alone_and_as_json(bare: Shell) -> None:
    assert bare.run("--version").out == "lantai 0.1.0\n"
    assert bare.run("--json", "--version").json() == {"version": "0.1.0"}


def test_a_bug_ends_with_70_and_a_traceback(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nclass Broken:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'lantai.stages.report.health':\n            raise ZeroDivisionError('made for a test')\n"
        "sys.meta_path.insert(0, Broken())\n"
    )
    broken = shell.with_variables(PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT / 'src'}")
    done = broken.run("doctor", "--json")
    assert done.code == 70
    assert done.json("error")["error"]["code"] == "BUG"
    assert "Traceback (most recent call last)" in done.err
    assert "ZeroDivisionError: made for a test" in done.err


def test_a_pipe_that_closes_is_no_bug(shell: Shell) -> None:
    words = " ".join(f"'{word}'" for word in shell.command("config"))
    done = subprocess.run(f"{words} | true", shell=True, env=shell.environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "BUG" not in done.stderr


def test_names_that_are_no_text_are_told_all_the_same(bare: Shell, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xb9\xab\xce\xc4.txt")
    path.write_text("公文\n", "utf-8")
    done = subprocess.run([*bare.command("inspect", "--json"), os.fsencode(path)], env=bare.environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)


def test_an_unknown_benchmark_is_refused_with_those_there_are(bare: Shell) -> None:
    done = bare.run("bench", "weather", "--json")
    error = done.json("error")["error"]
    assert (done.code, error["code"]) == (3, "BENCH-UNKNOWN")
    assert all(name in error["next"] for name in ("line", "search", "serve"))


def test_help_imports_neither_django_nor_the_settings() -> None:
    program = "import sys\nfrom lantai.cli.main import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
    program += "print([n for n in ('django', 'pydantic', 'tantivy', 'pypdfium2', 'asyncio') if n in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT / "src")
    assert done.stderr.strip() == "[]"


def test_inspect_imports_no_database(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("公文", "utf-8")
    program = "import sys\nfrom lantai.cli.main import main\ntry:\n    main(['inspect', sys.argv[1]])\nexcept SystemExit:\n    pass\n"
    program += "print([n for n in ('django.db', 'tantivy', 'lantai.stages.capture.receiving') if n in sys.modules], file=sys.stderr)"
    words = [sys.executable, "-c", program, str(tmp_path / "a.txt")]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT / "src")
    assert done.stderr.strip() == "[]"


def test_every_code_says_what_next_with_the_words_it_has() -> None:
    for row in CODES.values():
        if row.kind != "finding":
            assert row.exit in EXITS
            assert row.next or row.safe or row.http in (404, 422), row.code


@given(st.text(alphabet="公文档案，。（abc 12", max_size=60), st.integers(4, 40))
def test_folded_text_loses_nothing_and_fits(text: str, columns: int) -> None:
    lines = pages.fold(text, columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
    longest = max((pages.width(part) for part in pages.tokens(text)), default=0)
    assert all(pages.width(line) <= max(columns, longest) for line in lines)


@given(st.text(max_size=40), st.integers(1, 30))
def test_cut_text_fits(text: str, columns: int) -> None:
    assert pages.width(pages.cut(text, columns)) <= columns or pages.width(text) <= columns
    assert pages.pad(pages.cut(text, columns), columns).startswith(pages.cut(text, columns))
