"""Validation of a bag: complete, and every byte as the manifests say, each file read once for all algorithms."""

import os
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lantai.core.findings import Finding
from lantai.packages.bagit_read import PAYLOAD, decoded, read
from lantai.packages.bagit_values import ALGORITHMS, Bag
from lantai.packages.container_names import is_reserved
from lantai.packages.digesting import DigestsOf, digests_of
from lantai.packages.remarks import remark


@dataclass(frozen=True, slots=True)
class Checked:
    """A bag as it was judged: what it says, its plain files (path -> bytes), and everything that is wrong with it.

    ``actual`` maps a path of a manifest to the path of the file it is, where the two are spelled differently.
    """

    bag: Bag
    files: Mapping[str, int]
    actual: Mapping[str, str]
    findings: tuple[Finding, ...]


def check(folder: Path, *, is_shallow: bool = False, read_by: DigestsOf = digests_of) -> Checked:
    """Judge the bag in *folder*; with *is_shallow* no payload is opened and no digest compared. *read_by* reads a file for its digests.

    Never raises for what the bag holds; a file the system does not give is a finding.
    """
    found: list[Finding] = []
    files: dict[str, int] = {}
    names = _scan(folder, files, found)
    bag = read(folder, names, found)
    judge = _Judge(folder, bag, files, found)
    judge.read_by = read_by
    judge.complete(names)
    if not is_shallow:
        judge.digests()
    return Checked(bag, files, judge.actual, tuple(dict.fromkeys(found)))


def _scan(folder: Path, files: dict[str, int], found: list[Finding]) -> dict[str, str]:
    """Gather every plain file below *folder* on *files*; return the kinds of what stands at the top. Links are told, not followed."""
    names: dict[str, str] = {}
    pending = [""]
    while pending:
        below = pending.pop()
        entries = list(_entries(folder, below, found))
        if not entries and below.startswith(PAYLOAD) and below != PAYLOAD:
            found.append(remark("BAGIT-FOLDER-EMPTY", below))
        for entry in entries:
            path = f"{below}/{entry.name}" if below else entry.name
            kind = "d" if entry.is_dir(follow_symlinks=False) else "f" if entry.is_file(follow_symlinks=False) else "l"
            if not below:
                names[entry.name] = kind
            if kind == "d":
                pending.append(path)
            elif kind == "f":
                files[path] = entry.stat(follow_symlinks=False).st_size
            else:
                found.append(remark("BAGIT-LINK", path))
    return names


def _entries(folder: Path, below: str, found: list[Finding]) -> Iterable[os.DirEntry[str]]:
    try:
        with os.scandir(f"{folder}/{below}") as items:
            return sorted(items, key=lambda item: item.name)
    except OSError as error:
        found.append(remark("BAGIT-FILE-UNREADABLE", below or folder.name, error.strerror or str(error)))
        return ()


class _Judge:
    """Holds what a bag says against what is there."""

    def __init__(self, folder: Path, bag: Bag, files: Mapping[str, int], found: list[Finding]) -> None:
        self._folder, self._bag, self._files, self._found = folder, bag, files, found
        self._composed: dict[str, str] | None = None
        self.actual: dict[str, str] = {}
        self.read_by: DigestsOf = digests_of

    def _report(self, code: str, where: str, reason: str = "") -> None:
        self._found.append(remark(f"BAGIT-{code}", where, reason))

    def complete(self, names: Mapping[str, str]) -> None:
        """Judge whether everything that is told of is there, and told of is everything that is there."""
        if names.get(PAYLOAD) != "d":
            self._report("PAYLOAD-MISSING", self._folder.name)
        if not self._bag.payload:
            self._report("MANIFEST-MISSING", self._folder.name)
        self._payload()
        self._tag_manifests()
        self._fetch()
        self._oxum()
        self._clashes()

    def _payload(self) -> None:
        fetched = {line.path for line in self._bag.fetch}
        told = {path for entries in self._bag.payload.values() for path in entries}
        for path in sorted(told):
            if self._file_of(path) is None:
                self._report("FETCH-NEEDED" if path in fetched else "FILE-MISSING", path)
        present = [path for path in sorted(self._files) if path.startswith(f"{PAYLOAD}/")]
        covered = {self.actual.get(path, path) for path in told}
        for path in present:
            if path not in covered and self._bag.payload:
                self._report("FILE-NOT-LISTED", path)
        for algorithm, entries in self._bag.payload.items():
            for path in sorted(told - entries.keys()) if len(self._bag.payload) > 1 else ():
                self._report("MANIFESTS-DIFFER" if self._bag.version >= (1, 0) else "MANIFESTS-DIFFER-OLD", path, algorithm)

    def _file_of(self, path: str) -> str | None:
        """Return the file a manifest's path means: spelled so, percent-decoded, or in another normal form."""
        if path in self._files:
            is_encoded = self._bag.version >= (1, 0) and decoded(path) in self._files
            if not is_encoded:
                return path
        if decoded(path) in self._files:
            self.actual[path] = decoded(path)
            return self.actual[path]
        if self._composed is None:
            self._composed = {unicodedata.normalize("NFC", name): name for name in self._files}
        other = self._composed.get(unicodedata.normalize("NFC", decoded(path)))
        if other is not None:
            self.actual[path] = other
            self._report("NAME-NORMALIZATION", path)
        return other

    def _tag_manifests(self) -> None:
        manifests = {name for name in self._files if name.startswith("manifest-") and name.endswith(".txt")}
        for algorithm, entries in self._bag.tags.items():
            for path in sorted(entries):
                if self._file_of(path) is None:
                    self._report("TAG-FILE-MISSING", path)
                elif path.startswith("tagmanifest-"):
                    self._report("TAG-MANIFEST-LISTED", path, algorithm)
            for name in sorted(manifests - entries.keys()):
                self._report("TAG-MANIFEST-INCOMPLETE" if self._bag.version >= (1, 0) else "TAG-MANIFEST-INCOMPLETE-OLD", name, algorithm)

    def _fetch(self) -> None:
        told = {path for entries in self._bag.payload.values() for path in entries}
        for line in self._bag.fetch:
            if line.path not in told:
                self._report("FETCH-NOT-LISTED", line.path)
            elif line.path in self._files and line.size_bytes is not None and self._files[line.path] != line.size_bytes:
                self._report("FETCH-SIZE", line.path, f"{line.size_bytes} ≠ {self._files[line.path]}")

    def _oxum(self) -> None:
        values = self._bag.values("Payload-Oxum")
        if len(values) > 1:
            self._report("OXUM-REPEATED", "Payload-Oxum")
        for value in values:
            octets, dot, count = value.partition(".")
            if not (dot and octets.isascii() and octets.isdecimal() and count.isascii() and count.isdecimal()):
                self._report("OXUM-INVALID", "Payload-Oxum", value)
                continue
            sizes = [size for path, size in self._files.items() if path.startswith(f"{PAYLOAD}/")]
            if (octets.lstrip("0") or "0", count.lstrip("0") or "0") != (str(sum(sizes)), str(len(sizes))):
                self._report("OXUM-DIFFERS", "Payload-Oxum", f"{value} ≠ {sum(sizes)}.{len(sizes)}")

    def _clashes(self) -> None:
        """Tell of names that become one on a system that folds case or normal forms."""
        seen: dict[str, str] = {}
        for path in sorted(self._files):
            key = unicodedata.normalize("NFC", path).casefold()
            if key in seen:
                self._report("NAME-CLASH", path, seen[key])
            seen[key] = path
            if path.startswith(f"{PAYLOAD}/") and any(map(is_reserved, path.split("/"))):
                self._report("NAME-RESERVED", path)

    def digests(self) -> None:
        """Read every file that a manifest tells of, once, and compare."""
        wanted: dict[str, list[tuple[str, str]]] = {}
        for entries_by_algorithm in (self._bag.payload, self._bag.tags):
            for algorithm, entries in entries_by_algorithm.items():
                for path, digest in entries.items():
                    wanted.setdefault(self.actual.get(path, path), []).append((algorithm, digest))
        for path, told in wanted.items():
            if path in self._files:
                self._compare(path, told)

    def _compare(self, path: str, told: list[tuple[str, str]]) -> None:
        algorithms = tuple(dict.fromkeys(algorithm for algorithm, _ in told))
        try:
            digests = self.read_by(f"{self._folder}/{path}", [ALGORITHMS[name][0] for name in algorithms])
        except OSError as error:
            self._report("FILE-UNREADABLE", path, error.strerror or str(error))
            return
        computed = dict(zip(algorithms, digests, strict=True))
        for algorithm, digest in told:
            if computed[algorithm] != digest:
                self._report("DIGEST-DIFFERS", path, algorithm)
