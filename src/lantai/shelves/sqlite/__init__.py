"""Django's SQLite backend, told what the bundled SQLite can do instead of opening a database to find out."""
