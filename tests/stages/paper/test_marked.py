"""Pages that bear a mark of secrecy: erased with a certificate that is signed, and nothing of them stays."""

from dataclasses import replace
from pathlib import Path

import pytest

from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.ports.index import Query
from lantai.shelves.digitising.models import FiledForm, Item, Page, Scan
from lantai.shelves.ledger.models import Event
from lantai.stages import digitise
from lantai.stages.digitise import reading, turning
from lantai.stages.report import scan_filing
from tests.stages.paper.boxes import SECRET, describe, taken
from tests.support import scans
from tests.support.line_house import ARCHIVIST, line_house


def test_a_marked_page_is_erased_with_a_certificate_and_nothing_of_it_stays(fresh_data: Path, box: Path) -> None:
    with line_house(fresh_data, recogniser=scans.Told(*SECRET), scan_settle_seconds=0) as house:
        batch = taken(house, box)
        assert {row.state for row in Item.objects.filter(batch=batch)} == {"erased"}
        assert not Page.objects.filter(batch=batch).exists()
        assert [path for path in (house.data / "scans").rglob("*") if path.is_file()] == []
        assert Event.objects.filter(type="digitising:erased").count() == 2
        told = " ".join(str(row) for row in (*Item.objects.values(), *Scan.objects.values()))
        assert "件一" not in told
        assert "报告" not in told
        assert (
            house.index.search(Query(("机密",), visible=({},))).total == house.index.search(Query(("关于某事",), visible=({},))).total == 0
        )
        again = digitise.take_in(house, ARCHIVIST, batch.id, box)
        assert (again.files, again.items) == (0, 0)


def test_a_mark_that_only_shows_once_the_page_is_turned_erases_it(fresh_data: Path, box: Path) -> None:
    marked = [("机密★10年", 0.97), *scans.NOTICE[0]]
    with line_house(fresh_data, recogniser=scans.Told(*scans.NOTICE * 2, marked), scan_settle_seconds=0) as house:
        batch = taken(house, box)
        page = Page.objects.select_related("scan").filter(batch=batch, item__key="件一").earliest("sequence")
        stored = page.scan.stored
        turning.turn(house, ARCHIVIST, page.id)
        assert Item.objects.get(id=page.item_id).state == "erased"
        assert not (house.data / stored).exists()
        assert not list((house.data / "scans" / batch.id / "pages").glob(f"{page.id}*"))


SECURITY = replace(ARCHIVIST, id="01TESTSECADMIN00000000000"[:26], login="wei", name="卫青云", role="secadmin", department="")


def test_a_mark_that_a_person_reads_again_erases_the_item_and_the_papers_that_name_it(fresh_data: Path, box: Path) -> None:
    marked = [("机密★10年", 0.97)]
    with line_house(fresh_data, recogniser=scans.Told(*scans.NOTICE * 2, marked), scan_settle_seconds=0) as house:
        batch = taken(house, box)
        kept = {row.form: row for row in scan_filing.keep(house, ARCHIVIST, batch.id)}
        before = {name: (house.data / row.stored) for name, row in kept.items()}
        page = Page.objects.filter(batch=batch, item__key="件一").earliest("sequence")
        with pytest.raises(Refusal, match="DIGITISE-MARK-FOUND") as refused:
            reading.read_again(house, ARCHIVIST, page.id, (0, 0, 300, 100))
        assert "件一" not in refused.value.message
        assert Item.objects.get(id=page.item_id).state == "erased"
        assert list((house.data / "scratch").iterdir()) == []
        gone = {name for name, place in before.items() if not place.exists()}
        assert gone == {"scan-plan", "scan-take-out", "scan-give-back", "scan-flow", "scan-results"}
        with pytest.raises(Refusal, match="DIGITISE-FORM-ERASED"):
            scan_filing.shown(house, ARCHIVIST, kept["scan-results"].id)
        again = {row.form: row.edition for row in scan_filing.keep(house, ARCHIVIST, batch.id)}
        assert again["scan-erasure"] == 1
        assert {name for name, edition in again.items() if edition == 2} >= gone
        assert FiledForm.objects.get(id=kept["scan-results"].id).sha256 == kept["scan-results"].sha256


def test_what_was_submitted_is_not_read_again(house: House, box: Path) -> None:
    batch = taken(house, box)
    page = Page.objects.filter(batch=batch).earliest("sequence")
    describe(house, batch)
    with pytest.raises(Refusal, match="DIGITISE-STATE"):
        reading.read_again(house, ARCHIVIST, page.id, (0, 0, 300, 100))


def test_the_security_administrator_signs_that_scans_were_erased(fresh_data: Path, box: Path) -> None:
    with line_house(fresh_data, recogniser=scans.Told(*SECRET), scan_settle_seconds=0) as house:
        batch = taken(house, box)
        assert scan_filing.certificates(SECURITY) == ()
        kept = {row.form: row for row in scan_filing.keep(house, ARCHIVIST, batch.id)}
        (row,) = scan_filing.certificates(SECURITY)
        assert row.id == kept["scan-erasure"].id
        assert scan_filing.shown(house, SECURITY, row.id)[1].startswith(b"%PDF")
        with pytest.raises(Refusal, match="ACCESS-REFUSED"):
            scan_filing.shown(house, SECURITY, kept["scan-results"].id)
        with pytest.raises(Refusal, match="ACCESS-REFUSED"):
            scan_filing.sign(house, ARCHIVIST, row.id, place=scan_filing.SECURITY)
        with pytest.raises(Refusal, match="ACCESS-REFUSED"):
            scan_filing.sign(house, SECURITY, row.id, place="经手人")
        scan_filing.sign(house, SECURITY, row.id, place=scan_filing.SECURITY)
        scan_filing.sign(house, ARCHIVIST, row.id, place="经手人")
        (signed,) = scan_filing.certificates(SECURITY)
        assert scan_filing.is_certified(signed)
        assert Event.objects.filter(type="digitising:countersigned").count() == 2
