"""Sealing: what goes in comes out, nothing shows from outside, no bit can be changed, nothing plain is left."""

import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.core.errors import Fault
from lantai.packages import sealing

SECRET = "机密★10年 关于某事项的通知".encode() * 100


def staged(data: Path, content: bytes = SECRET, name: str = "01J.bin") -> Path:
    path = data / "staging" / "B1" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.with_name(f"{name}.text.json").write_text("机密★10年", encoding="utf-8")
    return path


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=5000), st.text(max_size=80))
def test_what_is_sealed_comes_back_whole_under_its_name(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        sealed = sealing.seal(staged(data, content), data, name=name.encode("utf-8", "ignore").decode())
        back = sealing.unseal(data, sealed, data / "back")
        assert back.read_bytes() == content
        assert back.parent == data / "back"
        assert [path.name for path in (data / "back").iterdir()] == [back.name]


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_000_000])
def test_sizes_around_a_chunk(tmp_path: Path, size: int) -> None:
    sealed = sealing.seal(staged(tmp_path, bytes(size)), tmp_path, name="甲.pdf")
    assert sealing.unseal(tmp_path, sealed, tmp_path / "back").read_bytes() == bytes(size)


@pytest.mark.parametrize(
    ("name", "kept"),
    [("甲.pdf", "甲.pdf"), ("../../etc/甲.pdf", "甲.pdf"), ("..", ""), (".", ""), ("", ""), ("a\0b", ""), ("长" * 200, "")],
)
def test_a_name_is_kept_where_it_can_be_one(tmp_path: Path, name: str, kept: str) -> None:
    sealed = sealing.seal(staged(tmp_path), tmp_path, name=name)
    assert sealing.unseal(tmp_path, sealed, tmp_path / "back").name == (kept or sealed.removesuffix(".sealed"))


def test_nothing_tells_what_was_sealed(tmp_path: Path) -> None:
    path = staged(tmp_path)
    sealed = sealing.seal(path, tmp_path, name="机密件.pdf")
    assert list((tmp_path / "staging" / "B1").iterdir()) == []
    everything = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.name for file in everything} == {sealed, "quarantine.key"}
    assert not any(piece in file.read_bytes() for file in everything for piece in ("机密".encode(), b".pdf"))
    for file in everything:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_same_bytes_seal_to_different_names_and_bytes(tmp_path: Path) -> None:
    one, other = (sealing.seal(staged(tmp_path), tmp_path) for _ in range(2))
    assert one != other
    assert (tmp_path / "quarantine" / one).read_bytes()[16:] != (tmp_path / "quarantine" / other).read_bytes()[16:]


@pytest.mark.parametrize("at", [0, 15, 16, 27, 28, 31, 32, 40, 200, -17, -16, -1])
def test_a_changed_bit_is_found_and_leaves_nothing_plain(tmp_path: Path, at: int) -> None:
    sealed = sealing.seal(staged(tmp_path), tmp_path, name="甲.pdf")
    path = tmp_path / "quarantine" / sealed
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(Fault, match="QUARANTINE-DAMAGED"):
        sealing.unseal(tmp_path, sealed, tmp_path / "back")
    assert list((tmp_path / "back").iterdir()) == []


@pytest.mark.parametrize("length", [0, 10, 16, 28, 43, 44, 46, 47, 100])
def test_a_cut_file_is_found(tmp_path: Path, length: int) -> None:
    sealed = sealing.seal(staged(tmp_path), tmp_path)
    path = tmp_path / "quarantine" / sealed
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(Fault, match="QUARANTINE-DAMAGED"):
        sealing.unseal(tmp_path, sealed, tmp_path / "back")


def test_one_sealed_file_cannot_stand_in_for_another(tmp_path: Path) -> None:
    one, other = (sealing.seal(staged(tmp_path), tmp_path) for _ in range(2))
    (tmp_path / "quarantine" / one).replace(tmp_path / "quarantine" / other)
    with pytest.raises(Fault, match="QUARANTINE-DAMAGED"):
        sealing.unseal(tmp_path, other, tmp_path / "back")


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    sealed = sealing.seal(staged(tmp_path), tmp_path)
    (tmp_path / "keys" / "quarantine.key").write_bytes(bytes(32))
    with pytest.raises(Fault, match="QUARANTINE-DAMAGED"):
        sealing.unseal(tmp_path, sealed, tmp_path / "back")


@pytest.mark.parametrize("fault", ["short", "readable_by_all"])
def test_a_bad_key_file_is_a_fault_before_anything_is_erased(tmp_path: Path, fault: str) -> None:
    key = tmp_path / "keys" / "quarantine.key"
    sealing.load_key(tmp_path)
    if fault == "short":
        key.write_bytes(b"short")
    else:
        key.chmod(0o644)
    path = staged(tmp_path)
    with pytest.raises(Fault, match="QUARANTINE-KEY"):
        sealing.seal(path, tmp_path)
    assert path.read_bytes() == SECRET
    assert list(tmp_path.glob("quarantine/*")) == []


def test_the_key_is_made_once(tmp_path: Path) -> None:
    assert sealing.load_key(tmp_path) == sealing.load_key(tmp_path)
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["quarantine.key"]


def test_what_cannot_be_read_seals_to_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sealing.seal(tmp_path / "absent", tmp_path)
    assert list(tmp_path.glob("quarantine/*")) == []


def test_erasing_overwrites_before_it_unlinks_but_spares_other_links(tmp_path: Path) -> None:
    path, link, view = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    path.write_bytes(SECRET)
    with path.open("rb") as still_open:
        sealing.erase(path)
        assert SECRET[:20] not in still_open.read()
    path.write_bytes(SECRET)
    link.hardlink_to(path)
    sealing.erase(path)
    assert (path.exists(), link.read_bytes()) == (False, SECRET)
    sealing.erase(view)


def test_strays_and_destruction(tmp_path: Path) -> None:
    one, other = (sealing.seal(staged(tmp_path), tmp_path) for _ in range(2))
    assert sealing.strays(tmp_path, {one}) == [other]
    sealing.destroy(tmp_path, other)
    sealing.destroy(tmp_path, other)
    assert sealing.strays(tmp_path, set()) == [one]
