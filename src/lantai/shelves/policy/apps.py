"""Django app of the policy shelf."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """The policy shelf."""

    name = "lantai.shelves.policy"
    label = "policy"
    default_auto_field = "django.db.models.BigAutoField"
