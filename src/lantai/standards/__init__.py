"""Facts of the standards, as tables: one folder a standard, every row with its source and certainty."""
