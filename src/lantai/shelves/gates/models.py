"""The agency's choices of check items, version by version, and failed items that two persons let pass."""

from django.db import models


class CheckChoice(models.Model):
    """One version of what the agency chose of an item at a gate, in place of the standard's scheme (DA/T 70).

    ``number`` is the item (``2.04``), empty for the gate itself; ``category`` the 门类 it holds for, empty for all. The row without
    ``retired_at`` is in force; changing or restoring retires it and nothing is ever deleted. ``mode`` is automatic, assisted or manual.
    """

    id = models.CharField(primary_key=True, max_length=26)
    gate = models.CharField(max_length=16)
    category = models.CharField(max_length=16, blank=True)
    number = models.CharField(max_length=8, blank=True)
    enabled = models.BooleanField()
    severity = models.CharField(max_length=8)
    mode = models.CharField(max_length=16)
    share = models.PositiveSmallIntegerField()
    parameters = models.JSONField(default=dict)
    reason = models.TextField()
    decided_by = models.CharField(max_length=64)
    decided_at = models.DateTimeField()
    retired_by = models.CharField(max_length=64, blank=True)
    retired_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("gate", "category", "number"), condition=models.Q(retired_at=None), name="one_choice_in_force_an_item"
            ),
        )

    def __str__(self) -> str:
        return f"{self.gate} {self.category} {self.number}"


class Overruling(models.Model):
    """A failed item of one record that two persons let pass; the outcome itself stays failed.

    ``state`` is proposed, accepted, rejected or void. ``report_id`` is the report that failed, ``findings_digest`` what it said of the
    item and ``content_digest`` what the record was: where either is another one later, nothing is let pass any more.
    """

    id = models.CharField(primary_key=True, max_length=26)
    record_id = models.CharField(max_length=26, db_index=True)
    gate = models.CharField(max_length=16)
    number = models.CharField(max_length=8)
    report_id = models.CharField(max_length=26)
    findings_digest = models.CharField(max_length=64)
    content_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=16, default="proposed")
    reason = models.TextField()
    proposed_by = models.CharField(max_length=64)
    proposer_name = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, blank=True)
    decider_name = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("record_id", "gate", "number"),
                condition=models.Q(state__in=("proposed", "accepted")),
                name="one_live_overruling_an_item",
            ),
        )

    def __str__(self) -> str:
        return f"{self.record_id} {self.number} {self.state}"
