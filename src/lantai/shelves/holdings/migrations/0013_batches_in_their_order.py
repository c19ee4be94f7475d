"""The slices of a batch are found in their order. The index of the batch alone goes by hand: SQLite would write the whole table anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("holdings", "0012_claims")]

    operations = [
        migrations.RemoveIndex(model_name="record", name="record_batch_state"),
        migrations.AddIndex(model_name="record", index=models.Index(fields=["batch_id", "state", "id"], name="record_batch_state")),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX IF EXISTS holdings_record_batch_id_34937255",
                    "CREATE INDEX IF NOT EXISTS holdings_record_batch_id_34937255 ON holdings_record (batch_id)",
                ),
            ],
            state_operations=[migrations.AlterField(model_name="record", name="batch_id", field=models.CharField(max_length=26))],
        ),
    ]
