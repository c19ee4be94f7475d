"""Questions to accounts. No rules."""

from lantai.shelves.people.models import Account


def person_of(account_id: str) -> str:
    """Return the natural person behind an account: two accounts of one person are one person."""
    return Account.objects.filter(id=account_id).values_list("person", flat=True).first() or account_id
