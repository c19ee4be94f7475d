"""The agency's decisions on formats, version by version."""

from django.db import models


class FormatDecision(models.Model):
    """One version of what the agency decided of a family of formats, in place of the standard's judgement (DA/T 70 3-3, 3-5, 3-8).

    The row without ``retired_at`` is in force; changing or restoring retires it and nothing is ever deleted. ``archiving`` is yes, note,
    no or refused; ``risk`` low, medium or high.
    """

    id = models.CharField(primary_key=True, max_length=26)
    family = models.CharField(max_length=32)
    archiving = models.CharField(max_length=8)
    preservation = models.BooleanField()
    target = models.CharField(max_length=200, blank=True)
    risk = models.CharField(max_length=8)
    risk_reason = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    decided_by = models.CharField(max_length=64)
    decided_at = models.DateTimeField()
    retired_by = models.CharField(max_length=64, blank=True)
    retired_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("family",), condition=models.Q(retired_at=None), name="one_decision_in_force_a_family"),
        )

    def __str__(self) -> str:
        return f"{self.family} {self.archiving}"
