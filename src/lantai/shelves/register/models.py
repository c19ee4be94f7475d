"""The register of finished documents 办结登记 as the office system tells them, and hand-over lists 部门移交清单 of departments."""

from django.db import models


class Import(models.Model):
    """One delivery of register rows: where they came from, what became of each. ``rows`` = added + changed + same + refused.

    ``key`` is the number that a client gave its delivery (empty: a person's import), ``answer`` what it was told, so that the same
    delivery sent again changes nothing and is told the same. ``concluded_at`` is null while, or where, not all rows are written.
    """

    id = models.CharField(primary_key=True, max_length=26)
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    same = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    imported_by = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    key = models.CharField(max_length=64, blank=True)
    answer = models.JSONField(default=dict)
    concluded_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("imported_by", "key"), condition=~models.Q(key=""), name="one_delivery_a_key"),)

    def __str__(self) -> str:
        return self.source


class RefusedRow(models.Model):
    """A row that could not be registered, as it came, with what is wrong with it."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="refused_rows")
    number = models.PositiveIntegerField()
    raw = models.JSONField()
    findings = models.JSONField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.number)


class FinishedDocument(models.Model):
    """A document that the office system calls finished 办结. What it became here is never stored: it follows from the holdings.

    ``key`` is what makes two rows the same document: the office system's number, else the document number with the title, else title,
    date and author. ``number_key`` and ``identity_key`` are those of ``core.identity``, ``plain_title`` the title without what is only
    writing. ``exclusion`` is the reason a person gave for not filing it (empty: it is to be filed); ``record_id`` the record that a
    person confirmed for it.
    """

    id = models.CharField(primary_key=True, max_length=26)
    key = models.CharField(max_length=140, unique=True)
    delivery = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="documents")
    row_number = models.PositiveIntegerField()
    oa_number = models.CharField(max_length=128, blank=True)
    document_number = models.CharField(max_length=200, blank=True)
    number_key = models.CharField(max_length=64, blank=True)
    title = models.TextField()
    plain_title = models.TextField()
    identity_key = models.CharField(max_length=32, blank=True)
    document_date = models.CharField(max_length=8, blank=True)
    finished_on = models.CharField(max_length=8, blank=True)
    year = models.CharField(max_length=4)
    author = models.CharField(max_length=300, blank=True)
    department = models.CharField(max_length=32, blank=True)
    person = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=200, blank=True)
    said_filed = models.CharField(max_length=32, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    raw = models.JSONField(default=dict)
    exclusion = models.CharField(max_length=8, blank=True)
    exclusion_words = models.TextField(blank=True)
    excluded_by = models.CharField(max_length=64, blank=True)
    excluded_at = models.DateTimeField(null=True)
    record_id = models.CharField(max_length=26, blank=True)
    matched_by = models.CharField(max_length=64, blank=True)
    matched_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("year", "department", "id"), name="finished_year_department"),)

    def __str__(self) -> str:
        return self.document_number or self.title


class Handover(models.Model):
    """A department's list of records handed over. ``state``: open (being made or signed), given (交方 signed), done, dropped.

    ``list_sha256`` is the digest of the lines; a signature is on the digest of its moment, and any change of the list voids it.
    """

    id = models.CharField(primary_key=True, max_length=26)
    code = models.CharField(max_length=32, unique=True)
    department = models.CharField(max_length=32, db_index=True)
    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    state = models.CharField(max_length=8, default="open")
    list_sha256 = models.CharField(max_length=64)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    given_by = models.CharField(max_length=64, blank=True)
    given_at = models.DateTimeField(null=True)
    given_sha256 = models.CharField(max_length=64, blank=True)
    taken_by = models.CharField(max_length=64, blank=True)
    taken_at = models.DateTimeField(null=True)
    taken_sha256 = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.code


class HandoverLine(models.Model):
    """One record on a list, as it was when the list was made or last brought up to date."""

    id = models.BigAutoField(primary_key=True)
    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    record_id = models.CharField(max_length=26, db_index=True)
    told = models.JSONField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("handover", "record_id"), name="one_handover_line_a_record"),)

    def __str__(self) -> str:
        return f"{self.position} {self.record_id}"
