"""Django app of the holdings shelf."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class HoldingsConfig(AppConfig):
    """The holdings shelf."""

    name = "lantai.shelves.holdings"
    label = "holdings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let triggers (counts of classes, what is claimed) and how tables are kept be put back after any migration."""
        from lantai.shelves import storage  # noqa: PLC0415 - models are not ready before
        from lantai.shelves.holdings import claims, counts  # noqa: PLC0415

        post_migrate.connect(counts.install, sender=self, dispatch_uid="lantai.holdings.counts")
        post_migrate.connect(claims.install, sender=self, dispatch_uid="lantai.holdings.claims")
        post_migrate.connect(storage.install, sender=self, dispatch_uid="lantai.storage")
