"""What belongs to check reports: the lines they were made by, seals over them, what was given back, and what came again."""

from django.db import models


class ReportEdition(models.Model):
    """The lines of an edition of a gate (``core.checks.edition``), named by their digest; added, never changed."""

    digest = models.CharField(primary_key=True, max_length=16)
    lines = models.JSONField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.digest


class Seal(models.Model):
    """A signature over the arrival reports of a batch as they stood: their number, the Merkle root of their digests, and who signed.

    ``last_report`` is the newest report covered. A later report asks for a later seal; none is ever changed.
    """

    id = models.CharField(primary_key=True, max_length=26)
    batch_id = models.CharField(max_length=26, db_index=True)
    reports = models.PositiveIntegerField()
    last_report = models.CharField(max_length=26)
    root = models.CharField(max_length=64)
    signatures = models.JSONField()
    sealed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("batch_id", "reports", "last_report"), name="one_seal_a_state"),)

    def __str__(self) -> str:
        return f"{self.batch_id} {self.reports}"


class GivenBack(models.Model):
    """One record given back to its sender: reasons, message, the day by which it is expected again (YYYYMMDD or empty), the evidence.

    ``digests`` are those of its files by name. ``successor_id`` is the record that came in its place, ``mended`` what of it is
    otherwise, as JSON; both empty until it came.
    """

    id = models.CharField(primary_key=True, max_length=26)
    batch_id = models.CharField(max_length=26, db_index=True)
    record_id = models.CharField(max_length=26, db_index=True)
    reasons = models.JSONField()
    message = models.TextField(blank=True)
    deadline = models.CharField(max_length=8, blank=True)
    findings = models.JSONField(default=list)
    items = models.JSONField(default=list)
    digests = models.JSONField(default=dict)
    returned_by = models.CharField(max_length=64)
    returned_at = models.DateTimeField()
    successor_id = models.CharField(max_length=26, blank=True, db_index=True)
    successor_batch_id = models.CharField(max_length=26, blank=True, db_index=True)
    mended = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.record_id
