"""What goes out: exports that were asked for on a screen, and transfer acts 移交 with their records."""

from django.db import models


class Export(models.Model):
    """An export that a worker makes: which records, in which form, by whom. ``state``: queued, done, failed.

    The packages stand below ``exports/<id>/`` of the data folder until they expire; ``results`` tells of each record by its id.
    """

    id = models.CharField(primary_key=True, max_length=26)
    form = models.CharField(max_length=16)
    actor = models.CharField(max_length=26, db_index=True)
    record_ids = models.JSONField(default=list)
    state = models.CharField(max_length=16, default="queued", db_index=True)
    results = models.JSONField(default=list)
    size_bytes = models.BigIntegerField(default=0)
    failure = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.form} {self.id}"


class Transfer(models.Model):
    """A transfer act 移交. ``state``: drafted, checked, packed, receipted, cancelled.

    ``facts`` holds what registers print (receiver, description, carrier …), ``package`` what the package was when it was packed (form,
    files, bytes, digest of its table of digests), ``receipt`` the receiver's receipt as it came.
    """

    id = models.CharField(primary_key=True, max_length=26)
    code = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=16, default="drafted", db_index=True)
    keeps_copy = models.BooleanField(default=True)
    conclusion = models.CharField(max_length=16, blank=True)
    facts = models.JSONField(default=dict)
    package = models.JSONField(default=dict)
    receipt = models.JSONField(default=dict)
    record_count = models.PositiveIntegerField(default=0)
    created_by = models.CharField(max_length=26)
    created_at = models.DateTimeField()
    packed_at = models.DateTimeField(null=True)
    receipted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.code


class TransferLine(models.Model):
    """One record of a transfer act: its place, its conclusion at the transfer gate, and what the receiver made of it.

    ``outcome`` is empty until the receipt, then accepted or refused with ``reason``.
    """

    id = models.BigAutoField(primary_key=True)
    transfer = models.ForeignKey(Transfer, on_delete=models.CASCADE, related_name="lines")
    record_id = models.CharField(max_length=26, db_index=True)
    sequence = models.PositiveIntegerField()
    conclusion = models.CharField(max_length=16, blank=True)
    outcome = models.CharField(max_length=16, blank=True)
    reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("transfer", "record_id"), name="one_line_a_record_handed_over"),)

    def __str__(self) -> str:
        return f"{self.transfer_id} {self.sequence}"
