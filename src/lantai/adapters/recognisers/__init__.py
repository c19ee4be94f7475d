"""Recognisers: PP-OCRv6 models on onnxruntime, in a pool of processes of one thread each."""

from lantai.adapters.recognisers.pool import PooledRecogniser

__all__ = ["PooledRecogniser"]
