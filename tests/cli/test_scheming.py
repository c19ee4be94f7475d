"""metadata: schemes from the command line."""

from pathlib import Path

from lantai.core.metadata import Rule
from lantai.packages import metadata_file
from tests.cli.shell import Shell

RULES = (Rule("copy_number", name="份号", pattern=r"\d{6}"),)


def test_a_scheme_is_proposed_adopted_exported_and_retired(shell: Shell, tmp_path: Path) -> None:
    given, out = tmp_path / "ws.toml", tmp_path / "ws.xlsx"
    given.write_bytes(metadata_file.write(RULES, "toml"))
    done = shell.run("metadata", "--propose", given, "--reason", "著录细则")
    assert (done.code, "已拟订第 1 版" in done.out) == (0, True), done.err
    assert shell.run("metadata", "--json").json("metadata")["proposed"] == 1
    assert shell.run("metadata", "--export", out).code == 0
    assert metadata_file.read(out.name, out.read_bytes()) == RULES
    refused = shell.run("metadata", "--adopt", "1", "--reason", "定", "--json")
    assert (refused.code, refused.json("error")["error"]["code"]) == (3, "ACCESS-REFUSED")
    assert "份号" not in shell.run("metadata").out


def test_what_is_no_scheme_is_refused(shell: Shell, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("名称\n份号\n", "utf-8")
    done = shell.run("metadata", "--propose", bad, "--reason", "试", "--json")
    assert (done.code, done.json("error")["error"]["code"]) == (3, "METADATA-FILE-WRONG")
    done = shell.run("metadata", "--export", tmp_path / "x.txt", "--json")
    assert done.json("error")["error"]["code"] == "METADATA-FILE-WRONG"
