"""Transfer acts end in custody: a version of each record that says so, proved as the first was; what is refused stays ours."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from bench import corpus as papers
from lantai import line
from lantai.adapters.stores.local import LocalStore
from lantai.core.errors import Fault, Refusal
from lantai.core.events import instant_text
from lantai.core.evidence import canonical_json
from lantai.packages import eep, eep_validate, ocfl_check, record_xml
from lantai.packages.eep_layers import layers_of
from lantai.ports import House
from lantai.ports.store import Draft, Stored
from lantai.shelves.exchange.models import Transfer, TransferLine
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event
from lantai.stages import capture, evidence, export, prove, seal, transfer
from lantai.stages.transfer import versions
from lantai.stages.transfer.acts import Wanted
from lantai.stages.transfer.pack import gigabytes
from tests.support.line_house import ARCHIVIST, line_house
from tests.support.told import types

WANTED = 4


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data, slice_records=2) as built:
        yield built


@pytest.fixture
def kept(house: House, tmp_path: Path) -> list[Record]:
    """Four archived records."""
    papers.one_page_pdfs(tmp_path / "来文", WANTED, 11)
    batch = capture.open_batch(house, ARCHIVIST, [tmp_path / "来文"], channel="manual", department="BGS")
    line.finish(house)
    line.archive(house, ARCHIVIST, [batch])
    return list(Record.objects.filter(batch_id=batch, state="archived").order_by("code"))


def packed(house: House, rows: Sequence[Record], into: Path, *, keeps_copy: bool = True) -> Transfer:
    act = transfer.draft(
        house, ARCHIVIST, Wanted(keys=tuple(row.id for row in rows)), title="", keeps_copy=keeps_copy, receiver="云汀市档案馆"
    )
    transfer.judge(house, ARCHIVIST, act.id)
    return transfer.pack(house, ARCHIVIST, act.id, into=into)[0]


def receipt(house: House, accepted: Sequence[Record], returned: Sequence[Record] = ()) -> dict[str, Any]:
    """What a receiver would sign; here it is ourselves."""
    said = {
        "format": "lantai-receipt",
        "agency": "云汀市档案馆",
        "accepted": [{"electronic_record_code": row.electronic_record_code, "code": f"G9-{row.code}"} for row in accepted],
        "returned": [{"electronic_record_code": row.electronic_record_code, "reasons": ["附件缺失"]} for row in returned],
    }
    message = b"lantai receipt v1\n" + hashlib.sha256(canonical_json(said)).hexdigest().encode() + b"\n"
    return said | {"signatures": [asdict(item) for item in house.signer.sign(message)]}


class Breaking:
    """A vault whose disk fills up at its second write."""

    def __init__(self, inner: LocalStore) -> None:
        self._inner = inner
        self.writes = 0

    def write(self, drafts: Sequence[Draft]) -> list[Stored]:
        self.writes += 1
        if self.writes > 1:
            raise Fault("STORE-FULL", "vault")
        return self._inner.write(drafts)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def custody() -> list[str]:
    return list(Record.objects.order_by("code").values_list("custody", flat=True))


def described(house: House, row: Record) -> list[str]:
    with house.store.open(row.id, "record.xml") as stream:
        return [event.description for event in record_xml.read(stream.read()).events if event.activity == "移交"]


def test_what_is_accepted_gets_a_version_and_what_is_refused_stays_ours(house: House, kept: list[Record], tmp_path: Path) -> None:
    act = packed(house, kept, tmp_path)
    package = tmp_path / f"移交信息包-{act.code}" / "其他"
    assert (package / "移交与接收登记表.pdf").read_bytes().startswith(b"%PDF")
    given = receipt(house, kept[:3], kept[3:])
    done = transfer.settle(house, ARCHIVIST, act.id, given)
    assert (done.state, custody()) == ("receipted", ["transferred_copy_kept"] * 3 + ["ours"])
    assert list(Record.objects.order_by("code").values_list("content_version", flat=True)) == [2, 2, 2, 1]
    assert described(house, kept[0]) == [f"{act.code}：移交 云汀市档案馆，对方档号 G9-{kept[0].code}"]
    assert described(house, kept[3]) == []
    assert TransferLine.objects.get(record_id=kept[3].id).reason == "附件缺失"
    seal.seal(house)
    assert prove.verify_as_service(house, None).problems == ()
    found = ocfl_check.validate(next(path for path in (house.data / "vault").rglob(f"*{kept[0].id}*") if path.is_dir()))
    assert [item for item in found if item.severity == "error"] == []
    assert evidence.to_folder(house, ARCHIVIST, kept[0].code, tmp_path / "证据").record_id == kept[0].id
    assert transfer.settle(house, ARCHIVIST, act.id, given).state == "receipted"
    assert Event.objects.filter(type="record:transferred").count() == 3
    assert {"transfer:drafted", "transfer:checked", "transfer:packed", "transfer:receipted"} <= types()
    assert [row.id for row in transfer.due(house, ARCHIVIST, Wanted(last_year="2100"))] == [kept[3].id]


def test_a_record_of_two_versions_goes_out_as_a_modified_eep(house: House, kept: list[Record], tmp_path: Path) -> None:
    act = packed(house, kept[:1], tmp_path)
    transfer.settle(house, ARCHIVIST, act.id, receipt(house, kept[:1]))
    (row,) = export.export(house, ARCHIVIST, [kept[0].id, kept[1].id], form="eep", into=tmp_path / "out")[:1]
    first, second = sorted((tmp_path / "out").iterdir())
    assert {item.code for path in (first, second) for item in eep_validate.validate(path) if item.severity == "error"} == set()
    assert [layers_of(path).modifications for path in (first, second)] == [1, 0]
    read = eep.read(first, tmp_path / "read")
    assert [event.activity for event in read.events][-1] == "移交"
    content = read.files[0]
    with house.store.open(kept[0].id, next(path for path in house.store.files(kept[0].id) if "/original/" in path)) as stream:
        assert (tmp_path / "read" / (content.stored or content.path)).read_bytes() == stream.read()
    assert row.findings == ()


def test_a_transfer_that_was_given_up_is_told_and_leaves_the_records_free(house: House, kept: list[Record], tmp_path: Path) -> None:
    act = packed(house, kept, tmp_path)
    assert transfer.cancel(house, ARCHIVIST, act.id, reason="另拟").state == "cancelled"
    assert Event.objects.filter(type="transfer:cancelled", object_id=act.id).count() == 1
    assert custody() == ["ours"] * 4


def test_a_vault_that_fails_on_the_way_is_gone_on_from(house: House, kept: list[Record], tmp_path: Path) -> None:
    act, given = packed(house, kept, tmp_path), receipt(house, kept)
    failing = replace(house, store=Breaking(house.store))  # type: ignore[arg-type, type-var]
    with pytest.raises(Fault, match="STORE-FULL"):
        transfer.settle(failing, ARCHIVIST, act.id, given)
    assert custody() == ["transferred_copy_kept"] * 2 + ["ours"] * 2
    with pytest.raises(Refusal, match="TRANSFER-STATE"):
        transfer.cancel(house, ARCHIVIST, act.id, reason="另拟")
    with pytest.raises(Refusal, match="TRANSFER-STATE"):
        transfer.settle(house, ARCHIVIST, act.id, receipt(house, kept[:2], kept[2:]))
    assert transfer.settle(house, ARCHIVIST, act.id, given).state == "receipted"
    assert custody() == ["transferred_copy_kept"] * 4
    assert prove.verify_as_service(house, None).problems == ()


def test_a_version_that_was_written_and_not_entered_is_taken_up(house: House, kept: list[Record], tmp_path: Path) -> None:
    act, given = packed(house, kept[:2], tmp_path, keeps_copy=False), receipt(house, kept[:2])
    entered, accepted = transfer.enter(house, ARCHIVIST, act.id, given)
    assert entered.receipted_at is not None
    at = instant_text(entered.receipted_at)
    told = {row.id: versions.HandedOver(act.code, "云汀市档案馆", accepted[row.id], at) for row in kept[:1]}
    versions.write(house, kept[:1], told)
    done = transfer.settle(house, ARCHIVIST, act.id, given)
    assert (done.state, custody()) == ("receipted", ["transferred"] * 2 + ["ours"] * 2)
    assert prove.verify_as_service(house, None).problems == ()


def test_due_is_what_was_formed_long_enough_ago(house: House, kept: list[Record]) -> None:
    last = house.clock.now().year - house.settings.transfer_years
    for row, year in zip(kept, (last - 1, last, last + 1, ""), strict=True):
        Record.objects.filter(id=row.id).update(year=str(year))
    assert [row.id for row in transfer.due(house, ARCHIVIST, Wanted())] == [kept[0].id, kept[1].id]
    assert [row.id for row in transfer.due(house, ARCHIVIST, Wanted(first_year=str(last)))] == [kept[1].id]
    assert [row.id for row in transfer.due(house, ARCHIVIST, Wanted(last_year=str(last + 1)))] == [row.id for row in kept[:3]]
    Record.objects.filter(id=kept[0].id).update(hold=True)
    assert [row.id for row in transfer.due(house, ARCHIVIST, Wanted())] == [kept[1].id]


def test_a_small_transfer_does_not_read_as_nothing() -> None:
    assert [gigabytes(size) for size in (5 * 1024**3 // 2, 700 * 1024, 90 * 1024)] == ["2.500", "0.001", "0.000086"]
