"""A stored package, wherever it lies: each byte read once for digests and virus engine, and what its own description says of it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lantai.core import record as core
from lantai.core.archival_code import CODE_ELEMENTS, Template, explain, matching_template
from lantai.core.checks import Declared, DocumentFacts, FileFacts, PackageFacts, Piece, RecordFacts, SignatureFacts
from lantai.core.digests import sm3
from lantai.core.errors import Refusal
from lantai.core.findings import Finding, Severity, finding
from lantai.formats.signing.keyed import Signed
from lantai.packages import layout, proof, record_xml
from lantai.ports.reader import Format, Reading
from lantai.stages.capture.take import CHUNK_BYTES
from lantai.stages.examine.units import Gathering, drawn, read_facts

KIND, SEAL = "档案包", "归档签名"
OWN = frozenset({layout.RECORD_XML, layout.REPORT, layout.PROOF})
_ALTERED = ("OCFL-E092", "OCFL-E093", "PROOF-FILE-ALTERED")
_LARGEST_XML = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Bytes:
    """What one read of a file told; the digests are empty where it could not be read."""

    size_bytes: int = 0
    sha256: str = ""
    sm3: str = ""
    virus: str = "error:unreadable"


class Reads:
    """Reads files, each once for both digests and the virus engine, and remembers what that told."""

    def __init__(self, gathering: Gathering) -> None:
        self._scanner = gathering.scanner
        self._known: dict[Path, Bytes] = {}

    def of(self, path: Path) -> Bytes:
        """Read a file, or tell what reading it told before."""
        if path not in self._known:
            self._known[path] = self._once(path)
        return self._known[path]

    def has(self, path: Path) -> bool:
        """Tell whether a file was read already, and could be."""
        return path in self._known and bool(self._known[path].sha256)

    def _once(self, path: Path) -> Bytes:
        sha256, by_sm3, size = hashlib.sha256(), sm3(), 0

        def chunks() -> Iterator[bytes]:
            nonlocal size
            with path.open("rb", buffering=0) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    sha256.update(chunk)
                    by_sm3.update(chunk)
                    size += len(chunk)
                    yield chunk

        try:
            scan = self._scanner.scan(chunks())
        except OSError:
            return Bytes(size)
        return Bytes(size, sha256.hexdigest(), by_sm3.hexdigest(), scan.as_text())


class Stored:
    """The files of one package, logical path -> where it lies; all of them can be read.

    A *repeated* run sees what the archiving gate saw: no proof yet, no strays, no text layers, nothing drawn.
    """

    def __init__(self, gathering: Gathering, reads: Reads, files: Mapping[str, Path], *, is_repeat: bool = False) -> None:
        self._gathering, self._reads, self._files, self._is_repeat = gathering, reads, files, is_repeat

    def pieces(self) -> list[Piece]:
        """Return what was judged, record.xml and text layers included; report and proof came after."""
        there = [(path, self._reads.of(place)) for path, place in self._files.items() if path not in OWN - {layout.RECORD_XML}]
        return [Piece(path, read.size_bytes, read.sha256) for path, read in there]

    def facts(self, name: str = "", findings: Sequence[Finding] = ()) -> RecordFacts:
        """Return the facts of the package, known as *name*, else as its description says; *findings* are those of its form."""
        kept, remarks = self._description()
        gathering, where = self._gathering, name or (kept.id if kept else "")
        code = kept.text("archival_code") if kept else ""
        return RecordFacts(
            record_id=where,
            today=gathering.today,
            content_basis=kept.content_basis if kept else core.ContentBasis.DIGITAL,
            electronic_record_code=kept.electronic_record_code if kept else "",
            elements=kept.elements if kept else {},
            metadata_readable=kept is not None,
            metadata_findings=remarks,
            code=code,
            code_parts={element: kept.text(element) for element in CODE_ELEMENTS if kept.text(element)} if kept else {},
            code_findings=self._code(code),
            documents=tuple(self._documents(kept)),
            events=kept.events if kept else (),
            agents=kept.agents if kept else (),
            relations=kept.relations if kept else (),
            signatures_described=kept.signatures if kept else (),
            described_by=kept.scheme if kept else "",
            duplicates=gathering.duplicates(where, [("code", code)] if code else []),
            unreferenced_files=tuple(sorted(self._stray(kept))) if kept and not self._is_repeat else None,
            package=self._package(kept, findings),
            engine=gathering.engine,
        )

    def _code(self, code: str) -> tuple[Finding, ...]:
        """Judge the code by the template that reads it; without templates nothing is said of its form."""
        templates = self._gathering.templates
        if not (code and templates):
            return ()
        return explain(code, matching_template(code, templates) or Template(templates[0]))

    def _description(self) -> tuple[core.Record | None, tuple[Finding, ...]]:
        path = self._files.get(layout.RECORD_XML)
        if path is None:
            return None, (finding("GD-3-1", layout.RECORD_XML),)
        try:
            content = path.read_bytes() if path.stat().st_size < _LARGEST_XML else b""
            return record_xml.read(content), ()
        except Refusal as problem:
            return None, (Finding(problem.code, Severity.ERROR, problem.message, layout.RECORD_XML),)
        except OSError:
            return None, (finding("GD-3-1", layout.RECORD_XML),)

    def _documents(self, kept: core.Record | None) -> Iterator[DocumentFacts]:
        """Yield the documents the description names; without one, every file as a document of its own."""
        if kept is None:
            yield DocumentFacts(core.Role.MAIN, tuple(self._file(path, None) for path in sorted(self._files) if path not in OWN))
            return
        for document in kept.documents:
            rows = [item for item in document.files if not (self._is_repeat and item.representation is core.Representation.TEXT)]
            yield DocumentFacts(document.role, tuple(self._file(item.path, item) for item in rows), document.title)

    def _file(self, path: str, said: core.ComputerFile | None) -> FileFacts:
        place, name = self._files.get(path), said.name if said else path.rpartition("/")[2]
        declared = Declared(said.name, said.size_bytes, said.puid or said.mime, said.sha256) if said else None
        representation = said.representation if said else core.Representation.ORIGINAL
        if place is None:
            return FileFacts(name, path, exists=False, declared=declared, representation=representation)
        read = self._reads.of(place)
        reading, is_drawn = self._open(place, name, representation)
        facts = replace(read_facts(name, path, reading), size_bytes=read.size_bytes, virus=read.virus, is_drawn=is_drawn)
        return replace(facts, digests={"sha256": read.sha256, "sm3": read.sm3}, declared=declared, representation=representation)

    def _open(self, place: Path, name: str, representation: core.Representation) -> tuple[Reading, bool | None]:
        if representation is core.Representation.TEXT:
            return Reading(Format(mime="application/json")), None
        reading = self._gathering.reader.read(place, name)
        return reading, None if self._is_repeat else drawn(self._gathering.reader, place, name, reading)

    def _package(self, kept: core.Record | None, findings: Sequence[Finding]) -> PackageFacts:
        remarks, seals = self._proof()
        found = (*findings, *remarks)
        is_same = kept is not None and all(self._is_as_described(item) for item in kept.files)
        return PackageFacts(
            KIND,
            findings=found,
            is_manifest_verified=is_same and not any(item.code in _ALTERED for item in found),
            declared_files=len(kept.files) if kept else None,
            actual_files=sum(path not in OWN for path in self._files),
            elements=frozenset(kept.elements) if kept else None,
            signatures=tuple(SignatureFacts(item.key_id, SEAL, item.is_known if item.is_good else False) for item in seals),
        )

    def _is_as_described(self, said: core.ComputerFile) -> bool:
        place = self._files.get(said.path)
        return place is None or self._reads.of(place).sha256 == said.sha256

    def _proof(self) -> tuple[list[Finding], tuple[Signed, ...]]:
        """Compare what was proved with what is there, and its signatures with the public keys they name and with those known here."""
        place = None if self._is_repeat else self._files.get(layout.PROOF)
        if place is None:
            return [], ()
        there = {path: self._reads.of(item) for path, item in self._files.items()}
        now = {path: proof.Digests(read.size_bytes, read.sha256, read.sm3) for path, read in there.items()}
        try:
            return proof.judge(place.read_bytes(), now, self._gathering.keys)
        except OSError:
            return [finding("PROOF-UNREADABLE", layout.PROOF, reason="读不出")], ()

    def _stray(self, kept: core.Record) -> set[str]:
        return set(self._files) - OWN - {item.path for item in kept.files}
