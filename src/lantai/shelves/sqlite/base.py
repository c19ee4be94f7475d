"""The backend itself; Django looks for it under this name.

Django asks a live connection whether JSON is supported, during checks and migrations, which would make ``django check``
need a database file. SQLite has had JSON built in since 3.38, and Python 3.12 of our platforms brings 3.40 or later.
"""

from django.db.backends.sqlite3 import base, features


class DatabaseFeatures(features.DatabaseFeatures):
    """SQLite with JSON."""

    supports_json_field = True


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to SQLite."""

    features_class = DatabaseFeatures
