"""Databases for tests: real files (SQLite in WAL mode) or, with LANTAI_DATABASE set, databases of a PostgreSQL server.

A pristine template is migrated once a session; every other database is a copy of it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connections
from psycopg import sql

from lantai.server.settings import LANTAI
from lantai.shelves import databases

IS_POSTGRESQL = bool(LANTAI.database)
FILES = {"default": "lantai.db", "edge": "edge.db"}


@dataclass(frozen=True)
class Template:
    """The migrated, empty databases that others are copied from."""

    folder: Path

    @property
    def name(self) -> str:
        """The template's name on PostgreSQL."""
        return f"lantai_{os.getpid()}_template"

    def make(self) -> None:
        """Migrate the template."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if IS_POSTGRESQL:
            _on_server("CREATE DATABASE {} TEMPLATE template0", self.name)
        with _pointed(self.folder, self.name):
            databases.prepare(self.folder)

    def remove(self) -> None:
        """Drop the template where it is on a server."""
        if IS_POSTGRESQL:
            _on_server("DROP DATABASE {} WITH (FORCE)", self.name)

    @contextmanager
    def copy(self, folder: Path) -> Iterator[Path]:
        """Point Django, and the environment of processes started meanwhile, at fresh copies; yield the data folder."""
        folder.mkdir(parents=True, exist_ok=True)
        name = f"lantai_{os.getpid()}_{abs(hash(folder))}"
        if IS_POSTGRESQL:
            _on_server("CREATE DATABASE {} TEMPLATE {}", name, self.name)
        else:
            for file in FILES.values():
                shutil.copyfile(self.folder / file, folder / file)
        try:
            with _pointed(folder, name):
                yield folder
        finally:
            if IS_POSTGRESQL:
                _on_server("DROP DATABASE {} WITH (FORCE)", name)


@contextmanager
def _pointed(folder: Path, name: str) -> Iterator[None]:
    connections.close_all()
    before = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    variables = {"LANTAI_DATA": str(folder)} | ({"LANTAI_DATABASE": _address(name)} if IS_POSTGRESQL else {})
    kept = {key: os.environ.get(key) for key in variables}
    for alias in connections:
        connections[alias].settings_dict["NAME"] = name if IS_POSTGRESQL else str(folder / FILES[alias])
    os.environ.update(variables)
    try:
        yield
    finally:
        connections.close_all()
        for alias, value in before.items():
            connections[alias].settings_dict["NAME"] = value
        for key, old in kept.items():
            os.environ.pop(key) if old is None else os.environ.update({key: old})


def _address(name: str) -> str:
    return urlunsplit(urlsplit(LANTAI.database)._replace(path=f"/{name}"))


def _on_server(statement: str, *names: str) -> None:
    with psycopg.connect(LANTAI.database, autocommit=True) as server:
        server.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))
