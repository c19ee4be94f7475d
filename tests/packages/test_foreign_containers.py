"""Containers that lie about themselves or that are compressed otherwise: told, bounded, and never outside their folder."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.packages.container import ContainerLimits, Unpacked, unpack


def _unpack(folder: Path, data: bytes, **limits: int) -> Unpacked:
    folder.mkdir(exist_ok=True)
    (folder / "container.zip").write_bytes(data)
    return unpack(folder / "container.zip", folder / "into", ContainerLimits(**limits))


def _codes(unpacked: Unpacked) -> list[str]:
    return sorted(item.code for item in unpacked.findings)


def _tar(files: dict[str, bytes]) -> bytes:
    room = io.BytesIO()
    with tarfile.open(fileobj=room, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return room.getvalue()


def _zip(files: dict[str, bytes]) -> bytes:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return room.getvalue()


FILES = {"甲/a.txt": b"one\n" * 1000, "b.bin": bytes(range(256)) * 300, "空": b""}


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress, lambda data: lzma.compress(data[:5000]) + lzma.compress(data[5000:])])
def test_other_compressed_tars_come_out_whole(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    unpacked = _unpack(tmp_path, compress(_tar(FILES)))
    assert _codes(unpacked) == []
    assert {entry.path: (tmp_path / "into" / entry.path).read_bytes() for entry in unpacked.entries} == FILES


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress])
def test_a_compressed_tar_that_is_cut_off(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    data = compress(_tar({"a": bytes(range(256)) * 4000, "b": b"x"}))
    codes = _codes(_unpack(tmp_path, data[: len(data) // 2]))
    assert {"CONTAINER-DAMAGED", "CONTAINER-ENTRY-DAMAGED", "CONTAINER-UNSUPPORTED"} & set(codes)


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress])
def test_what_is_no_tar_is_said_to_be_none(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    assert _codes(_unpack(tmp_path, compress(b"no tar")))[0] == "CONTAINER-UNSUPPORTED"


def test_an_xz_that_asks_for_too_much_memory(tmp_path: Path) -> None:
    data = lzma.compress(_tar(FILES))
    assert "CONTAINER-UNSUPPORTED" in _codes(_unpack(tmp_path, _with_dictionary(data)))


def _with_dictionary(data: bytes) -> bytes:
    """Let the block header of an xz ask for a dictionary of 4 GiB, with a true checksum."""
    start, size = 12, (data[12] + 1) * 4
    header = bytearray(data[start : start + size - 4])
    header[header.index(b"\x21\x01") + 2] = 40
    return data[:start] + bytes(header) + struct.pack("<I", zlib.crc32(bytes(header))) + data[start + size :]


def test_a_tar_that_swells_beyond_measure(tmp_path: Path) -> None:
    data = bz2.compress(_tar({"zeros": bytes(80 * 1024**2)}))
    assert "CONTAINER-RATIO" in _codes(_unpack(tmp_path, data, ratio=10))


def _patched(data: bytes, at: int, form: str, value: int) -> bytes:
    return data[:at] + struct.pack(form, value) + data[at + struct.calcsize(form) :]


@pytest.mark.parametrize(("at", "form", "value"), [(8, "<H", 0), (6, "<H", 1), (18, "<L", 7), (22, "<L", 7), (14, "<L", 7)])
def test_an_entry_that_says_other_than_the_directory(tmp_path: Path, at: int, form: str, value: int) -> None:
    unpacked = _unpack(tmp_path, _patched(_zip(FILES), at, form, value))
    assert _codes(unpacked) == ["CONTAINER-HEADER-DIFFERS"]
    assert [entry.path for entry in unpacked.entries] == ["b.bin", "空"]


def test_an_entry_that_the_directory_keeps_quiet_about(tmp_path: Path) -> None:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as archive:
        archive.writestr("seen.txt", b"1")
        archive.writestr("hidden.txt", b"2")
        archive.writestr("also seen.txt", b"3")
        archive.filelist = [info for info in archive.filelist if info.filename != "hidden.txt"]
    unpacked = _unpack(tmp_path, room.getvalue())
    assert _codes(unpacked) == ["CONTAINER-HIDDEN"]
    assert [entry.path for entry in unpacked.entries] == ["seen.txt", "also seen.txt"]


def test_names_that_differ_by_case_alone_both_come_out_and_are_told(tmp_path: Path) -> None:
    unpacked = _unpack(tmp_path, _zip({"A.txt": b"1", "a.txt": b"2"}))
    assert _codes(unpacked) == ["CONTAINER-NAME-CASE"]
    assert len(unpacked.entries) == 2


@pytest.mark.parametrize("name", ["nul.txt", "a/COM1", "a.txt:hidden", "a.", "b ", "con"])
def test_names_that_some_system_cannot_have_come_out_and_are_told(tmp_path: Path, name: str) -> None:
    unpacked = _unpack(tmp_path, _zip({name: b"1", "ok.txt": b"2"}))
    assert _codes(unpacked) == ["CONTAINER-NAME-RESERVED"]
    assert {entry.path for entry in unpacked.entries} == {name, "ok.txt"}


def test_entries_that_stay_inside_are_counted_too(tmp_path: Path) -> None:
    """A directory of a hundred thousand entries over one byte, and a tar of links: looked at as far as the limit, no further."""
    room = io.BytesIO()
    with tarfile.open(fileobj=room, mode="w") as archive:
        for number in range(50):
            info = tarfile.TarInfo(f"{number}")
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(info)
    for number, data in enumerate((room.getvalue(), _crowded(1000))):
        unpacked = _unpack(tmp_path / str(number), data, entries=10)
        assert len(unpacked.findings) + len(unpacked.entries) == 11
        assert unpacked.findings[-1].code == "CONTAINER-TOO-MANY-ENTRIES"


def _crowded(count: int) -> bytes:
    """A zip whose directory lists one entry under many names."""
    data = _zip({"0000000": b""})
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    row = data[at:end]
    rows = b"".join(row.replace(b"0000000", f"{number:07d}".encode()) for number in range(count))
    return data[:at] + rows + data[end : end + 8] + struct.pack("<2H2L", count, count, len(rows), at) + data[end + 20 :]


def _with_name_beside(name: str, beside: str, *, vouches: bool = True) -> bytes:
    """A zip as WinZip writes it: a short name, and the true one in an extra field that vouches for the short one."""
    room, info = io.BytesIO(), zipfile.ZipInfo(name)
    vouched = zlib.crc32(name.encode()) if vouches else 7
    body = b"\x01" + struct.pack("<L", vouched) + beside.encode()
    info.extra = struct.pack("<2H", 0x7075, len(body)) + body
    with zipfile.ZipFile(room, "w") as archive:
        archive.writestr(info, b"1")
    return room.getvalue()


def test_the_name_beside_counts_where_it_vouches_for_the_other(tmp_path: Path) -> None:
    assert [entry.path for entry in _unpack(tmp_path / "a", _with_name_beside("TONGZHI~.TXT", "通知/关于值班.txt")).entries] == [
        "通知/关于值班.txt"
    ]
    told = _unpack(tmp_path / "b", _with_name_beside("a.txt", "b.txt", vouches=False))
    assert [entry.path for entry in told.entries] == ["a.txt"]
    assert _codes(_unpack(tmp_path / "c", _with_name_beside("a.txt", "../../b.txt"))) == ["CONTAINER-PATH-ESCAPES"]
    assert not (tmp_path / "b.txt").exists()


def test_names_that_differ_by_normal_form_alone(tmp_path: Path) -> None:
    unpacked = _unpack(tmp_path, _zip({"caf\u00e9": b"1", "cafe\u0301": b"2"}))
    assert _codes(unpacked) == ["CONTAINER-NAME-TWICE"]


@pytest.mark.parametrize("kind", ["zip", "tar", "bz2", "xz", "gz"])
def test_a_container_with_anything_anywhere(tmp_path: Path, kind: str) -> None:
    base = {"zip": _zip(FILES), "tar": _tar(FILES), "bz2": bz2.compress(_tar(FILES)), "xz": lzma.compress(_tar(FILES))}
    data = base.get(kind) or gzip.compress(_tar(FILES))
    number = 0

    @given(st.lists(st.tuples(st.integers(0, len(data) - 1), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4))
    @settings(max_examples=25, deadline=None)
    def damaged(changes: list[tuple[int, bytes]]) -> None:
        nonlocal number
        number += 1
        broken = bytearray(data)
        for at, content in changes:
            broken[at : at + len(content)] = content
        home = tmp_path / str(number)
        unpacked = _unpack(home, bytes(broken), bytes=8 * 1024**2)
        written = {str(path.relative_to(home / "into")) for path in home.rglob("*") if path.is_file() and path.name != "container.zip"}
        assert written == {entry.path for entry in unpacked.entries}

    damaged()


def test_many_entries_that_swell_together_beyond_measure(tmp_path: Path) -> None:
    data = _zip({f"{number}.bin": bytes(3 * 1024**2) for number in range(24)})
    unpacked = _unpack(tmp_path, data, ratio=20)
    assert _codes(unpacked) == ["CONTAINER-RATIO"]
    assert sum(entry.size for entry in unpacked.entries) <= 66 * 1024**2
