"""Verdicts over the public suites: bags, OCFL objects, E-ARK packages, hostile containers."""

from pathlib import Path

import pytest

from bench import packages as suites
from lantai.packages import recognise

pytestmark = pytest.mark.corpus
#: suite -> share of verdicts that must agree.
WANTED = {"bagit": 0.99, "ocfl": 0.99, "eark structure": 0.95, "eark METS": 0.95, "hostile containers": 1.0}


def test_verdicts_agree_with_the_suites(corpus: Path) -> None:
    found = [*suites.verdicts(corpus), *suites.hostile(corpus)]
    for suite, share in WANTED.items():
        items = [item for item in found if item.suite == suite]
        disagreeing = [(item.subject, item.expected, item.found, item.codes) for item in items if not item.agrees]
        assert items and len(disagreeing) <= (1 - share) * len(items), disagreeing


def test_every_package_is_recognised_and_nothing_of_it_is_lost(corpus: Path) -> None:
    folders = {"bagit": "bagit/*/v*/*/*", "ocfl": "ocfl/*/*/*-objects/*"}
    for kind, pattern in folders.items():
        for folder in sorted((corpus / "packages").glob(pattern)):
            assert recognise.kind_of(folder) == kind, folder
            read = recognise.read(folder, kind)
            if read.package is None:
                continue
            taken = {file.stored or file.path for file in read.package.files} | set(read.package.own_files)
            assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} <= taken, folder
