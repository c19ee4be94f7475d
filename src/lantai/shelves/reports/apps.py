"""Django app of the reports shelf."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """The reports shelf."""

    name = "lantai.shelves.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
