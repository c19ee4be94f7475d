"""Letting people in again where passwords could not be brought back: administrators get first passwords, shown once."""

import secrets

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db import transaction

from lantai.core.access import ADMINISTRATORS
from lantai.ports import House
from lantai.shelves.ledger import entries
from lantai.shelves.people.models import Account
from lantai.stages.recover.state import service

_HASHER = "argon2"


def first_passwords(house: House) -> dict[str, str]:
    """Give every active administrator whose password is gone a first one, to be changed at the next sign-in; return them by login."""
    found: dict[str, str] = {}
    locked = Account.objects.filter(is_active=True, role__in=ADMINISTRATORS, password__startswith=UNUSABLE_PASSWORD_PREFIX)
    for account in locked.order_by("login"):
        password = f"Lt-{secrets.token_urlsafe(9)}7"
        with transaction.atomic():
            Account.objects.filter(id=account.id).update(password=make_password(password, hasher=_HASHER), must_change_password=True)
            told = entries.Entry("account:changed", service(), account.id, {"password": True})
            entries.append(house.clock.now(), [told], ids=house.ids)
        found[account.login] = password
    return found
