"""OCFL 1.1 as this vault uses it: the bytes of storage root, inventory, sidecar and declaration, and paths of objects.

Objects are addressed with SHA-256 alone, so that any validator of OCFL can judge them; SM3 of every file stands in proof.json.
Layout 0003 (hashed n-tuple with the object id below) with one tuple of three characters: 4,096 folders at most.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Any, BinaryIO

from lantai.core.errors import Fault
from lantai.packages.json_text import laid_out
from lantai.packages.ocfl_paths import content_objections
from lantai.ports.store import Content, Draft

OBJECT_DECLARATION = "0=ocfl_object_1.1"
OBJECT_DECLARATION_BYTES = b"ocfl_object_1.1\n"
ROOT_DECLARATION = "0=ocfl_1.1"
INVENTORY = "inventory.json"
SIDECAR = "inventory.json.sha256"
INVENTORY_TYPE = "https://ocfl.io/1.1/spec/#inventory"
LAYOUT = "0003-hash-and-id-n-tuple-storage-layout"
TUPLE_SIZE = 3
NUMBER_OF_TUPLES = 1
_ID_PREFIX = "urn:lantai:"
_FOLDER_PREFIX = "urn%3alantai%3a"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new version brings: the inventory, its SHA-256 and sidecar, and the content to be stored by content path."""

    head: str
    inventory: bytes
    inventory_sha256: str
    sidecar: bytes
    contents: tuple[tuple[str, Content], ...]


def object_id(record_id: str) -> str:
    """Return the OCFL object id of a record."""
    return _ID_PREFIX + record_id


def object_path(record_id: str) -> str:
    """Return the path of the object of a record below the storage root (layout 0003)."""
    digest = hashlib.sha256(object_id(record_id).encode("utf-8")).hexdigest()
    tuples = [digest[at * TUPLE_SIZE : (at + 1) * TUPLE_SIZE] for at in range(NUMBER_OF_TUPLES)]
    return "/".join([*tuples, _FOLDER_PREFIX + record_id])


def record_id_of(folder_name: str) -> str:
    """Return the record a folder of the storage root stands for, empty where it is none of ours."""
    return folder_name.removeprefix(_FOLDER_PREFIX) if folder_name.startswith(_FOLDER_PREFIX) else ""


@cache
def root_files() -> Mapping[str, bytes]:
    """Return the files of a fresh storage root by path: declaration, layout, extensions and the page for a person."""
    config = {"extensionName": LAYOUT, "digestAlgorithm": "sha256", "tupleSize": TUPLE_SIZE, "numberOfTuples": NUMBER_OF_TUPLES}
    layout = {"extension": LAYOUT, "description": "Hashed truncated n-tuple trees with the object id as last folder (OCFL extension 0003)"}
    return {
        ROOT_DECLARATION: b"ocfl_1.1\n",
        "ocfl_layout.json": laid_out(layout),
        f"extensions/{LAYOUT}/config.json": laid_out(config),
        "README.md": _shipped("vault-README.md"),
    }


def plan(draft: Draft, previous: Mapping[str, Any] | None = None) -> Plan:
    """Plan the next version of an object after the inventory *previous* (None for a new object).

    The state lists every file of the draft; content whose SHA-256 an earlier version holds is not stored again. A copy keeps the
    inventory it came with. Raises Fault STORE-VERSION-GAP where the draft's version does not follow the head, STORE-CONFLICT
    where the inventory of a copy does not continue the one that is here, or names a place that is none of its content.
    """
    last = int(previous["head"][1:]) if previous else 0
    if draft.version != last + 1:
        raise Fault("STORE-VERSION-GAP", draft.record_id, version=draft.version, head=last)
    head = f"v{draft.version}"
    manifest: dict[str, list[str]] = {digest: list(paths) for digest, paths in previous["manifest"].items()} if previous else {}
    if draft.inventory:
        return _copy(draft, json.loads(draft.inventory), previous)
    held = frozenset(manifest)
    contents = tuple((f"{head}/content/{item.path}", item) for item in draft.files if item.sha256 not in held)
    for path, item in contents:
        manifest.setdefault(item.sha256, []).append(path)
    versions = {**(previous["versions"] if previous else {}), head: _version(draft)}
    inventory = laid_out(
        {
            "id": object_id(draft.record_id),
            "type": INVENTORY_TYPE,
            "digestAlgorithm": "sha256",
            "head": head,
            "manifest": manifest,
            "versions": versions,
        }
    )
    digest = hashlib.sha256(inventory).hexdigest()
    return Plan(head, inventory, digest, sidecar(digest), contents)


def _copy(draft: Draft, own: Mapping[str, Any], previous: Mapping[str, Any] | None) -> Plan:
    """Plan a version whose inventory is known: its content lies where that inventory says."""
    head, by_digest = f"v{draft.version}", {item.sha256: item for item in draft.files}
    known = {name: block for name, block in own["versions"].items() if name != head}
    continues = own["id"] == object_id(draft.record_id) and own["head"] == head and known == (previous["versions"] if previous else {})
    if not continues:
        raise Fault("STORE-CONFLICT", draft.record_id, version=draft.version)
    places = [(path, digest) for digest, paths in own["manifest"].items() for path in paths if path.startswith(f"{head}/")]
    if any(content_objections(path) or not path.startswith(f"{head}/content/") or known_as not in by_digest for path, known_as in places):
        raise Fault("STORE-CONFLICT", draft.record_id, version=draft.version)
    digest = hashlib.sha256(draft.inventory).hexdigest()
    return Plan(head, draft.inventory, digest, sidecar(digest), tuple((path, by_digest[known_as]) for path, known_as in places))


def draft_of(record_id: str, inventory: bytes, open_file: Callable[[str], BinaryIO]) -> Draft:
    """Return the head version of *inventory* as a draft for another store; *open_file* opens a logical path of that version.

    Sizes and SM3 are not in an inventory and stay 0 and empty. Raises ValueError and KeyError for what is no inventory of ours.
    """
    own = json.loads(inventory)
    block = own["versions"][own["head"]]
    files = tuple(Content(path, partial(open_file, path), 0, digest, "") for digest, paths in block["state"].items() for path in paths)
    user = block["user"]
    made = (block["created"], block["message"], user["name"], user["address"])
    return Draft(record_id, int(own["head"][1:]), files, *made, inventory)


def sidecar(digest: str) -> bytes:
    """Return the bytes of the file that holds an inventory's digest, in the form that ``sha256sum -c`` reads."""
    return f"{digest}  {INVENTORY}\n".encode()


def logical_files(inventory: Mapping[str, Any], version: int | None = None) -> dict[str, tuple[str, str]]:
    """Return logical path -> (content path, sha256) of a version, the head where None.

    Raises KeyError for a version the inventory does not hold.
    """
    state = inventory["versions"][inventory["head"] if version is None else f"v{version}"]["state"]
    manifest = inventory["manifest"]
    return {
        path: (manifest[digest][at % len(manifest[digest])], digest) for digest, paths in state.items() for at, path in enumerate(paths)
    }


def _version(draft: Draft) -> dict[str, object]:
    state: dict[str, list[str]] = {}
    for item in draft.files:
        state.setdefault(item.sha256, []).append(item.path)
    user = {"name": draft.user_name, "address": draft.user_address}
    return {"created": draft.created, "state": state, "message": draft.message, "user": user}


def _shipped(name: str) -> bytes:
    return (resources.files("lantai.packages") / "schemas" / name).read_bytes()
