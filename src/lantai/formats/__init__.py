"""Codecs of one file: bytes to values."""

from lantai.formats.dispatch import read

__all__ = ["read"]
