"""The paper line before it joins the ordinary one: from a box of paper to accepted, catalogued scans."""

from django.db import models


class Project(models.Model):
    """A project 数字化项目: what is scanned, in which order of steps, by what measure it is accepted. ``state``: open, closed.

    ``reasons`` are keys of ``core.digitising.RANKS`` by which batches are put first; ``excluded`` says what is not scanned and why.
    """

    id = models.CharField(primary_key=True, max_length=26)
    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    shape = models.CharField(max_length=20)
    scope = models.TextField(blank=True)
    excluded = models.TextField(blank=True)
    contractor = models.CharField(max_length=100, blank=True)
    sample_percent = models.PositiveSmallIntegerField()
    pass_percent = models.FloatField()
    state = models.CharField(max_length=8, default="open")
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.code


class ScanBatch(models.Model):
    """A batch 数字化批次: some boxes of paper that go through the steps together. ``state`` is one of ``core.digitising.BatchState``.

    ``year``, ``department`` and ``retention`` are what all of it has in common, empty where it has not. ``source`` is the sealed path of
    a folder that is watched for scans, empty where none is. ``facts`` hold ``persons``: by step the accounts that are to do it.
    """

    id = models.CharField(primary_key=True, max_length=26)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="batches")
    code = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=200)
    box = models.CharField(max_length=32, blank=True)
    year = models.CharField(max_length=4, blank=True)
    department = models.CharField(max_length=32, blank=True)
    retention = models.CharField(max_length=8, blank=True)
    reasons = models.JSONField(default=list)
    source = models.TextField(blank=True)
    state = models.CharField(max_length=12, default="open", db_index=True)
    needs_attention = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)
    intake_batch_id = models.CharField(max_length=26, blank=True)
    opened_by = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.code


class CatalogueRow(models.Model):
    """A row of the existing catalogue of a batch: where it stood, its elements, and why it is not scanned where it is not."""

    id = models.CharField(primary_key=True, max_length=26)
    batch = models.ForeignKey(ScanBatch, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=200, blank=True)
    elements = models.JSONField(default=dict)
    not_scanned = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("batch", "number"), name="one_row_a_number"),)

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"


class Scan(models.Model):
    """A file that the scanner made, untouched: the master 原扫. ``outcome``: pages, duplicate, refused, erased, replaced.

    ``stored`` is its place below the data folder, empty where no bytes are kept. A secret's scan keeps neither path nor digest.
    """

    id = models.CharField(primary_key=True, max_length=26)
    batch = models.ForeignKey(ScanBatch, on_delete=models.CASCADE, related_name="scans")
    path = models.TextField()
    stored = models.CharField(max_length=200, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    sm3 = models.CharField(max_length=64, blank=True)
    mime = models.CharField(max_length=128, blank=True)
    frames = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=12)
    finding = models.JSONField(null=True)
    facts = models.JSONField(default=dict)
    arrived_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("batch", "path", "sha256"), name="one_outcome_a_scan"),)

    def __str__(self) -> str:
        return self.path


class Item(models.Model):
    """What will become one record: its pages in order, what was read on them, and what a person made of it.

    ``state`` is one of ``core.digitising.ItemState``; ``key`` the folder, file or separator that it came by. ``read`` holds by element
    value, confidence, reason, page, boxes and candidates; ``draft`` what a person has typed and not submitted; ``values`` what was
    submitted. ``findings`` are remarks on pages, order and catalogue; ``risk`` (0–100) that of what differs from the catalogue.
    """

    id = models.CharField(primary_key=True, max_length=26)
    batch = models.ForeignKey(ScanBatch, on_delete=models.CASCADE, related_name="items")
    sequence = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    state = models.CharField(max_length=12, default="received")
    title = models.TextField(blank=True)
    catalogue = models.ForeignKey(CatalogueRow, on_delete=models.SET_NULL, null=True, related_name="items")
    read = models.JSONField(default=dict)
    draft = models.JSONField(default=dict)
    draft_by = models.CharField(max_length=64, blank=True)
    draft_at = models.DateTimeField(null=True)
    values = models.JSONField(default=dict)
    confirmed_by = models.CharField(max_length=64, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    findings = models.JSONField(default=list)
    risk = models.PositiveSmallIntegerField(default=0)
    doubt = models.CharField(max_length=300, blank=True)
    needs_attention = models.CharField(max_length=64, blank=True)
    page_count = models.PositiveIntegerField(default=0)
    record_id = models.CharField(max_length=26, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("batch", "key"), name="one_item_a_key"),)
        indexes = (models.Index(fields=("batch", "state", "sequence"), name="item_of_batch"),)

    def __str__(self) -> str:
        return f"{self.batch_id} {self.key}"


class Page(models.Model):
    """One page: a frame of a scan. ``kind``: page, blank, duplicate, separator; only those of kind page count.

    ``frame`` counts from 1 within the scan, ``sequence`` within the item. ``quality`` is what was measured, ``defects`` what stood out
    (name, words, level, confidence), ``recipe`` the steps with parameters by which ``picture`` was made from the scan, so that it can be
    made again. ``lines`` is the place of what was recognised (JSON). ``turned`` are degrees that a person turned it by.
    """

    id = models.CharField(primary_key=True, max_length=26)
    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="pages")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, null=True, related_name="pages")
    batch = models.ForeignKey(ScanBatch, on_delete=models.CASCADE, related_name="pages")
    frame = models.PositiveIntegerField()
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, default="page")
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    dpi = models.PositiveIntegerField(default=0)
    fingerprint = models.CharField(max_length=16, blank=True)
    quality = models.JSONField(default=dict)
    defects = models.JSONField(default=list)
    recipe = models.JSONField(default=dict)
    picture = models.CharField(max_length=200, blank=True)
    lines = models.CharField(max_length=200, blank=True)
    engine = models.CharField(max_length=100, blank=True)
    confidence = models.FloatField(null=True)
    turned = models.PositiveSmallIntegerField(default=0)
    is_sampled = models.BooleanField(default=False)
    verdict = models.CharField(max_length=8, blank=True)
    error = models.CharField(max_length=16, blank=True)
    judged_by = models.CharField(max_length=64, blank=True)
    judged_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("scan", "frame"), name="one_page_a_frame"),)
        indexes = (
            models.Index(fields=("batch", "item", "sequence"), name="page_of_batch"),
            models.Index(fields=("batch", "verdict"), name="page_verdict"),
        )

    def __str__(self) -> str:
        return f"{self.scan_id} {self.frame}"


class StepDone(models.Model):
    """A step 工序 done on a batch or one item: who, from when until when, how much, with what, and what was noted (流程单)."""

    id = models.CharField(primary_key=True, max_length=26)
    batch = models.ForeignKey(ScanBatch, on_delete=models.CASCADE, related_name="steps")
    item_id = models.CharField(max_length=26, blank=True)
    step = models.CharField(max_length=16)
    operator = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    items = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    note = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("batch", "step"), name="step_of_batch"),)

    def __str__(self) -> str:
        return f"{self.batch_id} {self.step}"


class Acceptance(models.Model):
    """One inspection of a batch: the sample (share, seed), its figures when it was signed, and both signatures.

    ``state``: open, signed (once), accepted, rejected. ``digest`` is that of the verdicts that the first person signed.
    """

    id = models.CharField(primary_key=True, max_length=26)
    batch = models.ForeignKey(ScanBatch, on_delete=models.CASCADE, related_name="acceptances")
    seed = models.CharField(max_length=26)
    percent = models.FloatField()
    state = models.CharField(max_length=10, default="open")
    sampled = models.PositiveIntegerField(default=0)
    good = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    first_by = models.CharField(max_length=64, blank=True)
    first_at = models.DateTimeField(null=True)
    second_by = models.CharField(max_length=64, blank=True)
    second_at = models.DateTimeField(null=True)
    drawn_by = models.CharField(max_length=64)
    drawn_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.batch_id} {self.state}"


class FiledForm(models.Model):
    """A working paper of a batch as it was made and kept 原始凭证: its bytes lie at ``stored`` below the data folder.

    ``sha256`` is that of the bytes, ``digest`` the SM3 of what the form says; ``places`` are who has to sign it, ``signatures`` who has
    (place, by, name, at). A form that says something else is kept as the next ``edition``; none is ever changed. ``stored`` is empty where
    the bytes were erased because they may have named an item that bears a mark of secrecy.
    """

    id = models.CharField(primary_key=True, max_length=26)
    batch = models.ForeignKey(ScanBatch, on_delete=models.PROTECT, related_name="forms")
    form = models.CharField(max_length=32)
    edition = models.PositiveIntegerField()
    stored = models.CharField(max_length=200)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    places = models.JSONField(default=list)
    signatures = models.JSONField(default=list)
    filed_by = models.CharField(max_length=64)
    filed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("batch", "form", "edition"), name="one_form_an_edition"),)

    def __str__(self) -> str:
        return f"{self.batch_id} {self.form} {self.edition}"


class Learned(models.Model):
    """What accepted records taught: a body's name, a code 机关代字 of its numbers, whose department that is, and how often; ``kind``:
    body, number_code, receiver, department (``code → department``).

    ``first_batch`` and ``last_batch`` are the batches of scans that it came from, ``taught_at`` when last. A retired one is shown and
    counted, and nothing is recognised by it any more.
    """

    id = models.CharField(primary_key=True, max_length=26)
    kind = models.CharField(max_length=12)
    value = models.CharField(max_length=200)
    count = models.PositiveIntegerField(default=0)
    first_batch = models.CharField(max_length=26, blank=True)
    last_batch = models.CharField(max_length=26, blank=True)
    taught_at = models.DateTimeField(null=True)
    retired_by = models.CharField(max_length=64, blank=True)
    retired_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "value"), name="one_learned_a_value"),)

    def __str__(self) -> str:
        return self.value
