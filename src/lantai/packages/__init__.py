"""Codecs of many files: what arrives together, what the vault keeps, what goes out."""
