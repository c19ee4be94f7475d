"""An EEP 封装包 among the files of a delivery, opened: its record as a unit whose files lie beside the staging area."""

from dataclasses import replace
from pathlib import Path

from lantai.packages import container, eep
from lantai.stages.capture import wrapped
from lantai.stages.capture.plan import Unit


def enclosed(unit: Unit, into: Path, limits: container.ContainerLimits) -> Unit:
    """Return the record that a lone EEP file encloses, its files written into *into*; any other unit comes back as it is."""
    if len(unit.files) != 1 or unit.is_package or unit.raw or not eep.is_eep(unit.files[0].source):
        return unit
    source = unit.files[0]
    opened = wrapped.eep_unit(source.source, source.path, into, limits=limits)
    return replace(opened, key=unit.key, findings=(*unit.findings, *opened.findings))
