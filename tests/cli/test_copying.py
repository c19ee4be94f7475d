"""replica, medium, fixity, fsck and mend from the command line."""

from pathlib import Path

from tests.cli.conftest import Archived


def test_copies_are_made_read_and_mended(archived: Archived, tmp_path: Path) -> None:
    run = archived.shell.copy(tmp_path).run
    assert run("replica", "add").code == 2
    added = run("replica", "add", "近线", "--at", str(tmp_path / "second"), "--json")
    assert added.code == 3, "an archivist sets up no replica"
    assert "只有主库一份" in run("doctor").out
    (tmp_path / "usb").mkdir()
    medium = run("medium", "add", "LX-001", "--gb", "100", "--place", "2 号库", "--at", str(tmp_path / "usb"), "--json")
    assert medium.json("medium")["media"][0]["number"] == "LX-001"
    filled = run("medium", "fill", "LX-001", "--json").json("medium")["media"][0]
    assert filled["records"] > 0
    assert run("medium", "check", "LX-001", "--grade", "first").code == 0
    audit = run("fixity", "run", "--wait", "--json")
    told = audit.json("fixity")
    assert (told["state"], told["done"], told["damaged"]) == ("done", filled["records"], 0)
    assert run("fixity", "show", told["code"]).code == 0
    assert told["code"] in run("fixity", "list").out
    assert "全部一致" in run("fixity", "list").out
    begun = run("fixity", "run").out
    assert "进行中" in begun
    assert "一致" not in begun, "nothing was read yet"
    assert run("fixity", "show").code == 2
    standing = run("replica", "list", "--json").json("replica")
    assert [place["name"] for place in standing["places"]] == ["主库", "LX-001"]
    assert run("fsck", "--json").json("fsck")["ok"]
    assert run("fsck", "--place", "LX-001", "--repair").code == 0
    assert run("fsck", "--place", "没有").code == 3
    assert run("fsck", "--anew").code == 2
    assert run("fsck", "--repair", "--anew", "--json").json("fsck")["ok"]
    assert run("mend", told["code"]).code == 3


def test_the_vault_moves_and_is_found_where_it_is(archived: Archived, tmp_path: Path) -> None:
    run, code = archived.shell.copy(tmp_path).run, archived.codes[0]
    assert run("migrate-store", "run").code == 2
    assert run("migrate-store", "cancel").code == 3
    told = run("migrate-store", "run", "--at", str(tmp_path / "new"), "--json").json("migrate-store")
    assert told["objects"] == told["carried"] == len(archived.codes)
    assert str(tmp_path / "new") in run("migrate-store", "status").out
    assert run("verify", code).code == 0
    assert "已删" in run("migrate-store", "remove-old").out
    assert run("fsck", "--json").json("fsck")["ok"]
    assert run("migrate-store", "run", "--at", str(tmp_path / "new")).code == 3
