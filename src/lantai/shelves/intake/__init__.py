"""The intake shelf: its tables and queries."""
