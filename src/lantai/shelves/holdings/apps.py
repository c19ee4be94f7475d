"""Django app of the holdings shelf."""

from django.apps import AppConfig


class HoldingsConfig(AppConfig):
    """The holdings shelf."""

    name = "lantai.shelves.holdings"
    label = "holdings"
    default_auto_field = "django.db.models.BigAutoField"
