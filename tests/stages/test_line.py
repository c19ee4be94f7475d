"""The whole line on real files: in = out at every turn, and every archived record proves itself."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import ocfl
import pytest

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.packages import report_xml
from lantai.ports import House
from lantai.shelves.holdings.models import ArchivalCode, ComputerFile, Document, NumberRange, Record
from lantai.shelves.intake.models import Arrival, Batch, Quarantine, Report
from lantai.shelves.ledger.models import Event
from lantai.stages import accept, arrange, capture, find, number, prove, use, verifications
from lantai.stages.report import summary
from lantai.stages.succession import Terms
from tests.support.line_house import ARCHIVIST, READER, line_house


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    """A trial installation without a virus engine."""
    with line_house(fresh_data) as built:
        yield built


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Five one-page documents."""
    one_page_pdfs(tmp_path / "papers", 5, 7)
    return tmp_path / "papers"


def run(house: House, source: Path, channel: str = "manual") -> Batch:
    """Capture a source and do everything that is due."""
    batch_id = capture.open_batch(house, ARCHIVIST, [source], channel=channel, department="BGS")
    line.finish(house)
    return Batch.objects.get(id=batch_id)


def test_papers_become_archived_searchable_provable_records(house: House, papers: Path) -> None:
    batch = run(house, papers)
    assert (batch.state, batch.record_count, batch.file_count) == ("accepted", 5, 5)
    told = summary.report_of(house, ARCHIVIST, batch.code, gate="arrival")
    assert (told["subject"]["kind"], report_xml.read(report_xml.write(told))) == ("batch", told)
    outcome = line.archive(house, ARCHIVIST, [batch.code])
    assert (outcome.archived, outcome.left) == (5, ())
    batch.refresh_from_db()
    assert batch.state == "done"
    records = list(Record.objects.all())
    assert {row.state for row in records} == {State.ARCHIVED}
    assert {row.conclusion for row in records} == {"trial"}
    assert sorted(code.item_number for code in ArchivalCode.objects.filter(scope=outcome.scopes[0].scope)) == list(
        range(1, outcome.scopes[0].count + 1)
    )
    assert not list((house.staging / batch.id).iterdir())
    assert prove.verify_as_service(house, None).as_json()["problems"] == []
    for row in records:
        found = find.search(house, ARCHIVIST, row.title)
        assert row.id in [hit.record_id for hit in found.hits]
    assert {event.type for event in Event.objects.all()} >= {"batch:opened", "batch:received", "record:numbered", "record:archived"}


def test_every_object_of_the_vault_passes_another_implementation(house: House, papers: Path) -> None:
    batch = run(house, papers)
    line.archive(house, ARCHIVIST, [batch.code])
    roots = sorted(path.parent for path in (house.data / "vault").rglob("0=ocfl_object_1.1"))
    assert len(roots) == 5
    for root in roots:
        assert ocfl.Object().validate(str(root))[0]


def test_source_files_are_never_touched(house: House, papers: Path) -> None:
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in papers.iterdir()}
    batch = run(house, papers)
    line.archive(house, ARCHIVIST, [batch.code])
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in papers.iterdir()} == before


def test_the_same_files_again_are_duplicates_not_records(house: House, papers: Path) -> None:
    run(house, papers)
    again = run(house, papers)
    assert again.record_count == 0
    assert list(Arrival.objects.filter(batch=again).values_list("outcome", flat=True)) == ["duplicate"] * 5


def test_receiving_twice_changes_nothing(house: House, papers: Path) -> None:
    batch = run(house, papers)
    Batch.objects.filter(id=batch.id).update(state="receiving")
    capture.receive(house, batch.id)
    assert Record.objects.count() == 5
    assert Arrival.objects.filter(batch=batch).count() == 5


def test_a_state_secret_is_sealed_and_leaves_no_trace(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    marked = "机密★10年\n\n关于某项工作安排的通知\n各科室：按要求办理。\n".encode()
    (folder / "甲.txt").write_bytes(marked)
    (folder / "乙.txt").write_text("关于值班安排的通知\n各科室：按要求办理。", encoding="utf-8")
    batch = run(house, folder)
    assert Record.objects.count() == 1
    assert Quarantine.objects.filter(batch=batch, state="held").count() == 1
    for path in house.data.rglob("*"):
        if path.is_file() and path.suffix not in {".db", ".db-wal", ".db-shm"}:
            assert "某项工作".encode() not in path.read_bytes(), path
    rows = json.dumps(list(Arrival.objects.filter(batch=batch).values("path", "finding", "outcome")), ensure_ascii=False)
    assert "甲" not in rows
    assert (folder / "甲.txt").read_bytes() == marked


def test_a_container_is_unpacked_and_a_path_escape_costs_nobody_else(house: House, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "来文.zip", "w") as archive:
        archive.writestr("../escaped.txt", "x")
        archive.writestr("通知.txt", "关于值班安排的通知")
    batch = run(house, tmp_path / "来文.zip")
    outcomes = dict(Arrival.objects.filter(batch=batch).values_list("path", "outcome"))
    assert outcomes["来文.zip"] == "container"
    assert outcomes["来文.zip/通知.txt"] == "record"
    assert sorted(outcomes.values()).count("refused") == 1
    assert not list(tmp_path.rglob("escaped.txt"))
    assert batch.file_count == len(outcomes)


def test_without_an_engine_a_production_line_stops_before_archiving(fresh_data: Path, papers: Path) -> None:
    with line_house(fresh_data, kind="production") as house:
        batch = run(house, papers)
        with pytest.raises(Refusal, match="整批的检测还有没过的项") as refused:
            line.archive(house, ARCHIVIST, [batch.code])
        assert [reason.where for reason in refused.value.reasons]
        assert Report.objects.filter(conclusion="error").exists()
        assert not Record.objects.exclude(code="").exists()


def test_returned_records_leave_the_rest_alone(house: House, papers: Path) -> None:
    batch = run(house, papers, channel="oa")
    first = Record.objects.order_by("id").first()
    assert first is not None
    assert accept.give_back(house, ARCHIVIST, batch.id, record_ids=(first.id,), reason="附件缺失", terms=Terms("请补附件")) == 1
    assert accept.accept(house, ARCHIVIST, batch.id) == 4
    line.finish(house)
    states = sorted(Record.objects.values_list("state", flat=True))
    assert states == ["arranged"] * 4 + ["returned"]


def test_a_revision_keeps_both_values_and_refuses_a_stale_hand(house: House, papers: Path) -> None:
    run(house, papers)
    row = Record.objects.order_by("id").first()
    assert row is not None
    arrange.revise(house, ARCHIVIST, row.id, version=row.version, changes={"title": "关于改正题名的通知", "retention": "永久"})
    with pytest.raises(Refusal, match="RECORD-CHANGED-MEANWHILE"):
        arrange.revise(house, ARCHIVIST, row.id, version=row.version, changes={"title": "另一个题名"})
    row.refresh_from_db()
    assert (row.title, row.retention, row.due_date) == ("关于改正题名的通知", "Y", "")


def test_fixing_a_class_refuses_another_count_than_was_seen(house: House, papers: Path) -> None:
    run(house, papers)
    row = Record.objects.order_by("id").first()
    assert row is not None
    place = {"year": row.year, "department": row.department, "retention": row.retention}
    seen = number.preview(house, ARCHIVIST, **place)
    with pytest.raises(Refusal, match="NUMBER-COUNT-CHANGED"):
        number.fix(house, ARCHIVIST, **place, expected=len(seen.items) + 1)
    assert not NumberRange.objects.exists()
    assert not ArchivalCode.objects.exists()


def test_after_fixing_nothing_can_be_revised_or_returned(house: House, papers: Path) -> None:
    batch = run(house, papers)
    line.archive(house, ARCHIVIST, [batch.code])
    row = Record.objects.first()
    assert row is not None
    with pytest.raises(Refusal, match="RECORD-CODE-FIXED"):
        arrange.revise(house, ARCHIVIST, row.id, version=row.version, changes={"title": "x"})
    with pytest.raises(Refusal, match="RECORD-NOT-MOVABLE"):
        accept.give_back(house, ARCHIVIST, batch.id, record_ids=None, reason="迟了")


def test_a_reader_sees_only_what_the_table_allows(house: House, papers: Path) -> None:
    batch = run(house, papers)
    line.archive(house, ARCHIVIST, [batch.code])
    row = Record.objects.first()
    assert row is not None
    assert find.search(house, READER, row.title).total == 0
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        use.open_record(house, READER, row.id)
    Record.objects.update(opening="open")
    line.finish(house)
    assert use.open_record(house, READER, row.code).id == row.id


def test_a_changed_byte_in_the_vault_is_found_and_named(house: House, papers: Path) -> None:
    batch = run(house, papers)
    line.archive(house, ARCHIVIST, [batch.code])
    victim = next((house.data / "vault").rglob("*.pdf"))
    victim.chmod(0o644)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    found = prove.verify_as_service(house, None)
    assert not found.ok
    assert len({problem.record for problem in found.problems}) == 1


def test_a_vault_that_is_away_is_no_verdict_on_a_record(house: House, papers: Path) -> None:
    batch = run(house, papers)
    line.archive(house, ARCHIVIST, [batch.code])
    row = Record.objects.filter(state="archived").earliest("id")
    assert prove.verify_as_service(house, [row.id]).ok
    good = verifications.last_good(row.id)
    (house.data / "vault").rename(house.data / "vault-away")
    found = prove.verify_as_service(house, [row.id])
    assert [item.code for item in found.problems] == ["PROVE-NOT-POSSIBLE"]
    assert "没有挂上" in found.problems[0].message
    last = next(verifications.of(row.id))
    assert (last.problems, last.is_unable, verifications.last_good(row.id)) == (0, True, good)
    assert not (house.data / "vault").exists(), "no empty vault was made in its place"


def test_a_changed_row_is_found_against_the_package(house: House, papers: Path) -> None:
    batch = run(house, papers)
    line.archive(house, ARCHIVIST, [batch.code])
    item = ComputerFile.objects.first()
    assert item is not None
    ComputerFile.objects.filter(id=item.id).update(sha256="0" * 64)
    assert [problem.code for problem in prove.verify_as_service(house, None).problems] == ["PROVE-ROW-DIFFERS"]
    Document.objects.filter(id=item.document_id).update(role="改动")
    assert [problem.code for problem in prove.verify_as_service(house, None).problems] == ["PROVE-ROW-UNREADABLE"]


def test_an_archive_that_died_before_saying_so_is_taken_up(house: House, papers: Path) -> None:
    """The vault holds the objects, the rows do not say so: the next run believes the bytes and writes nothing twice."""
    batch = run(house, papers)
    line.archive(house, ARCHIVIST, [batch.code])
    before = sorted(str(path) for path in (house.data / "vault").rglob("*"))
    Record.objects.update(state=State.NUMBERED, content_version=0, archived_at=None)
    line.finish(house)
    assert set(Record.objects.values_list("state", "content_version")) == {("archived", 1)}
    assert sorted(str(path) for path in (house.data / "vault").rglob("*")) == before
