"""Keys by which records are compared; more than 32,767 documents or files in one record."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from lantai.core import identity

_ROWS = 500


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Set the keys of records that are there already, as describing them would have."""
    records = apps.get_model("holdings", "Record").objects.using(schema_editor.connection.alias)
    last = ""
    while rows := list(records.filter(id__gt=last).order_by("id").only("document_number", "title", "document_date", "author")[:_ROWS]):
        for row in rows:
            row.number_key = identity.number_key(row.document_number)
            row.identity_key = identity.identity_key(row.title, row.document_date, row.author)
        records.bulk_update(rows, ["number_key", "identity_key"])
        last = rows[-1].id


class Migration(migrations.Migration):
    dependencies = [("holdings", "0001_initial")]

    operations = [
        migrations.AlterField("document", "sequence", models.PositiveIntegerField()),
        migrations.AlterField("computerfile", "sequence", models.PositiveIntegerField(default=1)),
        migrations.AddField("record", "number_key", models.CharField(blank=True, default="", max_length=64), preserve_default=False),
        migrations.AddField("record", "identity_key", models.CharField(blank=True, default="", max_length=32), preserve_default=False),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex("record", models.Index(fields=["number_key"], name="record_number_key")),
        migrations.AddIndex("record", models.Index(fields=["identity_key"], name="record_identity_key")),
    ]
