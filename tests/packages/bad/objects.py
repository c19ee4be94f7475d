"""OCFL objects and storage roots that break one requirement each."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Damage = Callable[[Path], object]
A, B = b"first\n", b"second\n"


def sha512(content: bytes) -> str:
    return hashlib.sha512(content).hexdigest()


def _version(state: dict[str, list[str]], created: str = "2026-03-01T09:00:00+08:00") -> dict[str, Any]:
    return {"created": created, "state": state, "message": "归档", "user": {"name": "沈知远", "address": "mailto:shen@example.org"}}


def inventory(head: int, spec: str = "1.1") -> dict[str, Any]:
    """Return the inventory of a good object at its version *head* (1 or 2)."""
    manifest = {sha512(A): ["v1/content/正本/a.txt"]} | ({sha512(B): ["v2/content/b.txt"]} if head == 2 else {})
    versions = {"v1": _version({sha512(A): ["正本/a.txt"]})}
    if head == 2:
        versions["v2"] = _version({sha512(A): ["正本/a.txt"], sha512(B): ["b.txt"]}, "2026-03-02T09:00:00Z")
    return {
        "id": "urn:example:7",
        "type": f"https://ocfl.io/{spec}/spec/#inventory",
        "digestAlgorithm": "sha512",
        "head": f"v{head}",
        "manifest": manifest,
        "versions": versions,
        "fixity": {"md5": {hashlib.md5(A).hexdigest(): ["v1/content/正本/a.txt"]}},
    }


def put(folder: Path, value: object, *, algorithm: str = "sha512") -> None:
    """Write an inventory with its sidecar."""
    content = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    (folder / "inventory.json").write_bytes(content)
    for stale in folder.glob("inventory.json.*"):
        stale.unlink()
    digest = hashlib.new(algorithm, content).hexdigest()
    (folder / f"inventory.json.{algorithm}").write_text(f"{digest} inventory.json\n")


def make(folder: Path, spec: str = "1.1") -> Path:
    """Write a good object of two versions."""
    for version, path, content in ((1, "正本/a.txt", A), (2, "b.txt", B)):
        place = folder / f"v{version}/content" / path
        place.parent.mkdir(parents=True)
        place.write_bytes(content)
        put(folder / f"v{version}", inventory(version, spec))
    put(folder, inventory(2, spec))
    (folder / f"0=ocfl_object_{spec}").write_text(f"ocfl_object_{spec}\n")
    return folder


def changed(change: Callable[[dict[str, Any]], object], *, algorithm: str = "sha512") -> Damage:
    """Change the newest inventory, in the root and in its version, with everything that vouches for it."""

    def damage(folder: Path) -> None:
        value = json.loads((folder / "inventory.json").read_bytes())
        change(value)
        for place in (folder, folder / "v2"):
            put(place, value, algorithm=algorithm)

    return damage


def first(change: Callable[[dict[str, Any]], object]) -> Damage:
    """Change the inventory of the first version alone."""

    def damage(folder: Path) -> None:
        value = json.loads((folder / "v1/inventory.json").read_bytes())
        change(value)
        put(folder / "v1", value)

    return damage


def _set(*path: str, to: object) -> Callable[[dict[str, Any]], object]:
    def change(value: dict[str, Any]) -> None:
        for step in path[:-1]:
            value = value[step]
        value[path[-1]] = to

    return change


def _drop(*path: str) -> Callable[[dict[str, Any]], object]:
    def change(value: dict[str, Any]) -> None:
        for step in path[:-1]:
            value = value[step]
        del value[path[-1]]

    return change


def _raw(content: bytes) -> Damage:
    return lambda folder: [put(place, content) for place in (folder, folder / "v2")]


def _logical(path: str) -> Damage:
    return changed(_set("versions", "v2", "state", sha512(B), to=[path]))


def _content(path: str) -> Damage:
    return changed(_set("manifest", sha512(B), to=["v2/content/b.txt", path]))


def _padded(*names: str) -> Damage:
    """Name the versions anew, folders and all."""

    def damage(folder: Path) -> None:
        for number, name in enumerate(names, 1):
            (folder / f"v{number}").rename(folder / name)
        text = (folder / "inventory.json").read_text()
        for number, name in enumerate(names, 1):
            text = text.replace(f'"v{number}', f'"{name}')
        value = json.loads(text)
        for place in (folder, folder / names[-1]):
            put(place, value)
        (folder / names[0] / "inventory.json").unlink()
        next((folder / names[0]).glob("inventory.json.*")).unlink()

    return damage


def _file(path: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"x")

    return damage


def _folder(path: str) -> Damage:
    return lambda folder: (folder / path).mkdir(parents=True)


def _gone(path: str) -> Damage:
    return lambda folder: (folder / path).unlink()


def _away(path: str) -> Damage:
    return lambda folder: (folder / path).rename(folder.parent / f"{folder.name}-away")


def _write(path: str, content: bytes) -> Damage:
    return lambda folder: (folder / path).write_bytes(content)


def _link(folder: Path) -> None:
    (folder / "v2/content/b.txt").unlink()
    (folder / "v2/content/b.txt").symlink_to("/etc/hostname")


def _directory(name: object) -> Damage:
    return changed(lambda value: value.update(contentDirectory=name))


def _sha256(folder: Path) -> None:
    def change(value: dict[str, Any]) -> None:
        digests = {sha512(body): hashlib.sha256(body).hexdigest() for body in (A, B)}
        value["digestAlgorithm"] = "sha256"
        value["manifest"] = {digests[key]: paths for key, paths in value["manifest"].items()}
        for block in value["versions"].values():
            block["state"] = {digests[key]: paths for key, paths in block["state"].items()}

    changed(change, algorithm="sha256")(folder)


def _older(folder: Path) -> None:
    """The root is of 1.0, its first version of 1.1."""
    (folder / "0=ocfl_object_1.1").rename(folder / "0=ocfl_object_1.0")
    (folder / "0=ocfl_object_1.0").write_text("ocfl_object_1.0\n")
    changed(_set("type", to="https://ocfl.io/1.0/spec/#inventory"))(folder)


def _no_content(folder: Path) -> None:
    (folder / "v2/content/b.txt").unlink()
    (folder / "v2/content").rmdir()


BAD: dict[str, Damage] = {
    "E001_extra_file": _file("notes.txt"),
    "E001_extra_folder": _file("drafts/notes.txt"),
    "E003_no_declaration": _gone("0=ocfl_object_1.1"),
    "E003_two_declarations": _write("0=ocfl_object_1.0", b"ocfl_object_1.0\n"),
    "E006_unknown_edition": lambda folder: (folder / "0=ocfl_object_1.1").rename(folder / "0=ocfl_object_9"),
    "E007_declaration_wrong": _write("0=ocfl_object_1.1", b"ocfl_object_1.1"),
    "E008_no_versions": changed(_set("versions", to={})),
    "E009_begins_with_two": changed(_drop("versions", "v1")),
    "E010_version_gone": _away("v1"),
    "E010_one_left_out": changed(lambda value: value["versions"].update(v4=value["versions"].pop("v2"))),
    "E011_padded_without_zero": _padded("v01", "v22"),
    "E012_mixed": _padded("v1", "v02"),
    "E013_padded_without_zero": _padded("v01", "v22"),
    "E015_file_in_version": _file("v1/notes.txt"),
    "E016_no_content_folder": _no_content,
    "E017_content_folder_below": _directory("a/b"),
    "E017_content_folder_no_text": _directory(7),
    "E018_content_folder_dots": _directory(".."),
    "E019_content_folder_later": _directory("inhalt"),
    "E020_content_folder_other": _directory("inhalt"),
    "E019_content_folder_told_late": changed(lambda value: value.update(contentDirectory="content")),
    "E023_extra_content": _file("v1/content/extra.txt"),
    "E024_empty_folder": _folder("v1/content/leer"),
    "E025_unknown_algorithm": changed(_set("digestAlgorithm", to="md5")),
    "E025_digest_too_short": changed(_set("manifest", "abc", to=["v1/content/x"])),
    "E033_no_json": _raw(b"{"),
    "E033_name_twice": _raw(b'{"id": "a:1", "id": "a:2"}'),
    "E036_no_head": changed(_drop("head")),
    "E036_a_list": _raw(b"[]"),
    "E037_empty_id": changed(_set("id", to="")),
    "E037_other_id_before": first(_set("id", to="urn:example:8")),
    "E038_unknown_type": changed(_set("type", to="inventory")),
    "E038_other_edition": changed(_set("type", to="https://ocfl.io/1.0/spec/#inventory")),
    "E040_not_the_newest": changed(_set("head", to="v1")),
    "E041_no_manifest": changed(_drop("manifest")),
    "E042_outside_a_version": _content("x/y/z.txt"),
    "E043_no_versions": changed(_drop("versions")),
    "E044_no_versions": changed(_drop("versions")),
    "E045_versions_a_list": changed(_set("versions", to=[])),
    "E046_unknown_version_folder": _folder("v3"),
    "E046_odd_version_name": changed(lambda value: value["versions"].update(x=value["versions"]["v1"])),
    "E047_version_a_list": changed(_set("versions", "v2", to=[])),
    "E048_no_created": changed(_drop("versions", "v2", "created")),
    "E048_no_state": changed(_drop("versions", "v2", "state")),
    "E049_no_time_zone": changed(_set("versions", "v2", "created", to="2026-03-02T09:00:00")),
    "E049_no_such_day": changed(_set("versions", "v2", "created", to="2026-02-30T09:00:00Z")),
    "E050_not_in_the_manifest": changed(_set("versions", "v2", "state", "c" * 128, to=["c.txt"])),
    "E050_state_a_list": changed(_set("versions", "v2", "state", to=[])),
    "E052_dots": _logical("../b.txt"),
    "E053_slash_first": _logical("/b.txt"),
    "E054_user_without_name": changed(_drop("versions", "v2", "user", "name")),
    "E056_unknown_fixity": changed(_set("fixity", "crc99", to={})),
    "E057_fixity_a_list": changed(_set("fixity", "md5", to=[])),
    "E058_no_sidecar": _gone("inventory.json.sha512"),
    "E060_inventory_altered": lambda folder: _write("v1/inventory.json", (folder / "v1/inventory.json").read_bytes() + b"\n")(folder),
    "E061_sidecar_malformed": _write("inventory.json.sha512", b"abc"),
    "E063_no_inventory": _gone("inventory.json"),
    "E064_root_differs": lambda folder: put(folder / "v2", inventory(2) | {"head": "v2", "id": "urn:example:7", "fixity": {}}),
    "E066_state_differs": first(_set("versions", "v1", "state", sha512(A), to=["other.txt"])),
    "E067_file_in_extensions": _file("extensions/notes.txt"),
    "E090_link": _link,
    "E092_content_altered": _write("v1/content/正本/a.txt", b"fIrst\n"),
    "E092_content_gone": _gone("v1/content/正本/a.txt"),
    "E093_fixity_differs": changed(_set("fixity", "md5", to={"0" * 32: ["v1/content/正本/a.txt"]})),
    "E094_message_a_number": changed(_set("versions", "v2", "message", to=7)),
    "E095_path_twice": changed(_set("versions", "v2", "state", sha512(B), to=["正本/a.txt"])),
    "E095_file_and_folder": _logical("正本"),
    "E096_digest_twice": changed(_set("manifest", sha512(B).upper(), to=["v2/content/b.txt"])),
    "E097_fixity_twice": changed(lambda value: value["fixity"]["md5"].update({key.upper(): [] for key in list(value["fixity"]["md5"])})),
    "E099_dots": _content("v2/content/../b.txt"),
    "E100_slash_last": _content("v2/content/c/"),
    "E101_file_and_folder": _content("v2/content/b.txt/c"),
    "E102_unknown_name": changed(lambda value: value.update(note="x")),
    "E103_older_after_newer": _older,
    "E106_manifest_a_list": changed(_set("manifest", to=[])),
    "E107_digest_not_used": changed(_set("manifest", "d" * 128, to=["v2/content/b.txt"])),
    "E111_fixity_a_list": changed(_set("fixity", to=[])),
    "W001_padded": _padded("v01", "v02"),
    "W002_other_folder": _file("v1/drafts/a.txt"),
    "W003_empty_content": _folder("v1/leer/x"),
    "W004_sha256": _sha256,
    "W005_no_uri": changed(_set("id", to="seven")),
    "W007_no_message": changed(_drop("versions", "v2", "message")),
    "W008_no_address": changed(_drop("versions", "v2", "user", "address")),
    "W009_address_no_uri": changed(_set("versions", "v2", "user", "address", to="沈知远")),
    "W010_no_version_inventory": lambda folder: [path.unlink() for path in (folder / "v1").glob("inventory.json*")],
    "W011_other_message": first(_set("versions", "v1", "message", to="另一说法")),
    "W013_unregistered": _file("extensions/0999-own/config.json"),
}


def _empty_content(folder: Path) -> None:
    (folder / "v2/content/b.txt").unlink()
    changed(lambda value: [value["manifest"].pop(sha512(B)), value["versions"]["v2"]["state"].pop(sha512(B))])(folder)


BAD["W003_empty_content"] = _empty_content


def make_root(folder: Path) -> Path:
    """Write a good storage root with two objects."""
    for place in ("aa/one", "ab/two"):
        make(folder / place)
    (folder / "0=ocfl_1.1").write_text("ocfl_1.1\n")
    layout = {"extension": "0004-hashed-n-tuple-storage-layout", "description": "a"}
    (folder / "ocfl_layout.json").write_text(json.dumps(layout))
    return folder


BAD_ROOTS: dict[str, Damage] = {
    "E069_no_declaration": _gone("0=ocfl_1.1"),
    "E070_layout_without_description": _write("ocfl_layout.json", b'{"extension": "0004-hashed-n-tuple-storage-layout"}'),
    "E070_layout_no_json": _write("ocfl_layout.json", b"{"),
    "E071_unknown_layout": _write("ocfl_layout.json", b'{"extension": "own", "description": "x"}'),
    "E072_file_between": _file("aa/notes.txt"),
    "E073_empty_folder": _folder("ac"),
    "E076_two_declarations": _write("0=ocfl_1.0", b"ocfl_1.0\n"),
    "E079_unknown_edition": lambda folder: (folder / "0=ocfl_1.1").rename(folder / "0=ocfl_9"),
    "E080_declaration_wrong": _write("0=ocfl_1.1", b"ocfl_1.1"),
    "E081_object_is_newer": lambda folder: [
        (folder / "0=ocfl_1.1").rename(folder / "0=ocfl_1.0"),
        (folder / "0=ocfl_1.0").write_text("ocfl_1.0\n"),
    ],
    "E112_file_in_extensions": _file("extensions/notes.txt"),
    "W015_object_at_the_top": lambda folder: make(folder / "three"),
    "W016_unregistered": _file("extensions/own/config.json"),
}
