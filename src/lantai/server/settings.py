"""Django settings, derived from the settings of the installation (``lantai.toml`` and ``LANTAI_*``)."""

from lantai.ports.settings import Settings

LANTAI = Settings()

SECRET_KEY = LANTAI.secret_key or "only-until-lantai-init-has-written-one"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "zh-hans"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "lantai.shelves.people",
    "lantai.shelves.intake",
    "lantai.shelves.holdings",
    "lantai.shelves.ledger",
]
AUTH_USER_MODEL = "people.Account"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(LANTAI.data / "lantai.db")}}
