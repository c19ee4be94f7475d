"""What a filter looks in stands in a column and an index of its own; the index that nothing asks any more goes."""

import sys
from itertools import batched

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from lantai.core import identity

_ROWS, _TOLD_EVERY = 1000, 50_000
_ORDER = ["state", "year", "department", "retention", "quarantined", "position", "document_date", "number_key", "id", "page_count", "sought"]


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Set the column of records that are there already, a thousand a statement; of many, say how far it has come."""
    connection = schema_editor.connection
    records = apps.get_model("holdings", "Record").objects.using(connection.alias)
    said = records.values_list("id", "title", "document_number", "author").order_by("id")
    last, done, total = "", 0, records.count()
    while rows := list(said.filter(id__gt=last)[:_ROWS]):
        last = rows[-1][0]
        values = [value for key, *parts in rows for value in (key, identity.sought_text(*parts))]
        marks = ", ".join("(%s, %s)" for _ in batched(values, 2))
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE holdings_record SET sought = v.column2 FROM (VALUES {marks}) AS v WHERE holdings_record.id = v.column1",  # noqa: S608
                values,
            )
        done += len(rows)
        if done % _TOLD_EVERY == 0:
            sys.stderr.write(f"升级数据库：为已有的件补筛选用的一栏，{done:,} / {total:,} 件\n")


class Migration(migrations.Migration):
    dependencies = [("holdings", "0008_volumes")]

    operations = [
        migrations.RemoveIndex("record", "record_arrangement"),
        migrations.AddField("record", "sought", models.TextField(blank=True, default=""), preserve_default=False),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex("record", models.Index(fields=_ORDER, name="record_sought")),
    ]
