"""Django app of the progress rows."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """Background work."""

    name = "lantai.work"
    label = "work"
    default_auto_field = "django.db.models.BigAutoField"
