"""Verdicts over the public suites of packages, hostile containers handled, and how fast a bag is validated.

``lantai bench packages --corpus DIR`` prints a confusion table a suite and every disagreement; without ``--corpus`` the place is taken
from ``LANTAI_CORPUS``. ``--megabytes N`` is the size of the bag that ours and bagit-python validate in the same run.
"""

import argparse
import logging
import os
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from lxml import etree

from lantai.core.findings import Finding, has_error
from lantai.packages import bagit, csip, ocfl_check, recognise
from lantai.packages.container import ContainerLimits, unpack

_NAMED = re.compile(r"[EW]\d{3}")
_ALGORITHMS = ("sha256", "sha512")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict of a suite: what it is about, what the suite expects, what was found, and the codes that were found."""

    suite: str
    subject: str
    expected: str
    found: str
    codes: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Tell whether both say the same."""
        return self.expected == self.found


def verdicts(corpus: Path) -> Iterator[Verdict]:
    """Yield every verdict over the suites that are there."""
    for suite in (_bagit, _ocfl, _eark):
        yield from suite(corpus / "packages")


def _codes(findings: list[Finding]) -> tuple[str, ...]:
    return tuple(sorted({item.code for item in findings}))


def _bagit(packages: Path) -> Iterator[Verdict]:
    """A folder says valid, invalid or warning; what one system alone must refuse is refused on each."""
    for folder in sorted(packages.glob("bagit/*/v*/*/*")):
        found = list(bagit.check(folder).findings)
        expected = folder.parent.name if folder.parent.name in {"valid", "warning"} else "invalid"
        has_warning = any(item.severity == "warning" for item in found)
        judged = "invalid" if has_error(found) else "warning" if expected == "warning" and has_warning else "valid"
        yield Verdict("bagit", str(folder.relative_to(packages / "bagit")), expected, judged, _codes(found))


def _ocfl(packages: Path) -> Iterator[Verdict]:
    """Good objects break nothing, warn-objects no must and what their name says, bad ones one of the codes in their name."""
    for folder in sorted(packages.glob("ocfl/*/*/*-objects/*")):
        found = ocfl_check.validate(folder)
        codes = {item.code.removeprefix("OCFL-") for item in found}
        named = {part for part in folder.name.split("_") if _NAMED.fullmatch(part)}
        expected = folder.parent.name.removesuffix("-objects")
        if has_error(found):
            judged = "bad" if expected != "bad" or named & codes else f"bad, not as {'/'.join(sorted(named))}"
        else:
            judged = "warn" if codes and (expected != "warn" or named <= codes) else "good"
        yield Verdict("ocfl", str(folder.relative_to(packages / "ocfl")), expected, judged, _codes(found))


def _eark(packages: Path) -> Iterator[Verdict]:
    """A package that is valid for a rule breaks its requirement in no error; one that is not breaks it."""
    for case in sorted(packages.glob("eark/*/corpus/*/*/testCase.xml")):
        requirement = case.parent.name
        for package in etree.parse(str(case)).iter("package"):
            folder = case.parent / (package.findtext("path") or "").strip()
            if not folder.exists():
                continue
            found = [item for item in _judged(folder) if item.code == requirement]
            expected = "valid" if package.get("isValid", "").upper() == "TRUE" else "invalid"
            judged = "invalid" if has_error(found) or (found and expected == "invalid") else "valid"
            kind = "eark structure" if requirement.startswith("CSIPSTR") else "eark METS"
            yield Verdict(kind, f"{requirement} {package.get('name')}", expected, judged, _codes(found))


def _judged(place: Path) -> list[Finding]:
    """Judge an E-ARK package that is a folder or packed; packed it must come out as one folder."""
    if place.is_dir():
        return list(csip.check(place).findings)
    with TemporaryDirectory(prefix="lantai-bench-") as folder:
        into = Path(folder) / place.name
        unpack(place, into)
        roots = list(into.iterdir()) if into.is_dir() else []
        is_one = len(roots) == 1 and roots[0].is_dir()
        return [
            *csip.check(roots[0] if is_one else into).findings,
            *(() if is_one else recognise.packed_without_folder("csip", place.name)),
        ]


def hostile(corpus: Path) -> Iterator[Verdict]:
    """Yield for every hostile container whether it was handled: in time, within its folder, without a raise, refused where it must be."""
    limits = ContainerLimits(bytes=64 * 1024**2, entries=1000, seconds=10.0)
    listed = corpus / "archives-hostile" / "SOURCES.md"
    must = set(re.findall(r"archive edge case (\S+) \(must be rejected\)", listed.read_text("utf-8") if listed.exists() else ""))
    for path in sorted(path for path in (corpus / "archives-hostile").rglob("*") if path.is_file() and path != listed):
        with TemporaryDirectory(prefix="lantai-bench-") as folder:
            began = time.monotonic()
            unpacked = unpack(path, Path(folder) / "deep" / "into", limits)
            written = {item for item in Path(folder).rglob("*") if not item.is_dir()}
            is_inside = written == {Path(folder) / "deep" / "into" / entry.path for entry in unpacked.entries}
            is_safe = is_inside and time.monotonic() - began < limits.seconds + 1 and not any(item.is_symlink() for item in written)
        refused = has_error(list(unpacked.findings))
        judged = "escaped or hung" if not is_safe else "accepted" if path.name in must and not refused else "handled"
        yield Verdict("hostile containers", path.name, "handled", judged, _codes(list(unpacked.findings)))


def _table(suite: str, items: list[Verdict]) -> str:
    """Return a confusion table: rows expected, columns found."""
    columns = sorted({item.found for item in items} | {item.expected for item in items})
    counted = Counter((item.expected, item.found) for item in items)
    lines = [
        f"{suite}: {sum(item.agrees for item in items)} of {len(items)} agree",
        "  expected \\ found  " + "".join(f"{name:>10}" for name in columns),
    ]
    for row in sorted({item.expected for item in items}):
        lines.append(f"  {row:<18}" + "".join(f"{counted[row, name]:>10}" for name in columns))
    for item in items:
        if not item.agrees:
            lines.append(f"  DISAGREES {item.subject}: expected {item.expected}, found {item.found} {' '.join(item.codes)}")
    return "\n".join(lines)


def _made(folder: Path, megabytes: int) -> Path:
    """Write a bag of that size: large files, and a thousand small ones."""
    random = Random(7)
    block = random.randbytes(1 << 20)
    payload: dict[str, bytes | Path] = {f"small/{number}.txt": random.randbytes(600) for number in range(1000)}
    for number in range(max(1, megabytes // 16)):
        (folder / "source").mkdir(exist_ok=True)
        place = folder / "source" / str(number)
        with place.open("wb") as stream:
            for turn in range(16):
                stream.write(block[turn:] + block[:turn])
        payload[f"large/{number}.bin"] = place
    bagit.write(folder / "bag", payload, [("Source-Organization", "x")], algorithms=_ALGORITHMS)
    return folder / "bag"


def _speed(megabytes: int) -> dict[str, Any]:
    """Validate the same bag with ours and with bagit-python, in turns; the better of three counts, in MB of payload a CPU second."""
    import bagit as other

    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    with TemporaryDirectory(prefix="lantai-bench-") as folder:
        bag = _made(Path(folder), megabytes)
        size = sum(path.stat().st_size for path in (bag / "data").rglob("*") if path.is_file()) / 1e6

        def ours() -> None:
            assert not bagit.check(bag).findings

        def theirs() -> None:
            assert other.Bag(str(bag)).is_valid()

        spent: dict[str, list[float]] = {"ours": [], "bagit-python": []}
        for _ in range(3):
            for name, run in (("ours", ours), ("bagit-python", theirs)):
                spent[name].append(_cpu(run))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    mine, his = size / min(spent["ours"]), size / min(spent["bagit-python"])
    return {
        "bagit_mb": round(size),
        "bagit_mb_per_cpu_s": round(mine, 1),
        "bagit_python_mb_per_cpu_s": round(his, 1),
        "bagit_ratio": round(mine / his, 2),
        "peak_rss_mb": round(peak),
    }


def _cpu(run: Callable[[], None]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def main(arguments: list[str]) -> dict[str, Any]:
    """Print the tables and return the figures."""
    parser = argparse.ArgumentParser(prog="lantai bench packages")
    parser.add_argument("--corpus", type=Path, default=os.environ.get("LANTAI_CORPUS"))
    parser.add_argument("--megabytes", type=int, default=256)
    chosen = parser.parse_args(arguments)
    result: dict[str, Any] = {}
    if chosen.corpus and Path(chosen.corpus).is_dir():
        found = [*verdicts(Path(chosen.corpus)), *hostile(Path(chosen.corpus))]
        for suite in dict.fromkeys(item.suite for item in found):
            items = [item for item in found if item.suite == suite]
            print(_table(suite, items), file=sys.stderr)
            result[suite] = f"{sum(item.agrees for item in items)}/{len(items)}"
    if chosen.megabytes:
        result |= _speed(chosen.megabytes)
    return result
