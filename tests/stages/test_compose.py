"""Composing items: nothing is lost, files keep digests and places, and taking back restores every row as it was."""

import random
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.core.record import Role
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger.models import Event
from lantai.shelves.reports import queries
from lantai.stages import arrange, capture, compose, number, undo
from lantai.stages.compose import Given
from lantai.stages.report import arrangement
from tests.support.line_house import ARCHIVIST, READER, line_house
from tests.web import town as rows
from tests.web.conftest import house as small

__all__ = ["small"]
CLASS = {"year": "2026", "department": "BGS", "retention": "D30"}
TABLES = (Record, Document, ComputerFile)


def refused(code: str, act: object) -> None:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code == code


def everything() -> list[dict[str, Any]]:
    """Return every row of the holdings as it is, but for the counters of change."""
    left_out = {"version"}
    return [{k: v for k, v in row.items() if k not in left_out} for table in TABLES for row in table.objects.order_by("id").values()]


def made(title: str, *names: str) -> Record:
    """Insert an item with one document a file name."""
    row = rows.record(title=title, arrival={"declared": {}})
    for at, name in enumerate(names, 1):
        role = "正本" if at == 1 else "附件"
        part = Document.objects.create(id=rows.key(), record=row, sequence=at, role=role, title="")
        ComputerFile.objects.create(
            id=rows.key(), record=row, document=part, sequence=at, name=name, size_bytes=10 * at, sha256=f"{at:064d}", sm3="c" * 64,
            page_count=at, staged=f"staging/{part.id}", path=f"{at:02d}-{role}/original/{name}",
            facts={"text_path": f"{at:02d}-{role}/text.json"},
        )  # fmt: skip
    Record.objects.filter(id=row.id).update(page_count=sum(range(1, len(names) + 1)), size_bytes=10 * sum(range(1, len(names) + 1)))
    row.refresh_from_db()
    return row


def proposed(house: House, *ids: str) -> Given:
    return Given(tuple((piece.id, piece.role.value) for piece in compose.pieces(house, ARCHIVIST, ids)))


def test_a_request_and_its_answer_become_one_item_and_come_apart_again(small: House) -> None:
    asking, answer = made("关于增加编制的请示", "正文.ofd", "附件1.ofd"), made("关于增加编制的批复", "正文.ofd")
    Record.objects.filter(id=asking.id).update(agents=[{"id": "a", "kind": "单位", "name": "云汀市编办"}])
    Record.objects.filter(id=answer.id).update(agents=[{"id": "a", "kind": "单位", "name": "云汀市人民政府"}])
    before, places = everything(), set(ComputerFile.objects.values_list("id", "sha256", "staged"))
    act = compose.merge(small, ARCHIVIST, [answer.id, asking.id], given=proposed(small, answer.id, asking.id))
    told = list(Document.objects.order_by("sequence").values_list("record_id", "sequence", "role", "title"))
    assert told == [
        (answer.id, 1, "复文", ""),
        (answer.id, 2, "来文", "关于增加编制的请示"),
        (answer.id, 3, "附件", "关于增加编制的请示"),
    ]
    paths = list(ComputerFile.objects.order_by("path").values_list("path", "facts__text_path"))
    assert paths == [
        ("01-复文/original/正文.ofd", "01-复文/text.json"),
        ("02-来文/original/正文.ofd", "02-来文/text.json"),
        ("03-附件/original/附件1.ofd", "03-附件/text.json"),
    ]
    assert set(ComputerFile.objects.values_list("id", "sha256", "staged")) == places
    head, gone = Record.objects.get(id=answer.id), Record.objects.get(id=asking.id)
    assert (head.page_count, head.size_bytes, head.elements["document_aggregation_type"]) == (4, 40, "组合文件")
    assert [item["name"] for item in head.agents] == ["云汀市人民政府", "云汀市编办"]
    assert len({item["id"] for item in head.agents}) == 2
    assert (gone.state, gone.phase, gone.page_count) == (State.MERGED, "", None)
    assert arrangement.ids(ARCHIVIST, arrangement.Class(), 10) == [answer.id]
    assert {event.type for event in Event.objects.all()} == {"record:merged", "record:joined"}
    done = undo.undo(small, ARCHIVIST, act.id)
    assert (done.done, done.overtaken) == (2, 0)
    assert everything() == before
    assert Event.objects.filter(type="record:recomposed").count() == 2


def test_a_part_becomes_an_item_of_its_own_and_part_of_the_old_one_again(small: House) -> None:
    row = made("关于印发要点的通知", "正文.ofd", "附件1.ofd", "附件2.ofd")
    before = everything()
    second = Document.objects.get(sequence=2)
    refused("SPLIT-NOTHING", lambda: compose.split(small, ARCHIVIST, row.id, document_ids=[], described={"title": "要点"}))
    refused("ELEMENT-REQUIRED", lambda: compose.split(small, ARCHIVIST, row.id, document_ids=[second.id], described={"title": " "}))
    assert everything() == before
    compose.split(small, ARCHIVIST, row.id, document_ids=[second.id], described={"title": "二〇二四年工作要点", "date": "20240402"})
    fresh = Record.objects.exclude(id=row.id).get()
    assert (fresh.title, fresh.document_date, fresh.document_number, fresh.page_count, fresh.state) == (
        "二〇二四年工作要点", "20240402", "", 2, "arranged",
    )  # fmt: skip
    assert list(Document.objects.order_by("record_id", "sequence").values_list("record_id", "sequence", "role")) == sorted(
        [(row.id, 1, "正本"), (row.id, 2, "附件"), (fresh.id, 1, "正本")]
    )
    assert ComputerFile.objects.get(record=fresh).path == "01-正本/original/附件1.ofd"
    assert {event.type for event in Event.objects.all()} == {"record:split", "record:received"}
    assert undo.undo(small, ARCHIVIST).done == 2
    assert [row for row in everything() if row["id"] != fresh.id] == before
    assert Record.objects.get(id=fresh.id).state == State.MERGED


def test_roles_and_order_are_a_persons_to_change(small: House) -> None:
    row = made("关于印发要点的通知", "正文.ofd", "附件1.ofd")
    first, second = Document.objects.order_by("sequence").values_list("id", flat=True)
    compose.arrange_parts(small, ARCHIVIST, row.id, given=Given(((second, "定稿"), (first, "正本"))))
    assert list(ComputerFile.objects.order_by("path").values_list("path", flat=True)) == [
        "01-定稿/original/附件1.ofd",
        "02-正本/original/正文.ofd",
    ]
    again = compose.pieces(small, ARCHIVIST, [row.id], given=Given(((second, "定稿"), (first, "正本"))))
    assert [(piece.id, piece.role) for piece in again] == [(first, Role.MAIN), (second, Role.FINAL_DRAFT)]
    refused("COMPOSE-PARTS-CHANGED", lambda: compose.arrange_parts(small, ARCHIVIST, row.id, given=Given(((first, "正本"),))))
    refused(
        "COMPOSE-PARTS-CHANGED", lambda: compose.arrange_parts(small, ARCHIVIST, row.id, given=Given(((first, "正本"), (second, "随便"))))
    )


def test_what_cannot_be_one_item_is_refused_before_anything_is_written(small: House) -> None:
    one, other = made("甲", "a.pdf"), made("乙", "b.pdf")
    given, before = proposed(small, one.id, other.id), everything()
    bare = rows.record(title="只有目录")
    for code, change in (
        ("RECORD-CODE-FIXED", {"state": "archived", "code": "Z109-WS·2024-D30-BGS-0001"}),
        ("COMPOSE-WAITING", {"needs_attention": "CHECK-FAILED"}),
        ("COMPOSE-UNLIKE", {"category": "KJ"}),
        ("RECORD-CODE-FIXED", {"hold": True}),
    ):
        was = Record.objects.filter(id=other.id).values(*change).get()
        Record.objects.filter(id=other.id).update(**change)
        refused(code, lambda: compose.merge(small, ARCHIVIST, [one.id, other.id], given=given))
        Record.objects.filter(id=other.id).update(**was)
    refused("COMPOSE-NO-DOCUMENTS", lambda: compose.merge(small, ARCHIVIST, [one.id, bare.id], given=given))
    refused("ACCESS-REFUSED", lambda: compose.merge(small, READER, [one.id, other.id], given=given))
    refused("SELECTION-EMPTY", lambda: compose.merge(small, ARCHIVIST, [one.id], given=given))
    bare.delete()
    assert everything() == before


def test_what_was_changed_since_is_not_taken_back(small: House) -> None:
    one, other, third = made("甲", "a.pdf"), made("乙", "b.pdf"), made("丙", "c.pdf")
    act = compose.merge(small, ARCHIVIST, [one.id, other.id], given=proposed(small, one.id, other.id))
    arrange.revise(small, ARCHIVIST, one.id, version=Record.objects.get(id=one.id).version, changes={"title": "甲乙"})
    later = compose.merge(small, ARCHIVIST, [one.id, third.id], given=proposed(small, one.id, third.id))
    refused("UNDO-OVERTAKEN", lambda: undo.undo(small, ARCHIVIST, act.id))
    undo.undo(small, ARCHIVIST, later.id)
    assert undo.undo(small, ARCHIVIST, act.id).done == 2
    assert Record.objects.get(id=one.id).title == "甲乙"


def test_any_run_of_acts_taken_back_in_turn_leaves_everything_as_it_was(small: House) -> None:
    chance = random.Random(22)
    ids = [made(f"第{at}号事项", *[f"{at}-{n}.pdf" for n in range(1 + at % 3)]).id for at in range(6)]
    before, files = everything(), set(ComputerFile.objects.values_list("id", "sha256", "staged"))
    acts = []
    for _ in range(12):
        here = list(Record.objects.filter(state="arranged").order_by("id").values_list("id", flat=True))
        chosen = chance.sample(here, min(2, len(here)))
        parts = list(Document.objects.filter(record_id=chosen[0]).values_list("id", flat=True))
        if len(parts) > 1 and chance.random() < 0.5:
            acts.append(compose.split(small, ARCHIVIST, chosen[0], document_ids=parts[1:2], described={"title": "拆出"}))
        elif len(chosen) == 2:
            acts.append(compose.merge(small, ARCHIVIST, chosen, given=proposed(small, *chosen)))
        assert set(ComputerFile.objects.values_list("id", "sha256", "staged")) == files
    for act in reversed(acts):
        undo.undo(small, ARCHIVIST, act.id)
    assert [row for row in everything() if row["id"] in {item["id"] for item in before}] == before
    assert set(Record.objects.filter(state="arranged").values_list("id", flat=True)) == set(ids)


@pytest.fixture
def house(fresh_data: Path, tmp_path: Path) -> Iterator[House]:
    """Four arranged records of one class, with real files."""
    one_page_pdfs(tmp_path / "papers", 4, 7)
    with line_house(fresh_data) as built:
        capture.open_batch(built, ARCHIVIST, [tmp_path / "papers"], channel="manual", department="BGS")
        line.finish(built)
        Record.objects.update(**CLASS)
        for row in Record.objects.all():
            row.elements |= {"year": "2026", "organizational_structure_or_function": "BGS", "retention_period": "30年"}
            row.save()
        yield built


def test_composed_items_are_archived_and_stand_the_gate(house: House) -> None:
    ids = list(Record.objects.order_by("id").values_list("id", flat=True))
    compose.merge(house, ARCHIVIST, ids[:3], given=proposed(house, *ids[:3]))
    part = Document.objects.filter(record_id=ids[0]).order_by("-sequence").values_list("id", flat=True)[0]
    compose.split(house, ARCHIVIST, ids[0], document_ids=[part], described={"title": "拆出的一件"})
    number.fix(house, ARCHIVIST, **CLASS)
    line.finish(house)
    reports = Report.objects.filter(gate="archiving", subject_kind="record")
    assert {item["code"] for report in reports for item in wrong(report)} <= {"GD-4-1", "GD-4-2"}
    kept = Record.objects.exclude(state="merged")
    assert set(kept.values_list("state", flat=True)) == {"archived"}
    assert kept.count() == 3
    files = list(ComputerFile.objects.filter(record_id=ids[0]))
    assert len(files) == 2
    for item in files:
        with house.store.open(ids[0], item.path, 1) as stream:
            assert sha256(stream.read()).hexdigest() == item.sha256


def wrong(report: Report) -> list[Any]:
    return [item for item in queries.body(report)["items"] if item["outcome"] in ("fail", "error")]


def test_another_person_may_not_take_it_back(small: House) -> None:
    one, other = made("甲", "a.pdf"), made("乙", "b.pdf")
    act = compose.merge(small, ARCHIVIST, [one.id, other.id], given=proposed(small, one.id, other.id))
    refused("UNDO-NOTHING", lambda: undo.undo(small, Actor("01COLLEAGUE", "han", "韩松", "archivist"), act.id))
