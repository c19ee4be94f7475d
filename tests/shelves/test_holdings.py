"""Questions to the holdings, and the moves of records in bulk."""

import json
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantai.core.lifecycle import MOVES, State
from lantai.core.record import Role
from lantai.shelves.holdings import counts, queries, texts, values
from lantai.shelves.holdings.models import Agent, AgentName, ComputerFile, IndexOutbox, NumberScope, Record
from tests.support import rows

pytestmark = pytest.mark.django_db


def test_slices_give_every_free_record_once_even_if_it_does_not_move() -> None:
    batch = rows.batch()
    made = rows.records(7, batch.id, state="checked")
    rows.records(2, batch.id, state="received")
    rows.records(1, batch.id, state="checked", hold=True)
    rows.records(1, batch.id, state="checked", quarantined=True)
    rows.records(1, batch.id, state="checked", needs_attention="CHECK-FAILED")
    seen = list(queries.slices(batch.id, State.CHECKED, 3))
    assert [len(part) for part in seen] == [3, 3, 1]
    assert {row.id for part in seen for row in part} == {row.id for row in made}


def test_slices_of_records_without_files_are_larger() -> None:
    batch = rows.batch()
    rows.records(11, batch.id, state="checked", content_basis="physical_only")
    rows.records(4, batch.id, state="checked", content_basis="digital")
    assert [len(part) for part in queries.slices(batch.id, State.CHECKED, 2)] == [2, 8, 5]
    Record.objects.update(content_basis="digital")
    assert [len(part) for part in queries.slices(batch.id, State.CHECKED, 2)] == [2] * 7 + [1]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what it holds")
def test_a_slice_is_found_without_the_batch_being_sorted() -> None:
    batch = rows.batch()
    rows.records(5, batch.id, state="checked")
    with CaptureQueriesContext(connection) as asked:
        list(queries.slices(batch.id, State.CHECKED, 2, conclusions=("pass", "")))
    with connection.cursor() as cursor:
        plans = [cursor.execute(f"EXPLAIN QUERY PLAN {each['sql']}").fetchall() for each in asked]
    steps = [step[3] for plan in plans for step in plan]
    assert len(plans) == 4
    assert all(step.startswith("SEARCH holdings_record USING INDEX record_batch_state") for step in steps)


def test_slices_can_be_narrowed_to_conclusions() -> None:
    batch = rows.batch()
    rows.records(2, batch.id, state="described", conclusion="fail")
    good = rows.records(2, batch.id, state="described", conclusion="pass")
    (seen,) = queries.slices(batch.id, State.DESCRIBED, 10, conclusions=("pass", "trial"))
    assert seen == good


@pytest.mark.parametrize("step", MOVES, ids=lambda step: f"{step.origin}-{step.verb}")
def test_a_verb_moves_records_as_the_lifecycle_says(step: object) -> None:
    made = rows.records(2, "B", state=step.origin.value, attempts=2)
    assert queries.move(made, step.verb) == [row.id for row in made]
    for row in Record.objects.all():
        assert (row.state, row.version, row.attempts) == (step.target.value, 2, 0)
    assert {(row.state, row.version) for row in made} == {(step.target.value, 2)}


def test_a_verb_that_does_not_start_there_is_a_bug() -> None:
    with pytest.raises(ValueError, match="archive does not start from received"):
        queries.move(rows.records(1), "archive")


def test_a_move_takes_the_columns_along() -> None:
    made = rows.records(3, "B", state="checked")
    for place, row in enumerate(made):
        row.title, row.elements, row.page_count = f"题名{place}", {"title": f"题名{place}", "list": ["一", "二"]}, place or None
    queries.move(made, "describe", ("title", "elements", "page_count"))
    stored = list(Record.objects.order_by("id").values_list("title", "elements", "page_count"))
    assert stored == [(row.title, row.elements, row.page_count) for row in made]


def test_of_two_movers_one_gets_each_record() -> None:
    made = rows.records(600, "B", state="checked")
    same, fewer = list(Record.objects.order_by("id")), list(Record.objects.order_by("-id")[:200])
    first = queries.move(fewer, "describe")
    second = queries.move(same, "describe")
    assert len(first) == 200
    assert set(first).isdisjoint(second)
    assert set(first) | set(second) == {row.id for row in made}
    assert queries.move(made, "describe") == []


def test_a_change_in_between_wins() -> None:
    (row,) = rows.records(1, "B", state="arranged")
    stale = Record.objects.get()
    row.title = "改后的题名"
    assert queries.save_if_unchanged(row, ("title",))
    stale.title = "过时的题名"
    assert not queries.save_if_unchanged(stale, ("title",))
    assert queries.move([stale], "number") == []
    assert (Record.objects.get().title, Record.objects.get().version, row.version) == ("改后的题名", 2, 2)


@pytest.mark.parametrize("flag", [{"hold": True}, {"quarantined": True}, {"needs_attention": "CHECK-FAILED"}])
def test_a_flag_stops_a_move(flag: dict[str, object]) -> None:
    assert queries.move(rows.records(1, "B", state="checked", **flag), "describe") == []


def test_a_person_who_settles_the_attention_may_move() -> None:
    (row,) = rows.records(1, "B", state="described", needs_attention="CHECK-FAILED")
    row.needs_attention = ""
    assert queries.move([row], "return", ("needs_attention",)) == [row.id]
    assert Record.objects.get().needs_attention == ""


def test_a_move_of_many_is_two_statements(django_assert_num_queries: object) -> None:
    made = rows.records(501, "B", state="checked")
    with django_assert_num_queries(2):
        assert len(queries.move(made, "describe", ("title",))) == 501
    assert queries.move([], "describe") == []


def test_records_that_stay_can_be_saved_together() -> None:
    made = rows.records(3, "B", state="described") + rows.records(1, "B", state="arranged")
    Record.objects.filter(id=made[0].id).update(state="returned")
    for row in made:
        row.conclusion = "pass"
    assert queries.save_unmoved(made, ("conclusion",)) == [row.id for row in made[1:]]


TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=40)
JSON = st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT, lambda inner: st.lists(inner, max_size=3))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TEXT, elements=st.dictionaries(TEXT, JSON, max_size=4), size=st.integers(0, 2**62))
def test_what_bulk_writes_the_orm_reads_back(title: str, elements: dict[str, object], size: int) -> None:
    with transaction.atomic():
        row = rows.record("B", title="前", state="checked")
        row.save(force_insert=True)
        row.title, row.elements, row.size_bytes = title, elements, size
        assert queries.move([row], "describe", ("title", "elements", "size_bytes")) == [row.id]
        stored = Record.objects.get(id=row.id)
        assert (stored.title, stored.elements, stored.size_bytes) == (title, elements, size)


def test_attention_is_given_once() -> None:
    made = rows.records(2, "B")
    assert queries.need_attention([row.id for row in made], "WORK-LOST") == 2
    assert queries.need_attention([row.id for row in made], "WORK-FAILED") == 0
    assert set(Record.objects.values_list("needs_attention", flat=True)) == {"WORK-LOST"}


def test_known_fingerprints_leave_discarded_records_out() -> None:
    (live,) = rows.records(1, "B", fingerprint="f1")
    rows.records(1, "B", fingerprint="f2", state="discarded")
    assert queries.known_fingerprints(["f1", "f2", "f3"]) == {"f1": live.id}


def test_a_class_is_in_order_of_hand_then_date_then_number() -> None:
    place = {"state": "arranged", "year": "2026", "department": "BGS", "retention": "Y"}
    for title, more in {
        "丙": {"document_date": "20260103"},
        "乙": {"document_date": "20260102", "document_number": "二"},
        "甲": {"document_date": "20260102", "document_number": "一"},
        "手二": {"position": 2},
        "手一": {"position": 1},
    }.items():
        rows.records(1, "B", title=title, **place, **more)
    rows.records(1, "B", title="别类", **(place | {"retention": "D30"}))
    rows.records(1, "B", title="别态", **(place | {"state": "numbered"}))
    ordered = [row.title for row in queries.in_order("2026", "BGS", "Y")]
    assert ordered[:2] == ["手一", "手二"]
    assert ordered[-1] == "丙"
    assert len(ordered) == 5


def counted() -> dict[tuple[object, ...], tuple[int, int]]:
    """What the kept counts say of every facet, and what a look at every record says, which must be the same."""
    kept = {tuple(row[:-2]): (row[-2], row[-1]) for row in counts.sums(Q(), *counts.KEY)}
    seen: dict[tuple[object, ...], tuple[int, int]] = {}
    for row in Record.objects.all():
        key = tuple(row.content_version > 0 if name == "is_kept" else getattr(row, name) for name in counts.KEY)
        records, size = seen.get(key, (0, 0))
        seen[key] = (records + 1, size + row.size_bytes)
    assert kept == seen
    return kept


def test_counts_are_kept_whatever_happens_to_records(monkeypatch: pytest.MonkeyPatch) -> None:
    place = {"year": "2026", "department": "BGS", "retention": "Y"}
    made = rows.records(5, "B", state="numbered", size_bytes=7, **place)
    rows.records(2, "B", state="received", year="2025")
    assert counts.total(Q(state="numbered")) == 5
    for changes in (
        {"state": "archived", "content_version": 1, "size_bytes": 11},
        {"content_version": 2},
        {"opening": "open"},
        {"custody": "destroyed"},
        {"quarantined": True},
        {"title": "改了题名", "retention": "D30"},
    ):
        Record.objects.filter(id__in=[row.id for row in made[:3]]).update(**changes)
        counted()
    made[4].delete()
    before = counted()
    monkeypatch.setattr(counts, "FOLD_ABOVE", 1)
    assert counts.fold()
    assert counted() == before
    assert [row.records for row in counts.classes()] == [1]


def test_departments_are_known_by_code_and_every_name() -> None:
    for code, names in {"BGS": (("办公室", "", ""), ("秘书处", "2000", "2010")), "ZHK": (("秘书处", "2011", ""),)}.items():
        agent = Agent.objects.create(id=rows.IDS.new(), kind="department", code=code)
        for name, start, end in names:
            AgentName.objects.create(id=rows.IDS.new(), agent=agent, name=name, valid_from=start, valid_to=end)
    assert queries.department_codes() == {"办公室": "BGS", "秘书处": "ZHK", "BGS": "BGS", "ZHK": "ZHK"}


def test_numbers_of_a_scope_only_go_forward() -> None:
    assert queries.last_number("Z109-WS·2026-Y-BGS") == 0
    assert queries.lock_scope("Z109-WS·2026-Y-BGS") == 0
    queries.advance_scope("Z109-WS·2026-Y-BGS", 12)
    assert queries.lock_scope("Z109-WS·2026-Y-BGS") == queries.last_number("Z109-WS·2026-Y-BGS") == 12
    with pytest.raises(ValueError, match="forward"):
        queries.advance_scope("Z109-WS·2026-Y-BGS", 12)
    assert NumberScope.objects.count() == 1


def test_the_outbox_is_a_queue() -> None:
    queries.mark_for_index(["a", "b", "a"])
    notes = queries.take_outbox(2)
    assert [record_id for _, record_id in notes] == ["a", "b"]
    queries.clear_outbox([note for note, _ in notes])
    assert list(IndexOutbox.objects.values_list("record_id", flat=True)) == ["a"]


def test_files_and_documents_come_in_order_with_one_query_each(django_assert_num_queries: object) -> None:
    made = rows.records(2, "B")
    for row in made:
        second, first = rows.document(row, 2, "附件"), rows.document(row, 1, "正本")
        rows.file(row, second, name="附.pdf")
        rows.file(row, first, name="文.pdf")
    with django_assert_num_queries(2):
        files, documents = queries.files_of(made), queries.documents_of(made)
        assert [item.document.role for item in files[made[0].id]] == ["正本", "附件"]
    assert [item.name for item in files[made[1].id]] == ["文.pdf", "附.pdf"]
    assert [item.sequence for item in documents[made[0].id]] == [1, 2]


def test_rows_become_the_value_of_a_record() -> None:
    (row,) = rows.records(1, "B", agents=[{"id": "a1", "kind": "机构", "name": "云汀市发展和改革委员会"}], code="Z109-WS·2026-Y-BGS-0001")
    rows.file(row, rows.document(row), path="01-正本/original/a.pdf")
    (value,) = values.records([row])
    assert (value.version, value.code, value.documents[0].role) == (1, row.code, Role.MAIN)
    assert value.elements == row.elements
    assert value.files[0].path == "01-正本/original/a.pdf"
    assert value.files[0].attributes == {"Pages": "2"}
    assert value.agents[0].name == "云汀市发展和改革委员会"
    assert values.records([row], version=3)[0].version == 3


def test_staged_bytes_and_their_text_go_together(tmp_path: Path) -> None:
    (row,) = rows.records(1, "B")
    item = rows.file(row, rows.document(row), staged="staging/B/one")
    folder = tmp_path / "staging" / "B"
    folder.mkdir(parents=True)
    (folder / "one").write_bytes(b"x")
    (folder / "one.text.json").write_text(json.dumps({"pages": [{"text": "第一页"}, {"text": ""}]}))
    assert texts.page_texts(tmp_path, item) == ["第一页", ""]
    assert queries.remove_staged(tmp_path, [row.id]) == 1
    assert list(folder.iterdir()) == []
    assert texts.page_texts(tmp_path, ComputerFile.objects.get()) == []
    assert queries.remove_staged(tmp_path, [row.id]) == 0


def test_access_facts_name_the_facets() -> None:
    row = rows.record("B", department="BGS", quarantined=True)
    facts = queries.access_facts(row)
    assert (facts["department"], facts["state"], facts["opening"], facts["quarantined"]) == ("BGS", "received", "closed", "yes")
