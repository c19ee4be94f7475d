"""Stampers: who gives time stamps."""
