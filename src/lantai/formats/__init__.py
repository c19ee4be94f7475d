"""Codecs of one file: bytes to values."""
