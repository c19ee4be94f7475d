"""The excerpt of the ledger: an inspector with Python alone checks every event in it, and whether one is missing from a range."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.ledger.entries import Entry, append
from lantai.shelves.ledger.models import Event
from lantai.stages import excerpt, seal
from lantai.stages.report.audit import Filter
from tests.support.line_house import ARCHIVIST, line_house
from tests.support.rows import IDS, NOW

AUDITOR = Actor("01TESTAUDITOR0000000000000", "liang", "梁守正", "auditor", "")


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    with line_house(tmp_path / "data") as built:
        told = [Entry("record:archived", "worker", f"R{number}", {"code": f"=1+{number}"}) for number in range(5)]
        told += [Entry("record:read", "someone", "R1", {"pages": [1]}), Entry("record:received", "worker", "R2", {"name": "密"})]
        for day in range(3):
            with transaction.atomic():
                append(NOW + timedelta(days=day), told, ids=IDS)
            seal.seal(built)
        yield built


def run(folder: Path, *words: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-I", "-S", folder / "verify.py", "--json", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    return done.returncode, json.loads(done.stdout or "{}")


def test_a_range_is_whole_and_says_no_more_than_the_auditor_may_read(house: House, tmp_path: Path) -> None:
    day = NOW.date() + timedelta(days=1)
    given = excerpt.to_folder(house, AUDITOR, Filter(since=day, until=day), tmp_path)
    assert (given.events, given.first, given.last, given.is_range) == (7, 7, 13, True)
    folder = tmp_path / given.path
    code, told = run(folder)
    assert (code, told["ok"]) == (0, True), told
    assert any("其间无一缺少" in row["zh"] for row in told["lines"])
    rows = json.loads((folder / "excerpt.json").read_text())["events"]
    assert [("body" in row, "withheld" in row) for row in rows] == [(True, False)] * 5 + [(False, True)] * 2
    assert "密" not in (folder / "excerpt.json").read_text()
    table = (folder / "events.csv").read_text()
    assert "\"'=1+0" not in table
    assert "编号：=1+0" in table
    assert Event.objects.filter(type="ledger:excerpted", actor=AUDITOR.id).count() == 1


def test_a_selection_says_that_it_is_one(house: House, tmp_path: Path) -> None:
    name, stream = excerpt.to_zip(house, AUDITOR, Filter(person="someone"))
    assert name == "审计摘录 5-19.zip"
    with stream, zipfile.ZipFile(stream) as made:
        made.extractall(tmp_path / "out")
    code, told = run(tmp_path / "out")
    assert code == 0
    assert any("按条件挑选" in row["zh"] and row["state"] == "not" for row in told["lines"])
    assert any("events.csv" in row["zh"] and row["state"] == "not" for row in told["lines"]), "whoever reads the table is told so"
    assert len(json.loads((tmp_path / "out" / "excerpt.json").read_text())["events"]) == 3


@pytest.mark.parametrize("change", ["body", "entry", "path", "position", "gone", "checkpoint"])
def test_every_change_of_it_is_found(house: House, tmp_path: Path, change: str) -> None:
    given = excerpt.to_folder(house, AUDITOR, Filter(), tmp_path)
    place = tmp_path / given.path / "excerpt.json"
    told = json.loads(place.read_text())
    row = told["events"][3]
    if change == "gone":
        del told["events"][3]
    elif change == "checkpoint":
        told["checkpoint"] = told["checkpoint"].replace("\n21\n", "\n22\n")
    elif change == "path":
        row["path"][0] = "00" * 32
    elif change == "position":
        row["position"] += 1
    else:
        row[change] = row[change].replace("R3", "R4").replace("1+3", "1+4")
    place.write_text(json.dumps(told))
    assert run(tmp_path / given.path)[0] == 1


def test_what_is_refused(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for actor, asked, code in (
        (ARCHIVIST, Filter(), "ACCESS-REFUSED"),
        (AUDITOR, Filter(person="nobody"), "EXCERPT-EMPTY"),
    ):
        with pytest.raises(Refusal, match=code):
            excerpt.to_folder(house, actor, asked, tmp_path)
    monkeypatch.setattr(excerpt, "MOST", 3)
    with pytest.raises(Refusal, match="EXCERPT-TOO-LONG"):
        excerpt.to_folder(house, AUDITOR, Filter(), tmp_path)
