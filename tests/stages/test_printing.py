"""Forms are made of what the tables say, within what the actor may see, and every print is told to the ledger."""

import json
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import ArchivalCode, Record
from lantai.shelves.ledger.models import Event, Payload
from lantai.stages import capture, seal
from lantai.stages.report import printing
from tests.support.line_house import ARCHIVIST, READER, line_house


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


@pytest.fixture
def scope(house: House, tmp_path: Path) -> str:
    """A class of two archived records of the department BGS."""
    one_page_pdfs(tmp_path / "papers", 2, 3)
    batch_id = capture.open_batch(house, ARCHIVIST, [tmp_path / "papers"], channel="manual", department="BGS")
    line.finish(house)
    Record.objects.filter(batch_id=batch_id).update(year="2024", retention="D30", department="BGS", position=0)
    line.archive(house, ARCHIVIST, [batch_id])
    return ArchivalCode.objects.filter(kind="agency").values_list("scope", flat=True).distinct().first() or ""


def words(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    text = "".join(page.get_textpage().get_text_bounded() for page in pages)
    return "".join(text.split()).replace("\u200b", "")


def test_every_form_of_a_class_says_its_range_and_is_told(house: House, scope: str) -> None:
    assert "检查点指纹" not in words(printing.make(house, ARCHIVIST, "remarks", scope).content)
    seal.seal(house)
    sealed = seal.published(house)
    foot = f"账本封存至第{sealed.size}条，检查点指纹{sealed.fingerprint.replace(' ', '')}"
    for form, (name, _) in printing.FORMS.items():
        if form in ("report", "receipt"):
            continue
        printed = printing.make(house, ARCHIVIST, form, scope)
        said = words(printed.content)
        assert name in said
        assert foot in said, "the paper is a witness of the ledger"
        assert f"{scope}-0001—0002" in said
        assert printed.name.startswith(name)
    told = Event.objects.filter(type="form:printed")
    assert told.count() == 7
    body = json.loads(Payload.objects.get(event_id=told[0].id).body)
    assert (body["range"], len(body["digest"])) == (f"{scope}-0001—0002", 64)


def test_registers_count_and_digest_what_was_archived(house: House, scope: str) -> None:
    said = words(printing.make(house, ARCHIVIST, "filing-register", scope).content)
    first = Record.objects.order_by("code")[0]
    told = json.loads(Payload.objects.get(event__object_id=first.id, event__type="record:archived").body)
    for expected in ("2件", "30年", "真实性合格2件", "安全性", told["inventory_sha256"][:20]):
        assert expected in said, expected


def test_a_record_and_a_batch_have_their_reports_and_the_sender_a_receipt(house: House, scope: str) -> None:
    row = Record.objects.order_by("code")[0]
    assert "归档检测报告" in words(printing.make(house, ARCHIVIST, "report", row.code).content)
    batch = printing.Batch.objects.get(id=row.batch_id)
    assert "接收检测报告" in words(printing.make(house, ARCHIVIST, "report", batch.code).content)
    assert row.code in words(printing.make(house, ARCHIVIST, "receipt", batch.code).content)
    assert "归档文件目录" in words(printing.make(house, ARCHIVIST, "file-list", batch.code).content)


def test_what_cannot_be_printed_is_refused_and_not_told(house: House, scope: str) -> None:
    for actor, form, target, code in (
        (ARCHIVIST, "poem", scope, "FORM-UNKNOWN"),
        (ARCHIVIST, "file-list", "Z999", "FORM-TARGET-UNKNOWN"),
        (READER, "receipt", printing.Batch.objects.get().code, "ACCESS-REFUSED"),
        (ARCHIVIST, "report", "Z999", "BATCH-UNKNOWN"),
    ):
        with pytest.raises(Refusal, match=code):
            printing.make(house, actor, form, target)
    assert not Event.objects.filter(type="form:printed").exists()
