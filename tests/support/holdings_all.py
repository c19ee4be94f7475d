"""An installation with something in every room, and every row of every table of it, to be compared after a rebuild or restore."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Field, ForeignKey, Model

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.access import Actor
from lantai.core.recovery import SOURCES
from lantai.ports import House
from lantai.shelves import tables
from lantai.shelves.holdings.models import Record
from lantai.shelves.people.models import Account
from lantai.stages import capture, people, preserve, seal
from tests.support.line_house import ARCHIVIST

NOW = datetime(2026, 3, 2, 1, 30, 0, 250, tzinfo=UTC)
Rows = dict[str, dict[Any, dict[str, Any]]]


def furnish(house: House, papers: Path, *, records: int = 6) -> None:
    """Archive records, run a check over them, leave a batch on its way, and put a row into every other table; seal the ledger."""
    one_page_pdfs(papers / "in", records, 11)
    one_page_pdfs(papers / "waiting", 2, 71)
    first = capture.open_batch(house, ARCHIVIST, [papers / "in"], channel="manual", department="BGS")
    line.archive(house, ARCHIVIST, [first])
    assert Record.objects.filter(state="archived").count() == records
    preserve.start(house, ARCHIVIST, preserve.Scope())
    line.finish(house)
    second = capture.open_batch(house, ARCHIVIST, [papers / "waiting"], channel="oa", department="BGS")
    capture.receive(house, second)
    people.create_account(house, None, login="shen", name="沈静宜", role="archivist", person="P1", password="Lantai-2026")
    people.create_account(house, None, login="xitong", name="何系统", role="sysadmin", person="P2", password="Lantai-2026")
    seal.seal(house)
    with transaction.atomic():
        for row in _others():
            row.save(force_insert=True)


def _others() -> Iterator[Model]:
    """Make a row of every table that is still empty; whatever it says, it must come back. Nothing in it is in force."""
    for model in tables.written():
        if not model._default_manager.exists():
            yield model(**{field.attname: _sample(field) for field in model._meta.concrete_fields if not field.generated})


def _sample(field: "Field[Any, Any]") -> object:
    if isinstance(field, ForeignKey):
        return field.related_model._default_manager.values_list("pk", flat=True).first()
    samples: dict[str, object] = {
        "CharField": "01甲乙丙丁戊己庚辛壬癸"[: field.max_length or 0],
        "TextField": "　甲“乙”\n丙\\",
        "JSONField": [] if field.default is list else {"乙": [1.5, None, True, "丙"], "甲": {}},
        "DateTimeField": NOW,
        "FloatField": 0.1,
        "BooleanField": True,
    }
    return samples.get(field.get_internal_type(), 7)


def everything() -> Rows:
    """Return every row of every table that is carried over, by table and key."""
    found: Rows = {}
    for model in apps.get_models():
        known = SOURCES.get(model._meta.db_table)
        if known is not None and known.is_written:
            found[model._meta.db_table] = {row.pk: _cells(row) for row in model._default_manager.all()}
    return found


def _cells(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def actor(role: str) -> Actor:
    """Return the account of a role."""
    return people.actor_of(Account.objects.get(role=role))
