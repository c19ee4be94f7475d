"""Keywords and persons proposed for a record: told by text, events and what archived records bore; retired ones are proposed no more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai import line
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.digitising.models import Learned
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch
from lantai.stages import arrange, capture
from lantai.stages.digitise import learning
from lantai.stages.report import suggesting
from tests.support.line_house import ARCHIVIST, READER, line_house

TEXT = """云汀市发展和改革委员会关于做好电力保供工作的通知

各科室：
主任郑怀远主持会议，部署电力保供。一、压实电力保供责任。二、完善有序用电预案。

云汀市发展和改革委员会
2024年{month}月1日
"""


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


def taken(house: House, folder: Path, month: int) -> Record:
    place = folder / f"来文{month}"
    place.mkdir()
    (place / f"通知{month}.txt").write_text(TEXT.format(month=month), encoding="utf-8")
    batch = capture.open_batch(house, ARCHIVIST, [place], channel="manual", department="BGS")
    line.finish(house)
    return Record.objects.get(batch_id=batch)


def test_what_archived_records_bore_is_proposed_for_later_ones(house: House, tmp_path: Path) -> None:
    first = taken(house, tmp_path, 10)
    told = suggesting.for_record(house, ARCHIVIST, first.id)
    assert told.keyword[0].value == "电力保供"
    assert told.keyword[0].source == "全文推荐"
    assert [(item.value, item.source) for item in told.personal_name] == [("郑怀远", "正文")]
    with pytest.raises(Refusal, match="RECORD-UNKNOWN"):
        suggesting.for_record(house, READER, first.id)
    changes = {"keyword": "电力保供；有序用电", "personal_name": "郑怀远", "retention": "D30"}
    first.refresh_from_db()
    arrange.revise(house, ARCHIVIST, first.id, version=first.version, changes=changes)
    code = Batch.objects.get(id=first.batch_id).code
    assert line.archive(house, ARCHIVIST, [code]).archived == 1
    assert line.archive(house, ARCHIVIST, [code]).archived == 0
    assert {(row.kind, row.value, row.count) for row in Learned.objects.all()} == {
        ("keyword", "电力保供", 1), ("keyword", "有序用电", 1), ("person", "郑怀远", 1),
    }  # fmt: skip

    second = taken(house, tmp_path, 11)
    told = suggesting.for_record(house, ARCHIVIST, second.id)
    used = {item.value: item for item in told.keyword if item.source == "以前用过"}
    assert used.keys() == {"电力保供", "有序用电"}
    assert used["有序用电"].reason.startswith("本单位已有 1 件用它")
    assert told.personal_name[0].reason.endswith("另有 1 件著录过")
    for value in ("电力保供", "郑怀远"):
        learning.retire(house, ARCHIVIST, Learned.objects.get(value=value).id, is_retired=True)
    told = suggesting.for_record(house, ARCHIVIST, second.id)
    assert "电力保供" not in {item.value for item in told.keyword}
    assert told.personal_name == ()


def test_who_signed_for_issue_comes_first(house: House, tmp_path: Path) -> None:
    row = taken(house, tmp_path, 9)
    row.agents = [{"id": "a1", "kind": "个人", "name": "许维岳", "position": "副主任"}, {"id": "a2", "kind": "个人", "name": "白若水"}]
    row.events = [
        {"agent_id": "a2", "activity": "拟稿", "time": "2024-08-30T09:00:00+08:00"},
        {"agent_id": "a1", "activity": "签发", "time": "2024-09-01T09:00:00+08:00"},
    ]
    row.save()
    told = suggesting.for_record(house, ARCHIVIST, row.id).personal_name
    assert [(item.value, item.source) for item in told] == [("许维岳", "业务过程"), ("郑怀远", "正文")]
    assert told[0].reason == "2024-09-01 签发，副主任"
