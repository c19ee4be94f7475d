"""Codecs of one file: bytes to values."""

from lantai.formats.dispatch import read
from lantai.formats.render import render

__all__ = ["read", "render"]
