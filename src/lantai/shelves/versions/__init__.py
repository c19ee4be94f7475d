"""Corrections of archived records, from proposal to version."""
