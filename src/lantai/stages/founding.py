"""founding 系统初始化: the first event of a ledger says who set the installation up, and with which keys it begins."""

import getpass

from django.db import transaction

from lantai.ports import House
from lantai.shelves.ledger import entries


def tell(house: House) -> None:
    """Tell the ledger that the installation was set up, by the operating-system user."""
    body = {
        "agency": house.settings.agency,
        "fonds": house.settings.fonds,
        "kind": house.settings.kind,
        "keys": list(house.signer.key_ids()),
    }
    with transaction.atomic():
        told = entries.Entry("system:initialised", f"service:{getpass.getuser()}", "system", body)
        entries.append(house.clock.now(), [told], ids=house.ids)
