"""Questions to accounts. No rules."""

from lantai.core import text
from lantai.shelves.people.models import Account


def person_of(account_id: str) -> str:
    """Return the natural person behind an account: two accounts of one person are one person, however the identifier was typed."""
    return same_person(Account.objects.filter(id=account_id).values_list("person", flat=True).first() or account_id)


def are_one_person(one: str, other: str) -> bool:
    """Tell whether two accounts are one natural person's."""
    known = dict(Account.objects.filter(id__in={one, other}).values_list("id", "person"))
    return same_person(known.get(one) or one) == same_person(known.get(other) or other)


def same_person(person: str) -> str:
    """Return what two ways of typing one person's identifier have in common: width, case and spaces do not tell persons apart."""
    return text.normalise(person).replace(" ", "")
