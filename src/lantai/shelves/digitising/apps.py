"""Django app of the digitising shelf."""

from django.apps import AppConfig


class DigitisingConfig(AppConfig):
    """The digitising shelf."""

    name = "lantai.shelves.digitising"
    label = "digitising"
    default_auto_field = "django.db.models.BigAutoField"
