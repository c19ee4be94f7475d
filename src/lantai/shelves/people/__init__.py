"""The people shelf: its tables and queries."""
