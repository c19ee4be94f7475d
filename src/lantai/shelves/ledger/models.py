"""The ledger: envelopes and payloads (docs/design/ledger-format.md). Rows are only ever inserted."""

from django.db import models


class Event(models.Model):
    """A log entry: type, instant, actor, object and the salted digest of its payload. ``position`` is given by the sealer."""

    id = models.CharField(primary_key=True, max_length=26)
    type = models.CharField(max_length=48, db_index=True)
    instant = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=64)
    object_kind = models.CharField(max_length=16)
    object_id = models.CharField(max_length=128, db_index=True)
    payload_digest = models.CharField(max_length=64)
    position = models.BigIntegerField(null=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.type} {self.object_id}"


class Payload(models.Model):
    """What an event says, apart from its envelope. ``kind``: permanent, content_bound, personal. ``body`` is canonical JSON."""

    event = models.OneToOneField(Event, primary_key=True, on_delete=models.PROTECT, related_name="payload")
    kind = models.CharField(max_length=16)
    salt = models.CharField(max_length=32)
    body = models.TextField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.event_id


class Checkpoint(models.Model):
    """A signed state of the log (C2SP tlog-checkpoint): number of entries, root of their tree in hex, the note with its signatures.

    ``after`` is the number of entries of the checkpoint before it, so that one that is gone is missed.
    """

    size = models.BigIntegerField(primary_key=True)
    after = models.BigIntegerField()
    root = models.CharField(max_length=64)
    note = models.TextField()
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.size} {self.root}"
