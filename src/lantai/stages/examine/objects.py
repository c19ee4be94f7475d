"""Objects of a vault (OCFL 1.1) at a path: the package as it lies there, each byte read once for digests and virus engine."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lantai.core import record as core
from lantai.core.archival_code import CODE_ELEMENTS, Template, explain, matching_template
from lantai.core.checks import Declared, DocumentFacts, FileFacts, PackageFacts, RecordFacts
from lantai.core.errors import Refusal
from lantai.core.findings import Finding, Severity, finding
from lantai.packages import layout, ocfl, ocfl_check, proof, record_xml
from lantai.ports.reader import Format, Reading
from lantai.stages.capture import names
from lantai.stages.capture.take import CHUNK_BYTES
from lantai.stages.examine.units import Gathering, drawn, read_facts

KIND = "档案包"
_OWN = frozenset({layout.RECORD_XML, layout.REPORT, layout.PROOF})
_OURS = "urn:lantai:"
_LARGEST_XML = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class _Bytes:
    """What one read of a file told."""

    size_bytes: int
    sha256: str
    sm3: str
    virus: str


def found(path: Path) -> list[Path]:
    """Return the object of a record of ours at *path*, or every one below it where it is a storage root of ours; none elsewhere."""
    if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for names that no file system takes
        return []
    if _is_ours(path):
        return [path]
    if not (path / ocfl.ROOT_DECLARATION).is_file():
        return []
    objects = sorted(Path(folder) for folder, _, files in os.walk(path) if ocfl.OBJECT_DECLARATION in files)
    return objects if objects and all(map(_is_ours, objects)) else []


def _is_ours(path: Path) -> bool:
    """Tell an object of a record of ours; one of others is a package like any."""
    return str(_inventory(path).get("id", "")).startswith(_OURS) or (ocfl.record_id_of(path.name) != "" and _is_object(path))


def _is_object(path: Path) -> bool:
    return (path / ocfl.OBJECT_DECLARATION).is_file() or (path / ocfl.INVENTORY).is_file()


class Vault:
    """Gathers the facts of vault objects."""

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering

    def facts(self, folders: list[Path]) -> Iterator[RecordFacts]:
        """Yield the facts of each object, in order."""
        for folder in folders:
            yield _Object(self._gathering, folder).facts()


class _Object:
    """One object: its bytes, read once, and what its own description says."""

    def __init__(self, gathering: Gathering, folder: Path) -> None:
        self._gathering, self._folder = gathering, folder
        self._read: dict[Path, _Bytes] = {}

    def facts(self) -> RecordFacts:
        inventory = _inventory(self._folder)
        object_id = str(inventory.get("id", ""))
        findings = ocfl_check.check(self._folder, object_id.removeprefix(_OURS), self._digests)
        state = _state(inventory)
        kept, remarks = self._description(state)
        gathering, said = self._gathering, kept.elements if kept else {}
        documents = tuple(self._documents(kept, state))
        where = object_id or names.shown(self._folder.name)
        code = kept.text("archival_code") if kept else ""
        return RecordFacts(
            record_id=where,
            today=gathering.today,
            content_basis=kept.content_basis if kept else core.ContentBasis.DIGITAL,
            electronic_record_code=kept.electronic_record_code if kept else "",
            elements=said,
            metadata_readable=kept is not None,
            metadata_findings=remarks,
            code=code,
            code_parts={name: kept.text(name) for name in CODE_ELEMENTS if kept.text(name)} if kept else {},
            code_findings=self._code(code),
            documents=documents,
            events=kept.events if kept else (),
            agents=kept.agents if kept else (),
            relations=kept.relations if kept else (),
            duplicates=gathering.duplicates(where, [("code", code)] if code else []),
            unreferenced_files=tuple(sorted(_stray(kept, state))) if kept else None,
            package=self._package(kept, state, [*findings, *self._proof(state)]),
            engine=gathering.engine,
        )

    def _code(self, code: str) -> tuple[Finding, ...]:
        """Judge the code by the template that reads it; without templates nothing is said of its form."""
        templates = self._gathering.templates
        if not (code and templates):
            return ()
        return explain(code, matching_template(code, templates) or Template(templates[0]))

    def _digests(self, path: Path, algorithms: Iterable[str]) -> dict[str, str]:
        """Read a file once for both digests and the virus engine; what other digests are told of it is not compared here."""
        self._read[path] = read = _once(self._gathering, path)
        known = {"sha256": read.sha256, "sm3": read.sm3}
        return {name: known[name] for name in algorithms if known.get(name)}

    def _description(self, state: Mapping[str, Path]) -> tuple[core.Record | None, tuple[Finding, ...]]:
        path = state.get(layout.RECORD_XML)
        if path is None:
            return None, (finding("GD-3-1", layout.RECORD_XML),)
        try:
            content = (self._folder / path).read_bytes() if (self._folder / path).stat().st_size < _LARGEST_XML else b""
            return record_xml.read(content), ()
        except Refusal as problem:
            return None, (Finding(problem.code, Severity.ERROR, problem.message, layout.RECORD_XML),)
        except OSError:
            return None, (finding("GD-3-1", layout.RECORD_XML),)

    def _documents(self, kept: core.Record | None, state: Mapping[str, Path]) -> Iterator[DocumentFacts]:
        """Yield the documents the description names; without one, every file as a document of its own."""
        if kept is None:
            files = tuple(self._file(path, place, None) for path, place in sorted(state.items()) if path not in _OWN)
            yield DocumentFacts(core.Role.MAIN, files)
            return
        for document in kept.documents:
            yield DocumentFacts(
                document.role, tuple(self._file(item.path, state.get(item.path), item) for item in document.files), document.title
            )

    def _file(self, path: str, place: Path | None, said: core.ComputerFile | None) -> FileFacts:
        name = said.name if said else path.rpartition("/")[2]
        declared = Declared(said.name, said.size_bytes, said.puid or said.mime, said.sha256) if said else None
        representation = said.representation if said else core.Representation.ORIGINAL
        read = self._read.get(self._folder / place) if place else None
        if read is None or place is None:
            return FileFacts(name, path, exists=False, declared=declared, representation=representation)
        reading, is_drawn = self._open(self._folder / place, name, representation)
        facts = replace(read_facts(name, path, reading), size_bytes=read.size_bytes, virus=read.virus, is_drawn=is_drawn)
        return replace(facts, digests={"sha256": read.sha256, "sm3": read.sm3}, declared=declared, representation=representation)

    def _open(self, place: Path, name: str, representation: core.Representation) -> tuple[Reading, bool | None]:
        if representation is core.Representation.TEXT:
            return Reading(Format(mime="application/json")), None
        reading = self._gathering.reader.read(place, name)
        return reading, drawn(self._gathering.reader, place, name, reading)

    def _package(self, kept: core.Record | None, state: Mapping[str, Path], findings: list[Finding]) -> PackageFacts:
        there = [path for path in state if path not in _OWN]
        return PackageFacts(
            KIND,
            findings=tuple(findings),
            is_manifest_verified=not any(item.code in ("OCFL-E092", "OCFL-E093", "PROOF-FILE-ALTERED") for item in findings),
            declared_files=len(kept.files) if kept else None,
            actual_files=len(there),
            elements=frozenset(kept.elements) if kept else None,
        )

    def _proof(self, state: Mapping[str, Path]) -> list[Finding]:
        """Compare what was proved with what is there; who signed is for ``lantai verify``, which knows the keys."""
        place = state.get(layout.PROOF)
        if place is None:
            return []
        there = {path: self._read.get(self._folder / item) for path, item in state.items()}
        now = {path: proof.Digests(read.size_bytes, read.sha256, read.sm3) for path, read in there.items() if read}
        try:
            return proof.compare((self._folder / place).read_bytes(), now)
        except OSError:
            return [finding("PROOF-UNREADABLE", layout.PROOF, reason="读不出")]


def _once(gathering: Gathering, path: Path) -> _Bytes:
    sha256, sm3, size = hashlib.sha256(), hashlib.new("sm3"), 0

    def chunks() -> Iterator[bytes]:
        nonlocal size
        with path.open("rb", buffering=0) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                sha256.update(chunk)
                sm3.update(chunk)
                size += len(chunk)
                yield chunk

    try:
        scan = gathering.scanner.scan(chunks())
    except OSError:
        return _Bytes(size, "", "", "error:unreadable")
    return _Bytes(size, sha256.hexdigest(), sm3.hexdigest(), scan.as_text())


def _inventory(folder: Path) -> dict[str, Any]:
    """Return the inventory where it has the shape that every reader relies on; what it lacks is told by the check."""
    try:
        read = json.loads((folder / ocfl.INVENTORY).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return dict(read) if isinstance(read, dict) and not ocfl_check.malformed(read) else {}


def _state(inventory: Mapping[str, Any]) -> dict[str, Path]:
    """Return logical path -> content path of the newest version."""
    if not inventory:
        return {}
    state, manifest = inventory["versions"][inventory["head"]]["state"], inventory["manifest"]
    return {path: Path(manifest[digest][0]) for digest, paths in state.items() if digest in manifest for path in paths}


def _stray(kept: core.Record | None, state: Mapping[str, Path]) -> set[str]:
    return set(state) - _OWN - {item.path for item in kept.files} if kept else set()
