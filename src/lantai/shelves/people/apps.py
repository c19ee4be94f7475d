"""Django app of the people shelf."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The people shelf."""

    name = "lantai.shelves.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
