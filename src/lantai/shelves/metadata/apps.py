"""Django app of the metadata shelf."""

from django.apps import AppConfig


class MetadataConfig(AppConfig):
    """The metadata shelf."""

    name = "lantai.shelves.metadata"
    label = "metadata"
    default_auto_field = "django.db.models.BigAutoField"
