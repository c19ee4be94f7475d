"""移交清单 on the screen: made from what is ticked, signed by two accounts, printed."""

from lantai.shelves.register.models import Handover
from tests.web import town as rows
from tests.web.town import Town


def test_a_list_is_made_signed_by_two_and_printed(town: Town) -> None:
    keys = [rows.record(state="arranged").id for _ in range(2)]
    rows.record(state="arranged", department="GHK", title="规划科的一件")
    han, shen = town.client("part_time_archivist"), town.client("archivist")
    page = han.get("/handover/?new").content.decode()
    assert page.count('name="record"') == 2
    assert "规划科的一件" not in page
    answer = han.post("/handover/make", {"department": "BGS", "record": keys, "title": "办公室 2024 年度移交"})
    row = Handover.objects.get()
    assert answer.headers["Location"] == f"/handover/{row.id}/"
    assert "落印，移交 2 件" in han.get(f"/handover/{row.id}/").content.decode()
    assert "落印" not in shen.get(f"/handover/{row.id}/").content.decode().replace("待落印", "")
    assert han.post(f"/handover/{row.id}/give", {"count": "3"}).status_code == 422
    han.post(f"/handover/{row.id}/give", {"count": "2"})
    assert "交方已签，请收方签署" in shen.get("/").content.decode()
    assert "交方已签，请收方签署" not in han.get("/").content.decode()
    assert "落印，接收 2 件" in shen.get("/handover/").content.decode()
    assert shen.post(f"/handover/{row.id}/give", {"count": "2"}).status_code == 403
    shen.post(f"/handover/{row.id}/take", {"count": "2"})
    row.refresh_from_db()
    assert row.state == "done"
    printed = shen.get(f"/handover/{row.id}/list.pdf")
    assert printed.content.startswith(b"%PDF-")
    assert town.client("reader").get("/handover/").status_code == 403


def test_a_list_is_dropped_and_its_records_are_free_again(town: Town) -> None:
    record = rows.record(state="arranged")
    han = town.client("part_time_archivist")
    han.post("/handover/make", {"department": "BGS", "record": [record.id]})
    row = Handover.objects.get()
    assert han.post("/handover/make", {"department": "GHK", "record": [record.id]}).status_code == 403
    assert 'name="record"' not in han.get("/handover/?new").content.decode()
    han.post(f"/handover/{row.id}/drop")
    assert 'name="record"' in han.get("/handover/?new").content.decode()
