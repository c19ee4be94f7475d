"""The recovery shelf: its tables and queries."""
