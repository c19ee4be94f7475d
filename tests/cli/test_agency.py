"""setup: the agency from the command line, as on screen."""

from pathlib import Path

from tests.cli.shell import Shell


def test_an_agency_is_set_up_without_a_screen(shell: Shell, tmp_path: Path) -> None:
    def run(*words: object) -> str:
        done = shell.run("setup", *words)
        assert done.code == 0, done.err
        return done.out

    (tmp_path / "文种.txt").write_text("通知｜告知\n函\n", "utf-8")
    assert "还没有设机构" in run()
    assert "已设机构 BGS" in run("department", "bgs", "--name", "办公室")
    assert "改名为" in run("department", "BGS", "--name", "综合办公室", "--since", "20250101")
    form = "{fonds}-{category}·{year}·{retention}-{volume:03d}-{item:03d}"
    assert "规则已存" in run("category", "ZP", "--name", "照片", "--filing", "group", "--template", form, "--reason", "照片按组")
    assert "年度—期限" in run("classes", "ZP", "--levels", "year-retention", "--reason", "照片不分机构")
    assert "2 个值" in run("list", "wenzhong", "--name", "文种", "--file", tmp_path / "文种.txt", "--reason", "定")
    told = shell.run("setup", "--json").json("setup")
    assert told["departments"] == [{"code": "BGS", "name": "综合办公室"}]
    assert [(row["code"], row["filing"]) for row in told["categories"]] == [("WS", "item"), ("ZP", "group")]
    assert told["categories"][1]["example"] == "Z109-ZP·2024·D30-001-012"
    assert told["classes"][1] == {"category": "ZP", "number": 1, "levels": ["year", "retention"]}
    assert told["lists"] == [{"code": "wenzhong", "number": 1, "name": "文种", "values": ["通知", "函"]}]


def test_what_is_not_said_or_not_allowed_is_refused(shell: Shell) -> None:
    assert shell.run("setup", "department").code == 2
    assert shell.run("setup", "schedule").code == 2
    done = shell.run("setup", "classes", "WS", "--levels", "year", "--reason", "定", "--json")
    assert (done.code, done.json("error")["error"]["code"]) == (3, "CLASSIFICATION-WRONG")
