"""Django app of the ledger shelf."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The ledger shelf."""

    name = "lantai.shelves.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
