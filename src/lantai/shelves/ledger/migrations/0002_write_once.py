"""The database itself refuses to change or remove what the ledger holds.

An event is only ever inserted; the sealer may give its position, once. A payload is never changed; only the classes that
destruction and expiry may remove (content_bound, personal) can be deleted.

SQLite drops triggers when Django remakes a table: a later migration that alters these tables must run these statements
again (tests/migrations/test_write_once.py fails otherwise).
"""

from django.db import migrations

SQLITE = (
    """CREATE TRIGGER ledger_event_keep BEFORE UPDATE ON ledger_event
    WHEN NOT (OLD.position IS NULL AND NEW.position IS NOT NULL AND NEW.id IS OLD.id AND NEW.type IS OLD.type
      AND NEW.instant IS OLD.instant AND NEW.actor IS OLD.actor AND NEW.object_kind IS OLD.object_kind
      AND NEW.object_id IS OLD.object_id AND NEW.payload_digest IS OLD.payload_digest AND NEW.version IS OLD.version)
    BEGIN SELECT RAISE(ABORT, 'ledger: an event is never changed'); END""",
    """CREATE TRIGGER ledger_event_stay BEFORE DELETE ON ledger_event
    BEGIN SELECT RAISE(ABORT, 'ledger: an event is never deleted'); END""",
    """CREATE TRIGGER ledger_payload_keep BEFORE UPDATE ON ledger_payload
    BEGIN SELECT RAISE(ABORT, 'ledger: a payload is never changed'); END""",
    """CREATE TRIGGER ledger_payload_stay BEFORE DELETE ON ledger_payload WHEN OLD.kind NOT IN ('content_bound', 'personal')
    BEGIN SELECT RAISE(ABORT, 'ledger: a permanent payload is never deleted'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'ledger: rows are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER ledger_event_keep BEFORE UPDATE ON ledger_event FOR EACH ROW
    WHEN (NOT (OLD.position IS NULL AND NEW.position IS NOT NULL
      AND (NEW.id, NEW.type, NEW.instant, NEW.actor, NEW.object_kind, NEW.object_id, NEW.payload_digest, NEW.version)
      IS NOT DISTINCT FROM
      (OLD.id, OLD.type, OLD.instant, OLD.actor, OLD.object_kind, OLD.object_id, OLD.payload_digest, OLD.version)))
    EXECUTE FUNCTION ledger_refuse()""",
    "CREATE TRIGGER ledger_event_stay BEFORE DELETE ON ledger_event FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
    "CREATE TRIGGER ledger_event_whole BEFORE TRUNCATE ON ledger_event FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
    "CREATE TRIGGER ledger_payload_keep BEFORE UPDATE ON ledger_payload FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
    """CREATE TRIGGER ledger_payload_stay BEFORE DELETE ON ledger_payload FOR EACH ROW
    WHEN (OLD.kind NOT IN ('content_bound', 'personal')) EXECUTE FUNCTION ledger_refuse()""",
    "CREATE TRIGGER ledger_payload_whole BEFORE TRUNCATE ON ledger_payload FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
)


def write_once(apps, schema_editor):
    """Create the triggers of this database."""
    if schema_editor.connection.alias != "default":
        return
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(write_once, elidable=False)]
