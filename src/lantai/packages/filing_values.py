"""A filing package 归档信息包 as a value, however it came: as a folder or as one EEP file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lantai.core.findings import Finding
from lantai.core.record import Agent, BusinessEvent, Elements, Relation, Representation, Role

METADATA = "基本信息元数据.xml"
PROCESS = "处理过程元数据.xml"
DESCRIPTION = "说明文件.txt"


@dataclass(frozen=True, slots=True)
class FilingFile:
    """A computer file of a package: its path below the package folder, its name, and what the sender declared of it.

    ``size_bytes`` is None and the digests (lower-case hex) are empty where nothing was declared. ``stored`` is where its bytes lie
    below the package folder, where that is not ``path``. ``elements`` is what is described of this file alone (M50, M53–M56);
    ``representation`` tells an original from what was made of it.
    """

    path: str
    name: str
    size_bytes: int | None = None
    sha256: str = ""
    sm3: str = ""
    stored: str = ""
    elements: Elements = field(default_factory=dict)
    representation: Representation = Representation.ORIGINAL


@dataclass(frozen=True, slots=True)
class FilingDocument:
    """A document of a package, in order, with its files."""

    sequence: int
    role: Role
    title: str = ""
    files: tuple[FilingFile, ...] = ()


@dataclass(frozen=True, slots=True)
class FilingPackage:
    """One package as it was read: one record.

    ``code`` is the number it arrived with (M7), ``description`` the lines of 说明文件, ``own_files`` the paths of what
    describes the package and is not content, ``signatures`` the verdicts on those over the package itself, rows as of ``inspect``.
    """

    code: str = ""
    elements: Elements = field(default_factory=dict)
    documents: tuple[FilingDocument, ...] = ()
    agents: tuple[Agent, ...] = ()
    events: tuple[BusinessEvent, ...] = ()
    relations: tuple[Relation, ...] = ()
    description: Mapping[str, str] = field(default_factory=dict)
    own_files: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    signatures: tuple[dict[str, object], ...] = ()

    @property
    def files(self) -> tuple[FilingFile, ...]:
        """All content files, in document order."""
        return tuple(item for document in self.documents for item in document.files)
