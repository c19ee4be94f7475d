"""Putting tables that were written as files into an empty database: its edition first, then the rows, then this edition."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Model

from lantai import work
from lantai.packages.recovery_key import RecoveryKey
from lantai.packages.table_package import TablePackage
from lantai.shelves import tables
from lantai.shelves.tables import Values
from lantai.stages.recover.writing import PASSWORD

ACCOUNTS = "people_account"
Passwords = Mapping[str, str]


def passwords(package: TablePackage, key: RecoveryKey | None, passphrase: str) -> dict[str, str]:
    """Return the hashes of passwords by account; empty where none are sealed or no passphrase was given.

    Raises Refusal RECOVERY-PASSPHRASE, RECOVERY-SEALED-DAMAGED.
    """
    sealed = package.secrets()
    if sealed is None or key is None or not passphrase:
        return {}
    return dict(json.loads(key.open(sealed, passphrase))[PASSWORD])


def models_of(state: Apps) -> dict[str, type[Model]]:
    """Return the models of an edition by table."""
    return {model._meta.db_table: model for model in state.get_models()}


def load(package: TablePackage, known: Passwords) -> dict[str, int]:
    """Put every row of a whole package into the empty database; return how many by table. Raises Refusal RECOVER-NEWER."""
    models = models_of(tables.make_as_of(package.head["migrations"]))
    names = package.tables()
    counts = {}
    with work.progress("restore", "tables", step="还原数据库", total=len(names)) as progress:
        for name in names:
            counts[name] = put(models[name], package, name, known)
            progress.advance()
    tables.bring_forward()
    tables.reset_counters()
    return counts


def put(model: type[Model], package: TablePackage, name: str, known: Passwords) -> int:
    """Put the rows of one table in; accounts get the password hash that is *known*, or none that any password matches."""
    columns, found = package.columns(name), package.rows(name)
    if name == ACCOUNTS:
        place = columns.index("id")
        columns, found = [*columns, PASSWORD], _with_passwords(found, place, known)
    return tables.put(model, columns, found)


def _with_passwords(found: Iterator[Values], place: int, known: Passwords) -> Iterator[Values]:
    for row in found:
        yield [*row, known.get(row[place], UNUSABLE_PASSWORD_PREFIX)]


def cells(columns: list[str], row: list[Any]) -> dict[str, Any]:
    """Return a row by column."""
    return dict(zip(columns, row, strict=True))
