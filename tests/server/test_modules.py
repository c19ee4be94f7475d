"""What a process that only serves screens must not have in memory: engines that belong to children."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = """
import sys
import django
django.setup()
import lantai.server.urls
print([name for name in ("onnxruntime", "tantivy", "jieba", "cv2", "numpy", "pypdfium2", "pikepdf") if name in sys.modules])
"""


def test_the_screens_are_there_without_the_engines(tmp_path: Path) -> None:
    given = {"LANTAI_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "lantai.server.settings", "LANTAI_SECRET_KEY": "x" * 60}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True, cwd=ROOT / "src", env=os.environ | given
    )
    assert done.stdout.strip() == "[]"
