"""Setting replicas up and retiring them."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.ports import House
from lantai.ports.moving import Place
from lantai.ports.store import Store
from lantai.shelves.copies import queries
from lantai.shelves.copies.models import Replica
from lantai.shelves.ledger import entries
from lantai.stages.copies.apart import demand_apart

KIND_NAMES = {"disk": "磁盘", "s3": "对象存储", "medium": "离线介质"}
PRIMARY = "主库"
_NAME_LENGTH, _ADDRESS_LENGTH = 64, 500


@dataclass(frozen=True, slots=True)
class Wish:
    """A replica as a person asks for it: its name, kind and address."""

    name: str
    kind: str
    address: str


def add(house: House, actor: Actor, wish: Wish) -> Replica:
    """Found a vault at an address and put it on the list; what is archived is copied there from now on, what was archived before too.

    Refusals: ACCESS-REFUSED, REPLICA-ADDRESS, REPLICA-KNOWN; Faults as the vault has them.
    """
    access.require(actor, "vault:replica:change", where=wish.name)
    row = made(house, actor, wish)
    with transaction.atomic():
        enter(house, actor, row)
        if row.kind in queries.ONLINE:
            work.enqueue("replicate", replica_id=row.id)
    return row


def made(house: House, actor: Actor, wish: Wish) -> Replica:
    """Found the vault of a wish and return its row, not yet written. Refusals: REPLICA-ADDRESS, REPLICA-KNOWN."""
    name, address = wish.name.strip(), wish.address.strip()
    objections = {
        "名称": not name or len(name) > _NAME_LENGTH or not name.isprintable() or name == PRIMARY,
        "种类": wish.kind not in KIND_NAMES,
        "地址": not address or len(address) > _ADDRESS_LENGTH or not address.isprintable(),
    }
    if wrong := [part for part, is_wrong in objections.items() if is_wrong]:
        raise Refusal("REPLICA-ADDRESS", address or name, reason="、".join(wrong))
    if Replica.objects.filter(name=name).exists():
        raise Refusal("REPLICA-KNOWN", name)
    demand_apart(house, Place(wish.kind, address))
    if taken := queries.replicas().filter(id=house.vaults.label(wish.kind, address)).first():
        raise Refusal("REPLICA-KNOWN", f"{address} 处是“{taken.name}”")
    house.vaults.open(wish.kind, address, founds=True)
    now, position = house.clock.now(), Replica.objects.count() + 1
    row = Replica(id=house.ids.new(), name=name, kind=wish.kind, address=address, position=position, added_by=actor.id, added_at=now)
    house.vaults.put_label(row.kind, row.address, row.id)
    return row


def enter(house: House, actor: Actor, row: Replica) -> None:
    """Write a replica and tell the ledger, in the caller's transaction. Raises Refusal REPLICA-KNOWN."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refusal("REPLICA-KNOWN", row.name) from error
    body = {"name": row.name, "kind": row.kind, "address": row.address}
    entries.append(house.clock.now(), [entries.Entry("replica:added", actor.id, row.id, body)], ids=house.ids)


def retire(house: House, actor: Actor, key: str) -> Replica:
    """Take a replica off the list; what it holds stays there, and no longer counts. Refusals: ACCESS-REFUSED, REPLICA-UNKNOWN."""
    access.require(actor, "vault:replica:change", where=key)
    row, now = find(key), house.clock.now()
    with transaction.atomic():
        own = Replica.objects.filter(id=row.id, retired_at=None)
        if not own.update(retired_at=now, retired_by=actor.id, version=F("version") + 1):
            raise Refusal("REPLICA-UNKNOWN", key)
        entries.append(now, [entries.Entry("replica:retired", actor.id, row.id, {"name": row.name})], ids=house.ids)
    row.refresh_from_db()
    return row


def find(key: str) -> Replica:
    """Return the replica in use of an id or name. Raises Refusal REPLICA-UNKNOWN."""
    row = queries.replicas().filter(id=key).first() or queries.replicas().filter(name=key).first()
    if row is None:
        raise Refusal("REPLICA-UNKNOWN", key)
    return row


def opened(house: House, replica: Replica | None) -> Store:
    """Return the vault of a replica, or the vault itself.

    Raises Fault STORE-AWAY where its disk or bucket is not there, REPLICA-OTHER where that of another replica is.
    """
    if replica is None:
        return house.store
    store, owner = house.vaults.open(replica.kind, replica.address), house.vaults.label(replica.kind, replica.address)
    if owner not in {"", replica.id}:
        other = Replica.objects.filter(id=owner).first()
        raise Fault("REPLICA-OTHER", replica.address, name=replica.name, other=f"“{other.name}”" if other else "别的库的副本")
    return store


def named(replica: Replica | None) -> str:
    """Return what a place is called."""
    return PRIMARY if replica is None else replica.name
