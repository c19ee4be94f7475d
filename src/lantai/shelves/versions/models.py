"""Corrections of archived records 更正: proposed by one person, approved by another, then made a version in the vault."""

from django.db import models
from django.db.models import Q

LIVE = ("proposed", "approved", "stopped")


class Amendment(models.Model):
    """A correction of one archived record. ``kind``: correct, or restore (the description of version ``source_version``),
    or replace (``document``, the place of a document, 0 for all, by those of the record ``offer``).

    ``state``: proposed, approved (the version is being made), stopped (it could not be made, ``trouble`` is the code of why), done,
    rejected, void (the record has changed since). ``changes`` are the elements by name with their new values, null for one that goes; they
    hold for version ``base_version`` alone.
    """

    id = models.CharField(primary_key=True, max_length=26)
    record_id = models.CharField(max_length=26, db_index=True)
    kind = models.CharField(max_length=8)
    state = models.CharField(max_length=8, default="proposed", db_index=True)
    base_version = models.PositiveIntegerField()
    source_version = models.PositiveIntegerField(default=0)
    offer = models.CharField(max_length=26, blank=True)
    document = models.PositiveIntegerField(default=0)
    changes = models.JSONField(default=dict)
    reason = models.TextField()
    proposed_by = models.CharField(max_length=64)
    proposer_name = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, blank=True)
    decider_name = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    trouble = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("record_id",), condition=Q(state__in=LIVE), name="one_live_amendment_a_record"),)

    def __str__(self) -> str:
        return f"{self.record_id} {self.kind} {self.state}"
