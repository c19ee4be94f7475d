"""The ledger shelf: its tables and queries."""
