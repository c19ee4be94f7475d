"""Preservation checks: what is planned, what was run, and the result of each record."""

from django.db import models


class Plan(models.Model):
    """A standing order: check ``share_percent`` of the archived records every week, month, quarter or year.

    ``category`` and ``retention`` narrow it, empty means all. A plan is never changed: another takes its place and this one is retired.
    """

    id = models.CharField(primary_key=True, max_length=26)
    name = models.CharField(max_length=64)
    every = models.CharField(max_length=8)
    share_percent = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=8, blank=True)
    retention = models.CharField(max_length=8, blank=True)
    starts_on = models.CharField(max_length=8)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    retired_by = models.CharField(max_length=64, blank=True)
    retired_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """One run of the preservation gate over a part of the holdings. ``state``: running, stopped, failed, done.

    ``occasion``: planned, started (by a person), migration, restore. The sample follows from ``seed``, ``slot`` and ``slots`` over the
    records archived by ``started_at``; ``cursor`` is the last record that was dealt with, so that a run goes on where it was.
    ``period`` is the plan's period that the run fulfils, empty for others. ``total`` is how many the sample held at the start.
    """

    id = models.CharField(primary_key=True, max_length=26)
    code = models.CharField(max_length=32, unique=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="runs")
    period = models.CharField(max_length=10, blank=True)
    occasion = models.CharField(max_length=16)
    category = models.CharField(max_length=8, blank=True)
    retention = models.CharField(max_length=8, blank=True)
    seed = models.CharField(max_length=26)
    slot = models.PositiveIntegerField(default=0)
    slots = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8, default="running", db_index=True)
    reason = models.CharField(max_length=64, blank=True)
    cursor = models.CharField(max_length=26, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    conclusion = models.CharField(max_length=16, blank=True)
    started_by = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("plan", "period"), condition=~models.Q(period=""), name="one_run_a_period"),)

    def __str__(self) -> str:
        return self.code


class Result(models.Model):
    """What a run found of one record: conclusion, codes of what failed, and how that differs from the last result of the record.

    ``is_damaged`` tells that the bytes in the vault are not those that were archived. The report is ``intake_report`` ``report_id``.
    """

    id = models.CharField(primary_key=True, max_length=26)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="results")
    record_id = models.CharField(max_length=26)
    conclusion = models.CharField(max_length=16)
    codes = models.CharField(max_length=300, blank=True)
    is_damaged = models.BooleanField(default=False)
    before = models.CharField(max_length=16, blank=True)
    change = models.CharField(max_length=8)
    report_id = models.CharField(max_length=26)
    checked_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "record_id"), name="one_result_a_record"),)
        indexes = (
            models.Index(fields=("record_id", "checked_at"), name="result_of_record"),
            models.Index(fields=("run", "change", "conclusion"), name="result_change"),
        )

    def __str__(self) -> str:
        return f"{self.record_id} {self.conclusion}"
