"""Acts and, record by record, what was before and after them. The ledger proves what was done; the journal takes it back."""

from django.db import models


class Act(models.Model):
    """One act of a person on some records. ``kind``: revise, order, import, export, fix, volume; ``title`` says it in words of people.

    ``state``: queued, done, undone, failed (``reason`` is the code of why), returning (being put back, to be what ``asked`` says
    ``then``), spent (done, and nothing of it can be put back since codes were fixed); a sheet that comes in is trying and tried before it
    is queued, or dropped; a fixing is numbering (sealed, its records take up their codes) and then sealed. ``asked`` holds what a job
    needs to go on: the changes, the ids in slices that are still to be done. ``total`` and ``done`` count records.
    """

    id = models.CharField(primary_key=True, max_length=26)
    actor = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=16)
    reason = models.CharField(max_length=64, blank=True)
    asked = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("actor", "state", "id"), name="act_of_person"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Trace(models.Model):
    """What an act did to one record: columns and elements as they were and as it left them."""

    id = models.BigAutoField(primary_key=True)
    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="traces")
    record_id = models.CharField(max_length=26)
    before = models.JSONField()
    after = models.JSONField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("act", "record_id"), name="one_trace_a_record"),)

    def __str__(self) -> str:
        return self.record_id
