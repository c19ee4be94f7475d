"""The holdings shelf: its tables and queries."""
