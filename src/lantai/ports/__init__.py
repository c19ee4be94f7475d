"""The seams: what a verb needs from the world, each with its obligations; ``House`` is all of them in one value."""

from lantai.ports.house import House

__all__ = ["House"]
