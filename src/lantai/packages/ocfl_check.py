"""Validation of an OCFL object, ours or another's: every byte read once and compared, every deviation a finding.

Codes are ``OCFL-`` and the number of the OCFL 1.0 and 1.1 validation code that was broken (table standards/ocfl).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lantai.core.digests import started
from lantai.core.findings import Finding, Severity
from lantai.packages.digesting import DigestsOf, digests_of
from lantai.packages.ocfl import INVENTORY, object_id
from lantai.packages.ocfl_inventory import DIGEST_CHARACTERS, Inventory, number_of, read
from lantai.packages.ocfl_place import Digester, Folder, Place, file_digests, hash_names, listing
from lantai.packages.remarks import remark
from lantai.standards import ocfl as standard

_HEAD = re.compile(r"v[1-9][0-9]{0,8}")
_PARTS = ("id", "type", "digestAlgorithm", "head", "manifest", "versions")
_DECLARATION = re.compile(r"0=(ocfl_object_(1\.[01]))")
_SIDECAR = re.compile(rb"([0-9A-Fa-f]+)[ \t]+inventory\.json\s*")


def check(folder: Path, record_id: str, digests: Digester | None = None) -> list[Finding]:
    """Read every byte of the object of one of our records and return what is wrong with it; nothing wrong, nothing returned.

    Recommendations of OCFL that this vault decided against (SHA-512) are no faults of ours. Raises OSError only where the
    rights or the machine are at fault, not the object. *digests* reads a file in place of :class:`Folder`'s own, for a caller that wants
    more of the one read.
    """
    return check_place(Folder(folder, digests) if digests else Folder(folder), record_id)


def check_place(place: Place, record_id: str) -> list[Finding]:
    """Do what :func:`check` does for an object that does not lie in a folder."""
    found, root = _validated(place)
    found = [item for item in found if item.severity is Severity.ERROR]
    if root is not None and root.id != object_id(record_id) and not any(item.code == "OCFL-E037" for item in found):
        found.append(remark("OCFL-E037", INVENTORY, root.id))
    return found


def validate(folder: Path, *, read_by: DigestsOf = digests_of) -> list[Finding]:
    """Read every byte of any OCFL 1.0 or 1.1 object and return what it breaks, ``OCFL-E…`` as errors and ``OCFL-W…`` as warnings.

    *read_by* reads a file for its digests.
    """
    return _validated(Folder(folder, lambda path, algorithms: file_digests(str(path), algorithms, read_by)))[0]


def _validated(place: Place) -> tuple[list[Finding], Inventory | None]:
    found: list[Finding] = []
    names = place.names("")
    spec = _declaration(place, names, found)
    root = _Object(place, names, spec, found).judge()
    return list(dict.fromkeys(found)), root


def malformed(inventory: object) -> str:
    """Return in words what an inventory lacks of the shape that every reader relies on, or nothing."""
    if not isinstance(inventory, dict):
        return "不是对象"
    missing = [part for part in _PARTS if part not in inventory]
    if missing:
        return "缺 " + "、".join(missing)
    versions = inventory["versions"]
    if not isinstance(versions, dict) or inventory["head"] not in list(versions) or not _HEAD.fullmatch(inventory["head"]):
        return "head"
    if inventory["digestAlgorithm"] != "sha256":
        return "digestAlgorithm"
    blocks = [inventory["manifest"], *(isinstance(item, dict) and item.get("state") for item in versions.values())]
    blocks += list(inventory.get("fixity", {}).values()) if isinstance(inventory.get("fixity", {}), dict) else [None]
    return "" if all(_is_digest_map(block) for block in blocks) else "摘要与路径的对照"


def _is_digest_map(block: object) -> bool:
    if not isinstance(block, dict):
        return False
    lists = [paths for paths in block.values() if isinstance(paths, list) and paths]
    return len(lists) == len(block) and all(isinstance(path, str) and _is_inside(path) for paths in lists for path in paths)


def _is_inside(path: str) -> bool:
    return bool(path) and all(part not in {"", ".", ".."} for part in path.split("/"))


def _declaration(place: Place, names: Mapping[str, str], found: list[Finding]) -> str:
    """Return the edition that the object declares, 1.1 where it declares none."""
    declared = [name for name in names if name.startswith("0=")]
    if len(declared) != 1 or not any(map(_DECLARATION.fullmatch, declared)):
        found.append(remark("OCFL-E003", place.name, "、".join(declared)))
    spec = ""
    for name in declared:
        match = _DECLARATION.fullmatch(name)
        if match is None:
            found.append(remark("OCFL-E006", name))
        elif place.small(name) != f"{match[1]}\n".encode():
            found.append(remark("OCFL-E007", name))
        spec = max(spec, match[2] if match else "")
    return spec or "1.1"


@dataclass(slots=True)
class _Expected:
    """Which digests every content path should have: path -> algorithm -> (digest, code to report) as told by any inventory."""

    by_path: dict[str, dict[str, set[tuple[str, str]]]] = field(default_factory=dict)

    def add(self, path: str, algorithm: str, digest: str, code: str) -> None:
        self.by_path.setdefault(path, {}).setdefault(algorithm, set()).add((digest.lower(), code))


class _Object:
    """One object under judgement."""

    def __init__(self, place: Place, names: Mapping[str, str], spec: str, found: list[Finding]) -> None:
        self._place, self._names, self._spec, self._found = place, names, spec, found
        self._expected = _Expected()
        self._present: dict[str, str] = {}

    def judge(self) -> Inventory | None:
        """Judge it all; return the root inventory, None where it cannot be read."""
        if self._names.get(INVENTORY) != "f":
            self._report("E063", self._place.name)
            return None
        content = self._place.small(INVENTORY)
        root = read(content, INVENTORY, self._found)
        self._sidecar("", content, root)
        if root is None:
            return None
        if root.spec and root.spec != self._spec:
            self._report("E038", INVENTORY, root.spec)
        self._top(root)
        self._content(root)
        self._expect(root)
        self._inventories(root, content)
        self._listed(root, INVENTORY, set(root.names))
        self._bytes()
        return root

    def _report(self, number: str, where: str, reason: str = "") -> None:
        self._found.append(remark(f"OCFL-{number}", where, reason))

    # --- what stands in the object

    def _top(self, root: Inventory) -> None:
        sidecars = {f"{INVENTORY}.{name}" for name in ([root.algorithm] if root.algorithm else DIGEST_CHARACTERS)}
        for name, kind in self._names.items():
            if kind == "l":
                self._report("E090", name)
            elif kind == "d":
                self._folder_at_top(name, root)
            elif not (name in {INVENTORY, *sidecars} or name.startswith("0=")):
                self._report("E001", name)
        for name in root.names:
            if self._names.get(name) == "d":
                self._version(name, root)
            else:
                self._report("E010", name, "没有此文件夹")
                self._report("E046", name, "没有此文件夹")

    def _folder_at_top(self, name: str, root: Inventory) -> None:
        if number_of(name):
            if name not in root.names:
                self._report("E046", name, "清单没有此版本")
        elif name == "extensions":
            self._extensions()
        elif name != "logs":
            self._report("E001", name)

    def _extensions(self) -> None:
        for name, kind in self._place.names("extensions").items():
            if kind != "d":
                self._report("E067", f"extensions/{name}")
            elif name not in standard.extensions():
                self._report("W013", f"extensions/{name}")

    def _version(self, version: str, root: Inventory) -> None:
        inside = self._place.names(version)
        for name, kind in inside.items():
            where = f"{version}/{name}"
            if kind == "l":
                self._report("E090", where)
            elif kind == "f" and name != INVENTORY and not name.startswith(f"{INVENTORY}."):
                self._report("E015", where)
            elif kind == "d" and name != root.content_directory:
                self._report("W002", where)
        if inside.get(root.content_directory) == "d" and not self._place.names(f"{version}/{root.content_directory}"):
            self._report("W003", f"{version}/{root.content_directory}")
        if root.content_directory not in inside and any(path.startswith(f"{version}/") for path in root.manifest):
            self._report("E016", version)

    def _content(self, root: Inventory) -> None:
        """Gather every file below the versions' content folders; links are gathered, never followed."""
        stack = [f"{name}/{root.content_directory}" for name, kind in self._names.items() if kind == "d" and number_of(name)]
        while stack:
            below = stack.pop()
            inside = self._place.names(below)
            if not inside and below.count("/") > 1:
                self._report("E024", below)
            for name, kind in inside.items():
                if kind == "d":
                    stack.append(f"{below}/{name}")
                else:
                    self._present[f"{below}/{name}"] = kind

    # --- the inventories

    def _sidecar(self, version: str, content: bytes, inventory: Inventory | None) -> None:
        inside = self._place.names(version) if version else self._names
        algorithm = inventory.algorithm if inventory else ""
        given = [name.removeprefix(f"{INVENTORY}.") for name in inside if name.startswith(f"{INVENTORY}.")]
        algorithm = algorithm or next((name for name in given if name in DIGEST_CHARACTERS), "")
        where = f"{version}/{INVENTORY}.{algorithm}".lstrip("/")
        if algorithm not in given:
            self._report("E058", where)
            return
        match = _SIDECAR.fullmatch(self._place.small(where))
        digest = started(hash_names([algorithm]).get(algorithm, algorithm))
        digest.update(content)
        if match is None:
            self._report("E061", where)
        elif match[1].decode().lower() != digest.hexdigest():
            self._report("E060", f"{version}/{INVENTORY}".lstrip("/"))

    def _inventories(self, root: Inventory, content: bytes) -> None:
        before = ""
        for version in (name for name in root.names if self._names.get(name) == "d"):
            inside, where = self._place.names(version), f"{version}/{INVENTORY}"
            if inside.get(INVENTORY) != "f":
                self._report("W010", version)
                continue
            own = self._place.small(where)
            if own == content:
                inventory: Inventory | None = root
                if version != root.head:
                    self._report("E040", where, root.head)
            else:
                inventory = read(own, where, self._found)
                if version == root.head:
                    self._report("E064", where)
            self._sidecar(version, own, inventory)
            if inventory is not None:
                if inventory.spec and before > inventory.spec:
                    self._report("E103", where, inventory.spec)
                before = max(before, inventory.spec)
                if inventory is not root and version != root.head:
                    self._earlier(inventory, version, root)

    def _earlier(self, own: Inventory, version: str, root: Inventory) -> None:
        """Hold an earlier inventory against the root's: the same object, the same states, nothing of it forgotten."""
        where = f"{version}/{INVENTORY}"
        if own.id != root.id:
            self._report("E037", where, own.id[:100])
        if own.head and own.head != version:
            self._report("E040", where, own.head[:50])
        if root.has_content_directory != own.has_content_directory or own.content_directory != root.content_directory:
            self._report("E019", where)
        if own.content_directory != root.content_directory:
            self._report("E020", where, own.content_directory)
        for name in own.names:
            self._same_state(name, own, root, where)
        self._expect(own)
        self._listed(own, where, set(own.names))

    def _same_state(self, name: str, own: Inventory, root: Inventory, where: str) -> None:
        then, now = own.states.get(name), root.states.get(name)
        if then is None or now is None:
            if now is not None or name not in root.names:
                self._report("E066", where, name)
            return
        if not _is_same(then, own, now, root):
            self._report("E066", where, name)
        for key in ("created", "message", "user"):
            if own.blocks[name].get(key) != root.blocks[name].get(key):
                self._report("W011", where, f"{name} {key}")

    def _listed(self, inventory: Inventory, where: str, versions: set[str]) -> None:
        """Every file of the versions an inventory knows stands in its manifest."""
        for path in sorted(self._present):
            if path.partition("/")[0] in versions and path not in inventory.manifest:
                self._report("E023", path, "" if where == INVENTORY else where)

    def _expect(self, inventory: Inventory) -> None:
        for path, digest in inventory.manifest.items():
            self._expected.add(path, inventory.algorithm, digest, "E092")
        for algorithm, block in inventory.fixity.items():
            for path, digest in block.items():
                if path in inventory.manifest:
                    self._expected.add(path, algorithm, digest, "E093")

    def _bytes(self) -> None:
        """Read each file that any inventory tells of, once, and compare every digest that is told of it."""
        for path, wanted in sorted(self._expected.by_path.items()):
            kind = self._present.get(path)
            if kind == "l":
                self._report("E090", path)
            computed = self._place.digests(path, wanted) if kind == "f" else {}
            told = ((algorithm, digest, code) for algorithm, pairs in wanted.items() for digest, code in sorted(pairs))
            for algorithm, digest, code in told:
                if not computed or (algorithm in computed and computed[algorithm] != digest):
                    self._report(code, path, algorithm if computed else "缺失")


def _is_same(then: Mapping[str, str], own: Inventory, now: Mapping[str, str], root: Inventory) -> bool:
    """Tell whether two states hold the same content under the same logical paths, even under different digest algorithms."""
    if then.keys() != now.keys():
        return False
    if own.algorithm == root.algorithm:
        return all(digest.lower() == now[path].lower() for path, digest in then.items())
    before, after = _places(own), _places(root)
    return all(before.get(digest.lower(), {""}) <= after.get(now[path].lower(), set()) for path, digest in then.items())


def _places(inventory: Inventory) -> dict[str, set[str]]:
    """Return digest -> content paths."""
    places: dict[str, set[str]] = {}
    for path, digest in inventory.manifest.items():
        places.setdefault(digest.lower(), set()).add(path)
    return places


def objects_in(folder: Path) -> Iterator[Path]:
    """Yield every OCFL object at or below *folder*, found by its declaration; links are not followed."""
    stack = [folder]
    while stack:
        here = stack.pop()
        inside = listing(here)
        if any(name.startswith("0=ocfl_object_") for name in inside):
            yield here
        else:
            stack += [
                here / name for name, kind in sorted(inside.items(), reverse=True) if kind == "d" and (here, name) != (folder, "extensions")
            ]
