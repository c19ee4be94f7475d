"""Django app of the intake shelf."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The intake shelf."""

    name = "lantai.shelves.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"
