"""What is true of a path as a whole: counts, bytes, containers, what is too many, and the medium it lies on."""

from collections.abc import Sequence
from pathlib import Path

from lantai.core.checks import BatchFacts, PackageFacts
from lantai.stages.capture import names
from lantai.stages.capture.plan import Rejected
from lantai.stages.examine.units import PACKAGE, Gathering

MOST_EXTRA = 50
_MB = 1_000_000


class Tally:
    """The facts of a batch for a path that no store knows."""

    def __init__(self, path: Path, gathering: Gathering, *, is_carrier: bool) -> None:
        self._path, self._gathering, self._is_carrier = path, gathering, is_carrier

    def facts(self, rejected: Sequence[Rejected], records: int) -> BatchFacts:
        """Return the facts of everything that came: nobody declared numbers of records and bytes, so those stay open.

        The engine is asked once more: one that died on the way is none.
        """
        gathering = self._gathering
        extra = [item.path for item in rejected if item.finding and item.finding.code == "CAPTURE-JUNK"]
        return BatchFacts(
            batch_id=names.shown(self._path.name),
            today=gathering.today,
            actual_records=records,
            actual_bytes=gathering.copier.bytes,
            package=_package(rejected, gathering),
            extra_files=tuple(extra[:MOST_EXTRA]),
            has_carrier=self._is_carrier,
            mb_per_s=_speed(gathering) if self._is_carrier else None,
            engine=gathering.ask(),
        )


def _package(rejected: Sequence[Rejected], gathering: Gathering) -> PackageFacts | None:
    """Return the container or folder as a package; without either nothing is said of one."""
    refused = tuple(item.finding for item in rejected if item.finding and item.finding.code != "CAPTURE-JUNK")
    is_container = any(item.outcome == "container" for item in rejected)
    if not (is_container or refused):
        return None
    return PackageFacts(PACKAGE, findings=refused, has_template=gathering.packages > 0)


def _speed(gathering: Gathering) -> float | None:
    copier = gathering.copier
    return copier.bytes / _MB / copier.read_seconds if copier.read_seconds > 0 and copier.bytes else None
