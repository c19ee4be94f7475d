"""Changing many, moving, taking back: every reversible act comes back, and never over what somebody else did since."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings import counts, order
from lantai.shelves.holdings.models import UNPLACED, ArchivalCode, ClassCount, Record
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger.models import Event
from lantai.stages import arrange, changing, fixing, number, numbering, undo
from lantai.stages.report import arrangement
from tests.support.line_house import ARCHIVIST, READER
from tests.web import town as rows
from tests.web.conftest import house

__all__ = ["house"]
CLASS = {"year": "2024", "department": "BGS", "retention": "D30"}
COLLEAGUE = Actor("01COLLEAGUE", "han", "韩松", "archivist")


def many(count: int) -> list[str]:
    given = [rows.record() for _ in range(count)]
    for row in given:
        row.document_number = f"云发改〔2024〕{row.id[-6:]}号"
        row.save()
    return [row.id for row in given]


def refused(code: str, act: object) -> None:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code == code


def retentions(ids: Sequence[str]) -> list[str]:
    found = dict(Record.objects.filter(id__in=ids).values_list("id", "retention"))
    return [found[key] for key in ids]


def now() -> list[str]:
    return arrangement.ids(ARCHIVIST, arrangement.Class(**CLASS), 100)


def test_a_change_of_many_comes_back_whole_with_events_of_both(house: House) -> None:
    ids = many(5)
    before = list(Record.objects.order_by("id").values("id", "retention", "retention_reason", "due_date", "elements"))
    act = arrange.revise_many(house, ARCHIVIST, ids, changes={"retention": "永久"})
    assert (act.done, retentions(ids)) == (5, ["Y"] * 5)
    done = undo.undo(house, ARCHIVIST)
    assert (done.done, done.overtaken) == (5, 0)
    assert list(Record.objects.order_by("id").values("id", "retention", "retention_reason", "due_date", "elements")) == before
    assert Event.objects.filter(type="record:revised").count() == 10
    refused("UNDO-NOTHING", lambda: undo.undo(house, ARCHIVIST))


def test_what_somebody_else_changed_since_is_never_overwritten(house: House) -> None:
    ids = many(3)
    arrange.revise_many(house, ARCHIVIST, ids, changes={"retention": "永久"})
    arrange.revise_many(house, COLLEAGUE, ids[:1], changes={"retention": "10年"})
    arrange.revise_many(house, COLLEAGUE, ids[1:2], changes={"author": "云汀市人民政府"})
    done = undo.undo(house, ARCHIVIST)
    assert (done.done, done.overtaken) == (2, 1)
    assert retentions(ids) == ["D10", "D30", "D30"]
    assert Record.objects.get(id=ids[1]).author == "云汀市人民政府"


def test_only_ones_own_acts_are_taken_back_and_only_before_fixing(house: House) -> None:
    act = arrange.revise_many(house, ARCHIVIST, many(1), changes={"author": "云汀市"})
    refused("UNDO-NOTHING", lambda: undo.undo(house, COLLEAGUE))
    refused("UNDO-NOTHING", lambda: undo.undo(house, COLLEAGUE, act.id))
    refused("ACCESS-REFUSED", lambda: undo.undo(house, READER))
    number.fix(house, ARCHIVIST, **CLASS)
    refused("UNDO-OVERTAKEN", lambda: undo.undo(house, ARCHIVIST, act.id))
    refused("UNDO-NOTHING", lambda: undo.undo(house, ARCHIVIST))
    assert Record.objects.get().author == "云汀市"


def test_an_element_that_was_not_there_is_not_there_again(house: House) -> None:
    ids = many(1)
    arrange.revise_many(house, ARCHIVIST, ids, changes={"annotation": "缺附件"})
    assert Record.objects.get().elements["annotation"] == "缺附件"
    undo.undo(house, ARCHIVIST)
    assert "annotation" not in Record.objects.get().elements


def test_nothing_is_changed_where_one_cannot_be(house: House) -> None:
    ids = [*many(2), rows.record(state="archived", code="Z109-WS·2024-D30-BGS-0009").id]
    refused("RECORD-CODE-FIXED", lambda: arrange.revise_many(house, ARCHIVIST, ids, changes={"retention": "永久"}))
    refused("SELECTION-EMPTY", lambda: arrange.revise_many(house, ARCHIVIST, [], changes={"retention": "永久"}))
    refused("SELECTION-TOO-MANY", lambda: arrange.revise_many(house, ARCHIVIST, ["x"] * 100_001, changes={"year": "2024"}))
    assert set(retentions(ids)) == {"D30"}
    assert not Act.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("year", "0", "ELEMENT-YEAR-WRONG"),
        ("year", "1066", "ELEMENT-YEAR-WRONG"),
        ("year", "二〇二四", "ELEMENT-YEAR-WRONG"),
        ("date", "20240230", "ELEMENT-DATE-WRONG"),
        ("title", "关" * 10_000, "ELEMENT-TOO-LONG"),
        ("title", "关于\x00供暖", "ELEMENT-UNPRINTABLE"),
        ("title", "  ", "ELEMENT-REQUIRED"),
        ("document_number", "号" * 201, "ELEMENT-TOO-LONG"),
        ("retention", "很久", "RETENTION-UNKNOWN"),
    ],
)
def test_bad_values_are_refused_and_nothing_is_written(house: House, name: str, value: str, code: str) -> None:
    row = rows.record()
    refused(code, lambda: arrange.revise(house, ARCHIVIST, row.id, version=row.version, changes={name: value}))
    assert Record.objects.get().version == row.version
    assert not Event.objects.exists()


def test_a_change_of_very_many_goes_on_as_a_job_and_comes_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrange, "AT_ONCE", 3)
    monkeypatch.setattr(changing, "SLICE", 2)
    ids = many(7)
    act = arrange.revise_many(house, ARCHIVIST, ids, changes={"retention": "永久"})
    assert (act.state, set(retentions(ids))) == ("queued", {"D30"})
    arrange.revise_many(house, COLLEAGUE, ids[6:], changes={"author": "云汀市"})
    arrange.go_on(house, act.id)
    arrange.go_on(house, act.id)
    act.refresh_from_db()
    assert (act.state, act.done, act.left_out) == ("done", 7, 0)
    assert (set(retentions(ids)), undo.undo(house, ARCHIVIST).done) == ({"Y"}, 7)


def test_moving_places_only_what_stands_before_and_moves_on_only_what_is_near(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "PLACED_AT_ONCE", 2)
    monkeypatch.setattr(order, "ROOM", 4)
    monkeypatch.setattr(order, "NEIGHBOURS", 2)
    ids = many(9)
    arrange.reorder(house, ARCHIVIST, [ids[8]], after=ids[4])
    assert now() == [*ids[:5], ids[8], *ids[5:8]]
    assert Record.objects.filter(position=UNPLACED).count() == 3
    assert undo.undo(house, ARCHIVIST).done == 1
    assert now() == ids
    expected, rng = list(ids), Random(8)
    for _ in range(40):
        moved = rng.sample(expected, rng.choice((1, 1, 2)))
        rest = [key for key in expected if key not in moved]
        at = rng.choice((0, 1, rng.randrange(len(rest) + 1)))
        arrange.reorder(house, ARCHIVIST, moved, after=rest[at - 1] if at else "")
        before, expected = expected, [*rest[:at], *moved, *rest[at:]]
        assert now() == expected
        if rng.random() < 0.2:
            undo.undo(house, ARCHIVIST)
            expected = before
            assert now() == expected


def test_of_one_day_number_9_stands_before_number_10(house: House) -> None:
    ids = many(3)
    for key, count in zip(ids, (10, 9, 101), strict=True):
        row = Record.objects.get(id=key)
        arrange.revise(house, ARCHIVIST, key, version=row.version, changes={"document_number": f"云发改〔2024〕{count}号"})
    assert now() == [ids[1], ids[0], ids[2]] == arrangement.ids(ARCHIVIST, arrangement.Class(**CLASS, order="number"), 9)


def test_moving_knows_its_class(house: House) -> None:
    ids, stranger = many(2), rows.record(retention="Y").id
    refused("ORDER-ELSEWHERE", lambda: arrange.reorder(house, ARCHIVIST, [ids[0], stranger], after=""))
    refused("ORDER-ELSEWHERE", lambda: arrange.reorder(house, ARCHIVIST, [ids[0]], after=stranger))
    refused("ORDER-ELSEWHERE", lambda: arrange.reorder(house, ARCHIVIST, [ids[0]], after=ids[0]))
    refused("RECORD-UNKNOWN", lambda: arrange.reorder(house, ARCHIVIST, ["nowhere"], after=""))


def test_numbers_of_a_page_deep_in_a_class_pass_by_what_cannot_be_numbered(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrangement, "PAGE", 4)
    for at in range(11):
        rows.record(needs_attention="CHECK-FAILED" if at in (2, 5) else "", elements={"archival_code": "老号"} if at == 7 else {})
    whole = [item.record_id for item in number.preview(house, ARCHIVIST, **CLASS).items]
    pages = [arrangement.listing(ARCHIVIST, arrangement.Class(**CLASS, offset=at), 1) for at in (0, 4, 8)]
    told = {row.id: row.item for page in pages for row in page.rows if row.item != "—"}
    assert told == {key: f"{at:04d}" for at, key in enumerate(whole, 1)}
    assert [page.problems for page in pages] == [3, 3, 3]
    assert {key: arrangement.item_of(key, CLASS, 1) for key in told} == {key: int(item) for key, item in told.items()}
    filtered = arrangement.listing(ARCHIVIST, arrangement.Class(**CLASS, words=Record.objects.get(id=whole[6]).title), 1)
    assert [row.item for row in filtered.rows] == ["0007"]
    outlook = number.outlook(house, ARCHIVIST, **CLASS)
    assert (outlook.first, outlook.free, outlook.impeded) == (1, 8, 3)


def test_counts_follow_every_change_whoever_writes_it(house: House) -> None:
    ids = many(4)
    assert [(item.phase, item.retention, item.records, item.pages) for item in counts.classes()] == [("open", "D30", 4, 8)]
    Record.objects.filter(id=ids[0]).update(retention="Y")
    Record.objects.filter(id=ids[1]).update(state="numbered", code="x")
    Record.objects.filter(id=ids[2]).update(quarantined=True)
    told = [(item.phase, item.retention, item.records) for item in counts.classes()]
    assert told == [("fixed", "D30", 1), ("open", "D30", 1), ("open", "Y", 1)]
    Record.objects.filter(id=ids[3]).delete()
    assert [item.records for item in counts.classes(phase="open")] == [1]


def test_folding_changes_no_count(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "FOLD_ABOVE", 2)
    ids = many(6)
    for retention in ("Y", "D10", "D30"):
        Record.objects.filter(id__in=ids[:3]).update(retention=retention)
    before, parts = counts.classes(), ClassCount.objects.count()
    monkeypatch.setattr(counts, "FOLDED_AT_ONCE", 5)
    fewer = counts.fold()
    assert fewer == parts - ClassCount.objects.count() > 0
    assert counts.classes() == before
    monkeypatch.setattr(counts, "FOLD_ABOVE", 1)
    monkeypatch.setattr(counts, "FOLDED_AT_ONCE", 1000)
    counts.fold()
    assert (counts.classes(), ClassCount.objects.count()) == (before, 1)


def test_one_pass_of_folding_leaves_of_each_class_a_row_or_two(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "FOLD_ABOVE", 2)
    monkeypatch.setattr(counts, "FOLDED_AT_ONCE", 7)
    ids = many(12)
    for at in range(60):
        Record.objects.filter(id=ids[at % 12]).update(retention=("Y", "D10", "D30")[at % 3], page_count=at)
    before, parts = counts.classes(), ClassCount.objects.count()
    assert parts > 50
    counts.fold()
    assert counts.classes() == before
    assert ClassCount.objects.count() <= 4 + parts // 7 + 1


def test_a_page_costs_the_same_number_of_queries_however_many_there_are(house: House) -> None:
    many(3)
    chosen = arrangement.Class(**CLASS)
    with CaptureQueriesContext(
        connection,
    ) as few:
        arrangement.listing(ARCHIVIST, chosen, 1)
    many(60)
    with CaptureQueriesContext(connection) as more:
        arrangement.listing(ARCHIVIST, chosen, 1)
    assert len(few) == len(more) <= 4


def test_fixed_records_keep_the_order_of_their_numbers(house: House) -> None:
    ids = many(4)
    arrange.reorder(house, ARCHIVIST, [ids[3]], after="")
    number.fix(house, ARCHIVIST, **CLASS)
    shown = arrangement.listing(ARCHIVIST, arrangement.Class(**CLASS, is_fixed=True)).rows
    assert [row.item for row in shown] == ["0001", "0002", "0003", "0004"]
    assert shown[0].id == ids[3]
    assert set(Record.objects.values_list("position", flat=True)) == {1, 2, 3, 4}
    assert ArchivalCode.objects.count() == 4
    assert order.free_ids(**CLASS) == []


def test_a_large_class_is_fixed_as_a_job_that_seals_what_the_person_saw_or_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number, "AT_ONCE", 2)
    ids = many(5)
    act = number.begin(house, ARCHIVIST, **CLASS, expected=5)
    assert isinstance(act, Act)
    assert not ArchivalCode.objects.exists()
    rows.record()
    refused("NUMBER-COUNT-CHANGED", lambda: fixing.go_on(house, act.id))
    Act.objects.update(state="failed")
    again = number.begin(house, ARCHIVIST, **CLASS, expected=6)
    assert isinstance(again, Act)
    fixing.go_on(house, again.id)
    fixing.go_on(house, again.id)
    again.refresh_from_db()
    assert (again.state, again.done) == ("sealed", 6)
    assert list(ArchivalCode.objects.order_by("item_number").values_list("record_id", flat=True))[:5] == ids
    assert Event.objects.filter(type="record:numbered").count() == 1
    refused("NUMBER-COUNT-CHANGED", lambda: number.begin(house, ARCHIVIST, **CLASS, expected=6))
    refused("UNDO-NOTHING", lambda: undo.undo(house, ARCHIVIST))


def test_what_is_fixed_is_not_offered_to_be_taken_back(house: House) -> None:
    first, second, elsewhere = *many(2), rows.record(retention="Y").id
    both = arrange.revise_many(house, ARCHIVIST, [first, elsewhere], changes={"annotation": "缺附件"})
    alone = arrange.revise_many(house, ARCHIVIST, [second], changes={"annotation": "缺附件"})
    number.fix(house, ARCHIVIST, **CLASS, expected=2)
    assert [act.id for act in [undo.last(house, ARCHIVIST)] if act] == [both.id]  # one of its records can still be put back
    refused("UNDO-OVERTAKEN", lambda: undo.undo(house, ARCHIVIST, alone.id))
    number.fix(house, ARCHIVIST, **CLASS | {"retention": "Y"}, expected=1)
    assert undo.last(house, ARCHIVIST) is None
    refused("UNDO-NOTHING", lambda: undo.undo(house, ARCHIVIST))


def test_a_record_that_left_the_class_meanwhile_gets_no_number_of_it(house: House) -> None:
    ids = many(3)
    plan = numbering.plan(house, ids, CLASS)
    Record.objects.filter(id=ids[1]).update(retention="Y")
    refused("NUMBER-COUNT-CHANGED", lambda: numbering.take_up(plan))


def test_withdrawing_leaves_an_explained_gap_and_the_number_is_never_used_again(house: House) -> None:
    ids = many(3)
    sealed = number.fix(house, ARCHIVIST, **CLASS)
    Record.objects.filter(id=ids[1]).update(needs_attention="ARCHIVE-CHECK-FAILED")
    refused("NUMBER-GAP-REASON", lambda: number.withdraw(house, ARCHIVIST, ids[1], reason=" "))
    refused("ACCESS-REFUSED", lambda: number.withdraw(house, READER, ids[1], reason="撤件"))
    number.withdraw(house, ARCHIVIST, ids[1], reason="撤件", note="原件送还")
    refused("NUMBER-NOT-WITHDRAWABLE", lambda: number.withdraw(house, ARCHIVIST, ids[1], reason="撤件"))
    empty, explained = number.gaps(house, ARCHIVIST, sealed.scope)
    assert (empty, [(gap.number, gap.reason) for gap in explained]) == ([], [(2, "撤件")])
    row = Record.objects.get(id=ids[1])
    assert (row.state, row.code, row.needs_attention) == ("arranged", "", "")
    assert "2" not in "".join(item.message for item in number.check_scope(house, ARCHIVIST, sealed.scope) if "断" in item.message)
    assert number.fix(house, ARCHIVIST, **CLASS).first == 4
    assert Record.objects.get(id=ids[1]).code.endswith("-0004")
    assert Event.objects.filter(type="number:withdrawn", object_id=ids[1]).exists()


def test_gaps_that_nobody_explained_are_listed(house: House) -> None:
    ids = many(3)
    sealed = number.fix(house, ARCHIVIST, **CLASS)
    ArchivalCode.objects.filter(record_id=ids[0]).update(valid_to="20250101")
    assert number.gaps(house, ARCHIVIST, sealed.scope) == ([1], [])
    number.explain_gap(house, ARCHIVIST, scope=sealed.scope, number=1, reason="涉密另存")
    assert number.gaps(house, ARCHIVIST, sealed.scope)[0] == []


def test_changing_many_asks_as_often_as_changing_a_few(house: House) -> None:
    ids = many(12)
    asked = []
    for part in (ids[:2], ids[2:]):
        with CaptureQueriesContext(connection) as seen:
            arrange.revise_many(house, ARCHIVIST, part, changes={"author": "云汀市人民政府"})
        asked.append(len(seen))
    assert asked[0] == asked[1]
    told = Event.objects.filter(type="record:revised").select_related("payload")
    assert {event.object_id for event in told} == set(ids)
    assert all('"after":{"author":"云汀市人民政府"}' in event.payload.body for event in told)


def test_only_what_differs_is_written(house: House) -> None:
    """No index of the order or of the counts is written where neither place nor date changed."""
    (key,) = many(1)
    for name, value, written in (
        ("author", "云汀市", '"author"'),
        ("retention", "永久", '"retention"'),
        ("annotation", "缺", '"elements"'),
    ):
        with CaptureQueriesContext(connection) as seen:
            arrange.revise_many(house, ARCHIVIST, [key], changes={name: value})
        (change,) = [query["sql"].partition(" FROM ")[0] for query in seen if query["sql"].startswith('UPDATE "holdings_record"')]
        assert written in change
        assert ('"year"' in change, '"identity_key"' in change) == (False, name == "author")


def told(words: str, **more: object) -> list[str]:
    return [row.id for row in arrangement.listing(ARCHIVIST, arrangement.Class(**CLASS, words=words, **more), 1).rows]  # type: ignore[arg-type]


def test_a_filter_finds_what_people_write_in_their_own_way(house: House) -> None:
    one, other = (
        rows.record(title="關於供暖的通知", document_number="云发改〔2024〕9号").id,
        rows.record(author="云汀市住房局", document_number="云发改〔2024〕1号").id,
    )
    rows.record(retention="Y", title="关于供暖的通知")
    assert (told("关于供暖"), told("云发改[2024]9"), told("２０２４ 供暖"), told("住房局")) == ([one], [one], [one], [other])
    assert (told("通知云发改"), told("供暖 住房局"), told("%"), told("　 ")) == ([], [], [], [one, other])
    arrange.revise_many(house, ARCHIVIST, [one], changes={"title": "关于供水的通知" + "长" * 1500})
    assert (told("供暖"), told("供水"), told("[2024]9号")) == ([], [one], [one])
    number.fix(house, ARCHIVIST, **CLASS)
    assert (told("供水"), told("供水", is_fixed=True)) == ([], [one])
    seen = arrangement.survey(ARCHIVIST, arrangement.Class(**CLASS, words="供水"))
    assert (seen.open, seen.fixed, seen.found[True].ids) == (0, 1, (one,))


def test_a_filter_that_finds_very_many_names_the_first_and_counts_all(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = many(7)
    monkeypatch.setattr(arrangement, "FOUND", 3)
    monkeypatch.setattr(arrangement, "PAGE", 2)
    assert arrangement.find(ARCHIVIST, arrangement.Class(**CLASS, words="通知")) == arrangement.Found(tuple(ids[:3]), 7)
    assert [key for at in (0, 2, 4, 6) for key in told("通知", offset=at)] == ids
    assert told("通知", order="number", offset=5) == ids[5:7]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what it holds")
def test_a_filter_and_a_page_of_open_records_are_read_from_the_index_alone(house: House) -> None:
    many(3)
    for chosen in (
        arrangement.Class(**CLASS, words="通知"),
        arrangement.Class(**CLASS),
        arrangement.Class(**CLASS, words="通知", is_fixed=True),
    ):
        query = arrangement._ordered(arrangement._chosen(ARCHIVIST, chosen), chosen).values_list("id", flat=True)
        assert "COVERING INDEX record_sought" in query.explain()


def test_a_filter_of_a_large_class_derives_no_numbers_for_its_list(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = many(4)
    rows.record(title="供水", needs_attention="CHECK-FAILED")
    words = arrangement.Class(**CLASS, words="通知")
    assert [row.item for row in arrangement.listing(ARCHIVIST, words, 1).rows] == ["0001", "0002", "0003", "0004"]
    monkeypatch.setattr(arrangement, "RANKED", 3)
    assert [row.item for row in arrangement.listing(ARCHIVIST, words, 1).rows] == [arrangement.UNRANKED] * 4
    assert [row.item for row in arrangement.listing(ARCHIVIST, replace(words, words="供水"), 1).rows] == ["—"]
    assert [row.item for row in arrangement.listing(ARCHIVIST, arrangement.Class(**CLASS), 1).rows][:4] == ["0001", "0002", "0003", "0004"]
    assert arrangement.item_of(ids[2], CLASS, 1) == 3
