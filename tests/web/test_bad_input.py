"""What people paste and forge into the screens of set-up and 整理: each gets a sentence, nothing fails, nothing that was typed is lost."""

import pytest
from django.test import Client

from lantai.shelves.holdings.models import AgentName, Record
from lantai.shelves.ledger.models import Event
from lantai.stages import categories
from tests.web import town as rows
from tests.web.conftest import house, town
from tests.web.town import Town

__all__ = ["house", "town"]
LONG = "长" * 10_000
BAD = ("", "甲\x07乙", LONG, "0", "9" * 30, "2024-02-30", "<b>甲</b>", "01FORGED")
FORM = "{fonds}-{category}·{year}·{retention}-{volume:03d}-{item:03d}"
#: An address, and what its form sends when nobody means harm.
SET_UP = {
    "/system/agency/change": (
        {"act": "unit", "name": "云汀市水务局", "since": "2024-01-01"},
        {"act": "add", "code": "GHK", "name": "规划科", "since": "2024-01-01"},
        {"act": "rename", "code": "BGS", "name": "综合办公室", "since": "2024-01-01"},
        {"act": "close", "code": "BGS", "since": "2024-01-01", "into": "CWK"},
    ),
    "/system/agency/category": ({"category": "KU", "name": "会计", "filing": "volume", "template": FORM, "reason": "定", "act": "decide"},),
    "/system/classes/scheme": ({"category": "WS", "form": "year-subject-retention", "terms": "ZH 综合", "since": "2025", "reason": "定"},),
    "/system/classes/list": ({"code": "wenzhong", "name": "文种", "values": "通知", "reason": "定", "act": "decide"},),
    "/system/schedule/line": (
        {"id": "X01", "name": "防汛文件", "retention": "永久", "any_of": "防汛", "reason": "定", "seen": "0"},
    ),
    "/system/metadata/rule": ({"category": "", "code": "copy_number", "name": "份号", "max_length": "6", "reason": "定", "is_new": "yes"},),
}  # fmt: skip
CHOSEN = {"year": "2024", "department": "BGS", "retention": "D30"}


def sent(client: Client, address: str, given: dict[str, str]) -> str:
    """Send a form and return the page; nothing is a bug, and a refusal says in Chinese what happened."""
    answer = client.post(address, given)
    assert answer.status_code in (200, 204, 302, 400, 403, 404, 409, 422), (address, given, answer.status_code)
    text = answer.content.decode()
    assert answer.status_code in (200, 204, 302, 400) or "没有" in text or "不能" in text or "须" in text, (address, given, text[:500])
    return text if answer.status_code == 422 else ""


@pytest.mark.parametrize("address", SET_UP)
def test_set_up_takes_whatever_is_pasted_and_keeps_what_was_typed(town: Town, address: str) -> None:
    client = town.client("sysadmin")
    for form in SET_UP[address]:
        for name in form:
            for bad in BAD if name != "act" else ():
                text = sent(client, address, form | {name: bad})
                typed = [value for key, value in form.items() if key in ("name", "terms", "values", "any_of") and key != name]
                lost = [value for value in typed if text and value not in text and form.get("act") not in ("unit", "rename")]
                assert not lost, (form, name, bad, lost)
    assert not AgentName.objects.filter(name__contains="\x07").exists()


@pytest.mark.parametrize("name", ["title", "document_number", "date", "year", "retention", "department", "author", "annotation"])
def test_the_form_of_a_record_takes_whatever_is_pasted(town: Town, name: str) -> None:
    row = rows.record()
    client = town.client("archivist")
    for bad in BAD:
        version = Record.objects.get(id=row.id).version
        sent(client, f"/arrange/revise/{row.id}", {"version": str(version), name: bad, f"was_{name}": "?", "back": "/arrange/"})
    kept = Record.objects.get(id=row.id)
    assert all("\x07" not in str(getattr(kept, column)) for column in ("title", "document_number", "author", "department", "year"))
    assert (kept.year, kept.retention) in {("2024", "D30")}
    assert len(kept.document_date) in (4, 6, 8)


def test_forged_names_and_places_of_the_workbench_are_refused_in_words(town: Town) -> None:
    row, client = rows.record(), town.client("archivist")
    categories.decide(town.house, town.actor("archivist"), "KU", categories.Wanted("会计", "volume", FORM), reason="定")
    before = Event.objects.exclude(type="access:refused").count()
    for bad in BAD:
        for name in ("year", "department", "retention", "category", "words", "order", "from", "record", "attention"):
            assert client.get("/arrange/", {**CHOSEN, name: bad}).status_code in (200, 302, 404, 422), (name, bad)
            assert client.get("/arrange/fix/dialog", {**CHOSEN, name: bad}).status_code in (200, 404, 422), (name, bad)
        for address, given in (
            (f"/arrange/revise/{bad[:40].strip('./') or 'x'}", {"version": "1", "title": "甲", "was_title": "乙"}),
            ("/arrange/bulk", {"act": "retention", "record": bad, "value": "Y"}),
            ("/arrange/bulk", {"act": "field", "record": row.id, "field": bad, "value": "甲"}),
            ("/arrange/bulk", {"act": bad, "record": row.id}),
            ("/arrange/order", {"record": row.id, "after": bad or "?"}),
            ("/arrange/order", {"record": bad, "after": ""}),
            ("/arrange/fix", {**CHOSEN, "expected": bad}),
            ("/arrange/undo", {"act": bad}),
            ("/arrange/compose", {"record": bad, "part": bad}),
            ("/arrange/compose", {"role": bad}),
            ("/arrange/compose", {"act": "split", "part": bad}),
            ("/arrange/volumes/form", {"record": bad, "title": "甲"}),
            ("/arrange/volumes/form", {"record": row.id, "title": bad}),
            ("/arrange/gaps/explain", {"scope": bad, "number": bad, "reason": "撤件"}),
            ("/arrange/views/drop", {"view": bad}),
        ):
            sent(client, address, given)
    assert Event.objects.exclude(type="access:refused").count() == before
    kept = Record.objects.get(id=row.id)
    assert (kept.title, kept.version, kept.code) == (row.title, row.version, "")


def test_a_form_sent_twice_or_grown_old_is_told_so(town: Town) -> None:
    row, client = rows.record(), town.client("archivist")
    given = {"version": str(row.version), "title": "改过的题名", "was_title": row.title, "back": "/arrange/"}
    assert client.post(f"/arrange/revise/{row.id}", given).status_code == 302
    again = client.post(f"/arrange/revise/{row.id}", given | {"title": "别的题名"})
    assert again.status_code == 409
    assert "别的题名" in again.content.decode()
    fixed = {**CHOSEN, "expected": "1"}
    assert client.post("/arrange/fix", fixed).status_code == 302
    assert "没有" in client.post("/arrange/fix", fixed).content.decode()
    assert Record.objects.get(id=row.id).code.endswith("-0001")
