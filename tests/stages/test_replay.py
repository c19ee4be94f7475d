"""A stored package is checked again from itself alone: the same says so, a flipped byte shows, other rules are told apart."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.corpus import one_page_pdfs
from lantai import line, wiring
from lantai.core.errors import Refusal
from lantai.packages import ocfl, report_xml
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.stages import capture, examine, replay, scheme
from lantai.stages.scheme import Place
from tests.stages.test_overrule import SYSADMIN
from tests.support.line_house import ARCHIVIST, line_house


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


def tools(house: House) -> replay.Tools:
    return replay.Tools(house.reader, house.scanner, wiring.container_limits(), house.settings.code_templates)


@pytest.fixture
def package(house: House, tmp_path: Path) -> Path:
    """One archived record, copied out of the vault: its OCFL object and nothing else."""
    one_page_pdfs(tmp_path / "papers", 1, 3)
    batch_id = capture.open_batch(house, ARCHIVIST, [tmp_path / "papers"], channel="oa", department="BGS")
    line.finish(house)
    Record.objects.filter(batch_id=batch_id).update(year="2024", retention="D30")
    line.archive(house, ARCHIVIST, [batch_id])
    row = Record.objects.get(batch_id=batch_id, state="archived")
    copied = tmp_path / "object"
    shutil.copytree(house.data / "vault" / ocfl.object_path(row.id), copied)
    return copied


def content(package: Path, name: str) -> Path:
    return next(path for path in package.rglob("*") if path.is_file() and path.name == name)


def stored(package: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(content(package, "report.json").read_bytes())
    return report


def test_an_untouched_package_repeats_its_report(house: House, package: Path) -> None:
    report = stored(package)
    assert all("expected" in item and "rule" in item for item in report["items"])
    assert all(item["actual"] and item["tool"]["version"] is not None for item in report["items"] if item["outcome"] != "not_applicable")
    found = replay.replay(tools(house), report, package)
    assert found.is_same, found
    assert found.is_material_known
    assert found.repeated >= 20
    through_xml = report_xml.read(report_xml.write(report))
    assert replay.replay(tools(house), through_xml, package) == found


def test_a_flipped_byte_shows(house: House, package: Path) -> None:
    report = stored(package)
    file = next(path for path in package.rglob("*.pdf"))
    flipped = bytearray(file.read_bytes())
    flipped[len(flipped) // 2] ^= 1
    file.write_bytes(flipped)
    found = replay.replay(tools(house), report, package)
    assert [item.where for item in found.differences if item.kind == "material"] == [f"01-正本/original/{file.name}"]
    changed = {item.item for item in found.differences if item.kind == "outcome"}
    assert {"GD-1-1", "GD-1-10", "GD-1-14"} <= changed
    assert {item.cause for item in found.differences if item.kind == "outcome"} == {"material"}


def test_a_byte_of_the_description_shows_too(house: House, package: Path) -> None:
    report, described = stored(package), content(package, "record.xml")
    described.write_bytes(described.read_bytes().replace("正本".encode(), "副本".encode(), 1))
    found = replay.replay(tools(house), report, package)
    assert "record.xml" in [item.where for item in found.differences]


def test_a_report_by_other_rules_is_told_apart(house: House, package: Path) -> None:
    report = stored(package)
    report["items"][0]["rule"] = "0-older"
    found = replay.replay(tools(house), report, package)
    assert found.is_same
    assert [item.kind for item in found.versions] == ["rule"]


def test_a_report_by_the_agencys_own_scheme_is_repeated_by_it(house: House, request: pytest.FixtureRequest) -> None:
    scheme.change(house, SYSADMIN, Place("archiving", "2.07"), {"enabled": "no"}, reason="本单位不查")
    package = request.getfixturevalue("package")
    report = stored(package)
    assert replay.is_of_agency(report)
    by_standard = replay.replay(tools(house), report, package)
    assert [item.item for item in by_standard.differences] == ["GD-2-7"]
    assert replay.replay(replace(tools(house), schemes=scheme.of_package), report, package).is_same


def test_a_report_of_the_first_edition_is_compared_by_its_outcomes(house: House, package: Path) -> None:
    report = stored(package)
    first = {key: value for key, value in report.items() if key not in ("format", "edition", "rules", "tools", "material")}
    first["items"] = [{k: v for k, v in item.items() if k not in ("expected", "actual", "tool", "rule")} for item in report["items"]]
    found = replay.replay(tools(house), first, package)
    assert found.is_same
    assert not found.is_material_known


def test_a_path_report_is_repeated_over_the_path(house: House, tmp_path: Path) -> None:
    one_page_pdfs(tmp_path / "papers", 2, 3)
    limits = wiring.container_limits()
    report = examine.check_path(house.reader, house.scanner, tmp_path / "papers", stage="archiving", limits=limits)
    assert replay.replay(tools(house), report, tmp_path / "papers").is_same
    gone = next((tmp_path / "papers").rglob("*.pdf"))
    gone.unlink()
    assert any(item.kind == "material" and item.now == "" for item in replay.replay(tools(house), report, tmp_path / "papers").differences)


def test_a_path_report_over_an_object_is_repeated_as_one(house: House, package: Path) -> None:
    how = examine.How(templates=house.settings.code_templates, keys=house.signer.key_ids())
    report = examine.check_path(house.reader, house.scanner, package, stage="preservation", limits=wiring.container_limits(), how=how)
    assert next(item["outcome"] for item in report["items"] if item["id"].endswith("1.01")) == "pass"
    assert replay.replay(replace(tools(house), keys=house.signer.key_ids()), report, package).is_same
    assert [item.item for item in replay.replay(tools(house), report, package).differences] == ["BC-1-1"]  # whose keys are they


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"stage": "moon", "items": [], "subject": {}}', '{"stage":"arrival","items":[1],"subject":{}}']
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(Refusal, match="REPORT-UNREADABLE"):
        replay.load(tmp_path / "report.json")


def test_an_inventory_that_leaves_its_folder_is_refused(house: House, package: Path) -> None:
    inventory = json.loads((package / "inventory.json").read_text())
    for paths in inventory["manifest"].values():
        paths[:] = ["../../../etc/hostname"]
    report = stored(package)
    (package / "inventory.json").write_text(json.dumps(inventory))
    with pytest.raises(Refusal, match="REPLAY-PACKAGE-UNREADABLE"):
        replay.replay(tools(house), report, package)
