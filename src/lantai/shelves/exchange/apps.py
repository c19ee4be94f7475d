"""Django app of the exchange shelf."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """The exchange shelf."""

    name = "lantai.shelves.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"
