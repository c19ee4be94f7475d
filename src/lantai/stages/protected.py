"""What nobody may change unseen: columns and files, by which command a change of each is found. Drawn into docs/design/tampering.md.

``lantai bench tamper`` draws its changes from here, so that what stands here is tried.
"""

from dataclasses import dataclass

from lantai.stages.agreement import COLUMNS

VERIFY, LEDGER = "verify --all", "ledger verify"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its protected columns, the command that finds a change of one, what it names, whether a row added or gone is found."""

    table: str
    columns: tuple[str, ...]
    command: str
    names: str
    rows: str


@dataclass(frozen=True, slots=True)
class Files:
    """Files below the data folder (or a witness), the command that finds a change of one, and what it names."""

    place: str
    holds: str
    command: str
    names: str


TABLES: tuple[Table, ...] = (
    Table(
        "ledger_event",
        ("id", "type", "instant", "actor", "object_kind", "object_id", "payload_digest", "position"),
        LEDGER,
        "position, and what was sealed there",
        "added, gone",
    ),
    Table("ledger_payload", ("salt", "body", "kind"), LEDGER, "position", "gone"),
    Table("ledger_checkpoint", ("size", "after", "root", "note"), LEDGER, "size of the checkpoint", "added, gone"),
    Table("holdings_record", (*COLUMNS["holdings_record"], "state"), VERIFY, "archival code, column, both values", "gone"),
    Table("holdings_document", COLUMNS["holdings_document"], VERIFY, "archival code, document", "added, gone"),
    Table("holdings_computerfile", COLUMNS["holdings_computerfile"], VERIFY, "archival code, file", "added, gone"),
)

FILES: tuple[Files, ...] = (
    Files("vault/…/<object>/", "every byte of every version, inventories and sidecars, files too many", VERIFY, "archival code, path"),
    Files("vault/…", "objects that no row promises, objects that are gone", VERIFY, "record"),
    Files("ledger/tile/entries/…", "entries", LEDGER, "position, or the file where it cannot be read"),
    Files("ledger/tile/<level>/…", "hashes", LEDGER, "position, or the file"),
    Files("ledger/payloads/<class>/….lines", "payloads of sealed events, for a rebuild", LEDGER, "the file, the line or the position"),
    Files("ledger/checkpoint", "the published checkpoint", LEDGER, "checkpoint"),
    Files("keys/former/…", "public halves of former keys: one added, one gone", LEDGER, "key, or the checkpoints that it signed"),
    Files("keys/last-signed", "the checkpoint that was signed here last (gone: said as not checked)", LEDGER, "the file"),
    Files("state/<package>/…", "state packages: the newest whole, of the others the list; the newest gone", LEDGER, "package, file"),
    Files("<witness>/<log>/checkpoint", "the witness's latest checkpoint", LEDGER, "folder of the witness"),
    Files("<witness>/<log>/….notes", "every checkpoint that the witness was handed", LEDGER, "folder of the witness"),
)
