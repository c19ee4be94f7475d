"""Replicas of the vault, the state of every copy, fixity audits and the register of offline media."""

from django.db import models


class Replica(models.Model):
    """Another vault that holds copies. ``kind``: disk, s3, medium (offline). ``address``: a folder, ``s3://bucket/prefix?…``, or for a
    medium the folder it was last mounted at. ``trouble`` is the code of why the last attempt to reach it failed, empty where it did not.
    """

    id = models.CharField(primary_key=True, max_length=26)
    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=8)
    address = models.CharField(max_length=500)
    position = models.PositiveSmallIntegerField(default=1)
    trouble = models.CharField(max_length=64, blank=True)
    troubled_at = models.DateTimeField(null=True)
    added_by = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    retired_by = models.CharField(max_length=64, blank=True)
    retired_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class Copy(models.Model):
    """One record in one replica: the version it holds, the digest of that version's inventory, and when it was written and last read.

    ``state``: good, damaged (its bytes differ), gone (nothing is there).
    """

    id = models.CharField(primary_key=True, max_length=26)
    replica = models.ForeignKey(Replica, on_delete=models.PROTECT, related_name="copies")
    record_id = models.CharField(max_length=26)
    content_version = models.PositiveIntegerField()
    state = models.CharField(max_length=8, default="good")
    inventory_sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField(default=0)
    written_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("record_id", "replica"), name="one_copy_a_replica"),)
        indexes = (
            models.Index(fields=("replica", "record_id"), name="copy_of_replica"),
            models.Index(fields=("replica", "state"), name="copy_state"),
        )

    def __str__(self) -> str:
        return f"{self.record_id} {self.state}"


class Audit(models.Model):
    """One fixity audit of one place: every byte read and compared. ``replica`` null is the vault itself. ``state``: running, stopped,
    failed, done. The sample follows from ``id``, ``slots`` and slot 0; ``cursor`` is the last record dealt with.
    """

    id = models.CharField(primary_key=True, max_length=26)
    code = models.CharField(max_length=32, unique=True)
    replica = models.ForeignKey(Replica, on_delete=models.PROTECT, null=True, related_name="audits")
    slots = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8, default="running", db_index=True)
    reason = models.CharField(max_length=64, blank=True)
    cursor = models.CharField(max_length=26, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    damaged = models.PositiveIntegerField(default=0)
    mended = models.PositiveIntegerField(default=0)
    started_by = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.code


class Medium(models.Model):
    """An offline medium of the register: number, type, capacity, place, when it is next to be checked (YYYYMMDD) and its grade.

    What it holds are the copies of its replica.
    """

    replica = models.OneToOneField(Replica, on_delete=models.PROTECT, primary_key=True, related_name="medium")
    number = models.CharField(max_length=32, unique=True)
    type = models.CharField(max_length=16)
    capacity_bytes = models.BigIntegerField()
    place = models.CharField(max_length=200)
    grade = models.CharField(max_length=16, default="good")
    next_check = models.CharField(max_length=8)
    checked_on = models.CharField(max_length=8, blank=True)
    note = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.number
