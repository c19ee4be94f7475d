"""Django app of the upkeep shelf."""

from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    """The upkeep shelf."""

    name = "lantai.shelves.upkeep"
    label = "upkeep"
    default_auto_field = "django.db.models.BigAutoField"
