"""Records that bring their archival code: registered as it is, never given anew, and archived with metadata alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai import line
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import ArchivalCode, NumberScope, Record
from lantai.shelves.ledger.models import Event
from lantai.stages import accession, capture, number, prove, resume, use
from tests.support.line_house import ARCHIVIST, READER, line_house

HEAD = "题名,文号,责任者,成文日期,档号,保管期限\n"
ROWS = (
    "关于库房搬迁的通知,云发改〔2011〕3号,云汀市发展和改革委员会,2011-03-04,Z109-WS·2011-D30-BGS-0007,30年\n"
    "关于成立临时小组的决定,云发改〔1988〕2号,云汀市计划委员会,1988-05-06,C038-001-002-003,永久\n"
    "关于节水工作的报告,云发改〔2012〕9号,云汀市发展和改革委员会,2012-07-08,,30年\n"
)


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


def imported(house: House, tmp_path: Path, rows: str = ROWS) -> str:
    source = tmp_path / "目录.csv"
    source.write_text(HEAD + rows, encoding="utf-8")
    batch_id = capture.open_batch(house, ARCHIVIST, [source], channel="catalogue", department="BGS")
    line.finish(house)
    return batch_id


def test_codes_of_both_forms_are_kept_and_the_rest_is_numbered_behind_them(house: House, tmp_path: Path) -> None:
    outcome = line.archive(house, ARCHIVIST, [imported(house, tmp_path)])
    assert (outcome.archived, outcome.left) == (3, ())
    codes = set(Record.objects.values_list("code", flat=True))
    assert {"Z109-WS·2011-D30-BGS-0007", "C038-001-002-003"} < codes
    assert NumberScope.objects.get(scope="Z109-WS·2011-D30-BGS").last == 7
    assert use.find_record("C038-001-002-003").fonds == "C038"
    assert prove.verify_as_service(house, None).ok
    told = Event.objects.filter(type="record:accessioned").values_list("object_id", flat=True)
    assert use.find_record("C038-001-002-003").id in told


def test_a_record_known_by_its_catalogue_alone_has_a_package_of_metadata_alone(house: House, tmp_path: Path) -> None:
    line.archive(house, ARCHIVIST, [imported(house, tmp_path)])
    row = use.find_record("C038-001-002-003")
    assert row.content_basis == "physical_only"
    assert sorted(house.store.files(row.id)) == ["proof.json", "record.xml", "report.json"]


def test_a_record_with_a_code_is_never_numbered(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path)
    row = Record.objects.get(title="关于库房搬迁的通知")
    seen = number.preview(house, ARCHIVIST, year=row.year, department=row.department, retention=row.retention)
    assert seen.items == ()
    assert [problem.code for _, problem in seen.problems] == ["NUMBER-HAS-CODE"]


@pytest.mark.parametrize(
    ("code", "flag"), [("第三柜第二格", "ACCESSION-CODE-UNREADABLE"), ("Z109-WS·2011-D30-BGS-0007", "ACCESSION-CODE-TAKEN")]
)
def test_a_code_that_cannot_stand_rests_with_its_reason(house: House, tmp_path: Path, code: str, flag: str) -> None:
    line.archive(house, ARCHIVIST, [imported(house, tmp_path)])
    other = tmp_path / "另一批"
    other.mkdir()
    batch_id = imported(house, other, f"关于另一件事的通知,云发改〔2011〕4号,云汀市发展和改革委员会,2011-03-05,{code},30年\n")
    outcome = line.archive(house, ARCHIVIST, [batch_id])
    assert outcome.archived == 0
    assert Record.objects.get(batch_id=batch_id).needs_attention == flag
    assert ArchivalCode.objects.filter(value="Z109-WS·2011-D30-BGS-0007").count() == 1


def test_a_code_that_rested_is_read_again_once_its_reason_is_gone(house: House, tmp_path: Path) -> None:
    batch_id = imported(house, tmp_path, "关于另一件事的通知,云发改〔2011〕4号,云汀市发展和改革委员会,2011-03-05,第三柜第二格,30年\n")
    line.archive(house, ARCHIVIST, [batch_id])
    row = Record.objects.get(needs_attention="ACCESSION-CODE-UNREADABLE")
    Record.objects.update(elements=row.elements | {"archival_code": "Z109-WS·2011-D30-BGS-0009"})
    assert resume.resume(house, ARCHIVIST, batch_id) == 1
    assert line.archive(house, ARCHIVIST, [batch_id]).archived == 1


def test_only_who_may_number_may_register(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path)
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        accession.accession(house, READER, list(Record.objects.values_list("id", flat=True)))
