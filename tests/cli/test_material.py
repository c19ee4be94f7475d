"""capture, import-catalogue, inspect, check: material that arrives, and material that is only looked at."""

import os
import pty
import select
import shutil
import signal
import subprocess
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.cli.conftest import Archived
from tests.cli.shell import ROOT, Shell
from tests.formats.test_inside import ofd


def test_a_folder_is_captured_and_every_file_has_an_outcome(shell: Shell, pdfs: Path) -> None:
    before = {path: path.read_bytes() for path in pdfs.iterdir()}
    done = shell.run("capture", pdfs, "--wait", "--json", "--title", "来文一批")
    document = done.json("capture")
    assert done.code == 0, done.err
    assert document["title"] == "来文一批"
    assert document["files"] == document["outcome_total"] == document["records"] == 3
    assert document["outcomes"] == [{"outcome": "record", "name": "成为档案的文件", "count": 3}]
    assert {path: path.read_bytes() for path in pdfs.iterdir()} == before


def test_without_waiting_a_batch_is_only_noted(shell: Shell, pdfs: Path) -> None:
    done = shell.run("capture", pdfs, "--json")
    assert (done.code, done.json("capture")["state"]) == (0, "receiving")
    plain = shell.run("capture", pdfs)
    assert "由后台接收" in plain.out


def test_a_file_that_can_not_be_taken_gives_exit_4_and_is_named(shell: Shell, tmp_path: Path, pdfs: Path) -> None:
    folder = tmp_path / "移交"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(next(pdfs.iterdir()).read_bytes())
    (folder / "链接.pdf").symlink_to(folder / "a.pdf")
    done = shell.run("capture", folder, "--wait")
    assert done.code == 4
    assert "没有收下：移交/链接.pdf" in done.out


def test_a_path_that_is_not_there_is_refused_and_nothing_is_noted(shell: Shell, tmp_path: Path) -> None:
    done = shell.run("capture", tmp_path / "无", "--json")
    assert (done.code, done.json("error")["error"]["code"]) == (3, "CAPTURE-SOURCE-MISSING")


def test_a_catalogue_becomes_records_of_paper(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "1998年目录.csv"
    path.write_text(
        "题名,文号,责任者,日期\n关于修建水库的请示,云计〔1998〕3号,云汀市计划委员会,19980312\n会议纪要,,云汀市计划委员会,19980401\n",
        "utf-8",
    )
    done = shell.run("import-catalogue", path, "--json", "--department", "BGS")
    document = done.json("capture")
    assert (done.code, document["records"]) == (0, 2), done.err
    again = shell.run("import-catalogue", path, "--json", "--department", "BGS")
    assert (again.code, again.json("error")["error"]["code"]) == (3, "CAPTURE-CATALOGUE-AGAIN")


def test_files_are_held_against_the_catalogue_and_hung_on(shell: Shell, tmp_path: Path) -> None:
    path, folder = tmp_path / "目录.csv", tmp_path / "扫描件"
    path.write_text(
        "题名,文号,责任者,日期\n关于修建水库的请示,云计〔1998〕3号,云汀市计划委员会,19980312\n会议纪要,,云汀市,19980401\n", "utf-8"
    )
    shell.run("import-catalogue", path, "--json", "--department", "BGS")
    folder.mkdir()
    (folder / "云计〔1998〕3号.txt").write_text("关于修建水库的请示\n\n请批复。\n", "utf-8")
    looked = shell.run("attach", folder)
    assert looked.code == 0, looked.err
    assert "云计〔1998〕3号.txt  → 关于修建水库的请示  云计〔1998〕3号 19980312（文号）" in looked.out
    assert "会议纪要  19980401  没有文件" in looked.out
    done = shell.run("attach", folder, "--apply", "--department", "BGS", "--json").json("attach")
    assert (done["attached"], [row["title"] for row in done["unmatched_rows"]]) == (1, ["会议纪要"])
    (folder / "不知何文.txt").write_text("另一份", "utf-8")
    assert shell.run("attach", folder).code == 4


def test_progress_is_drawn_on_a_terminal_only(shell: Shell, pdfs: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        shell.command("capture", pdfs, "--wait", "--json"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs,
        env=shell.environment, cwd=shell.home, text=True,
    )  # fmt: skip
    os.close(theirs)
    drawn = b""
    while process.poll() is None or select.select([ours], [], [], 0)[0]:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                drawn += os.read(ours, 4096)
            except OSError:
                break
    out, _ = process.communicate()
    os.close(ours)
    assert process.returncode == 0
    assert out.startswith("{")
    assert any(word in drawn.decode() for word in ("接收", "检测", "著录", "整理", "索引"))
    assert shell.run("capture", pdfs, "--wait").err == ""


def test_ctrl_c_leaves_a_capture_that_goes_on(shell: Shell, tmp_path: Path, pdfs: Path) -> None:
    folder = tmp_path / "多"
    folder.mkdir()
    content = next(pdfs.iterdir()).read_bytes()
    for number in range(150):
        (folder / f"{number:03}.pdf").write_bytes(content + f"\n%{number}\n".encode())
    slow = shell.with_variables(LANTAI_SLICE_RECORDS="5")
    process = slow.start("capture", folder, "--wait", "--json")
    deadline = time.monotonic() + 100
    while not list(shell.data.glob("staging/*/*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 130, err
    assert '"INTERRUPTED"' in out
    assert "再次运行" in err
    assert "Traceback" not in err
    batch = f"PC-{datetime.now(ZoneInfo('Asia/Shanghai')):%Y%m%d}-01"
    archived = slow.run("archive", batch, "--json")
    rows = archived.json("archive")
    assert rows["archived"] + len(rows["left"]) == 150, archived.err
    assert slow.run("verify", "--all").code == 0


def test_inspect_needs_no_data_folder(bare: Shell, pdfs: Path) -> None:
    path = sorted(pdfs.iterdir())[0]
    done = bare.run("inspect", path, "--json")
    document = done.json("inspect")
    assert done.code == 0, done.err
    assert document["format"]["mime"] == "application/pdf"
    assert document["pages"] == 1
    assert document["text"]
    assert document["classified"] is None
    assert not bare.data.exists()
    plain = bare.run("inspect", path)
    assert f"{path.name}\n  格式：" in plain.out


def test_inspect_finds_damage_and_marks_of_secrecy(bare: Shell, tmp_path: Path) -> None:
    damaged, secret = tmp_path / "坏.pdf", tmp_path / "密.txt"
    damaged.write_bytes(b"%PDF-1.7\nnothing more")
    secret.write_text("机密★10年\n云汀市人民政府文件\n关于某事的通知\n", "utf-8")
    done = bare.run("inspect", damaged, "--json")
    assert done.code == 4
    assert [row["severity"] for row in done.json("inspect")["findings"]].count("error")
    done = bare.run("inspect", secret, "--json")
    document = done.json("inspect")
    assert (done.code, document["classified"]["strength"]) == (4, "strong")
    assert "SECRET-STRONG" in [row["code"] for row in document["findings"]]


def test_inspect_tells_outline_and_files_inside(bare: Shell, tmp_path: Path) -> None:
    path = tmp_path / "通知.ofd"
    path.write_bytes(ofd())
    document = bare.run("inspect", path, "--json").json("inspect")
    assert document["outline"][0] == {"level": 0, "title": "附则", "page": 2}
    assert [row["is_program"] for row in document["attachments"]] == [False, True]
    plain = bare.run("inspect", path).out
    assert "  大纲：2 条\n  内含：明细.xml\n  内含：说明.txt.bin（程序或脚本）\n" in plain


def test_inspect_of_nothing_is_refused(bare: Shell, tmp_path: Path) -> None:
    done = bare.run("inspect", tmp_path / "无.pdf", "--json")
    assert (done.code, done.json("error")["error"]["code"]) == (3, "FILE-UNKNOWN")


def test_check_of_a_path_needs_no_data_folder(bare: Shell, pdfs: Path) -> None:
    for stage in ("arrival", "archiving", "transfer", "preservation"):
        done = bare.run("check", pdfs, "--stage", stage, "--json")
        document = done.json("check")
        assert document["stage"] == stage
        assert document["records"] == 3
        assert done.code == (0 if document["conclusion"] in ("pass", "trial", "manual") else 4)
    assert not bare.data.exists()
    assert bare.run("check", pdfs).out.startswith("归档检测：")


def test_check_of_a_path_that_is_not_there_is_refused(bare: Shell, shell: Shell, tmp_path: Path) -> None:
    for there in (bare, shell):
        done = there.run("check", tmp_path / "无", "--json")
        assert (done.code, done.json("error")["error"]["code"]) == (3, "CAPTURE-SOURCE-MISSING")


def test_a_report_is_saved_and_repeated(bare: Shell, pdfs: Path, tmp_path: Path) -> None:
    pdfs = shutil.copytree(pdfs, tmp_path / pdfs.name)  # one of them is altered below
    saved = tmp_path / "报告.xml"
    bare.run("check", str(pdfs), "-o", str(saved))
    done = bare.run("check", str(pdfs), "--replay", str(saved), "--json")
    assert (done.code, done.json("check --replay")["same"]) == (0, True)
    file = next(path for path in sorted(pdfs.rglob("*")) if path.is_file())
    file.write_bytes(file.read_bytes() + b"\n% x")
    done = bare.run("check", str(pdfs), "--replay", str(saved))
    assert done.code == 4
    assert "材料不同" in done.out
    assert bare.run("check", str(pdfs), "-o", str(tmp_path / "报告.docx")).code == 3


def test_check_gives_the_report_of_a_batch_and_of_a_record(archived: Archived) -> None:
    report = archived.shell.run("check", archived.batch, "--stage", "arrival", "--json")
    assert (report.code, report.json("check")["subject"]["kind"]) == (0, "batch")
    report = archived.shell.run("check", archived.codes[0], "--stage", "archiving", "--json")
    assert (report.code, report.json("check")["stage"]) == (0, "archiving")
    refused = archived.shell.run("check", archived.codes[0], "--stage", "transfer", "--json")
    assert (refused.code, refused.json("error")["error"]["code"]) == (3, "CHECK-NOT-DONE")
    refused = archived.shell.run("check", "PC-19990101-01", "--json")
    assert (refused.code, refused.json("error")["error"]["code"]) == (3, "BATCH-UNKNOWN")


def test_material_of_the_checkout_is_not_touched(bare: Shell) -> None:
    done = bare.run("inspect", ROOT / "README.md", "--json")
    assert done.code == 0, done.err


def test_records_become_a_volume_and_are_ordered_in_it(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "防汛.csv"
    path.write_text("题名,文号,日期\n" + "".join(f"关于防汛的第{at}号通知,云防汛〔2024〕{at}号,2024030{at}\n" for at in (1, 2, 3)), "utf-8")
    by_volume = shell.with_variables(LANTAI_CODE_TEMPLATE="{fonds}-{category}·{year}·{retention}-{volume:03d}-{item:03d}")
    captured = by_volume.run("import-catalogue", path, "--json", "--department", "BGS").json("capture")
    assert by_volume.run("volume").out.strip() == "没有案卷。"
    formed = by_volume.run("volume", "--form", "关于防汛工作的文件", captured["code"], "--json").json("volume")["volumes"][0]
    keys = [item["id"] for item in formed["items"]]
    moved = by_volume.run("volume", formed["id"], keys[2], "--move", "--json").json("volume")["volumes"][0]
    assert [item["id"] for item in moved["items"]] == [keys[2], keys[0], keys[1]]
    assert by_volume.run("volume", "没有这一卷", "--fix").code == 3
    assert by_volume.run("volume", "--fix").code == 2
