"""The payloads beside the log: whatever of them is changed is found and named, what may be so raises nothing, and they are written anew."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from lantai.core.errors import Refusal
from lantai.packages.payload_copies import WIDTH
from lantai.packages.table_package import Writer
from lantai.ports import House
from lantai.shelves.databases import alone
from lantai.shelves.ledger import log, queries
from lantai.shelves.ledger.entries import Entry, append
from lantai.shelves.ledger.models import Event
from lantai.stages import attest, expire, recopy, seal
from lantai.stages.attest import beside
from tests.support.databases import IS_POSTGRESQL
from tests.support.line_house import line_house
from tests.support.rows import IDS, NOW


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    with line_house(tmp_path / "data") as built:
        yield built


def tell(count: int, kind: str = "record:archived") -> None:
    with transaction.atomic():
        append(NOW, [Entry(kind, "worker", f"R{at}", {"n": f"第 {at} 件"}) for at in range(count)], ids=IDS)


def found(house: House) -> list[tuple[str, str]]:
    return [(item.code, item.where) for item in attest.attest(house).problems]


def place(house: House, kind: str = "permanent", segment: int = 0) -> Path:
    return house.data / "ledger" / "payloads" / kind / f"{segment:06d}.lines"


PERMANENT = "ledger/payloads/permanent/000000.lines"


def test_no_bit_of_a_line_changes_unseen(house: House) -> None:
    tell(3)
    seal.seal(house)
    assert found(house) == []
    path = place(house)
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        for bit in (1, 32):  # 32 makes another letter case of it
            path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            assert {where for _, where in found(house)} == {PERMANENT}, at
    path.write_bytes(whole)
    assert found(house) == []


CHANGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "a line gone": lambda lines: [lines[0], *lines[2:]],
    "the last line gone": lambda lines: lines[:-1],
    "all gone": lambda lines: [],
    "a line twice": lambda lines: [*lines, lines[-1]],
    "another order": lambda lines: [lines[1], lines[0], *lines[2:]],
    "one of an event that is none": lambda lines: [*lines, b"4000 " + lines[0].partition(b" ")[2]],
    "one before the first": lambda lines: [b"-1 00 {}\n", *lines],
    "the number written otherwise": lambda lines: [b"0" + lines[0], *lines[1:]],
    "no number at all": lambda lines: [*lines, b"x\n"],
    "a number that is too long": lambda lines: [*lines, b"9" * 5000 + b" 00 {}\n"],
    "not whole at the end": lambda lines: [*lines, b"2"],
}


@pytest.mark.parametrize("change", CHANGES)
def test_lines_that_are_not_what_was_sealed_are_named(house: House, change: str) -> None:
    tell(4)
    seal.seal(house)
    path = place(house)
    path.write_bytes(b"".join(CHANGES[change](path.read_bytes().splitlines(keepends=True))))
    assert {where for _, where in found(house)} == {PERMANENT}


def test_a_file_that_is_gone_and_one_that_is_too_many(house: House) -> None:
    tell(2)
    seal.seal(house)
    place(house).rename(place(house, segment=7))
    assert found(house) == [
        ("LEDGER-COPY-MISSING", PERMANENT),
        ("LEDGER-COPY-ALTERED", "ledger/payloads/permanent/000007.lines"),
    ]


def test_a_change_of_the_database_is_not_laid_to_the_files(house: House) -> None:
    """The digest in the entry decides, so the file stays right where the database was altered."""
    tell(3)
    seal.seal(house)
    rows = log.rows(0, 3)
    altered = replace(house)
    look = beside.Beside(altered, 3)
    look.take([rows[0]._replace(body="{}"), *rows[1:]])
    assert look.finish() == []


def test_what_a_crash_leaves_before_a_checkpoint_is_no_alarm(house: House) -> None:
    tell(3)
    seal.seal(house)
    tell(3)
    log.give_positions(10)
    rows = log.rows(3, 4)
    log.copy(house.data, rows)
    assert found(house) == []
    path = place(house)
    path.write_bytes(path.read_bytes()[:-20])
    assert found(house) == []


def test_what_must_be_able_to_go_may_be_gone_once_a_package_holds_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(3, "search:asked")
    seal.seal(house)
    shutil.rmtree(place(house, "personal").parent)
    assert found(house) == [("LEDGER-COPY-MISSING", "ledger/payloads/personal/000000.lines")]
    recopy.recopy(house)
    Writer(house.data / "state" / "20260302T000000Z").finish({"ledger": {"size": 3}}, house.signer)
    shutil.rmtree(place(house, "personal").parent)
    assert found(house) == [("LEDGER-COPY-MISSING", "ledger/payloads/personal/000000.lines")], "the file holds later ones too"
    monkeypatch.setattr(beside, "WIDTH", 3)
    look = beside.Beside(house, 3)
    look.take(log.rows(0, 3))
    assert look.finish() == []


def test_what_expired_is_no_alarm_before_and_after_it_is_taken_out(house: House) -> None:
    aged = replace(house, settings=house.settings.model_copy(update={"personal_days": 30}))
    with transaction.atomic():
        append(house.clock.now() - timedelta(days=40), [Entry("record:read", "someone", "R")], ids=IDS)
    seal.seal(house)
    assert expire.expire(aged).removed == 1
    assert found(house) == []
    seal.seal(house)
    assert not place(house, "personal").exists()
    assert found(house) == []


def test_they_are_written_anew_and_the_ledger_tells(house: House) -> None:
    tell(WIDTH + 3)
    seal.seal(house)
    for segment in (0, 1):
        path = place(house, segment=segment)
        path.write_bytes(path.read_bytes()[:-30])
    place(house, segment=9).write_bytes(b"x\n")
    assert {where[-12:] for _, where in found(house)} == {"000000.lines", "000001.lines", "000009.lines"}
    assert recopy.recopy(house) >= WIDTH + 3
    assert queries.said(Event.objects.select_related("payload").get(type="ledger:recopied"))["payloads"] >= WIDTH + 3
    assert found(house) == []


def test_a_sealer_at_work_is_not_disturbed(house: House) -> None:
    if IS_POSTGRESQL:
        pytest.skip("the lock is one of the connection, and the test has one connection")
    with alone("seal", log.folder(house.data).root), pytest.raises(Refusal, match="封存"):
        recopy.recopy(house)
