"""An EEP 封装包 among the files of a delivery, opened: its record as a unit whose files lie beside the staging area."""

from dataclasses import replace
from pathlib import Path

from lantai.packages import eep
from lantai.stages.capture import names
from lantai.stages.capture.plan import PlannedFile, Unit


def enclosed(unit: Unit, into: Path) -> Unit:
    """Return the record that a lone EEP file encloses, its files written into *into*; any other unit comes back as it is."""
    if len(unit.files) != 1 or unit.is_package or unit.raw or not eep.is_eep(unit.files[0].source):
        return unit
    source = unit.files[0]
    package = eep.read(source.source, into)
    files = tuple(
        PlannedFile(
            into / item.path,
            f"{source.path}/{names.shown(item.path)}",
            names.shown(item.name),
            document.role,
            document.sequence,
            document.title,
            {name: str(value) for name, value in (("size_bytes", item.size_bytes), ("sha256", item.sha256), ("sm3", item.sm3)) if value},
        )
        for document in package.documents
        for item in document.files
    )
    return replace(
        unit,
        files=files,
        elements=dict(package.elements or {}),
        agents=package.agents,
        events=package.events,
        relations=package.relations,
        electronic_record_code=package.code,
        described_by=((source.path, 0),),
        findings=(*unit.findings, *package.findings),
        is_package=True,
    )
