"""Django app of the copies shelf."""

from django.apps import AppConfig


class CopiesConfig(AppConfig):
    """The copies shelf."""

    name = "lantai.shelves.copies"
    label = "copies"
    default_auto_field = "django.db.models.BigAutoField"
