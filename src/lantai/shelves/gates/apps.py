"""Django app of the gates shelf."""

from django.apps import AppConfig


class GatesConfig(AppConfig):
    """The gates shelf."""

    name = "lantai.shelves.gates"
    label = "gates"
    default_auto_field = "django.db.models.BigAutoField"
