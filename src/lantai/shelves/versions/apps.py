"""Django app of the versions shelf."""

from django.apps import AppConfig


class VersionsConfig(AppConfig):
    """The versions shelf."""

    name = "lantai.shelves.versions"
    label = "versions"
    default_auto_field = "django.db.models.BigAutoField"
