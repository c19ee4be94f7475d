"""What a gate must be told. Everything is a frozen value; whoever gathers it says what is known and what is not.

``None`` always means "nobody looked" or "nobody said", never "fine".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lantai.core.checks.outcomes import Outcome
from lantai.core.findings import Finding
from lantai.core.record import Agent, BusinessEvent, ContentBasis, Elements, Relation, Representation, Role, Signature

MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Declared:
    """What metadata says of a computer file (M46–M49): the sender's on arrival, the record's own at later gates.

    Empty or None means that it says nothing. ``digest`` is lower-case hex under ``algorithm`` (sha256, sm3, md5 …).
    """

    name: str = ""
    size_bytes: int | None = None
    format: str = ""
    digest: str = ""
    algorithm: str = "sha256"

    @classmethod
    def of(cls, said: Mapping[str, str]) -> "Declared":
        """Make the facts of what a sender's list says: name, size_bytes, format, and the strongest digest it gives."""
        size = said.get("size_bytes", "")
        algorithm = next((name for name in ("sm3", "sha256", "sha512", "md5") if said.get(name)), "sha256")
        number = int(size) if size.isascii() and size.isdigit() and len(size) <= MOST_DIGITS else None
        return cls(said.get("name", ""), number, said.get("format", ""), said.get(algorithm, "").lower(), algorithm)


_OPTIONAL = ("seal_valid", "revocation")
_LEVELS = ("digests_valid", "signature_valid", "chain_valid", "time_valid", *_OPTIONAL)


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """A signature, seal or time stamp found in a file. ``is_valid`` is None while nobody has verified it."""

    name: str
    kind: str
    is_valid: bool | None = None

    @classmethod
    def of(cls, row: Mapping[str, object]) -> "SignatureFacts":
        """Make the facts of a row of ``inspect``: valid where all was checked and right, invalid where anything is wrong.

        Anything between is None, for not executed is never passed; a signature that is no seal needs no seal to hold, and few
        files carry proof that a certificate was not revoked: proof that it was counts.
        """
        levels = {key: row.get(key) for key in _LEVELS}
        is_bad = False in levels.values() or bool(row.get("altered"))
        is_good = not is_bad and all(value is True for key, value in levels.items() if key not in _OPTIONAL)
        return cls(str(row.get("name", "")), str(row.get("kind", "")), is_good if is_good or is_bad else None)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One computer file as it is. ``virus`` is clean, not_scanned, error or infected:NAME; ``digests`` are by algorithm.

    ``is_read`` tells that the reader has opened it, ``is_drawn`` whether its first and last pages could be drawn (None: nobody tried);
    ``findings`` are what the reader remarked; ``elements`` what
    is described of this file alone (M50, M53–M56).
    """

    name: str
    path: str = ""
    size_bytes: int = 0
    digests: Mapping[str, str] = field(default_factory=dict)
    puid: str = ""
    mime: str = ""
    page_count: int | None = None
    representation: Representation = Representation.ORIGINAL
    virus: str = "not_scanned"
    is_read: bool = False
    is_drawn: bool | None = None
    exists: bool = True
    findings: tuple[Finding, ...] = ()
    signatures: tuple[SignatureFacts, ...] = ()
    declared: Declared | None = None
    elements: Elements = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """One document of the record with its files, in order."""

    role: Role
    files: tuple[FileFacts, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """The package a record or a batch came in, or the finished package of a record.

    ``findings`` are those of reading the package. ``is_manifest_verified`` tells whether every file agrees with a list
    drawn up by the sender. ``elements`` names the metadata elements found in the package's own metadata. ``has_template`` is false for
    a container or folder of no form that prescribes description and folders. ``signatures`` are those over the package itself.
    """

    kind: str
    findings: tuple[Finding, ...] = ()
    is_manifest_verified: bool | None = None
    declared_files: int | None = None
    actual_files: int | None = None
    declared_records: int | None = None
    catalogue_records: int | None = None
    elements: frozenset[str] | None = None
    has_template: bool = True
    signatures: tuple[SignatureFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """The virus engine: whether it answers, its name, the day of its signatures (YYYYMMDD or YYYY-MM-DD) and how old they may be."""

    is_ready: bool = False
    name: str = ""
    signatures: str = ""
    signatures_date: str = ""
    allowed_days: int = 7


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer to a manual item, by its number (``4.05``): outcome, who, when and why. It answers ``manual`` only."""

    item: str
    outcome: Outcome
    operator: str
    instant: str = ""
    opinion: str = ""


@dataclass(frozen=True, slots=True)
class Overruled:
    """A failed item that two persons let pass 经说明接受, by its number: it holds for what was found then (``findings_digest``)."""

    item: str
    findings_digest: str
    proposer: str
    confirmer: str


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """One record at a gate.

    ``elements`` is described metadata, keyed by the snake_case names of DA/T 46. ``has_metadata`` tells whether any came or
    was described; ``metadata_readable`` whether the metadata file could be parsed. ``code`` is the archival code in force,
    ``code_parts`` its segments by element name (year, retention_period, fonds_identifier, agency_item_number …) and
    ``code_findings`` the remarks of parsing it. ``duplicates`` maps a kind (code, electronic_record_code, document_number,
    identity, digest) to where the same is already kept; empty means
    that somebody compared and found nothing. ``today`` is YYYYMMDD in the agency's calendar.
    ``ledger_verified`` tells whether the record's acts are all in the ledger and its chain holds, ``ledger_acts`` and ``ledger_sealed``
    how many there are and how many of them were sealed and proved, ``ledger_findings`` what is wrong; ``database_matches``
    whether the row read back equals the package; ``in_scope`` whether the retention schedule covers the record.
    ``agents``, ``events``, ``relations`` and ``signatures_described`` are the other entities of its metadata, as described;
    ``described_by`` names the metadata schemes it was archived under (``core.metadata.described_by``), empty for the standard alone.
    """

    record_id: str
    today: str
    content_basis: ContentBasis = ContentBasis.DIGITAL
    electronic_record_code: str = ""
    elements: Elements = field(default_factory=dict)
    has_metadata: bool = True
    metadata_readable: bool | None = None
    metadata_findings: tuple[Finding, ...] = ()
    code: str = ""
    code_parts: Mapping[str, str] = field(default_factory=dict)
    code_findings: tuple[Finding, ...] = ()
    documents: tuple[DocumentFacts, ...] = ()
    events: tuple[BusinessEvent, ...] = ()
    agents: tuple[Agent, ...] = ()
    relations: tuple[Relation, ...] = ()
    direction: str = ""
    attachments_named: tuple[str, ...] = ()
    duplicates: Mapping[str, tuple[str, ...]] | None = None
    unreferenced_files: tuple[str, ...] | None = None
    package: PackageFacts | None = None
    engine: EngineFacts = field(default_factory=EngineFacts)
    in_scope: bool | None = None
    ledger_verified: bool | None = None
    ledger_acts: int = 0
    ledger_sealed: int = 0
    ledger_findings: tuple[Finding, ...] = ()
    database_matches: bool | None = None
    answers: tuple[Answer, ...] = ()
    overruled: tuple[Overruled, ...] = ()
    signatures_described: tuple[Signature, ...] = ()
    described_by: str = ""

    @property
    def files(self) -> tuple[FileFacts, ...]:
        """All computer files, in document order."""
        return tuple(item for document in self.documents for item in document.files)


@dataclass(frozen=True, slots=True)
class ScopeNumbers:
    """Item numbers used in one numbering scope. ``explained`` are empty numbers with an 空号说明, ``reserved`` not yet archived."""

    scope: str
    numbers: tuple[int, ...]
    explained: tuple[int, ...] = ()
    reserved: tuple[int, ...] = ()
    first: int = 1


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """One batch at a gate: what was declared and what came, the package as a whole, the numbers, and what is too many.

    ``has_content`` is false where nothing but rows of a catalogue came. ``mb_per_s`` is what a carrier was measured to give. The ledger's
    facts are those on the batch itself, as :class:`RecordFacts` has them on a record.
    """

    batch_id: str
    today: str
    declared_records: int | None = None
    actual_records: int = 0
    declared_bytes: int | None = None
    actual_bytes: int = 0
    package: PackageFacts | None = None
    numbers: tuple[ScopeNumbers, ...] = ()
    extra_files: tuple[str, ...] | None = None
    has_carrier: bool = False
    has_content: bool = True
    mb_per_s: float | None = None
    engine: EngineFacts = field(default_factory=EngineFacts)
    ledger_verified: bool | None = None
    ledger_acts: int = 0
    ledger_sealed: int = 0
    ledger_findings: tuple[Finding, ...] = ()
    answers: tuple[Answer, ...] = ()
    overruled: tuple[Overruled, ...] = ()
