"""Backups, drills and the timetable of both."""

from django.db import models


class Backup(models.Model):
    """One backup that was made or failed. ``state``: done, failed, pruned. ``taken_at`` is the instant it shows.

    ``pieces`` of ``size_bytes`` belong to it, ``new_pieces`` of ``new_bytes`` were written for it. ``verdict`` is what the last reading
    of its every byte found: empty, ok or damaged.
    """

    id = models.CharField(primary_key=True, max_length=26)
    code = models.CharField(max_length=32, unique=True)
    place = models.TextField()
    state = models.CharField(max_length=8)
    failure = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(db_index=True)
    taken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField()
    records = models.PositiveIntegerField(default=0)
    events = models.BigIntegerField(default=0)
    pieces = models.PositiveIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    new_pieces = models.PositiveIntegerField(default=0)
    new_bytes = models.BigIntegerField(default=0)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    verdict = models.CharField(max_length=8, blank=True)
    verified_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.code


class Drill(models.Model):
    """One drill 演练: the newest backup restored aside and compared. ``conclusion``: pass or fail; ``facts`` is what the record prints."""

    id = models.CharField(primary_key=True, max_length=26)
    code = models.CharField(max_length=32, unique=True)
    backup_code = models.CharField(max_length=32)
    conclusion = models.CharField(max_length=8)
    rpo_seconds = models.PositiveIntegerField()
    rto_seconds = models.PositiveIntegerField()
    facts = models.JSONField(default=dict)
    started_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField()
    held_by = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.code


class Schedule(models.Model):
    """One version of when and where backups are made and how many are kept; the row without ``retired_at`` is in force.

    ``at`` is hour and minute of Beijing; of the newest ``days``, ``weeks`` and ``months`` one backup each is kept. An empty ``place``
    means that no backup is made by itself.
    """

    id = models.CharField(primary_key=True, max_length=26)
    place = models.TextField(blank=True)
    at = models.CharField(max_length=5)
    days = models.PositiveSmallIntegerField()
    weeks = models.PositiveSmallIntegerField()
    months = models.PositiveSmallIntegerField()
    drill_months = models.PositiveSmallIntegerField()
    late_hours = models.PositiveSmallIntegerField()
    decided_by = models.CharField(max_length=64)
    decided_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("version",), condition=models.Q(retired_at=None), name="one_schedule_in_force"),)

    def __str__(self) -> str:
        return f"{self.at} {self.place}"
