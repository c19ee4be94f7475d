"""Containers: siblings of a bad entry come out, nothing leaves the folder, budgets hold."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.packages.container import ContainerLimits, Entry, Unpacked, is_container, unpack
from lantai.packages.container_names import BadName, decoded, parts_of
from tests.formats import made

ESCAPES = ["../a", "a/../../b", "/etc/a", "\\\\host\\a", "..\\a", "C:\\a", "c:a", "a\\..\\..\\b"]
INVALID = ["", ".", "a\nb", "长" * 100, "/".join("a" * 70), "a\0b"]


def _unpack(tmp_path: Path, data: bytes, **limits: float) -> Unpacked:
    (tmp_path / "outer").mkdir(exist_ok=True)
    path = tmp_path / "container"
    path.write_bytes(data)
    return unpack(path, tmp_path / "outer" / "into", ContainerLimits(**limits))  # type: ignore[arg-type]


def _codes(unpacked: Unpacked) -> list[str]:
    return [item.code for item in unpacked.findings]


def _written(tmp_path: Path) -> dict[str, bytes]:
    outside = {path for path in tmp_path.rglob("*") if path.is_file() and not path.is_relative_to(tmp_path / "outer" / "into")}
    assert outside == {tmp_path / "container"}
    into = tmp_path / "outer" / "into"
    return {str(path.relative_to(into)): path.read_bytes() for path in into.rglob("*") if path.is_file()}


def _raw_zip(entries: Mapping[bytes, bytes]) -> bytes:
    """A zip with names of raw bytes and no UTF-8 flag, as older Chinese tools write them."""
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as archive:
        for number, content in enumerate(entries.values()):
            archive.writestr(chr(65 + number) * len(list(entries)[number]), content)
    data = room.getvalue()
    for number, name in enumerate(entries):
        data = data.replace(chr(65 + number).encode() * len(name), name)
    return data


def _tar(members: list[tuple[tarfile.TarInfo, bytes]], *, is_gzip: bool = False) -> bytes:
    room = io.BytesIO()
    with tarfile.open(fileobj=room, mode="w") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(room.getvalue()) if is_gzip else room.getvalue()


def _linked(name: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "../../escape"
    return info


def _zip_link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


def test_zip(tmp_path: Path) -> None:
    unpacked = _unpack(tmp_path, made.zipped({"甲/a.txt": "一", "空/": "", "b.txt": "22"}))
    assert unpacked == Unpacked((Entry("甲/a.txt", 3), Entry("b.txt", 2)), ())
    assert _written(tmp_path) == {"甲/a.txt": "一".encode(), "b.txt": b"22"}


@pytest.mark.parametrize("is_gzip", [False, True])
def test_tar(tmp_path: Path, is_gzip: bool) -> None:
    unpacked = _unpack(tmp_path, _tar([(tarfile.TarInfo("甲/a.txt"), b"1"), (tarfile.TarInfo("b"), b"")], is_gzip=is_gzip))
    assert unpacked == Unpacked((Entry("甲/a.txt", 1), Entry("b", 0)), ())
    assert _written(tmp_path) == {"甲/a.txt": b"1", "b": b""}


@pytest.mark.parametrize("name", ESCAPES)
def test_escapes_stay_inside_and_siblings_come_out(tmp_path: Path, name: str) -> None:
    assert _codes(_unpack(tmp_path, made.zipped({"a1": "1", name: "x", "a2": "2"}))) == ["CONTAINER-PATH-ESCAPES"]
    assert _written(tmp_path) == {"a1": b"1", "a2": b"2"}


@pytest.mark.parametrize("name", [name for name in ESCAPES if "\\" not in name])
def test_escapes_from_tar(tmp_path: Path, name: str) -> None:
    assert _codes(_unpack(tmp_path, _tar([(tarfile.TarInfo(name), b"x"), (tarfile.TarInfo("ok"), b"1")]))) == ["CONTAINER-PATH-ESCAPES"]
    assert _written(tmp_path) == {"ok": b"1"}


@pytest.mark.parametrize("name", ESCAPES)
def test_names_that_escape(name: str) -> None:
    with pytest.raises(BadName, match="ESCAPES"):
        parts_of(name)


@pytest.mark.parametrize("name", INVALID)
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(BadName, match="INVALID"):
        parts_of(name)


@given(st.text(st.sampled_from("ab./\\: 甲\0"), max_size=20))
def test_no_name_ever_leads_out_of_the_folder(name: str) -> None:
    try:
        parts = parts_of(name)
    except BadName:
        return
    into = Path("/into")
    assert into in into.joinpath(*parts).parents
    assert not set(parts) & {"", ".", ".."}


@given(st.text("云汀市发展和改革委员会关于印发通知的报告附件", min_size=2, max_size=20).map(lambda text: text + ".pdf"))
def test_names_in_gbk_and_unflagged_utf8_are_read(name: str) -> None:
    assert decoded(name.encode(), "?") == name
    assert decoded("关于".encode("gb18030") + name.encode("gb18030"), "?") == "关于" + name


def test_gbk_names_in_a_zip_without_the_flag(tmp_path: Path) -> None:
    names = {"附件.pdf".encode("gb18030"): b"1", "正本.txt".encode(): b"2"}
    assert _codes(_unpack(tmp_path, _raw_zip(names))) == []
    assert _written(tmp_path) == {"附件.pdf": b"1", "正本.txt": b"2"}


def test_gbk_names_in_a_tar(tmp_path: Path) -> None:
    info = tarfile.TarInfo("附件.pdf".encode("gb18030").decode("utf-8", "surrogateescape"))
    room = io.BytesIO()
    with tarfile.open(fileobj=room, mode="w", format=tarfile.GNU_FORMAT, encoding="utf-8", errors="surrogateescape") as archive:
        archive.addfile(info, io.BytesIO())
    _unpack(tmp_path, room.getvalue())
    assert _written(tmp_path) == {"附件.pdf": b""}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (tarfile.SYMTYPE, "CONTAINER-LINK"),
        (tarfile.LNKTYPE, "CONTAINER-LINK"),
        (tarfile.CHRTYPE, "CONTAINER-SPECIAL"),
        (tarfile.FIFOTYPE, "CONTAINER-SPECIAL"),
    ],
)
def test_links_and_devices_in_tar(tmp_path: Path, kind: bytes, code: str) -> None:
    data = _tar([(_linked("a", kind), b""), (tarfile.TarInfo("a/b"), b"1")])
    assert _codes(_unpack(tmp_path, data)) == [code]
    assert _written(tmp_path) == {"a/b": b"1"}


def test_links_in_zip(tmp_path: Path) -> None:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as archive:
        archive.writestr(_zip_link("a"), "/etc")
        archive.writestr("a/passwd", "x")
    assert _codes(_unpack(tmp_path, room.getvalue())) == ["CONTAINER-LINK"]
    assert _written(tmp_path) == {"a/passwd": b"x"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_clash(tmp_path: Path) -> None:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as archive:
        for name in ("a", "a", "a/b", "./a", "c"):
            archive.writestr(name, "1")
    assert _codes(_unpack(tmp_path, room.getvalue())) == ["CONTAINER-NAME-TWICE"] * 3
    assert _written(tmp_path) == {"a": b"1", "c": b"1"}


def test_a_file_that_is_there_already_is_not_touched(tmp_path: Path) -> None:
    target = tmp_path / "outer" / "into" / "a"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"old")
    assert _codes(_unpack(tmp_path, made.zipped({"a": "new"}))) == ["CONTAINER-NAME-TWICE"]
    assert _written(tmp_path) == {"a": b"old"}


def test_budgets_of_bytes_entries_and_time(tmp_path: Path) -> None:
    data = made.zipped({"a": b"1" * 100, "b": b"2" * 5000, "c": b"3" * 100})
    assert _codes(_unpack(tmp_path, data, bytes=1000)) == ["CONTAINER-TOO-LARGE"]
    assert set(_written(tmp_path)) == {"a", "c"}
    assert _codes(_unpack(tmp_path / "outer", data, entries=2)) == ["CONTAINER-TOO-MANY-ENTRIES"]
    assert _codes(_unpack(tmp_path / "outer" / "outer", data, seconds=-1.0)) == ["CONTAINER-TIMEOUT"]


def test_a_bomb_is_known_by_its_ratio(tmp_path: Path) -> None:
    unpacked = _unpack(tmp_path, made.zipped({"bomb": bytes(50 * 1024**2), "ok": "1"}))
    assert _codes(unpacked) == ["CONTAINER-RATIO"]
    assert _written(tmp_path) == {"ok": b"1"}


def test_a_gzip_bomb_stops_at_the_budget_and_leaves_no_part(tmp_path: Path) -> None:
    data = _tar([(tarfile.TarInfo("ok"), b"1"), (tarfile.TarInfo("bomb"), bytes(8 * 1024**2))], is_gzip=True)
    assert _codes(_unpack(tmp_path, data, bytes=1024**2, entries=10)) == ["CONTAINER-TOO-LARGE"] * 2
    assert _written(tmp_path) == {"ok": b"1"}


def test_entries_that_share_bytes_are_refused(tmp_path: Path) -> None:
    data = bytearray(made.zipped({"a": "x" * 1000, "b": "y" * 1000}, method=zipfile.ZIP_STORED))
    second = data.rfind(b"PK\x01\x02")
    data[second + 42 : second + 46] = (10).to_bytes(4, "little")
    unpacked = _unpack(tmp_path, bytes(data))
    assert "CONTAINER-OVERLAP" in _codes(unpacked)
    assert set(_written(tmp_path)) == {"a"}


@pytest.mark.parametrize(
    ("flags", "method", "code"),
    [(1, 8, "CONTAINER-ENTRY-ENCRYPTED"), (0, 14, "CONTAINER-METHOD-UNSUPPORTED"), (0, 99, "CONTAINER-METHOD-UNSUPPORTED")],
)
def test_entries_that_cannot_be_read(tmp_path: Path, flags: int, method: int, code: str) -> None:
    data = bytearray(made.zipped({"a": "x" * 100, "b": "1"}))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= flags
    data[at + 10] = method
    assert _codes(_unpack(tmp_path, bytes(data))) == [code]
    assert set(_written(tmp_path)) == {"b"}


def test_a_damaged_entry_leaves_nothing_behind(tmp_path: Path) -> None:
    data = bytearray(made.zipped({"a": "x" * 1000, "b": "1"}, method=zipfile.ZIP_STORED))
    data[100] ^= 0xFF
    assert _codes(_unpack(tmp_path, bytes(data))) == ["CONTAINER-ENTRY-DAMAGED"]
    assert set(_written(tmp_path)) == {"b"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04" + bytes(100), "CONTAINER-DAMAGED"),
        (made.zipped({}), "CONTAINER-EMPTY"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "CONTAINER-UNSUPPORTED"),
        (b"Rar!\x1a\x07\x00" + bytes(100), "CONTAINER-UNSUPPORTED"),
        (gzip.compress(b"no tar in here"), "CONTAINER-UNSUPPORTED"),
        (b"plain text", "CONTAINER-UNSUPPORTED"),
        (made.ofd("文"), "CONTAINER-UNSUPPORTED"),
    ],
    ids=["broken_zip", "empty_zip", "7z", "rar", "gzip_of_text", "text", "ofd"],
)
def test_containers_that_give_nothing(tmp_path: Path, data: bytes, code: str) -> None:
    assert _codes(_unpack(tmp_path, data)) == [code]


def test_a_tar_cut_short_keeps_what_was_whole(tmp_path: Path) -> None:
    data = _tar([(tarfile.TarInfo("a"), b"1" * 600), (tarfile.TarInfo("b"), b"2" * 5000)])
    unpacked = _unpack(tmp_path, data[:3000])
    assert "CONTAINER-ENTRY-DAMAGED" in _codes(unpacked)
    assert set(_written(tmp_path)) == {"a"}


@pytest.mark.parametrize(
    ("data", "is_one"),
    [(made.zipped({"a": "b"}), True), (made.ofd("文"), False), (made.docx(""), False), (made.pdf("a"), False), (b"", False)],
    ids=["zip", "ofd", "docx", "pdf", "empty"],
)
def test_documents_that_are_zips_are_no_containers(tmp_path: Path, data: bytes, is_one: bool) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    assert is_container(path) is is_one


@pytest.mark.parametrize(("name", "is_one"), [("a.zip", True), ("a", True), ("通知.docx", False), ("通知.ofd", False)])
def test_a_zip_cut_short_is_a_container_only_by_name(tmp_path: Path, name: str, is_one: bool) -> None:
    path = tmp_path / name
    path.write_bytes(made.docx("")[:-30])
    assert is_container(path) is is_one


@pytest.mark.parametrize(
    "name", ["通知.doc", "联通.txt", "关于值班的通知.doc", "é.txt", "e\u0301", "e\u0328", "Приказ", "Ω", "a.txt", "〇二.txt"]
)
def test_a_name_is_read_as_it_was_written(name: str) -> None:
    assert decoded(name.encode(), "?") == name
    if not any(ord(character) < 0x3000 and character > "\x7f" for character in name):
        assert decoded(name.encode("gb18030"), "?") == name
