"""Checkpoints of the log; like events, the database refuses to change or remove one."""

from django.db import migrations, models

SQLITE = (
    """CREATE TRIGGER ledger_checkpoint_keep BEFORE UPDATE ON ledger_checkpoint
    BEGIN SELECT RAISE(ABORT, 'ledger: a checkpoint is never changed'); END""",
    """CREATE TRIGGER ledger_checkpoint_stay BEFORE DELETE ON ledger_checkpoint
    BEGIN SELECT RAISE(ABORT, 'ledger: a checkpoint is never deleted'); END""",
)
POSTGRESQL = (
    """CREATE TRIGGER ledger_checkpoint_keep BEFORE UPDATE OR DELETE ON ledger_checkpoint
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse()""",
    "CREATE TRIGGER ledger_checkpoint_whole BEFORE TRUNCATE ON ledger_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
)


def write_once(apps, schema_editor):
    """Create the triggers of this database."""
    if schema_editor.connection.alias != "default":
        return
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_write_once")]
    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("after", models.BigIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("note", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.RunPython(write_once, elidable=False),
    ]
