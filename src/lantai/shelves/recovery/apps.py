"""Django app of the recovery shelf."""

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    """The recovery shelf."""

    name = "lantai.shelves.recovery"
    label = "recovery"
    default_auto_field = "django.db.models.BigAutoField"
