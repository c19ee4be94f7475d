"""inspect: what a file is. Needs no store and no database."""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lantai.core import officialdoc
from lantai.core.errors import Refusal
from lantai.core.findings import Finding, finding
from lantai.packages import container
from lantai.ports.reader import Reader, Reading
from lantai.stages.capture import names


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of one file: the reading, what it says of state secrets, and everything remarkable."""

    reading: Reading
    secrecy: officialdoc.Secrecy
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the document of ``lantai inspect``: ``classified`` is null or the marks that were found."""
        kind = self.reading.format
        marks = list(self.secrecy.strong)
        return {
            "format": {"puid": kind.puid, "mime": kind.mime, "name": kind.name},
            "pages": self.reading.page_count,
            "text": self.reading.text,
            "metadata": self.reading.metadata,
            "classified": {"strength": "strong", "marks": marks} if marks and not self.secrecy.declassified else None,
            "signatures": list(self.reading.signatures),
            "attachments": [asdict(item) for item in self.reading.attachments],
            "outline": [asdict(item) for item in self.reading.outline],
            "notes": [asdict(item) for item in self.reading.notes],
            "findings": [item.as_json() for item in self.findings],
        }


def inspect(reader: Reader, path: Path, limits: container.ContainerLimits) -> Inspection:
    """Look at one file. Raises Refusal FILE-UNKNOWN where there is none."""
    name = names.shown(path.name)
    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises for names that no file system takes
        raise Refusal("FILE-UNKNOWN", names.keepable(str(path)))
    reading = reader.read(path, name)
    secrecy = officialdoc.secrecy(reading.seen, reading.metadata, name)
    findings = [*names.remark(path.name, name), *reading.findings, *_container_findings(path, limits)]
    findings += secrets(secrecy, name)
    return Inspection(reading, secrecy, tuple(dict.fromkeys(findings)))


def secrets(secrecy: officialdoc.Secrecy, where: str) -> Iterator[Finding]:
    """Yield what a text says of state secrets, as findings about *where*."""
    if secrecy.is_blocked:
        yield finding("SECRET-STRONG", where, marks="、".join(secrecy.strong[:3]))
    if secrecy.weak:
        yield finding("SECRET-WEAK", where, marks="、".join(secrecy.weak[:3]))


def _container_findings(path: Path, limits: container.ContainerLimits) -> tuple[Finding, ...]:
    """Unpack a container aside to see what is wrong with it; nothing of it stays."""
    try:
        if not container.is_container(path):
            return ()
    except OSError:
        return ()  # the reader has said so already
    with TemporaryDirectory(prefix="lantai-") as folder:
        return container.unpack(path, Path(folder), limits).findings
