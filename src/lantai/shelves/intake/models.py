"""What arrived: batches, every file of them with its outcome, quarantine, and check reports."""

from django.db import models


class Batch(models.Model):
    """One delivery. ``state``: receiving, checking, waiting (for a person), accepted, returned, done.

    ``needs_attention`` is the code of what a person must look at, empty where nothing; the sweeper passes such a batch by. ``key`` is the
    number that a system of the agency gave what it handed in, ``sha256`` the digest of its bytes; both are empty for other batches.
    """

    id = models.CharField(primary_key=True, max_length=26)
    code = models.CharField(max_length=32, unique=True)
    channel = models.CharField(max_length=16)
    title = models.CharField(max_length=200)
    source = models.TextField()
    is_upload = models.BooleanField(default=False)
    department = models.CharField(max_length=32, blank=True)
    submitter = models.CharField(max_length=64)
    state = models.CharField(max_length=16, default="receiving", db_index=True)
    needs_attention = models.CharField(max_length=64, blank=True)
    conclusion = models.CharField(max_length=16, blank=True)
    declared_records = models.PositiveIntegerField(null=True)
    declared_bytes = models.BigIntegerField(null=True)
    file_count = models.PositiveIntegerField(default=0)
    record_count = models.PositiveIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    facts = models.JSONField(default=dict)
    accepted_by = models.CharField(max_length=64, blank=True)
    accepted_at = models.DateTimeField(null=True)
    return_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)
    key = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("submitter", "key"), condition=~models.Q(key=""), name="one_batch_a_key"),)

    def __str__(self) -> str:
        return self.code


class Arrival(models.Model):
    """One file (or catalogue row) that arrived, and what became of it: in = out is counted here.

    ``outcome``: record, metadata (a package's own description), container (unpacked), duplicate, quarantined, refused.
    """

    id = models.CharField(primary_key=True, max_length=26)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="arrivals")
    path = models.TextField()
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=16)
    record_id = models.CharField(max_length=26, blank=True, db_index=True)
    finding = models.JSONField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("batch", "path"), name="one_outcome_a_path"),)

    def __str__(self) -> str:
        return self.path


class Quarantine(models.Model):
    """A sealed item under suspicion of a state secret. Nothing here tells its name or content.

    ``state``: held, removed, released. Removal and release need two persons.
    """

    id = models.CharField(primary_key=True, max_length=26)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="quarantined")
    position = models.PositiveIntegerField()
    sealed_name = models.CharField(max_length=64)
    state = models.CharField(max_length=16, default="held")
    decision = models.CharField(max_length=16, blank=True)
    first_person = models.CharField(max_length=64, blank=True)
    second_person = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.id


class Report(models.Model):
    """A check report: gate, subject and what it found; never changed, a new check makes a new report.

    ``packed`` is the report without what its edition tells (``core.checks.pack``); ``reports.queries.body`` gives the whole document.
    """

    id = models.CharField(primary_key=True, max_length=26)
    gate = models.CharField(max_length=16)
    subject_kind = models.CharField(max_length=8)
    subject_id = models.CharField(max_length=26)
    batch_id = models.CharField(max_length=26, blank=True, db_index=True)
    conclusion = models.CharField(max_length=16)
    packed = models.JSONField()
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("subject_id", "gate", "created_at"), name="report_of_subject"),)

    def __str__(self) -> str:
        return f"{self.gate} {self.subject_id}"
