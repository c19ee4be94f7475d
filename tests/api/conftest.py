"""The small agency of the screens, and systems with tokens that call the interface."""

from tests.web.conftest import house, town

__all__ = ["house", "town"]
