"""The gates shelf: what the agency chose of the check items, and the failed items that two persons let pass."""
