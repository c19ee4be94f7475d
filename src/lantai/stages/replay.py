"""replay 复核: a check report repeated from the material alone, and where it differs. Needs no store and no database.

The material is a stored package (an OCFL object, or a folder that holds record.xml), or any path that ``check`` takes. The run is judged
on the day of the report, by the rules and tools of this process; what only the place of the first run could know is told, not compared.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lantai.core import beijing
from lantai.core.checks import Gate, RecordFacts, Repeated, Run, Scheme, Subject, as_report, check_record, compare
from lantai.core.errors import Refusal
from lantai.packages import container, layout, ocfl, report_xml
from lantai.ports.reader import Reader
from lantai.ports.scanner import Scanner
from lantai.stages import examine, grounds
from lantai.stages.examine.stored import Reads, Stored
from lantai.stages.examine.units import Gathering
from lantai.standards import da_t_70

# What the vault's database, ledger and settings decided: duplicates, attachments named on arrival, scope, database, conduct.
ELSEWHERE = frozenset(("1.08", "2.08", "2.09", "3.02", "4.07"))
LARGEST_REPORT = 64 * 1024 * 1024


SchemeOf = Callable[[Gate, RecordFacts], Scheme]


def standard(gate: Gate, _: RecordFacts) -> Scheme:
    """Return the standard's scheme, whatever the package."""
    return da_t_70.scheme(gate)


def is_of_agency(report: Mapping[str, Any]) -> bool:
    """Tell whether a report was judged by what an agency chose otherwise: then its own data know the scheme."""
    try:
        return report.get("scheme") != da_t_70.scheme(Gate(report["stage"])).version
    except (ValueError, KeyError):
        return False


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run needs of the world: reader, virus engine, budget of unpacking, templates of archival codes, the scheme of a package
    (the standard's, or the agency's where its data are at hand), and the keys that may have signed a proof."""

    reader: Reader
    scanner: Scanner
    limits: container.ContainerLimits
    templates: tuple[str, ...]
    schemes: SchemeOf = standard
    keys: tuple[str, ...] = ()


def load(path: Path) -> dict[str, Any]:
    """Return the report that a file holds, JSON or XML. Raises Refusal REPORT-UNREADABLE."""
    try:
        if path.stat().st_size > LARGEST_REPORT:
            raise Refusal("REPORT-UNREADABLE", path.name, reason="文件过大")
        content = path.read_bytes()
    except OSError as error:
        raise Refusal("REPORT-UNREADABLE", path.name, reason=error.strerror or "") from error
    if content.lstrip()[:1] == b"<":
        return report_xml.read(content)
    try:
        report = json.loads(content)
        if not isinstance(report, dict) or not {"stage", "items", "subject"} <= report.keys():
            raise ValueError("stage, items, subject")
        Gate(report["stage"])
        [(item["id"], item["code"], item["outcome"], item["findings"]) for item in report["items"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refusal("REPORT-UNREADABLE", path.name, reason=str(error)) from error
    return report


def replay(tools: Tools, report: Mapping[str, Any], path: Path) -> Repeated:
    """Run the gate of *report* again over *path* and compare. Raises Refusal CHECK-NOTHING where there is nothing to check."""
    day = beijing.day_of(str(report.get("started", ""))).replace("-", "")
    is_of_path = isinstance(report["subject"], dict) and report["subject"].get("kind") == "path"
    files = None if is_of_path else package_files(path, str(report.get("id", "")))
    if files is None:
        how = examine.How(today=day, templates=tools.templates, keys=tools.keys)
        now = examine.check_path(tools.reader, tools.scanner, path, stage=report["stage"], limits=tools.limits, how=how)
        return compare(report, now)
    return compare(report, _judged(tools, report, files, day), elsewhere=ELSEWHERE)


def package_files(path: Path, report_id: str = "") -> dict[str, Path] | None:
    """Return logical path -> file of a stored package, None where *path* is none.

    Of an OCFL object it is the version that holds the report of that id, the newest where none does.
    """
    if (path / ocfl.OBJECT_DECLARATION).is_file() and (path / ocfl.INVENTORY).is_file():
        return _of_object(path, report_id)
    if (path / layout.RECORD_XML).is_file():
        return {str(file.relative_to(path)): file for file in sorted(path.rglob("*")) if file.is_file()}
    return None


def _of_object(path: Path, report_id: str) -> dict[str, Path]:
    try:
        inventory = json.loads((path / ocfl.INVENTORY).read_bytes())
        chosen = next((number for number in _versions(inventory) if _report_id(path, inventory, number) == report_id), None)
        return {logical: _inside(path, content) for logical, (content, _) in ocfl.logical_files(inventory, chosen).items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal("REPLAY-PACKAGE-UNREADABLE", path.name, reason=str(error)) from error


def _versions(inventory: Mapping[str, Any]) -> Iterator[int]:
    return iter(sorted((int(name[1:]) for name in inventory["versions"]), reverse=True))


def _report_id(path: Path, inventory: Mapping[str, Any], version: int) -> str:
    content, _ = ocfl.logical_files(inventory, version).get(layout.REPORT, ("", ""))
    try:
        return str(json.loads(_inside(path, content).read_bytes())["id"]) if content else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _inside(root: Path, content: str) -> Path:
    found = (root / content).resolve()
    if not found.is_relative_to(root.resolve()):
        raise ValueError(content)
    return found


def _judged(tools: Tools, report: Mapping[str, Any], files: Mapping[str, Path], day: str) -> dict[str, Any]:
    gate = Gate(report["stage"])
    with TemporaryDirectory(prefix="lantai-") as folder:
        how = examine.How(today=day, templates=tools.templates)
        gathering = Gathering(tools.reader, tools.scanner, Path(folder), how, tools.limits)
        reads = Reads(gathering)
        stored = Stored(gathering, reads, {path: file for path, file in files.items() if reads.of(file).sha256}, is_repeat=True)
        told = replace(stored.facts(), duplicates=None)
    scheme = tools.schemes(gate, told)
    results = check_record(gate, told, scheme)
    run = Run(scheme=scheme.version, system=grounds.SYSTEM, grounds=grounds.of(scheme, told, stored.pieces()))
    subject = Subject("record", told.record_id, told.code, str(told.elements.get("title", "")))
    return as_report(gate, results, subject=subject, run=run, engine=gathering.engine, is_trial=bool(report.get("is_trial")))
