"""Migrations of tables that hold something already: nothing is lost, and what is new is filled in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lantai.core import checks
from lantai.core.identity import identity_key, number_key
from lantai.shelves.holdings.models import Document, Record
from lantai.shelves.intake.models import Report
from lantai.shelves.register.models import Import
from lantai.shelves.reports import queries
from lantai.standards import da_t_70

FIRST = [("holdings", "0001_initial"), ("intake", "0001_initial")]
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def first(fresh_data: Path) -> Iterator[Apps]:
    """The tables as the first edition made them."""
    yield _migrate(FIRST)
    _migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())


def _migrate(targets: list[tuple[str, str]]) -> Apps:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def _latest() -> None:
    _migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())


def _fill(apps: Apps, count: int) -> None:
    record = apps.get_model("holdings", "Record")
    common = {"batch_id": "B", "channel": "oa", "fonds": "Z109", "category": "WS", "created_at": NOW}
    described = {"document_date": "20240301", "author": "云汀市"}
    record.objects.bulk_create(
        record(
            id=f"01{number:024d}",
            electronic_record_code=f"E{number}",
            title=f"关于第{number}件事的通知",
            document_number=f"云字[2024]{number} 号",
            **common,
            **described,
        )
        for number in range(count)
    )


def test_records_get_the_keys_by_which_they_are_compared(first: Apps) -> None:
    _fill(first, 1200)
    first.get_model("holdings", "Document").objects.create(id="D", record_id=f"01{7:024d}", sequence=32_000, role="正本")
    between = _migrate([("holdings", "0005_impeded")])
    between.get_model("holdings", "Record").objects.exclude(number_key="").update(number_key="云字[2024]7号")
    _latest()
    rows = list(Record.objects.order_by("id"))
    assert [row.number_key for row in rows] == [number_key(f"云字〔2024〕{number}号") for number in range(1200)]
    assert {row.identity_key for row in rows} == {identity_key(f"关于第{number}件事的通知", "20240301", "云汀市") for number in range(1200)}
    assert {row.sought for row in rows} == {f"关于第{number}件事的通知\n云字(2024){number} 号\n云汀市" for number in range(1200)}
    assert Document.objects.get().sequence == 32_000


def test_registers_that_were_imported_are_concluded(first: Apps) -> None:
    between = _migrate([("register", "0002_numbers_in_their_order")])
    told = dict.fromkeys(("rows", "added", "changed", "same", "refused"), 0) | {"sha256": "", "imported_by": "A", "imported_at": NOW}
    for number in range(3):
        between.get_model("register", "Import").objects.create(id=f"I{number}", source="办结.xlsx", **told)
    _latest()
    assert list(Import.objects.values_list("concluded_at", "key", "answer")) == [(NOW, "", {})] * 3


def test_reports_of_the_first_edition_stay_whole(first: Apps) -> None:
    scheme = da_t_70.scheme(checks.Gate.ARRIVAL)
    results = checks.check_batch(checks.Gate.ARRIVAL, checks.BatchFacts("B", "20260301"), scheme)
    report = checks.as_report(checks.Gate.ARRIVAL, results, subject=checks.Subject("batch", "B"))
    values = {"gate": "arrival", "subject_kind": "batch", "subject_id": "B", "conclusion": "pass", "created_at": NOW}
    first.get_model("intake", "Report").objects.create(id="R", body=report, **values)
    _latest()
    assert queries.body(Report.objects.get()) == report
