"""examine: how a path would fare at a gate: a file, a folder, a container, a filing package, an EEP, or objects of a vault.

Needs no store and no database. Results are folded as they come: what is kept does not grow with the number of files.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lantai.core.checks import (
    BatchFacts,
    Gate,
    Grounds,
    Piece,
    RecordFacts,
    Run,
    Scheme,
    Subject,
    as_report,
    check_batch,
    check_record,
    measured,
    pieces,
)
from lantai.core.errors import Refusal
from lantai.core.events import instant_text
from lantai.core.findings import Finding, has_error
from lantai.packages import container
from lantai.ports.reader import Reader
from lantai.ports.scanner import Scanner
from lantai.stages import grounds
from lantai.stages.capture import names
from lantai.stages.capture.plan import Planner, Rejected, Seen, Unit
from lantai.stages.examine import objects, whole
from lantai.stages.examine.folding import Fold
from lantai.stages.examine.units import Gathering, How
from lantai.standards import da_t_70
from lantai.standards.da_t_70 import telling

__all__ = ["How", "check_path"]
PLAINLY = How()


def check_path(
    reader: Reader,
    scanner: Scanner,
    path: Path,
    *,
    stage: str,
    limits: container.ContainerLimits,
    how: How = PLAINLY,
) -> dict[str, Any]:
    """Check what stands at *path* at a gate and return ``{stage, conclusion, items}``: every row of the table, its worst outcome.

    ``records`` counts what would become records, ``packages`` judges every package of others by its own standard, ``rejected`` says what
    would not be taken. Raises Refusal CHECK-NOTHING where there is
    nothing to check.
    """
    gate = Gate(stage)
    with TemporaryDirectory(prefix="lantai-") as folder:
        gathering = Gathering(reader, scanner, Path(folder) / "taken", how, limits)
        look = _Look(gate, path, Planner(Path(folder) / "unpacked", limits, gathering.copier.digests), gathering)
        look.run()
        if not look.records:
            raise Refusal("CHECK-NOTHING", names.keepable(str(path)), look.told())
        look.judge_batch(whole.Tally(path, look.gathering, is_carrier=how.is_carrier).facts(look.rejected, look.records))
    return look.report()


class _Look:
    """One walk over a path; ``records`` counts, ``fold`` holds the worst of every item."""

    def __init__(self, gate: Gate, path: Path, planner: Planner, gathering: Gathering) -> None:
        self.gathering = gathering
        self.fold = Fold()
        self.records = 0
        self.rejected: list[Rejected] = []
        self._material: list[Piece] = []
        self._scheme: Scheme = da_t_70.scheme_for_path(gate)
        self._gate, self._path, self._planner = gate, path, planner

    def run(self) -> None:
        """Gather and judge every record, one after the other."""
        if kept := objects.found(self._path):
            self._scheme = da_t_70.scheme(self._gate)
            for facts in objects.facts(self.gathering, kept):
                self._judge(facts)
            return
        for facts in self.gathering.facts(self._units()):
            self._judge(facts)

    def _units(self) -> Iterator[Unit]:
        for item in self._planner.items(self._path):
            if isinstance(item, Rejected):
                self.rejected.append(item)
            else:
                yield item

    def _judge(self, facts: RecordFacts) -> None:
        self.records += 1
        self.fold.add(check_record(self._gate, facts, self._scheme), measured(facts), self.records)
        self._material += pieces(facts)

    def judge_batch(self, facts: BatchFacts) -> None:
        """Judge the path as a whole."""
        self.fold.add(check_batch(self._gate, facts, self._scheme), measured(facts))

    def report(self) -> dict[str, Any]:
        """Return one report over all records."""
        engine, scheme = self.gathering.engine, self._scheme
        standing = Grounds(telling.edition_of(scheme), grounds.tools(engine), self.fold.measured(self.records), tuple(self._material))
        run = Run(scheme=scheme.version, started=instant_text(datetime.now(UTC)), system=grounds.SYSTEM, grounds=standing)
        subject = Subject("path", names.shown(self._path.name))
        told = as_report(self._gate, self.fold.results(), subject=subject, run=run, engine=engine)
        rejected = [item.finding for item in self.rejected if item.finding]
        told |= {"records": self.records, "packages": [_verdict(item) for item in self._planner.seen]}
        return told | {"rejected": [item.as_json() for item in (*rejected, *self.gathering.lost, *self._planner.remarks)]}

    def told(self) -> tuple[Finding, ...]:
        """Return why nothing could be checked."""
        rejected = (item.finding for item in self.rejected if item.finding)
        return (*rejected, *(item for seen in self._planner.seen for item in seen.findings))


def _verdict(seen: Seen) -> dict[str, Any]:
    """Return what its own standard has to say of a package of others."""
    verdict = "invalid" if has_error(seen.findings) else "warning" if any(item.severity == "warning" for item in seen.findings) else "valid"
    return {"path": seen.path, "kind": seen.kind, "verdict": verdict, "findings": [item.as_json() for item in seen.findings]}
