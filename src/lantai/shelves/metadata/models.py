"""Versions of the agency's metadata schemes."""

from django.db import models


class MetadataScheme(models.Model):
    """One version of what the agency asks of described metadata otherwise than DA/T 46, for one category 门类 or (empty) for all.

    ``state`` is proposed, in_force, retired or withdrawn. ``rules`` is the whole scheme, one object an element
    (``core.metadata.Rule``). A version that was once in force is never changed nor deleted: records remember it by its label.
    """

    id = models.CharField(primary_key=True, max_length=26)
    category = models.CharField(max_length=16, blank=True)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, default="proposed")
    rules = models.JSONField(default=list)
    reason = models.TextField()
    proposed_by = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    retired_by = models.CharField(max_length=64, blank=True)
    retired_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("category", "number"), name="one_metadata_version_a_number"),
            models.UniqueConstraint(fields=("category",), condition=models.Q(state="in_force"), name="one_metadata_scheme_in_force"),
            models.UniqueConstraint(fields=("category",), condition=models.Q(state="proposed"), name="one_metadata_scheme_proposed"),
        )

    def __str__(self) -> str:
        return f"{self.category}:{self.number}"
