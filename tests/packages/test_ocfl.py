"""OCFL objects: an independent validator accepts every good one, and every fault is found, by it and by us."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ocfl as ocfl_py
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantai.adapters.stores.local import LocalStore
from lantai.core.findings import Finding
from lantai.packages import ocfl, ocfl_check
from lantai.packages.layout import safe_names
from tests.packages.drafts import RECORD, draft
from tests.packages.ocfl_py import errors

FILES = {"record.xml": b"<x/>", "01-正本/original/关于数据归集的通知.pdf": b"%PDF", "01-正本/text.json": b"{}", "proof.json": b"[]"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an object of two versions, the second with one new and one unchanged file."""
    LocalStore(tmp_path / "vault").write([draft(FILES), draft({**FILES, "record.xml": b"<y/>"}, version=2)])
    return tmp_path / "vault" / ocfl.object_path(RECORD)


def codes(folder: Path) -> list[str]:
    return sorted({item.code for item in ocfl_check.check(folder, RECORD)})


def test_a_good_object_is_good_to_both(folder: Path) -> None:
    assert ocfl_check.check(folder, RECORD) == []
    assert errors(folder) == []


NAMES = st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4, unique=True)


@given(versions=st.lists(st.tuples(NAMES, st.binary(max_size=8)), min_size=1, max_size=3), number=st.integers(0, 10**9))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_object_we_write_is_good_to_both(tmp_path: Path, versions: list[tuple[list[str], bytes]], number: int) -> None:
    record_id = hashlib.sha256(f"{number}{versions}".encode("utf-8", "backslashreplace")).hexdigest()[:26].upper()
    store = LocalStore(tmp_path / "vault")
    for version, (names, body) in enumerate(versions, 1):
        store.write([draft(dict.fromkeys(safe_names(names), body), record_id=record_id, version=version)])
    folder = tmp_path / "vault" / ocfl.object_path(record_id)
    assert ocfl_check.check(folder, record_id) == []
    assert errors(folder) == []


def test_the_storage_root_is_good_to_ocfl_py(folder: Path) -> None:
    root = ocfl_py.StorageRoot(root=str(folder.parents[1]))
    assert root.validate()
    assert [identifier for _, identifier in root.list_objects()] == [f"urn:lantai:{RECORD}"]
    assert root.object_path(f"urn:lantai:{RECORD}") == ocfl.object_path(RECORD)


@given(st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26))
def test_paths_follow_the_declared_layout(record_id: str) -> None:
    config = json.loads(ocfl.root_files()[f"extensions/{ocfl.LAYOUT}/config.json"])
    layout = ocfl_py.layout_registry.get_layout(ocfl.LAYOUT)
    layout.check_and_set_layout_params(config)
    assert ocfl.object_path(record_id) == layout.identifier_to_path(ocfl.object_id(record_id))
    assert ocfl.record_id_of(ocfl.object_path(record_id).rpartition("/")[2]) == record_id


def test_only_digests_that_every_validator_knows_stand_in_the_inventory(folder: Path) -> None:
    inventory = json.loads((folder / ocfl.INVENTORY).read_bytes())
    assert inventory["digestAlgorithm"] == "sha256"
    assert "fixity" not in inventory


def test_unchanged_content_is_stored_once(folder: Path) -> None:
    assert [str(item.relative_to(folder)) for item in (folder / "v2" / "content").rglob("*")] == ["v2/content/record.xml"]


def _inventory(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    """Change the inventory and keep everything that vouches for it true."""

    def damage(folder: Path) -> None:
        inventory = json.loads((folder / ocfl.INVENTORY).read_bytes())
        change(inventory)
        _write_inventory(folder, json.dumps(inventory).encode())

    return damage


def _write_inventory(folder: Path, content: bytes) -> None:
    for below in ("", "v2"):
        _overwrite(folder / below / ocfl.INVENTORY, content)
        _overwrite(folder / below / ocfl.SIDECAR, ocfl.sidecar(hashlib.sha256(content).hexdigest()))


def _overwrite(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def _link(folder: Path) -> None:
    (folder / "v1/content/proof.json").rename(folder.parent / "proof.json")
    (folder / "v1/content/proof.json").symlink_to(folder.parent / "proof.json")


def _drop(*names: str) -> Callable[[Path], object]:
    return lambda folder: [(folder / name).unlink() for name in names]


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "E001_extra_file_in_root": (lambda folder: (folder / "notes.txt").write_bytes(b""), "OCFL-E001"),
    "E003_no_declaration": (_drop(ocfl.OBJECT_DECLARATION), "OCFL-E003"),
    "E007_declaration_wrong": (lambda folder: _overwrite(folder / ocfl.OBJECT_DECLARATION, b"ocfl_object_1.0\n"), "OCFL-E007"),
    "E010_version_gone": (lambda folder: (folder / "v2").rename(folder.parent / "v2"), "OCFL-E010"),
    "E015_extra_file_in_version": (lambda folder: (folder / "v1" / "notes.txt").write_bytes(b""), "OCFL-E015"),
    "E023_extra_content": (lambda folder: (folder / "v1/content/extra.pdf").write_bytes(b""), "OCFL-E023"),
    "E033_inventory_no_json": (lambda folder: _write_inventory(folder, b"{"), "OCFL-E033"),
    "E041_inventory_without_manifest": (_inventory(lambda inventory: inventory.pop("manifest")), "OCFL-E041"),
    "E040_inventory_head_wrong": (_inventory(lambda inventory: inventory.update(head="v9")), "OCFL-E040"),
    "E099_path_climbs_out": (_inventory(lambda inventory: inventory["manifest"].update({"a" * 64: ["../x"]})), "OCFL-E099"),
    "E037_id_of_another": (_inventory(lambda inventory: inventory.update(id="urn:lantai:x")), "OCFL-E037"),
    "E050_state_without_manifest": (_inventory(lambda i: i["versions"]["v2"]["state"].update({"b" * 64: ["x"]})), "OCFL-E050"),
    "E058_no_sidecar": (_drop(ocfl.SIDECAR), "OCFL-E058"),
    "E060_inventory_altered": (lambda folder: _overwrite(folder / "v1" / ocfl.INVENTORY, b"{}"), "OCFL-E060"),
    "E061_sidecar_malformed": (lambda folder: _overwrite(folder / ocfl.SIDECAR, b"abc"), "OCFL-E061"),
    "E063_no_inventory": (_drop(ocfl.INVENTORY), "OCFL-E063"),
    "E064_root_differs_from_head": (lambda folder: _overwrite(folder / "v2" / ocfl.INVENTORY, b"{}"), "OCFL-E064"),
    "E066_earlier_state_differs": (_inventory(lambda i: i["versions"]["v1"]["state"].popitem()), "OCFL-E066"),
    "E092_content_altered": (lambda folder: _overwrite(folder / "v1/content/record.xml", b"<z/>"), "OCFL-E092"),
    "E092_one_bit": (lambda folder: _overwrite(folder / "v1/content/01-正本/original/关于数据归集的通知.pdf", b"%QDF"), "OCFL-E092"),
    "E092_content_gone": (_drop("v1/content/proof.json"), "OCFL-E092"),
    "E092_content_is_a_link": (_link, "OCFL-E092"),
}
# ocfl-py follows links, does not know which record a folder should hold, and stumbles over an inventory without manifest.
OURS_ALONE = {"E092_content_is_a_link", "E037_id_of_another", "E041_inventory_without_manifest"}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_object_is_found_out(folder: Path, name: str) -> None:
    damage, code = BAD[name]
    damage(folder)
    assert code in codes(folder)
    assert name in OURS_ALONE or errors(folder)


@pytest.mark.parametrize("inventory", ["[]", "1", "null", '{"id": 1}', '{"versions": []}'])
def test_an_inventory_of_any_shape_is_a_finding(folder: Path, inventory: str) -> None:
    _write_inventory(folder, inventory.encode())
    assert "OCFL-E036" in codes(folder)


def test_the_finding_names_the_file(folder: Path) -> None:
    _overwrite(folder / "v1/content/proof.json", b"x")
    assert [item.where for item in ocfl_check.check(folder, RECORD)] == ["v1/content/proof.json"]
    assert isinstance(ocfl_check.check(folder, RECORD)[0], Finding)
