"""The edge shelf: rows that are written often and may be lost without harm."""
