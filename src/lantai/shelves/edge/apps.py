"""Django app of the edge shelf."""

from django.apps import AppConfig


class EdgeConfig(AppConfig):
    """The edge shelf."""

    name = "lantai.shelves.edge"
    label = "edge"
    default_auto_field = "django.db.models.BigAutoField"
