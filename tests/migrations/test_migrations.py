"""Migrations and models agree, and every table has the column that compare-and-set needs."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections, models

SHELVES = ("people", "intake", "holdings", "ledger", "policy", "gates", "reports", "metadata", "upkeep", "register", "edge")
TABLES = [model for name in SHELVES for model in apps.get_app_config(name).get_models()]


def test_models_have_no_change_without_a_migration(fresh_data: object) -> None:
    told = StringIO()
    call_command("makemigrations", *SHELVES, check_changes=True, dry_run=True, stdout=told)
    assert "No changes" in told.getvalue()


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_every_table_has_a_version(model: type[models.Model]) -> None:
    assert isinstance(model._meta.get_field("version"), models.PositiveIntegerField)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_every_column_is_where_the_model_says(fresh_data: object, model: type[models.Model]) -> None:
    assert list(model.objects.all()[:1]) == []
    assert model.objects.db in connections


def test_no_two_constraints_or_indexes_share_a_name() -> None:
    """PostgreSQL keeps the names of indexes and unique constraints in one list for all tables."""
    names = [item.name for model in TABLES for item in (*model._meta.constraints, *model._meta.indexes)]
    assert sorted(names) == sorted(set(names))
