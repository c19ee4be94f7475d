"""How PostgreSQL keeps the tables that grow: put in place after every migration, where it is not so yet. SQLite has no such choice.

Changing ten thousand records took twice as long before. Django lays a second index beside every index of text, for searches by how a text
begins; nobody searches these tables so, and each of their rows is written with every change of a record. A page that is left a little room
takes the new version of a record beside the old one, and where nothing changed that is indexed no index is written at all.
"""

from typing import Any

from django.apps.config import AppConfig
from django.db import connections

#: The apps whose tables grow with every record.
APPS = ("holdings", "intake", "journal", "ledger")
#: Tables whose rows are changed over and over, and how full a page of them is made, in per cent.
FILLED = {"holdings_record": 85}


def install(sender: AppConfig, using: str, **_: Any) -> None:  # noqa: ANN401 - Django's hook
    """Let indexes for beginnings go, and leave room in pages that are written from now on."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(_FOR_BEGINNINGS, [f"^({'|'.join(APPS)})_"])
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX IF EXISTS {connection.ops.quote_name(name)}")
        for table, per_cent in FILLED.items():
            cursor.execute(
                "SELECT 1 FROM pg_class WHERE relname = %s AND NOT %s = ANY(COALESCE(reloptions, '{}'))", [table, f"fillfactor={per_cent}"]
            )
            if cursor.fetchone():
                cursor.execute(f"ALTER TABLE {table} SET (fillfactor = {per_cent})")


_FOR_BEGINNINGS = """
SELECT indexname FROM pg_indexes
WHERE schemaname = current_schema() AND tablename ~ %s AND indexname LIKE '%%\\_like' AND indexdef LIKE '%%\\_pattern\\_ops%%'
"""
