"""Django app of the web edge: templates, static files and template tags; no tables."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The screens."""

    name = "lantai.web"
    label = "web"
