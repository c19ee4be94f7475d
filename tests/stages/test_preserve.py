"""The preservation gate as a service: what is damaged is found and told, runs go on after death, and differ from the last."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai import line, work
from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger import log
from lantai.shelves.ledger.models import Event
from lantai.shelves.reports import queries as reports
from lantai.shelves.upkeep.models import Plan, Result, Run
from lantai.stages import capture, preserve, seal
from lantai.stages.preserve import Scope, plans
from lantai.stages.preserve.work import pause
from tests.support.clamd import Fresh, address, running
from tests.support.line_house import ARCHIVIST, READER, line_house
from tests.support.told import types

RECORDS = 12
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dozen documents."""
    folder = tmp_path_factory.mktemp("papers")
    one_page_pdfs(folder, RECORDS, 11)
    return folder


@pytest.fixture
def house(fresh_data: Path, papers: Path) -> Iterator[House]:
    """A trial installation with a dozen records in the vault, worked on in slices of five."""
    with line_house(fresh_data, slice_records=5) as built:
        batch_id = capture.open_batch(built, ARCHIVIST, [papers], channel="manual", department="BGS")
        line.archive(built, ARCHIVIST, [batch_id])
        assert Record.objects.filter(state="archived").count() == RECORDS
        yield built


def check(house: House, scope: Scope | None = None) -> Run:
    run = preserve.start(house, ARCHIVIST, scope or Scope())
    line.finish(house)
    return Run.objects.get(id=run.id)


def victim(house: House) -> tuple[Record, Path]:
    """A record and the main file of its object."""
    path = sorted((house.data / "vault").rglob("*.pdf"))[0]
    record = next(row for row in Record.objects.all() if row.id.lower() in str(path).lower())
    path.chmod(0o644)
    return record, path


def events(kind: str) -> list[dict[str, object]]:
    return [json.loads(row.payload.body) for row in Event.objects.filter(type=kind).order_by("id")]


def test_a_whole_holding_passes_and_every_record_has_its_report(house: House) -> None:
    run = check(house)
    assert (run.state, run.total, run.done) == ("done", RECORDS, RECORDS)
    assert run.conclusion == "manual"  # plain PDF is for a person to judge at this gate
    assert set(Result.objects.values_list("change", flat=True)) == {"first"}
    assert Report.objects.filter(gate="preservation", id__in=Result.objects.values("report_id")).count() == RECORDS
    assert events("preservation:concluded")[0]["conclusions"] == {"manual": RECORDS}


def outcomes(record: Record, number: str) -> list[str]:
    """The outcomes of an item in the reports of a record's runs, oldest first."""
    rows = Report.objects.filter(gate="preservation", subject_id=record.id).order_by("id")
    return [next(item["outcome"] for item in reports.body(row)["items"] if item["id"].endswith(number)) for row in rows]


def test_ledger_and_tables_are_asked(house: House) -> None:
    record = Record.objects.earliest("id")
    check(house)
    seal.seal(house)
    check(house)
    ComputerFile.objects.filter(record=record).update(sm3="0" * 64)
    position = Event.objects.get(object_id=record.id, type="record:archived").position
    assert position is not None
    place = log.folder(house.data).root / "tile" / "0" / "000"
    (tile,) = [place] if place.is_file() else list(place.with_name("000.p").iterdir())
    content = tile.read_bytes()
    tile.write_bytes(content[: 32 * (position ^ 1)] + bytes(32) + content[32 * ((position ^ 1) + 1) :])
    check(house)
    assert outcomes(record, "4.07") == ["not_applicable", "pass", "fail"]
    assert outcomes(record, "3.02") == ["pass", "pass", "fail"]


@pytest.mark.needs("clamav-daemon")
def test_a_virus_that_nobody_knew_on_arrival_is_found_later(fresh_data: Path, papers: Path, tmp_path: Path) -> None:
    folder = tmp_path / "av"
    with line_house(fresh_data, scanner=Fresh(address(folder))) as house:
        with running(folder):
            batch_id = capture.open_batch(house, ARCHIVIST, [next(papers.iterdir())], channel="manual", department="BGS")
            line.archive(house, ARCHIVIST, [batch_id])
            record = Record.objects.get(state="archived")
            check(house)
        with running(folder, {"Late": b"LANTAI+Face"}):
            check(house)
        check(house)
        assert outcomes(record, "4.02") == ["pass", "fail", "error"]  # clean, known today, and today nobody looked
        assert "GD-4-2" in Result.objects.order_by("id").values_list("codes", flat=True)[1]


def test_a_changed_byte_is_found_told_and_taken_back_once_mended(house: House) -> None:
    check(house)
    record, path = victim(house)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    run = check(house)
    record.refresh_from_db()
    result = Result.objects.get(run=run, record_id=record.id)
    assert run.conclusion == "fail"
    assert record.needs_attention == "PRESERVE-DAMAGED"
    assert (result.conclusion, result.before, result.change, result.is_damaged) == ("fail", "manual", "new", True)
    assert "OCFL-E092" in result.codes
    outcomes = {item["id"]: item["outcome"] for item in reports.body(Report.objects.get(id=result.report_id))["items"]}
    assert outcomes["preservation.1.14"] == "fail"
    assert [body["damaged"] for body in events("preservation:concluded")] == [0, 1]
    assert len(events("preservation:damaged")) == 1
    assert Result.objects.filter(run=run, change="same").count() == RECORDS - 1

    again = check(house)
    assert Result.objects.get(run=again, record_id=record.id).change == "same"
    path.write_bytes(content)
    mended = check(house)
    record.refresh_from_db()
    assert (mended.conclusion, record.needs_attention) == ("manual", "")
    assert Result.objects.get(run=mended, record_id=record.id).change == "mended"
    assert len(events("preservation:mended")) == 1


def test_an_object_that_is_gone_is_damage_and_a_vault_that_is_away_is_not(house: House) -> None:
    record, path = victim(house)
    shutil.rmtree(next(folder for folder in path.parents if (folder / "inventory.json").is_file() and folder.name != "v1"))
    check(house)
    record.refresh_from_db()
    assert record.needs_attention == "PRESERVE-DAMAGED"

    vault = house.data / "vault"
    for folder in [each for each in vault.iterdir() if each.is_dir()]:
        shutil.move(folder, house.data / f"away-{folder.name}")
    run = preserve.start(house, ARCHIVIST, Scope())
    with pytest.raises(Fault) as told:
        preserve.run_to_end(house, run.id)
    assert told.value.code == "PRESERVE-VAULT-AWAY"
    assert told.value.is_retryable
    assert Record.objects.exclude(needs_attention="").count() == 1
    line.finish(house)
    assert (Run.objects.get(id=run.id).state, Run.objects.get(id=run.id).reason) == ("failed", "PRESERVE-VAULT-AWAY")
    assert events("preservation:failed") == [{"reason": "PRESERVE-VAULT-AWAY"}]

    for folder in house.data.glob("away-*"):
        shutil.move(folder, vault / folder.name.removeprefix("away-"))
    preserve.resume(house, ARCHIVIST, run.id)
    line.finish(house)
    assert Run.objects.get(id=run.id).state == "done"


def test_a_killed_run_goes_on_where_it_was_and_nothing_is_done_twice(house: House) -> None:
    run = preserve.start(house, ARCHIVIST, Scope())
    environment = os.environ | {
        "LANTAI_DATA": str(house.data),
        "LANTAI_KIND": "trial",
        "LANTAI_AGENCY": house.settings.agency,
        "LANTAI_SLICE_RECORDS": "5",
        "DJANGO_SETTINGS_MODULE": "lantai.server.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    ended = subprocess.run([sys.executable, "-m", "tests.support.preserve_process", run.id, "8"], env=environment, check=False, cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL
    run.refresh_from_db()
    assert (run.state, run.done, Result.objects.filter(run=run).count()) == ("running", 5, 5)
    line.finish(house)
    run.refresh_from_db()
    assert (run.state, run.done) == ("done", RECORDS)
    assert Result.objects.filter(run=run).count() == RECORDS
    assert len(events("preservation:concluded")) == 1


def test_a_stopped_run_stays_where_it_is_until_it_is_resumed(house: House) -> None:
    run = preserve.start(house, ARCHIVIST, Scope())

    def stop(_: float) -> None:
        if Run.objects.get(id=run.id).done:
            Run.objects.filter(state="running").exists() and preserve.stop(house, ARCHIVIST, run.id)

    preserve.run_to_end(house, run.id, sleep=stop)
    line.finish(house)
    run.refresh_from_db()
    assert (run.state, run.done) == ("stopped", 5)
    with pytest.raises(Refusal, match="PRESERVE-STATE"):
        preserve.stop(house, ARCHIVIST, run.id)
    preserve.resume(house, ARCHIVIST, run.id)
    line.finish(house)
    run.refresh_from_db()
    assert (run.state, run.done) == ("done", RECORDS)
    assert {"preservation:started", "preservation:stopped", "preservation:resumed"} <= types()


def test_plans_take_their_slots_in_turn_until_all_is_covered(house: House) -> None:
    order = plans.Order("每月抽检", "month", 34)
    plan = preserve.make_plan(house, ARCHIVIST, order)
    assert work.sweep(house) == 1
    line.finish(house)
    assert preserve.begin_due(house) == 0
    assert Run.objects.get().occasion == "planned"
    for month in ("2001-01", "2001-02"):
        Run.objects.filter(plan=plan).exclude(period__startswith="2001").update(period=month)
        assert preserve.begin_due(house) == 1
        line.finish(house)
    assert sorted(Run.objects.values_list("slot", flat=True)) == [0, 1, 2]
    assert Result.objects.count() == RECORDS
    assert Result.objects.values("record_id").distinct().count() == RECORDS
    preserve.retire_plan(house, ARCHIVIST, plan.id)
    assert not preserve.is_due(house.clock.now())
    assert Plan.objects.get().retired_by == ARCHIVIST.id
    assert {"preservation:planned", "preservation:retired"} <= types()


def test_who_may_and_what_is_asked_for_wrongly(house: House) -> None:
    tao = Actor("01TESTSYSADMIN000000000000", "tao", "陶志刚", "sysadmin")
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        preserve.start(house, READER, Scope())
    with pytest.raises(Refusal, match="PRESERVE-SHARE"):
        preserve.start(house, tao, Scope(share_percent=0))
    with pytest.raises(Refusal, match="PRESERVE-NOTHING"):
        preserve.start(house, tao, Scope(category="KJ"))
    with pytest.raises(Refusal, match="周期、比例、保管期限"):
        preserve.make_plan(house, tao, plans.Order("计划", "day", 120, retention="很久"))
    assert check(house, Scope(occasion="restore")).done == RECORDS


def test_reading_is_slowed_to_the_limit() -> None:
    assert pause(10 * 1024**2, 0.5, 0) == 0
    assert pause(10 * 1024**2, 0.5, 10) == 0.5
    assert pause(10 * 1024**2, 3.0, 10) == 0
    assert pause(10**12, 0.0, 1) == 30
