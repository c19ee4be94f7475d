"""Imagers: looking at pages in this process. The pool of processes that read pages looks at them too (``recognisers/pool.py``)."""

from lantai.adapters.imagers.direct import DirectImager

__all__ = ["DirectImager"]
