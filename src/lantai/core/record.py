"""The record 件 and its parts, as values (DA/T 46-2009 entities; docs/design/model.md).

Elements are keyed by the snake_case names of the metadata table (``title``, ``document_number``, ``date`` …). A value is
text, or a list of texts for a repeatable element. Civil dates are text with their precision: YYYY, YYYYMM or YYYYMMDD.
"""

from dataclasses import dataclass, field
from enum import StrEnum

Elements = dict[str, str | list[str]]


class Channel(StrEnum):
    """How material arrived."""

    OA = "oa"
    SCAN = "scan"
    MANUAL = "manual"
    TRANSFER = "transfer"
    CATALOGUE = "catalogue"


class ContentBasis(StrEnum):
    """What the content of a record is kept on."""

    DIGITAL = "digital"
    DUAL = "dual"
    PHYSICAL_ONLY = "physical_only"


class Role(StrEnum):
    """The part a document plays in its record (DA/T 22-2015, 组件); ``core.composition`` knows their default order."""

    MAIN = "正本"
    ATTACHMENT = "附件"
    FINAL_DRAFT = "定稿"
    REVISION = "修改稿"
    PROCESSING_SLIP = "处理单"
    DISPATCH_SHEET = "发文稿纸"
    OTHER = "其他"
    FORWARDING = "转发文"
    FORWARDED = "被转发文"
    REPLY = "复文"
    INCOMING = "来文"
    TRANSLATION = "译本"
    COPY = "复制件"


class Representation(StrEnum):
    """Which rendition of a document a computer file belongs to."""

    ORIGINAL = "original"
    PRESERVATION = "preservation"
    ACCESS = "access"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ComputerFile:
    """One computer file (M46–M51): name as received, size in bytes, digests in lower-case hex, format and page count.

    ``path`` is the logical path inside the package, empty before it is laid out. ``virus`` is clean, not_scanned or
    infected:NAME. ``findings`` are those of reading the file, as JSON. ``attributes`` is what the file says of itself, ``elements``
    what is described of it: the program that made it (M50) and how it was digitised (M53–M56).
    """

    id: str
    name: str
    size_bytes: int
    sha256: str
    sm3: str
    puid: str = ""
    mime: str = ""
    format_name: str = ""
    page_count: int | None = None
    representation: Representation = Representation.ORIGINAL
    path: str = ""
    virus: str = "not_scanned"
    findings: tuple[dict[str, str], ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    elements: Elements = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a record (正本, 附件 …), in order, with its computer files."""

    sequence: int
    role: Role
    title: str = ""
    files: tuple[ComputerFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Agent:
    """An organisation, department or person (M76–M79) under the name of its day; ``id`` is unique within the record.

    The name was in force from ``valid_from`` until ``valid_to`` (civil dates, empty where open or not known).
    """

    id: str
    kind: str
    name: str
    organization_code: str = ""
    position: str = ""
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True, slots=True)
class BusinessEvent:
    """A business act on the record (M80–M84): who (agent id), what, when (ISO 8601 with offset, or as received)."""

    id: str
    agent_id: str
    activity: str
    time: str
    status: str = "历史行为"
    mandate: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation to another entity (M85–M88), by identifier; from the record itself where ``source`` is empty."""

    target: str
    kind: str
    relation: str
    description: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """An electronic signature described with the record (M58–M64): rules, instant, signer, result and certificates in base64."""

    id: str
    rules: str
    value: str
    algorithm: str
    certificates: tuple[str, ...] = ()
    signer: str = ""
    time: str = ""
    certificate_reference: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One record 件 as a value: identity, described elements, documents, agents, business events and relations.

    ``id`` is a ULID, ``electronic_record_code`` is M7 (the number it arrived with if unique, else the ULID), ``version``
    the content version that this value describes, ``code`` the archival code in force or empty. ``scheme`` names the agency's metadata
    scheme that it was described by, empty where that is the standard alone.
    """

    id: str
    electronic_record_code: str
    version: int
    content_basis: ContentBasis
    elements: Elements
    documents: tuple[Document, ...] = ()
    agents: tuple[Agent, ...] = ()
    events: tuple[BusinessEvent, ...] = ()
    relations: tuple[Relation, ...] = ()
    code: str = ""
    signatures: tuple[Signature, ...] = ()
    scheme: str = ""

    @property
    def files(self) -> tuple[ComputerFile, ...]:
        """All computer files, in document order."""
        return tuple(item for document in self.documents for item in document.files)

    def text(self, element: str) -> str:
        """Return an element as one text, repeated values joined with ``；``; empty where absent."""
        value = self.elements.get(element, "")
        return value if isinstance(value, str) else "；".join(value)
