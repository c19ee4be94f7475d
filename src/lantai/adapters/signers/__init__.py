"""Signers."""

from lantai.adapters.signers.local import LocalSigner

__all__ = ["LocalSigner"]
