"""Every requirement that is checked has a row of codes and a package that breaks it, named after it; the good packages break none."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lantai.core.codes import CODES
from lantai.core.findings import Finding, Severity
from lantai.packages import bagit, csip, ocfl_check, ocfl_root, recognise
from lantai.standards.requirements import requirements
from tests.packages.bad import bags, earks, objects

SEVERITIES = {"must": "error", "should": "warning", "may": "info"}
PREFIXES = {"bagit": "BAGIT-", "ocfl": "OCFL-", "csip": ""}
Make = Callable[[Path], Path]
Judge = Callable[[Path], list[Finding]]


def _bag(folder: Path) -> list[Finding]:
    return list(bagit.check(folder).findings)


def _eark(folder: Path) -> list[Finding]:
    checked = csip.check(folder)
    return [*checked.findings, *csip.package_of(checked).findings]


SUITES: dict[str, tuple[dict[str, bags.Damage], Make, Judge]] = {
    "BAGIT-": (bags.BAD, bags.make, _bag),
    "OCFL-": (objects.BAD, objects.make, ocfl_check.validate),
    "OCFL-root-": (objects.BAD_ROOTS, objects.make_root, ocfl_root.validate_root),
    "": (earks.BAD, earks.make, _eark),
}
CASES = [(suite, name) for suite, (bad, _, _) in SUITES.items() for name in bad]


@pytest.mark.parametrize("standard", PREFIXES)
def test_every_checked_requirement_has_its_code(standard: str) -> None:
    for row in requirements(standard):
        code = CODES.get(PREFIXES[standard] + row.code)
        assert (code is not None) == row.is_checked, row.code
        assert code is None or code.severity == SEVERITIES[row.level], row.code
        assert row.check == "yes" or row.check.split()[0] in {"as", "no"}
        for other in row.check.split()[1:] if row.check.startswith("as ") else ():
            assert PREFIXES[standard] + other in CODES, row.code


@pytest.mark.parametrize("standard", PREFIXES)
def test_every_code_has_a_bad_package(standard: str) -> None:
    prefix = PREFIXES[standard]
    suites = [bad for suite, (bad, _, _) in SUITES.items() if suite.removesuffix("root-") == prefix]
    broken = {name.partition("_")[0] for bad in suites for name in bad}
    assert {row.code for row in requirements(standard) if row.is_checked} - broken <= bags.ELSEWHERE


@pytest.mark.parametrize("suite", SUITES)
def test_a_good_package_breaks_nothing(tmp_path: Path, suite: str) -> None:
    _, make, judge = SUITES[suite]
    assert [item for item in judge(make(tmp_path / "good")) if item.severity is not Severity.INFO] == []


@pytest.mark.parametrize("kind", ["SIP", "AIP", "DIP"])
def test_a_good_package_of_a_kind_breaks_nothing(tmp_path: Path, kind: str) -> None:
    assert [item for item in _eark(earks.make_kind(kind)(tmp_path / "good")) if item.severity is not Severity.INFO] == []


@pytest.mark.parametrize(("suite", "name"), CASES)
def test_a_bad_package_is_found_out(tmp_path: Path, suite: str, name: str) -> None:
    bad, make, judge = SUITES[suite]
    code = suite.removesuffix("root-") + name.partition("_")[0]
    if os.geteuid() == 0 and "no_right" in name:
        pytest.skip("root may read everything")
    folder = make(tmp_path / "bad" / f"{suite}{name}")
    bad[name](folder)
    found = judge(folder)
    assert code in {item.code for item in found}, [item.code for item in found]
    kind = recognise.kind_of(folder)
    if kind:  # however broken, it is read without a raise, and nothing of it is lost
        read = recognise.read(folder, kind)
        taken = {file.stored or file.path for file in read.package.files} | set(read.package.own_files) if read.package else set(read.own)
        present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}
        assert read.package is None or present <= taken, present - taken


_NAMES = "0=ocfl_1.1", "0=ocfl_object_1.1", "bagit.txt", "bag-info.txt", "manifest-md5.txt", "METS.xml", "inventory.json", "fetch.txt"


@pytest.mark.parametrize("name", _NAMES)
def test_a_pipe_where_a_file_should_be_is_never_waited_for(tmp_path: Path, name: str) -> None:
    for number, make in enumerate((bags.make, objects.make, objects.make_root, earks.make)):
        folder = make(tmp_path / str(number))
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)
        if kind := recognise.kind_of(folder):
            recognise.read(folder, kind)


def test_folders_deeper_than_any_path(tmp_path: Path) -> None:
    """Found out as unreadable, in every form, and never a raise."""
    for number, make in enumerate((bags.make, objects.make, objects.make_root, earks.make)):
        folder = make(tmp_path / str(number))
        here = os.open(folder, os.O_RDONLY)
        for _ in range(50):
            os.mkdir("d" * 100, dir_fd=here)
            below = os.open("d" * 100, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.close(here)
        found = {item.code for item in recognise.read(folder).findings}
        assert found & {"BAGIT-FILE-UNREADABLE", "OCFL-E001", "OCFL-E073", "CSIP-FOLDER-UNREADABLE"}
    assert "CSIP-FOLDER-UNREADABLE" in found
