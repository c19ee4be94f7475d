"""The agency's decisions on categories, on formats and its schedule, version by version."""

from django.db import models


class Decided(models.Model):
    """What one person puts in force and a later decision ends: who and when, both ways. Nothing is ever deleted."""

    id = models.CharField(primary_key=True, max_length=26)
    decided_by = models.CharField(max_length=64)
    decided_at = models.DateTimeField()
    retired_by = models.CharField(max_length=64, blank=True)
    retired_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True


class FormatDecision(Decided):
    """One version of what the agency decided of a family of formats, in place of the standard's judgement (DA/T 70 3-3, 3-5, 3-8).

    The row without ``retired_at`` is in force; changing or restoring retires it and nothing is ever deleted. ``archiving`` is yes, note,
    no or refused; ``risk`` low, medium or high.
    """

    family = models.CharField(max_length=32)
    archiving = models.CharField(max_length=8)
    preservation = models.BooleanField()
    target = models.CharField(max_length=200, blank=True)
    risk = models.CharField(max_length=8)
    risk_reason = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=200, blank=True)
    reason = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("family",), condition=models.Q(retired_at=None), name="one_decision_in_force_a_family"),
        )

    def __str__(self) -> str:
        return f"{self.family} {self.archiving}"


class Schedule(models.Model):
    """One version of the agency's schedule 归档范围和保管期限表: its lines in order, and who approved it (档案法实施条例 art. 19).

    ``state`` is draft, in_force, retired or withdrawn; ``lines`` holds each line as texts (``core.schedule``). A version that was once
    in force is never changed nor deleted: the reasons of records name it by its number.
    """

    id = models.CharField(primary_key=True, max_length=26)
    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=16, default="draft")
    lines = models.JSONField(default=list)
    reason = models.CharField(max_length=200)
    drafted_by = models.CharField(max_length=64)
    drafted_at = models.DateTimeField()
    approved_by = models.CharField(max_length=200, blank=True)
    approval_number = models.CharField(max_length=200, blank=True)
    approved_on = models.CharField(max_length=8, blank=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    retired_by = models.CharField(max_length=64, blank=True)
    retired_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("state",), condition=models.Q(state="in_force"), name="one_period_table_in_force"),
            models.UniqueConstraint(fields=("state",), condition=models.Q(state="draft"), name="one_period_table_drafted"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.state}"


class CategoryRule(Decided):
    """One version of what the agency decided of a category 门类: its name, whether it is filed by item or by volume, how its codes read.

    ``filing`` is item, volume or group (of photographs); ``template`` the written form of its codes (``core.archival_code``);
    ``catalogues`` the catalogue number 目录号 of each period, where the form has one. The row without ``retired_at`` is
    in force; changing or retiring ends it and nothing is ever deleted: codes that were given by it are still read by it.
    """

    category = models.CharField(max_length=8)
    name = models.CharField(max_length=60)
    filing = models.CharField(max_length=8)
    template = models.CharField(max_length=200)
    catalogues = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("category",), condition=models.Q(retired_at=None), name="one_rule_in_force_a_category"),
        )

    def __str__(self) -> str:
        return f"{self.category} {self.template}"


class ClassScheme(Decided):
    """One version of how the agency parts a category 门类 into classes (``core.classification``), for the years from ``since`` on.

    The rows without ``retired_at`` are in force, one a category and first year. Nothing is ever deleted: a sealed range of numbers names
    the version that its records were arranged by.
    """

    category = models.CharField(max_length=8)
    number = models.PositiveIntegerField()
    form = models.CharField(max_length=40)
    terms = models.JSONField(default=list)
    since = models.CharField(max_length=4, blank=True)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("category", "number"), name="one_class_scheme_a_number"),
            models.UniqueConstraint(
                fields=("category", "since"), condition=models.Q(retired_at=None), name="one_class_scheme_in_force_a_year"
            ),
        )

    def __str__(self) -> str:
        return f"{self.category}:{self.number}"


class ValueList(Decided):
    """One version of a list of values 代码表 of the agency's own, which elements of its metadata schemes are filled from.

    ``entries`` holds [value, meaning, whether it is retired]; a value that was once in a list stays in every later version, retired, so
    that what was described with it is still read. The row without ``retired_at`` is in force.
    """

    code = models.CharField(max_length=32)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    entries = models.JSONField(default=list)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("code", "number"), name="one_value_list_a_number"),
            models.UniqueConstraint(fields=("code",), condition=models.Q(retired_at=None), name="one_value_list_in_force"),
        )

    def __str__(self) -> str:
        return f"{self.code}:{self.number}"
