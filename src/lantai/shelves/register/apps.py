"""Django app of the register shelf."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """The register shelf."""

    name = "lantai.shelves.register"
    label = "register"
    default_auto_field = "django.db.models.BigAutoField"
