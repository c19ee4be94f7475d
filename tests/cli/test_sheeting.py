"""sheet: a list goes out, the edited one is tried and changes nothing, and is applied whole; a wrong row keeps all of it out."""

from datetime import UTC, datetime
from pathlib import Path

from lantai.packages import catalogue, workbook
from tests.cli.shell import Shell


def edited(source: Path, target: Path, **edits: str) -> Path:
    """Write a sheet again with the same edits in every row."""
    read = catalogue.read(source)
    lines = [list((line.raw | edits).values()) for line in read.rows]
    with target.open("wb") as out:
        workbook.write(out, [workbook.Sheet("著录", [(name, 9) for name in read.columns], lines)], made=datetime(2024, 1, 1, tzinfo=UTC))
    return target


def test_a_list_goes_out_is_tried_and_applied(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "防汛.csv"
    path.write_text(
        "题名,文号,责任者,日期\n" + "".join(f"关于防汛的第{at}号通知,云防汛〔2024〕{at}号,云汀市防汛办,2024030{at}\n" for at in (1, 2, 3)),
        "utf-8",
    )
    assert shell.run("import-catalogue", path, "--json", "--department", "BGS").code == 0
    gone = tmp_path / "办公室.xlsx"
    out = shell.run("sheet", "out", "--department", "BGS", "--words", "防汛", "-o", gone, "--json")
    assert out.json("sheet out") == {"file": str(gone), "rows": 3}
    assert [item.name for item in tmp_path.glob("*.part")] == []

    back = edited(gone, tmp_path / "改好.xlsx", 附注="已核对原件")
    tried = shell.run("sheet", "try", back, "--json")
    told = tried.json("sheet")
    assert (tried.code, told["rows"], told["records"], told["cells"], told["wrong"]) == (0, 3, 3, 3, 0)
    assert {(item["column"], item["before"], item["after"]) for item in told["changes"]} == {("附注", "", "已核对原件")}
    assert told["sheet"] in shell.run("sheet", "list").out
    assert "读到 3 行，要改 3 件 3 格" in shell.run("sheet", "try", back).out
    done = shell.run("sheet", "apply", told["sheet"], "--json")
    assert (done.code, done.json("sheet")["state"], done.json("sheet")["done"]) == (0, "done", 3)
    assert shell.run("sheet", "apply", told["sheet"]).code == 3
    assert "不需要导入" in shell.run("sheet", "try", back).out


def test_a_wrong_row_keeps_the_whole_sheet_out(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "目录.csv"
    path.write_text("题名,文号,责任者,日期\n关于防汛的通知,云防汛〔2024〕1号,云汀市防汛办,20240301\n", "utf-8")
    assert shell.run("import-catalogue", path, "--department", "BGS").code == 0
    gone = tmp_path / "表.xlsx"
    shell.run("sheet", "out", "-o", gone)
    tried = shell.run("sheet", "try", edited(gone, tmp_path / "错.xlsx", 成文日期="20240231"), "--json")
    told = tried.json("sheet")
    assert (tried.code, told["wrong"], told["changes"]) == (4, 1, [])
    assert "20240231" in told["problems"][0]["reason"]
    applied = shell.run("sheet", "apply", told["sheet"], "--json")
    assert (applied.code, applied.json("error")["error"]["code"]) == (3, "SHEET-WRONG")
    assert shell.run("sheet", "off", told["sheet"]).code == 0
    assert shell.run("sheet", "list", "--json").json("sheet list") == {"sheets": []}
    odd = shell.run("sheet", "try", path)
    assert (odd.code, "没有改动任何一件" in odd.out) == (3, True)
    for given in (("out",), ("try",), ("apply",), ("try", tmp_path / "无.xlsx")):
        assert shell.run("sheet", *given).code == 2
