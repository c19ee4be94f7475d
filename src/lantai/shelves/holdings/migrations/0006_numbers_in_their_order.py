"""The key of a document number sorts as people count, and the order of a class goes by it: 9号 before 10号."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from lantai.core import identity

_ROWS = 2000
_ORDER = ["phase", "year", "department", "retention", "quarantined", "position", "document_date", "number_key", "id", "is_impeded"]


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Set the keys of records that are there already."""
    records = apps.get_model("holdings", "Record").objects.using(schema_editor.connection.alias).exclude(number_key="")
    last = ""
    while rows := list(records.filter(id__gt=last).order_by("id").only("document_number")[:_ROWS]):
        for row in rows:
            row.number_key = identity.number_key(row.document_number)
        records.bulk_update(rows, ["number_key"], batch_size=500)
        last = rows[-1].id


class Migration(migrations.Migration):
    dependencies = [("holdings", "0005_impeded")]

    operations = [
        migrations.RemoveIndex("record", "record_order"),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex("record", models.Index(fields=_ORDER, name="record_order")),
    ]
