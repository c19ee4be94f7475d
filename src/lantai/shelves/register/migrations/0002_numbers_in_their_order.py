"""The key of a document number sorts as people count; documents and records go on being compared by the same key."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from lantai.core import identity

_ROWS = 2000


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Set the keys of documents that are registered already."""
    documents = apps.get_model("register", "FinishedDocument").objects.using(schema_editor.connection.alias).exclude(number_key="")
    last = ""
    while rows := list(documents.filter(id__gt=last).order_by("id").only("document_number")[:_ROWS]):
        for row in rows:
            row.number_key = identity.number_key(row.document_number)
        documents.bulk_update(rows, ["number_key"], batch_size=500)
        last = rows[-1].id


class Migration(migrations.Migration):
    dependencies = [("register", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
