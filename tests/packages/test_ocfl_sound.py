"""The quick answer of an audit: what it calls sound, the thorough check finds nothing wrong with; and no change of any kind is sound."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lantai.adapters.stores.local import LocalStore
from lantai.packages import ocfl, ocfl_check, ocfl_sound
from lantai.packages.json_text import laid_out
from tests.packages.drafts import RECORD, draft

FILES = {"record.xml": b"<x/>", "01-正本/original/正文.pdf": b"%PDF-1.7", "01-正本/text.json": b"{}"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An object of two versions."""
    store = LocalStore(tmp_path / "vault")
    store.write([draft(FILES)])
    store.write([draft(FILES | {"record.xml": b"<y/>"}, version=2)])
    return next(tmp_path.rglob(f"*{RECORD}"))


def is_sound(folder: Path) -> bool:
    return ocfl_sound.is_sound(str(folder), RECORD)


def test_what_was_written_is_sound(folder: Path) -> None:
    assert is_sound(folder)
    assert ocfl_check.check(folder, RECORD) == []
    assert not ocfl_sound.is_sound(str(folder), "01JD0000000000000000000077")
    assert not ocfl_sound.is_sound(str(folder / "nowhere"), RECORD)


def test_no_byte_changes_unseen(folder: Path) -> None:
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        content = path.read_bytes()
        path.chmod(0o600)
        for at in {*range(0, len(content), max(1, len(content) // 40)), len(content) - 1}:
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            assert not is_sound(folder), (path.name, at)
        path.write_bytes(content + b"\n")
        assert not is_sound(folder), path.name
        path.write_bytes(content)
    assert is_sound(folder)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file more": lambda folder: (folder / "v1" / "content" / "more").write_bytes(b""),
    "a file more at the top": lambda folder: (folder / "more").write_bytes(b""),
    "an empty folder": lambda folder: (folder / "v2" / "content" / "empty").mkdir(),
    "a version more": lambda folder: shutil.copytree(folder / "v2", folder / "v3"),
    "a version gone": lambda folder: shutil.rmtree(folder / "v1"),
    "a file gone": lambda folder: next((folder / "v1" / "content").rglob("*.pdf")).unlink(),
    "a link in its place": lambda folder: _linked(next((folder / "v1" / "content").rglob("*.pdf"))),
    "a pipe": lambda folder: os.mkfifo(folder / "v1" / "content" / "pipe"),
    "the root of an earlier version": lambda folder: [
        shutil.copyfile(folder / "v1" / name, folder / name) for name in ("inventory.json", "inventory.json.sha256")
    ],
    "no declaration": lambda folder: (folder / "0=ocfl_object_1.1").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_change_of_what_stands_there_is_sound(folder: Path, change: str) -> None:
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    CHANGES[change](folder)
    assert not is_sound(folder)
    assert ocfl_check.check(folder, RECORD) != [], "the thorough check says what it is"


def _linked(path: Path) -> None:
    path.rename(path.with_suffix(".other"))
    path.symlink_to(path.with_suffix(".other"))


def test_a_manifest_that_names_what_is_no_content_is_left_to_the_thorough_check(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "vault")
    store.write([draft(FILES)])
    folder = next(tmp_path.rglob(f"*{RECORD}"))
    (folder / "v1" / "content").rename(folder / "v1" / "beside")
    for path in (folder, folder / "v1"):
        for name in ("inventory.json", "inventory.json.sha256"):
            (path / name).chmod(0o600)
        changed = (folder / "v1" / "inventory.json").read_bytes().replace(b"v1/content/", b"v1/beside/")
        (path / "inventory.json").write_bytes(changed)
        (path / "inventory.json.sha256").write_text(f"{hashlib.sha256(changed).hexdigest()}  inventory.json\n")
    assert not is_sound(folder)
    assert ocfl_check.check(folder, RECORD) != []


def _moved(inventory: dict[str, Any], before: str, after: str) -> None:
    """Call a logical path otherwise."""
    state = inventory["versions"]["v1"]["state"]
    for paths in state.values():
        paths[:] = [after if path == before else path for path in paths]


def _placed(inventory: dict[str, Any], before: str, after: str) -> None:
    """Say of a content that it lies elsewhere."""
    for paths in inventory["manifest"].values():
        paths[:] = [after if path == before else path for path in paths]


UNSOUND: dict[str, Callable[[dict[str, Any]], object]] = {
    "a step upwards": lambda own: _moved(own, "record.xml", "../record.xml"),
    "a step nowhere in the midst": lambda own: _moved(own, "record.xml", "01-正本/./record.xml"),
    "an empty step at the end": lambda own: _moved(own, "record.xml", "record.xml/"),
    "an empty path": lambda own: _moved(own, "record.xml", ""),
    "a step upwards in the second of two lines": lambda own: _moved(own, "01-正本/text.json", "01-正本/.."),
    "two lines": lambda own: _moved(own, "record.xml", "record\nxml"),
    "no text": lambda own: own["versions"]["v1"]["state"].update({next(iter(own["manifest"])): [7]}),
    "a text in place of a list": lambda own: own["versions"]["v1"]["state"].update({next(iter(own["manifest"])): "record.xml"}),
    "a path twice": lambda own: _moved(own, "record.xml", "01-正本/text.json"),
    "a path where another has a folder": lambda own: _moved(own, "record.xml", "01-正本"),
    "a detour": lambda own: _placed(own, "v1/content/record.xml", "v1/content/01-正本/../record.xml"),
    "a place where another has a folder": lambda own: own["manifest"][next(iter(own["manifest"]))].append("v1/content/01-正本"),
    "a place twice": lambda own: own["manifest"][next(iter(own["manifest"]))].append("v1/content/record.xml"),
    "a user without a name": lambda own: own["versions"]["v1"]["user"].update(name=""),
    "a user with an address that is none": lambda own: own["versions"]["v1"]["user"].update(address="here"),
    "a user who is no text": lambda own: own["versions"]["v1"]["user"].update(name=7),
    "a message that is no text": lambda own: own["versions"]["v1"].update(message=None),
}


@pytest.mark.parametrize("change", UNSOUND)
def test_no_inventory_of_another_form_is_sound_though_it_be_signed(tmp_path: Path, change: str) -> None:
    LocalStore(tmp_path / "vault").write([draft(FILES)])
    folder = next(tmp_path.rglob(f"*{RECORD}"))
    inventory = json.loads((folder / "inventory.json").read_bytes())
    UNSOUND[change](inventory)
    changed = laid_out(inventory)
    for path in (folder, folder / "v1"):
        for name, content in (("inventory.json", changed), ("inventory.json.sha256", ocfl.sidecar(hashlib.sha256(changed).hexdigest()))):
            (path / name).chmod(0o600)
            (path / name).write_bytes(content)
    assert not is_sound(folder)
