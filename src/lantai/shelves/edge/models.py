"""Progress rows: what a page polls while work goes on. They live in the edge database and may be lost without harm."""

from django.db import models


class Progress(models.Model):
    """How far one piece of work has come. ``state``: running, done, failed. ``total`` is 0 where it is not known."""

    key = models.CharField(primary_key=True, max_length=80)
    verb = models.CharField(max_length=32)
    object_id = models.CharField(max_length=26, db_index=True)
    step = models.CharField(max_length=64, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=16, default="running")
    message = models.TextField(blank=True)
    updated_at = models.DateTimeField(db_index=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.verb} {self.object_id} {self.done}/{self.total}"


class Presence(models.Model):
    """Who has the form of a record open, and when they were last heard of."""

    id = models.BigAutoField(primary_key=True)
    record_id = models.CharField(max_length=26)
    account_id = models.CharField(max_length=26)
    name = models.CharField(max_length=100)
    at = models.DateTimeField(db_index=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("record_id", "account_id"), name="one_presence_a_person"),)

    def __str__(self) -> str:
        return f"{self.name} {self.record_id}"
