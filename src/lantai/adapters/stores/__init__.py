"""Vaults."""

from lantai.adapters.stores.local import LocalStore

__all__ = ["LocalStore"]
