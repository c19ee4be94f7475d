"""What an attacker, a worn medium or a careless person may deliver: every path gets its outcome, and siblings go on."""

import os
import shutil
import socket
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai import line
from lantai.core.errors import Refusal
from lantai.packages import sealing
from lantai.packages.container import ContainerLimits
from lantai.ports import House
from lantai.ports.scanner import NoScanner
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.intake.queries import latest_report
from lantai.shelves.reports.queries import body
from lantai.stages import accepted, capture
from lantai.stages.capture import sources as delivered
from lantai.stages.capture.names import Paths, keepable, keepable_json, shown
from lantai.stages.capture.plan import PlannedFile, Planner
from lantai.stages.capture.take import Copier
from lantai.stages.report import summary
from tests.support.deliveries import check_no_trace, codes, deliver, outcomes, paths
from tests.support.line_house import ARCHIVIST, line_house

GOOD = "关于值班安排的通知\n各科室：按要求办理。\n"


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A delivery with one good file in it."""
    made = tmp_path / "移交"
    made.mkdir()
    (made / "好文件.txt").write_text(GOOD, "utf-8")
    return made


def test_links_pipes_sockets_and_devices_are_refused_one_by_one(house: House, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "别处.txt"
    outside.write_text("不该收的内容", "utf-8")
    (folder / "链接.txt").symlink_to(outside)
    (folder / "断链").symlink_to(tmp_path / "没有")
    (folder / "环").symlink_to(folder)
    os.mkfifo(folder / "管道")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "套接字"))
        batch = deliver(house, folder)
    assert codes(batch) == {"CAPTURE-LINK": 3, "CAPTURE-NOT-A-FILE": 2}
    assert outcomes(batch) == {"record": 1, "refused": 5}


def test_a_pipe_or_a_device_as_the_source_itself(house: House, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "管道")
    batch = deliver(house, tmp_path / "管道", Path("/dev/zero"))
    assert codes(batch) == {"CAPTURE-NOT-A-FILE": 2}


def test_a_link_in_a_circle_as_the_source_itself(house: House, tmp_path: Path) -> None:
    (tmp_path / "甲").symlink_to(tmp_path / "乙")
    (tmp_path / "乙").symlink_to(tmp_path / "甲")
    assert codes(deliver(house, tmp_path / "甲")) == {"CAPTURE-LINK": 1}


def test_names_of_every_kind_are_taken(house: House, folder: Path) -> None:
    odd = ["a\nb.txt", "a\tb.txt", " 空格 .txt", "..。txt", "-rf", "'; DROP TABLE.txt", "%2e%2e.txt", "长" * 85]
    names = [*odd, "é.txt", "e\u0301.txt", "e\u0328.txt", "\u202e反.txt", "Приказ.txt"]
    for number, name in enumerate(names):
        (folder / name).write_text(f"{GOOD}{number}", "utf-8")
    batch = deliver(house, folder)
    assert outcomes(batch) == {"record": len(names) + 1}
    assert {f"移交/{name}" for name in names} <= set(paths(batch))
    outcome = line.archive(house, ARCHIVIST, [batch.code])
    assert {item.state for item in outcome.left} <= {"arranged", "described"}


def test_names_in_old_chinese_encodings_are_read_and_reported(house: House, folder: Path) -> None:
    base = os.fsencode(folder)
    for number, raw in enumerate(["通知.txt".encode("gb18030"), b"\xff\xfe.txt", b"\xff\xfd.txt", "好文件.txt".encode("gbk")]):
        Path(os.fsdecode(base + b"/" + raw)).write_text(f"{GOOD}{number}", "utf-8")
    batch = deliver(house, folder)
    assert paths(batch, "record") == ["移交/<FF><FD>.txt", "移交/<FF><FE>.txt", "移交/好文件.txt", "移交/好文件.txt〔2〕", "移交/通知.txt"]
    told = [item["code"] for row in Record.objects.filter(batch_id=batch.id) for item in row.arrival["findings"]]
    assert told == ["CAPTURE-NAME-ENCODING"] * 4
    assert sorted(ComputerFile.objects.values_list("name", flat=True))[-1] == "通知.txt"


def test_empty_files_are_each_told_as_empty_and_never_as_come_twice(house: House, folder: Path) -> None:
    for name in ("通知.pdf", "请示.docx"):
        (folder / name).write_bytes(b"")
    assert outcomes(deliver(house, folder)) == {"record": 3}
    later = folder.parent / "又一份.pdf"
    later.write_bytes(b"")
    batch = deliver(house, later)
    assert outcomes(batch) == {"record": 1}
    assert "FILE-EMPTY" in [row["code"] for row in summary.summary(house, batch.id)["findings"]]


def test_what_a_system_left_in_a_folder_is_told_and_holds_nothing_up(house: House, folder: Path) -> None:
    for name in ("Thumbs.db", ".DS_Store", "~$好文件.docx"):
        (folder / name).write_bytes(b"x")
    batch = deliver(house, folder)
    assert outcomes(batch) == {"record": 1, "refused": 3}
    report = latest_report(batch.id, "arrival")
    assert report is not None
    item = next(item for item in body(report)["items"] if item["id"].endswith(".4.03"))
    assert (item["outcome"], [row["code"] for row in item["findings"]]) == ("warn", ["GD-4-3-LEFT-OUT"] * 3)
    assert accepted.open_items(batch.id, is_trial=True) == ()


def test_two_sources_of_one_name_are_both_taken(house: House, tmp_path: Path) -> None:
    for place in ("甲", "乙"):
        (tmp_path / place / "移交").mkdir(parents=True)
        (tmp_path / place / "移交" / "文.txt").write_text(GOOD + place, "utf-8")
    batch = deliver(house, tmp_path / "甲" / "移交", tmp_path / "乙" / "移交")
    assert paths(batch, "record") == ["移交/文.txt", "移交〔2〕/文.txt"]


def test_a_source_with_a_line_break_in_its_name(house: House, tmp_path: Path) -> None:
    (tmp_path / "移\n交").mkdir()
    (tmp_path / "移\n交" / "文.txt").write_text(GOOD, "utf-8")
    assert outcomes(deliver(house, tmp_path / "移\n交")) == {"record": 1}


def test_empty_folders_are_told_and_an_empty_delivery_is_refused(house: House, folder: Path, tmp_path: Path) -> None:
    (folder / "附件").mkdir()
    batch = deliver(house, folder)
    assert batch.file_count == 1
    assert [row["code"] for row in summary.summary(house, batch.id)["findings"] if row["code"].startswith("CAPTURE")] == [
        "CAPTURE-EMPTY-FOLDER"
    ]
    (tmp_path / "空").mkdir()
    empty = deliver(house, tmp_path / "空")
    assert (outcomes(empty), codes(empty)) == ({"refused": 1}, {"CAPTURE-EMPTY": 1})


def test_folders_nested_beyond_any_stack(house: House, folder: Path) -> None:
    deep = folder
    for _ in range(500):
        deep = deep / "d"
        deep.mkdir()
    (deep / "底.txt").write_text(GOOD + "底", "utf-8")
    batch = deliver(house, folder)
    assert "移交/" + "d/" * 500 + "底.txt" in paths(batch, "record")


def test_a_folder_whose_path_no_call_takes_is_told_and_its_siblings_go_on(house: House, folder: Path) -> None:
    here = Path.cwd()
    try:
        os.chdir(folder)
        for _ in range(20):
            Path("长" * 80).mkdir()
            os.chdir("长" * 80)
        Path("底.txt").write_text("底", "utf-8")
    finally:
        os.chdir(here)
    batch_id = capture.open_batch(house, ARCHIVIST, [folder], channel="manual", department="BGS")
    line.finish(house)
    assert codes(Batch.objects.get(id=batch_id)) == {"CAPTURE-UNREADABLE": 1}
    assert Record.objects.count() == 1
    shutil.rmtree(folder)


def test_a_file_that_vanishes_or_turns_into_a_pipe_costs_only_itself(house: House, folder: Path, tmp_path: Path) -> None:
    """The list is made first, the bytes are read later: what stands there by then may be anything."""
    planner = Planner(tmp_path / "scratch", ContainerLimits())
    items = list(planner.items(folder))
    copier = Copier(NoScanner(), tmp_path / "taken")
    (planned,) = items[0].files
    (folder / "好文件.txt").unlink()
    assert copier.copy(planned, "1").code == "CAPTURE-UNREADABLE"
    os.mkfifo(folder / "好文件.txt")
    began = time.monotonic()
    assert copier.copy(planned, "2").code == "CAPTURE-UNREADABLE"
    assert time.monotonic() - began < 30  # a pipe that nobody writes to would be waited for without end
    (folder / "好文件.txt").unlink()
    (folder / "好文件.txt").symlink_to(tmp_path / "别处")
    assert copier.copy(planned, "3").code == "CAPTURE-UNREADABLE"
    assert copier.copy(PlannedFile(folder / "a\0b", "a", "a"), "4").code == "CAPTURE-UNREADABLE"
    assert list((tmp_path / "taken").iterdir()) == []


def test_a_file_lost_out_of_a_package_is_counted_and_the_rest_becomes_the_record(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "包"
    (package / "正本").mkdir(parents=True)
    (package / "附件").mkdir()
    (package / "说明文件.txt").write_text("包标识：云汀-1\n", "utf-8")
    (package / "正本" / "正文.txt").write_text(GOOD, "utf-8")
    lost = package / "附件" / "附件1.txt"
    lost.write_text("附件", "utf-8")
    real = os.open

    def worn(path: str | Path, *arguments: int, **more: int) -> int:
        if Path(path) == lost and arguments[0] & os.O_NOFOLLOW:
            raise OSError(5, "Input/output error")
        return real(path, *arguments, **more)

    monkeypatch.setattr(os, "open", worn)
    batch = deliver(house, package)
    assert outcomes(batch) == {"metadata": 1, "record": 1, "refused": 1}
    assert "CAPTURE-UNREADABLE" in [item["code"] for item in Record.objects.get().arrival["findings"]]


@pytest.mark.slow
def test_ten_thousand_empty_files(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "空文件"
    folder.mkdir()
    for number in range(10_000):
        (folder / f"{number}.txt").touch()
    batch_id = capture.open_batch(house, ARCHIVIST, [folder], channel="manual", department="BGS")
    capture.receive(house, batch_id)
    batch = Batch.objects.get(id=batch_id)
    assert outcomes(batch) == {"record": 10_000}
    assert batch.file_count == 10_000


def test_zip_entries_of_one_name_and_names_that_escape(house: House, folder: Path) -> None:
    with zipfile.ZipFile(folder / "包.zip", "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("文.txt", GOOD + "一")
        archive.writestr("文.txt", GOOD + "二")
        archive.writestr("../../逃.txt", "逃")
        archive.writestr("/绝对.txt", "绝对")
        archive.writestr("a/../../b.txt", "b")
    batch = deliver(house, folder)
    assert outcomes(batch) == {"container": 1, "record": 2, "refused": 4}
    assert codes(batch) == {"CONTAINER-NAME-TWICE": 1, "CONTAINER-PATH-ESCAPES": 3}


def test_a_zip_in_a_zip_is_refused_and_its_siblings_come_out(house: House, folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "内.zip", "w") as inner:
        inner.writestr("深.txt", GOOD)
    with zipfile.ZipFile(folder / "外.zip", "w") as outer:
        outer.write(tmp_path / "内.zip", "内.zip")
        outer.writestr("旁.txt", GOOD + "旁")
    batch = deliver(house, folder)
    assert paths(batch, "record") == ["移交/外.zip/旁.txt", "移交/好文件.txt"]
    assert codes(batch) == {"CONTAINER-NESTED": 1}


def test_a_zip_that_calls_itself_something_else_stays_whole(house: House, folder: Path) -> None:
    with zipfile.ZipFile(folder / "图纸.vsdz", "w") as archive:
        archive.writestr("部件.xml", "<a/>")
    batch = deliver(house, folder)
    assert paths(batch, "record") == ["移交/图纸.vsdz", "移交/好文件.txt"]


def test_a_bomb_is_refused_before_it_fills_the_disk(fresh_data: Path, folder: Path) -> None:
    with zipfile.ZipFile(folder / "弹.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("零.bin", bytes(64 * 1024**2))
        archive.writestr("好.txt", GOOD + "好")
    with line_house(fresh_data, unpacked_ratio=100) as house:
        batch = deliver(house, folder)
    assert codes(batch) == {"CONTAINER-RATIO": 1}
    assert paths(batch, "record") == ["移交/好文件.txt", "移交/弹.zip/好.txt"]


def test_a_delivery_cut_short_and_taken_up_again_unpacks_again(
    house: House, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(folder / "包.tar", "w") as archive:
        for number in range(5):
            (tmp_path / f"{number}").write_text(f"{GOOD}{number}", "utf-8")
            archive.add(tmp_path / f"{number}", f"{number}.txt")
    from lantai.stages.capture import receiving

    real, calls = receiving._enter_slice, []

    def dying(*arguments: object) -> bool:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(receiving, "_enter_slice", dying)
    monkeypatch.setattr(receiving, "SLICE_BYTES", 1)
    batch_id = capture.open_batch(house, ARCHIVIST, [folder], channel="manual", department="BGS")
    with pytest.raises(KeyboardInterrupt):
        capture.receive(house, batch_id)
    capture.receive(house, batch_id)
    assert outcomes(Batch.objects.get(id=batch_id)) == {"container": 1, "record": 6}


def test_our_own_data_is_no_delivery(house: House, tmp_path: Path) -> None:
    for source in (house.data, house.data.parent, house.data / "vault", house.data / "keys"):
        source.mkdir(exist_ok=True)
        with pytest.raises(Refusal, match="CAPTURE-OWN-DATA"):
            capture.open_batch(house, ARCHIVIST, [source], channel="manual")
    assert not Batch.objects.exists()


def test_a_batch_tells_no_name_before_it_has_been_looked_into(house: House, tmp_path: Path) -> None:
    """A file with a strong mark, delivered by itself: neither its name nor its text is left anywhere."""
    secret = tmp_path / "某项绝密安排.txt"
    secret.write_text("机密★10年\n\n关于某项安排的通知\n各科室：照办。\n", "utf-8")
    batch = deliver(house, secret)
    assert outcomes(batch) == {"quarantined": 1}
    assert batch.title == "1 个文件"
    check_no_trace(house, ["某项绝密安排", "关于某项安排"])
    assert delivered.recall(house, batch) == [secret]


def test_a_package_with_a_strong_mark_leaves_no_name_of_its_folder(house: House, tmp_path: Path) -> None:
    package = tmp_path / "关于某事的绝密包"
    (package / "正本").mkdir(parents=True)
    (package / "说明文件.txt").write_text("包标识：云汀-1\n", "utf-8")
    (package / "正本" / "正文甲乙丙.txt").write_text("绝密★长期\n关于某事的通知\n", "utf-8")
    batch = deliver(house, package)
    assert outcomes(batch) == {"quarantined": 2}
    check_no_trace(house, ["关于某事的绝密包", "正文甲乙丙", "关于某事"])


def test_a_usual_batch_is_called_by_its_sources(house: House, folder: Path) -> None:
    assert deliver(house, folder).title == "移交"
    assert deliver(house, folder, title="我的标题").title == "我的标题"


def test_what_text_can_not_be_kept_is_told_apart() -> None:
    assert keepable("甲\0乙\ud800") == "甲<U+0000>乙<U+D800>"
    assert keepable_json({"a\0": ["b\0", 1, None, {"c": "\udcff"}]}) == {"a<U+0000>": ["b<U+0000>", 1, None, {"c": "<U+DCFF>"}]}
    assert shown(os.fsdecode("通知.txt".encode("gbk"))) == "通知.txt"
    assert shown("通知.txt") == "通知.txt"
    free = Paths()
    assert [free.free("a"), free.free("a"), free.free("a〔2〕"), free.free("a")] == ["a", "a〔2〕", "a〔2〕〔2〕", "a〔3〕"]


def test_sealed_sources_are_opened_by_the_same_key_only(tmp_path: Path) -> None:
    text = sealing.seal_text("甲/乙\udcff", tmp_path)
    assert sealing.is_sealed_text(text)
    assert sealing.unseal_text(text, tmp_path) == "甲/乙\udcff"
    with pytest.raises(Exception, match="QUARANTINE-KEY"):
        sealing.unseal_text(text[:-8] + "AAAAAAA=", tmp_path)
