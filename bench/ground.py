"""Fresh ground to measure on: an ext4 image of its own where that can be mounted, else a folder.

Creating files slows down many times over on a file system without a journal that has just lost thousands of them, so a figure
taken beside the remains of the last run says more about those remains than about us.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def fresh_ground(size_bytes: int) -> Iterator[tuple[Path, str]]:
    """Yield an empty folder with room for *size_bytes*, and what it lies on: ``ext4 image`` or ``folder``."""
    home = Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    image, ground = home / "ground.img", home / "ground"
    ground.mkdir()
    mounted = _mounted(image, ground, size_bytes)
    try:
        yield ground, "ext4 image" if mounted else "folder"
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(ground)], check=False)
        shutil.rmtree(home, ignore_errors=True)


def _mounted(image: Path, ground: Path, size_bytes: int) -> bool:
    """Make and mount the image; False where the machine or the user may not."""
    try:
        with image.open("wb") as stream:
            stream.truncate(size_bytes)
        for command in (["mkfs.ext4", "-q", "-F", str(image)], ["mount", "-o", "loop", str(image), str(ground)]):
            subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    shutil.rmtree(ground / "lost+found", ignore_errors=True)
    return True
