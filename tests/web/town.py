"""A small agency in rows: departments, one account a role, batches with their reports, records in every state."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.test import Client

from lantai.core.access import Actor, Role
from lantai.core.identity import sought_text
from lantai.ports import House
from lantai.shelves.holdings.models import Agent, AgentName, ComputerFile, Document, Record
from lantai.shelves.intake.models import Arrival, Batch, Quarantine, Report
from lantai.shelves.ledger import entries
from lantai.shelves.people.models import Account

NOW = datetime(2025, 4, 16, 7, 30, tzinfo=UTC)
_numbers = count(1)


def key(prefix: str = "01TOWN") -> str:
    """Return a fresh identifier of 26 characters."""
    return f"{prefix}{next(_numbers):0{26 - len(prefix)}d}"


def account(role: str, login: str, name: str, department: str = "", **more: object) -> Account:
    """Insert an account that needs no first password change."""
    return Account.objects.create(
        id=key(),
        login=login,
        name=name,
        role=role,
        department=department,
        person=login,
        created_at=NOW,
        **({"must_change_password": False} | more),
    )


def actor(row: Account) -> Actor:
    """Return the account as an actor."""
    return Actor(row.id, row.login, row.name, row.role, row.department)


def signed_in(row: Account) -> Client:
    """Return a browser in which the account is signed in."""
    client = Client()
    client.force_login(row, backend="django.contrib.auth.backends.ModelBackend")
    return client


def departments(**names: str) -> None:
    """Insert departments: code=name, in order."""
    for at, (code, name) in enumerate(names.items()):
        agent = Agent.objects.create(id=key(), kind="department", code=code, position=at)
        AgentName.objects.create(id=key(), agent=agent, name=name)


def batch(code: str = "PC-20250416-02", state: str = "waiting", **more: object) -> Batch:
    """Insert a batch."""
    given = {"channel": "oa", "title": "办公室 2024 年度文书移交", "source": "/nowhere", "submitter": "worker", "department": "BGS"}
    return Batch.objects.create(id=key(), code=code, state=state, created_at=NOW - timedelta(hours=7), **(given | more))


def record(where: Batch | None = None, state: str = "arranged", **more: object) -> Record:
    """Insert a record; by default one of the office, 2024, thirty years, ready for its number."""
    own = key()
    given: dict[str, Any] = {
        "channel": "oa",
        "fonds": "Z109",
        "category": "WS",
        "title": f"关于第{own[-4:].lstrip('0')}号事项的通知",
        "document_number": f"云发改〔2024〕{int(own[-4:])}号",
        "author": "云汀市发展和改革委员会",
        "document_date": "20240312",
        "year": "2024",
        "department": "BGS",
        "retention": "D30",
        "conclusion": "pass",
        "page_count": 2,
        "size_bytes": 1000,
        "created_at": NOW - timedelta(hours=3),
    }
    made = Record(id=own, electronic_record_code=own, batch_id=where.id if where else "", state=state, **(given | more))
    made.sought = sought_text(made.title, made.document_number, made.author)
    made.save(force_insert=True)
    return made


def file(row: Record, name: str = "正文.pdf", **more: object) -> ComputerFile:
    """Insert a file of a record, with its document."""
    document, _ = Document.objects.get_or_create(record=row, sequence=1, defaults={"id": key(), "role": "正本"})
    given = {"size_bytes": 488960, "sha256": "ab" * 32, "sm3": "cd" * 32, "mime": "application/pdf", "page_count": 2}
    return ComputerFile.objects.create(id=key(), record=row, document=document, name=name, **(given | more))


def item(number: str, outcome: str, property_: str = "authenticity", *findings: dict[str, str]) -> dict[str, Any]:
    """Return one item of a report's body."""
    return {
        "id": f"arrival.{number}",
        "code": f"GD-{number}",
        "name": f"检测项{number}",
        "property": property_,
        "outcome": outcome,
        "findings": list(findings),
        "severity": "major",
        "reason": "",
    }


def finding(message: str, code: str = "GD-1-1-DIGEST", severity: str = "error") -> dict[str, str]:
    """Return a finding as reports keep it."""
    return {"code": code, "severity": severity, "message": message, "where": ""}


def report(where: Batch, row: Record | None, *items: dict[str, Any], conclusion: str = "pass") -> Report:
    """Insert an arrival report of a record, or of the batch itself."""
    return Report.objects.create(
        id=key(),
        gate="arrival",
        subject_kind="record" if row else "batch",
        subject_id=row.id if row else where.id,
        batch_id=where.id,
        conclusion=conclusion,
        packed={"stage": "arrival", "conclusion": conclusion, "items": list(items)},
        created_at=NOW,
    )


def arrival(where: Batch, path: str, outcome: str = "record", **more: object) -> Arrival:
    """Insert what became of one file."""
    return Arrival.objects.create(id=key(), batch=where, path=path, size_bytes=10, outcome=outcome, **more)


def sealed(where: Batch, position: int = 1, **more: object) -> Quarantine:
    """Insert a quarantined item."""
    return Quarantine.objects.create(id=key(), batch=where, position=position, sealed_name=key("sealed"), created_at=NOW, **more)


def tell(house: House, type_: str, actor_id: str, object_id: str, instant: datetime = NOW, **body: object) -> str:
    """Write an event to the ledger."""
    with transaction.atomic():
        return entries.append(instant, [entries.Entry(type_, actor_id, object_id, body)], ids=house.ids)[0]


@dataclass(frozen=True)
class Town:
    """The accounts by role, and a house to work in."""

    house: House
    accounts: dict[str, Account] = field(default_factory=dict)

    def client(self, role: str) -> Client:
        """Return a browser signed in with that role."""
        return signed_in(self.accounts[role])

    def actor(self, role: str) -> Actor:
        """Return the actor of that role."""
        return actor(self.accounts[role])


def found(house: House) -> Town:
    """Insert departments and one account a role."""
    departments(BGS="办公室", GHK="规划科")
    people = {
        Role.ARCHIVIST: account("archivist", "shen", "沈静宜"),
        Role.PART_TIME_ARCHIVIST: account("part_time_archivist", "han", "韩松", "BGS"),
        Role.READER: account("reader", "zhou", "周其昌", "GHK"),
        Role.INSPECTOR: account("inspector", "luo", "罗建平"),
        Role.SYSADMIN: account("sysadmin", "tao", "陶志刚"),
        Role.SECADMIN: account("secadmin", "chen", "陈岚"),
        Role.AUDITOR: account("auditor", "liang", "梁守正"),
    }
    return Town(house, {str(role): row for role, row in people.items()})
