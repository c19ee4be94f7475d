"""A virus engine appears later: what waited for it is scanned and goes on, or a person is told; nothing is removed."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai import line, work
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Batch, Report
from lantai.shelves.ledger.models import Event
from lantai.shelves.reports import queries
from lantai.stages import capture, prove, recheck
from tests.support.clamd import EICAR, Fresh, address, running
from tests.support.line_house import ARCHIVIST, line_house

pytestmark = pytest.mark.needs("clamav-daemon")


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """The folder of a clamd that does not run yet; short, for a socket's path may have 107 bytes."""
    return tmp_path / "av"


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Three clean documents and one that the engine objects to."""
    one_page_pdfs(tmp_path / "papers", 3, 7)
    return tmp_path / "papers"


@pytest.fixture
def infected(papers: Path) -> Path:
    """A fourth document with the test string."""
    text = "云汀市发展和改革委员会\n关于值班安排的通知\n各科室：请按要求安排。\n云汀市发展和改革委员会\n2026年3月2日\n"
    (papers / "值班.txt").write_bytes(text.encode() + EICAR)
    return papers


@pytest.fixture
def trial(fresh_data: Path, engine: Path) -> Iterator[House]:
    """A trial installation whose engine does not answer yet."""
    with line_house(fresh_data, scanner=Fresh(address(engine))) as house:
        yield house


@pytest.fixture
def production(fresh_data: Path, engine: Path) -> Iterator[House]:
    """A production installation whose engine does not answer yet."""
    with line_house(fresh_data, kind="production", scanner=Fresh(address(engine))) as house:
        yield house


def deliver(house: House, folder: Path) -> str:
    batch_id = capture.open_batch(house, ARCHIVIST, [folder], channel="manual", department="BGS")
    line.finish(house)
    return batch_id


def states() -> list[tuple[str, str, str]]:
    return sorted(Record.objects.values_list("state", "conclusion", "needs_attention"))


def test_without_an_engine_nothing_is_done(trial: House, papers: Path) -> None:
    line.archive(trial, ARCHIVIST, [deliver(trial, papers)])
    assert recheck.is_due()
    assert recheck.recheck(trial) == 0
    assert {conclusion for _, conclusion, _ in states()} == {"trial"}


def test_what_a_trial_archived_unscanned_passes_once_it_is_scanned(trial: House, papers: Path, engine: Path) -> None:
    line.archive(trial, ARCHIVIST, [deliver(trial, papers)])
    assert states() == [("archived", "trial", "")] * 3
    with running(engine):
        line.finish(trial)
    assert states() == [("archived", "pass", "")] * 3
    assert set(ComputerFile.objects.values_list("virus", flat=True)) == {"clean"}
    for report in Report.objects.filter(gate="preservation"):
        outcomes = {item["id"]: item["outcome"] for item in queries.body(report)["items"]}
        assert (outcomes["preservation.4.01"], outcomes["preservation.4.02"], outcomes["preservation.1.14"]) == ("pass",) * 3
    told = [json.loads(event.payload.body) for event in Event.objects.filter(type="record:rechecked")]
    assert len(told) == Report.objects.filter(gate="preservation").count() == 3
    assert all(list(body["verdicts"].values()) == ["clean"] and "ClamAV" in body["engine"] for body in told)
    assert prove.verify_as_service(trial, None).as_json()["problems"] == []
    assert not recheck.is_due()


def test_an_infected_one_in_the_vault_is_flagged_and_kept(trial: House, infected: Path, engine: Path) -> None:
    line.archive(trial, ARCHIVIST, [deliver(trial, infected)])
    archived = Record.objects.filter(state="archived").count()
    with running(engine):
        line.finish(trial)
        line.finish(trial)
    flagged = Record.objects.get(needs_attention="VIRUS-FOUND")
    assert (flagged.state, flagged.conclusion) == ("archived", "fail")
    assert ComputerFile.objects.get(record_id=flagged.id).virus == "infected:Own.Eicar.UNOFFICIAL"
    assert trial.store.has(flagged.id, 1)
    assert Record.objects.filter(state="archived").count() == archived
    assert Report.objects.filter(subject_id=flagged.id, gate="preservation").count() == 1


def test_records_whose_arrival_check_could_not_run_go_on_by_themselves(production: House, infected: Path, engine: Path) -> None:
    batch_id = deliver(production, infected)
    assert {flag for _, _, flag in states()} == {"CHECK-NOT-RUN"}
    with running(engine):
        line.finish(production)
        assert states() == [("arranged", "pass", "")] * 3 + [("described", "fail", "CHECK-FAILED")]
        assert Batch.objects.get(id=batch_id).conclusion != "error"
        assert line.archive(production, ARCHIVIST, [batch_id]).archived == 3
    assert Record.objects.filter(conclusion="pass", state="archived").count() == 3


def test_a_delivery_that_waits_for_a_person_goes_on_waiting(production: House, papers: Path, engine: Path) -> None:
    batch_id = capture.open_batch(production, ARCHIVIST, [papers], channel="oa", department="BGS")
    line.finish(production)
    with running(engine):
        line.finish(production)
    assert states() == [("described", "pass", "")] * 3
    assert Batch.objects.get(id=batch_id).state == "waiting"


def test_numbered_records_that_the_gate_could_not_judge_are_archived(production: House, papers: Path, engine: Path) -> None:
    with running(engine):
        deliver(production, papers)
    ComputerFile.objects.update(virus="not_scanned")
    line.seal(production, ARCHIVIST, list(Record.objects.filter(state="arranged")))
    line.finish(production)
    assert {flag for _, _, flag in states()} == {"ARCHIVE-CHECK-NOT-RUN"}
    shutil.rmtree(engine)
    with running(engine):
        line.finish(production)
    assert states() == [("archived", "pass", "")] * 3


def test_what_the_engine_cannot_judge_is_tried_a_few_times_only(trial: House, tmp_path: Path, engine: Path) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    (folder / "长文.txt").write_text(
        "云汀市发展和改革委员会\n关于值班安排的通知\n" + "各科室按要求办理。\n" * 60_000 + "云汀市发展和改革委员会\n2026年3月2日\n",
        encoding="utf-8",
    )
    line.archive(trial, ARCHIVIST, [deliver(trial, folder)])
    with running(engine):
        for _ in range(recheck.TRIES + 2):
            recheck.recheck(trial)
    row = Record.objects.get()
    assert (row.state, row.conclusion, row.needs_attention, row.attempts) == ("archived", "trial", "", recheck.TRIES)
    assert Report.objects.filter(gate="preservation").count() == recheck.TRIES
    assert not recheck.is_due()


def test_bytes_that_changed_in_the_vault_are_not_passed(trial: House, papers: Path, engine: Path) -> None:
    line.archive(trial, ARCHIVIST, [deliver(trial, papers)])
    victim = next((trial.data / "vault").rglob("*.pdf"))
    victim.chmod(0o644)
    victim.write_bytes(victim.read_bytes() + b"x")
    with running(engine):
        recheck.recheck(trial)
    assert states() == [("archived", "pass", "")] * 2 + [("archived", "trial", "RECHECK-FAILED")]


def test_the_sweeper_asks_the_engine_only_where_something_waits(production: House) -> None:
    assert work.sweep(production) <= 1
    assert not recheck.is_due()
