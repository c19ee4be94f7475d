"""The upkeep shelf: plans of preservation checks, their runs and what they found."""
