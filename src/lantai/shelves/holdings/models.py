"""The holdings: agents, records, documents, computer files, archival codes, number ranges and the index outbox."""

from django.db import models
from django.db.models import Case, Q, Value, When

#: The place of a record that nobody has put anywhere by hand: behind those that were, in the order of date and number.
UNPLACED = 2_000_000_000

_PHASE = Case(
    When(Q(quarantined=True), then=Value("")),
    When(Q(state="arranged"), then=Value("open")),
    When(Q(state__in=("numbered", "archived", "accessioned")), then=Value("fixed")),
    default=Value(""),
)
_IMPEDED = Case(
    When(
        Q(needs_attention="", hold=False) & ~Q(title="") & ~Q(year="") & ~Q(retention="") & ~Q(elements__has_key="archival_code"),
        then=Value(False),  # noqa: FBT003 - a value of the column
    ),
    default=Value(True),  # noqa: FBT003
)


class Agent(models.Model):
    """An organisation, department or person. Its names are dated; departments carry the code used in archival codes."""

    id = models.CharField(primary_key=True, max_length=26)
    kind = models.CharField(max_length=16)
    code = models.CharField(max_length=32, blank=True)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "code"), condition=~models.Q(code=""), name="one_agent_a_code"),)

    def __str__(self) -> str:
        return self.code or self.id


class AgentName(models.Model):
    """A name in force from a day (YYYYMMDD) until another, the last open-ended."""

    id = models.CharField(primary_key=True, max_length=26)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=200)
    valid_from = models.CharField(max_length=8, blank=True)
    valid_to = models.CharField(max_length=8, blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class Record(models.Model):
    """One record 件. Columns are what lists, rules and counts need; ``elements`` holds every described element (DA/T 46);
    ``arrival`` what the checks need of how it came: declared digests, findings, whether it was a package.

    ``version`` is the compare-and-set of a row; ``content_version`` the version in the vault (0 before archiving).
    ``needs_attention`` is the code of what a person must look at, empty where nothing. ``number_key`` and ``identity_key`` are what
    ``core.identity`` makes of number, title, date and author: two records with an equal key are alike. ``sought`` is what it makes of
    title, number and author for a filter to look in.

    ``phase`` and ``is_impeded`` are what the database itself derives: open where the code is not fixed yet, fixed where it is; and
    whether something keeps an open record from being numbered. ``position`` is the place in its class given by hand, after fixing the
    item number.
    """

    id = models.CharField(primary_key=True, max_length=26)
    electronic_record_code = models.CharField(max_length=128, unique=True)
    batch_id = models.CharField(max_length=26)
    channel = models.CharField(max_length=16)
    content_basis = models.CharField(max_length=16, default="digital")
    state = models.CharField(max_length=16, default="received")
    custody = models.CharField(max_length=24, default="ours")
    opening = models.CharField(max_length=16, default="closed")
    appraisal = models.CharField(max_length=16, default="none")
    hold = models.BooleanField(default=False)
    quarantined = models.BooleanField(default=False)
    needs_attention = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    fonds = models.CharField(max_length=8)
    category = models.CharField(max_length=8)
    title = models.TextField(blank=True)
    document_number = models.CharField(max_length=200, blank=True)
    author = models.CharField(max_length=300, blank=True)
    document_date = models.CharField(max_length=8, blank=True)
    document_type = models.CharField(max_length=32, blank=True)
    year = models.CharField(max_length=4, blank=True)
    department = models.CharField(max_length=32, blank=True)
    retention = models.CharField(max_length=8, blank=True)
    retention_reason = models.TextField(blank=True)
    due_date = models.CharField(max_length=8, blank=True)
    position = models.PositiveIntegerField(default=UNPLACED)
    code = models.CharField(max_length=128, blank=True, db_index=True)
    page_count = models.PositiveIntegerField(null=True)
    size_bytes = models.BigIntegerField(default=0)
    conclusion = models.CharField(max_length=16, blank=True)
    elements = models.JSONField(default=dict)
    agents = models.JSONField(default=list)
    events = models.JSONField(default=list)
    relations = models.JSONField(default=list)
    arrival = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, blank=True, db_index=True)
    number_key = models.CharField(max_length=64, blank=True)
    identity_key = models.CharField(max_length=32, blank=True)
    sought = models.TextField(blank=True)
    content_version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)
    phase = models.GeneratedField(expression=_PHASE, output_field=models.CharField(max_length=8), db_persist=True)
    is_impeded = models.GeneratedField(expression=_IMPEDED, output_field=models.BooleanField(), db_persist=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (
            # a batch goes through a step slice by slice, each found without the others being sorted
            models.Index(fields=("batch_id", "state", "id"), name="record_batch_state"),
            # a page of any list of the workbench is found in this index alone, however deep it lies
            models.Index(
                fields=(
                    "phase",
                    "year",
                    "department",
                    "retention",
                    "quarantined",
                    "position",
                    "document_date",
                    "number_key",
                    "id",
                    "is_impeded",
                ),
                name="record_order",
            ),
            # what stands in the way of numbering is looked up, never searched for
            models.Index(fields=("is_impeded", "phase", "year", "department", "retention"), name="record_impeded"),
            models.Index(fields=("needs_attention", "state"), name="record_attention"),
            # a filter goes through this index alone, and so does a page of records that wait for their number. No column that the
            # database derives may be asked for beside it: SQLite would then look at every row.
            models.Index(
                fields=(
                    "state",
                    "year",
                    "department",
                    "retention",
                    "quarantined",
                    "position",
                    "document_date",
                    "number_key",
                    "id",
                    "page_count",
                    "sought",
                ),
                name="record_sought",
            ),
            # since when the vault holds anything, and what was archived by some day
            models.Index(fields=("archived_at",), name="record_archived_at"),
            models.Index(fields=("number_key",), name="record_number_key"),
            models.Index(fields=("identity_key",), name="record_identity_key"),
        )

    def __str__(self) -> str:
        return self.code or self.id


class ClassCount(models.Model):
    """How many records stand in a class and in each facet of their life, in parts: the sum of the rows is the count.

    The columns are those that rights are decided by, so that a count is narrowed to what somebody may see as a list is;
    ``is_kept`` tells that the vault holds a version. Triggers of the database write a row with every change (``counts``), so
    that no writer can forget it and none waits for another; now and then the rows of a class are folded into one.
    """

    id = models.BigAutoField(primary_key=True)
    phase = models.CharField(max_length=8)
    state = models.CharField(max_length=16, default="")
    custody = models.CharField(max_length=24, default="")
    opening = models.CharField(max_length=16, default="")
    quarantined = models.BooleanField(default=False)
    is_kept = models.BooleanField(default=False)
    category = models.CharField(max_length=8, default="")
    year = models.CharField(max_length=4)
    department = models.CharField(max_length=32)
    retention = models.CharField(max_length=8)
    records = models.BigIntegerField()
    pages = models.BigIntegerField()
    size_bytes = models.BigIntegerField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.state} {self.year} {self.department} {self.retention} {self.records:+d}"


class Document(models.Model):
    """One document of a record, in order."""

    id = models.CharField(primary_key=True, max_length=26)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="documents")
    sequence = models.PositiveIntegerField()
    role = models.CharField(max_length=16)
    title = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="one_document_a_place"),)

    def __str__(self) -> str:
        return f"{self.sequence:02d}-{self.role}"


class ComputerFile(models.Model):
    """One computer file of a representation. ``staged`` is its place under staging/ until the vault holds it.

    ``path`` is the logical path in the package; ``facts`` keeps findings of reading, what the file says of itself and
    signatures; the page text rests beside the staged file as ``<staged>.text.json`` until it enters the package.
    """

    id = models.CharField(primary_key=True, max_length=26)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="files")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="files")
    representation = models.CharField(max_length=16, default="original")
    sequence = models.PositiveIntegerField(default=1)
    name = models.TextField()
    staged = models.CharField(max_length=200, blank=True)
    path = models.TextField(blank=True)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    sm3 = models.CharField(max_length=64)
    puid = models.CharField(max_length=32, blank=True)
    mime = models.CharField(max_length=128, blank=True)
    format_name = models.CharField(max_length=200, blank=True)
    page_count = models.PositiveIntegerField(null=True)
    virus = models.CharField(max_length=200, default="not_scanned")
    facts = models.JSONField(default=dict)
    from_version = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class ArchivalCode(models.Model):
    """A code a record bears or bore. ``kind``: agency 室编, archives 馆编, former 原有. Never re-used."""

    id = models.CharField(primary_key=True, max_length=26)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="codes")
    kind = models.CharField(max_length=16)
    scope = models.CharField(max_length=120)
    value = models.CharField(max_length=128)
    item_number = models.PositiveIntegerField(null=True)
    valid_from = models.CharField(max_length=8)
    valid_to = models.CharField(max_length=8, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "value"), name="one_record_a_code"),)
        indexes = (models.Index(fields=("scope", "item_number"), name="code_scope"),)

    def __str__(self) -> str:
        return self.value


class NumberScope(models.Model):
    """The lock and counter of a numbering scope: the code without its item number."""

    scope = models.CharField(primary_key=True, max_length=120)
    last = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.scope


class NumberRange(models.Model):
    """One sealed act of numbering: scope, first and last number, SHA-256 of the list of (number, record id), and the version of the
    classification scheme that the records were arranged by (``WS:2``; empty for the standard's own)."""

    id = models.CharField(primary_key=True, max_length=26)
    scope = models.CharField(max_length=120, db_index=True)
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    list_sha256 = models.CharField(max_length=64)
    scheme = models.CharField(max_length=16, blank=True, db_default="")
    sealed_by = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("scope", "first"), name="one_range_a_start"),)

    def __str__(self) -> str:
        return f"{self.scope} {self.first}-{self.last}"


class NumberClaim(models.Model):
    """A record of a class that is being fixed as a job, claimed by the act that does it until it bears its code (``claims``)."""

    record_id = models.CharField(primary_key=True, max_length=26)
    act_id = models.CharField(max_length=26)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.record_id


class NumberGap(models.Model):
    """An explained empty number 空号说明: continuity checks accept it."""

    id = models.CharField(primary_key=True, max_length=26)
    scope = models.CharField(max_length=120)
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=32)
    note = models.TextField(blank=True)
    explained_by = models.CharField(max_length=64)
    explained_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("scope", "number"), name="one_gap_a_number"),)

    def __str__(self) -> str:
        return f"{self.scope} {self.number}"


class Volume(models.Model):
    """A volume 案卷: records that are kept, numbered and found together (DA/T 13-2022, by volume).

    ``state`` is open, fixed or undone. Year and department are those of its records; retention, span of dates and pages follow from them
    while it is open and are written when its code is fixed. ``note`` is what the 卷内备考表 says of it.
    """

    id = models.CharField(primary_key=True, max_length=26)
    state = models.CharField(max_length=8, default="open")
    fonds = models.CharField(max_length=8)
    category = models.CharField(max_length=8)
    year = models.CharField(max_length=4)
    department = models.CharField(max_length=32, blank=True)
    retention = models.CharField(max_length=8, blank=True)
    title = models.TextField()
    note = models.TextField(blank=True)
    number = models.PositiveIntegerField(null=True)
    code = models.CharField(max_length=128, blank=True)
    range_id = models.CharField(max_length=26, blank=True)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    fixed_by = models.CharField(max_length=64, blank=True)
    fixed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("code",), condition=~Q(code=""), name="one_volume_a_code"),)
        indexes = (models.Index(fields=("state", "year", "department", "id"), name="volume_class"),)

    def __str__(self) -> str:
        return self.code or self.id


class VolumeItem(models.Model):
    """The place of a record in the one volume it is in; ``first_page`` is written when the code of the volume is fixed."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="filed")
    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="items")
    sequence = models.PositiveIntegerField()
    first_page = models.PositiveIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("volume", "sequence"), name="volume_order"),)

    def __str__(self) -> str:
        return f"{self.volume_id} {self.sequence}"


class Distinction(models.Model):
    """Two records that are alike and that a person judged not to be the same: they are not proposed as duplicates again.

    ``one`` is the smaller of the two ids.
    """

    id = models.BigAutoField(primary_key=True)
    one = models.CharField(max_length=26)
    other = models.CharField(max_length=26)
    judged_by = models.CharField(max_length=64)
    judged_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("one", "other"), name="one_judgement_a_pair"),)

    def __str__(self) -> str:
        return f"{self.one} {self.other}"


class IndexOutbox(models.Model):
    """A record whose index entry is out of date; written in the transaction that made it so, drained by one consumer."""

    id = models.BigAutoField(primary_key=True)
    record_id = models.CharField(max_length=26)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.record_id
