"""Django app of the journal shelf."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The journal shelf."""

    name = "lantai.shelves.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"
