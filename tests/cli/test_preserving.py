"""preserve and import-register from the command line."""

from pathlib import Path

from tests.cli.conftest import Archived


def test_a_run_is_made_shown_and_listed(archived: Archived) -> None:
    done = archived.shell.run("preserve", "run", "--occasion", "restore", "--wait", "--json")
    told = done.json("preserve")
    assert (done.code, told["state"], told["done"], told["damaged"]) == (0, "done", 3, 0), done.err
    again = archived.shell.run("preserve", "show", told["code"])
    assert again.code == 0
    assert told["code"] in again.out
    assert "3/3 件" in again.out
    assert told["code"] in archived.shell.run("preserve", "list").out
    unknown = archived.shell.run("preserve", "show", "BC-19990101-001", "--json")
    assert (unknown.code, unknown.json("error")["error"]["code"]) == (3, "PRESERVE-RUN-UNKNOWN")
    stopped = archived.shell.run("preserve", "stop", told["code"], "--json")
    assert (stopped.code, stopped.json("error")["error"]["code"]) == (3, "PRESERVE-STATE")
    assert archived.shell.run("preserve", "show").code == 2


def test_a_register_is_tried_without_writing(archived: Archived, tmp_path: Path) -> None:
    path = tmp_path / "办结登记.csv"
    path.write_bytes("题名,办结日期,部门\n关于甲的通知,2024-01-02,\n,2024-01-02,\n".encode("gb18030"))
    done = archived.shell.run("import-register", str(path), "--dry-run", "--json")
    told = done.json("import-register")
    assert (done.code, told["dry_run"], told["added"], [row["row"] for row in told["refused"]]) == (4, True, 1, [3]), done.err
    assert "试看，没有写入" in archived.shell.run("import-register", str(path), "--dry-run").out
    assert archived.shell.run("import-register", str(tmp_path / "none.csv")).code == 2
