"""Where every table of the databases is rebuilt from when the databases are lost (docs/design/recovery.md), and when a backup is due.

A table that is not listed here fails a test: nothing new is kept that nobody could bring back.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lantai.core import beijing


class Source(StrEnum):
    """What a table comes back from."""

    VAULT = "vault"
    LEDGER = "ledger"
    STATE = "state"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Kept:
    """One table: its sources, the weightiest first, what of it comes from where, and what cannot be equal afterwards."""

    table: str
    sources: tuple[Source, ...]
    how: str
    differs: str = ""

    @property
    def is_written(self) -> bool:
        """True where the ``state/`` package or a backup carries rows of the table."""
        return self.sources != (Source.DERIVED,)


_V, _L, _S, _D = Source.VAULT, Source.LEDGER, Source.STATE, Source.DERIVED

_SCANNED = ("project", "scanbatch", "cataloguerow", "scan", "item", "page", "stepdone", "acceptance", "filedform", "learned")

ROWS: tuple[Kept, ...] = (
    Kept(
        "people_account",
        (_S,),
        "every column but the password hash, which travels sealed under the recovery key",
        "without the passphrase: no password, and administrators get first ones",
    ),
    Kept("people_savedview", (_S,), "every column"),
    Kept("people_client", (_S,), "every column", "withdrawn after the state package was written: withdraw it again"),
    Kept("people_token", (_D,), "twelve-hour tokens are not kept", "empty: sign in again"),
    Kept("intake_batch", (_S,), "every column"),
    Kept("intake_arrival", (_S,), "every column"),
    Kept("intake_quarantine", (_S,), "every column; the sealed bytes are kept nowhere else"),
    Kept("intake_report", (_V, _S), "report.json for the report that is in the package, the state package for all others"),
    Kept("holdings_agent", (_S,), "every column"),
    Kept("holdings_agentname", (_S,), "every column"),
    Kept(
        "holdings_record",
        (_V, _S),
        "record.xml for elements, agents, events and relations of a record in the vault; the state package for its other columns and "
        "for records on their way",
        "a record archived after the state package was written: batch, attempts, reason of retention and what came with its arrival",
    ),
    Kept(
        "holdings_document",
        (_V, _S),
        "record.xml for role and title; the state package for its identifier",
        "a record archived after the state package was written: identifiers",
    ),
    Kept(
        "holdings_computerfile",
        (_V, _S),
        "record.xml for name, path, size, digests, format, pages and what was found; the state package for signatures and order",
        "a record archived after the state package was written: signatures read from the file",
    ),
    Kept("holdings_archivalcode", (_S, _V), "every column; for a record the state package does not know, record.xml"),
    Kept("holdings_numberscope", (_S, _V), "every column; raised to the highest number in the vault"),
    Kept("holdings_numberrange", (_S,), "every column"),
    Kept("holdings_numberclaim", (_D,), "made anew by the fixing that goes on", "empty: a fixing that is sealed goes on without"),
    Kept("holdings_numbergap", (_S,), "every column"),
    Kept("holdings_volume", (_S,), "every column"),
    Kept("holdings_volumeitem", (_S,), "every column"),
    Kept("holdings_distinction", (_S,), "every column"),
    Kept("holdings_classcount", (_D,), "written by the database's own triggers with every record", "how the sums are cut into parts"),
    Kept("holdings_indexoutbox", (_D,), "filled with every record, so that the index is made anew", "identifiers of notes"),
    Kept(
        "ledger_event",
        (_L, _S),
        "the entry bundles of the log for sealed events, with their positions; the state package for unsealed ones",
        "events that were neither sealed nor in the state package",
    ),
    Kept(
        "ledger_payload",
        (_S, _L),
        "every column; for events sealed after the state package, the copies beside the log, held against their digests",
        "personal ones whose period is over; those of events that were neither sealed nor in the state package",
    ),
    Kept(
        "ledger_checkpoint",
        (_S, _L),
        "every column; the latest from the log itself",
        "checkpoints between the state package and the latest",
    ),
    Kept("policy_formatdecision", (_S,), "every column"),
    Kept("policy_schedule", (_S,), "every column"),
    Kept("policy_categoryrule", (_S,), "every column"),
    Kept("policy_classscheme", (_S,), "every column"),
    Kept("policy_valuelist", (_S,), "every column"),
    Kept("gates_checkchoice", (_S,), "every column"),
    Kept("gates_overruling", (_S,), "every column"),
    Kept("versions_amendment", (_S,), "every column"),
    Kept("reports_reportedition", (_S,), "every column"),
    Kept("reports_seal", (_S,), "every column"),
    Kept("reports_givenback", (_S,), "every column"),
    Kept("metadata_metadatascheme", (_S,), "every column"),
    Kept("upkeep_plan", (_S,), "every column"),
    Kept("upkeep_run", (_S,), "every column"),
    Kept("upkeep_result", (_S,), "every column"),
    Kept("register_import", (_S,), "every column"),
    Kept("register_refusedrow", (_S,), "every column"),
    Kept("register_finisheddocument", (_S,), "every column"),
    Kept("register_handover", (_S,), "every column"),
    Kept("register_handoverline", (_S,), "every column"),
    Kept("exchange_export", (_S,), "every column; the exported packages are made again on demand"),
    Kept("exchange_transfer", (_S,), "every column"),
    Kept("exchange_transferline", (_S,), "every column"),
    *(Kept(f"digitising_{name}", (_S,), "every column; the scans on their way lie below scans/") for name in _SCANNED),
    Kept("copies_replica", (_S,), "every column"),
    Kept("copies_copy", (_S,), "every column; an audit finds what the copies hold"),
    Kept("copies_audit", (_S,), "every column"),
    Kept("copies_medium", (_S,), "every column"),
    Kept("journal_act", (_S,), "every column"),
    Kept("journal_trace", (_S,), "every column"),
    Kept("recovery_backup", (_S,), "every column"),
    Kept("recovery_drill", (_S,), "every column"),
    Kept("recovery_schedule", (_S,), "every column"),
    Kept("edge_presence", (_D,), "who is at work on what just now is not kept", "empty"),
    Kept("edge_progress", (_D,), "progress of work under way is not kept", "empty"),
    Kept("django_session", (_D,), "sessions are not kept", "empty: sign in again"),
    Kept("django_ox_oxtask", (_D,), "the sweeper derives due work from states", "empty until the first sweep"),
    Kept("django_ox_oxschedule", (_D,), "not used", "empty"),
    Kept("django_ox_oxscheduletick", (_D,), "not used", "empty"),
    Kept("django_ox_oxschedulechange", (_D,), "not used", "empty"),
    Kept("django_content_type", (_D,), "made by migrations"),
    Kept("auth_permission", (_D,), "made by migrations"),
    Kept("auth_group", (_D,), "not used"),
    Kept("auth_group_permissions", (_D,), "not used"),
    Kept("django_migrations", (_D,), "made by migrations", "when they were applied"),
)
SOURCES: dict[str, Kept] = {row.table: row for row in ROWS}


#: What bears an instant further ahead than this was made while the clock was wrong.
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a backup is made by itself and how many are kept: the newest of so many days, weeks and months. Hour and minute of Beijing."""

    at: str = "02:00"
    days: int = 7
    weeks: int = 5
    months: int = 12
    drill_months: int = 6
    late_hours: int = 36

    def is_due(self, now: datetime, last: datetime | None) -> bool:
        """Tell whether the hour of today has come and no backup was begun since."""
        hour, minute = (int(part) for part in self.at.split(":"))
        local = now.astimezone(beijing.ZONE)
        due = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if due > local:
            due -= timedelta(days=1)
        return last is None or last < due

    def is_late(self, now: datetime, last: datetime | None) -> bool:
        """Tell whether the last good backup is older than may be."""
        return last is None or now - last > timedelta(hours=self.late_hours)

    def is_drill_late(self, now: datetime, last: datetime | None) -> bool:
        """Tell whether no drill was held for as many months as are allowed."""
        return last is None or (now - last).days > self.drill_months * 31


def pruned(made: Sequence[tuple[str, datetime]], rule: Timetable, damaged: Collection[str] = ()) -> list[str]:
    """Return the backups that *rule* does not keep, of (name, instant) in any order.

    The newest is always kept, and so is the newest of those that are not known to be *damaged*.
    """
    newest_first = sorted(made, key=lambda item: item[1], reverse=True)
    sound = [name for name, _ in newest_first if name not in damaged]
    kept = {name for name, _ in newest_first[:1]} | set(sound[:1])
    for form, count in (("%Y%m%d", rule.days), ("%G%V", rule.weeks), ("%Y%m", rule.months)):
        newest: dict[str, str] = {}
        for name, instant in newest_first:
            newest.setdefault(instant.astimezone(beijing.ZONE).strftime(form), name)
        kept |= set(list(newest.values())[:count])
    return [name for name, _ in newest_first if name not in kept]
