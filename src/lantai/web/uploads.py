"""Uploads: what a browser sent is put under the data folder as the folder it was, for capture to take in and remove."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from lantai.core.errors import Refusal
from lantai.ports import House

LONGEST_NAME_BYTES = 255


def keep(house: House, files: "Sequence[UploadedFile[Any]]", paths: Sequence[str]) -> list[Path]:
    """Write the files under ``uploads/<ulid>/`` by their relative paths and return the top entries, in order.

    Raises Refusal UPLOAD-EMPTY without files, UPLOAD-PATH where a path leads outside, and UPLOAD-TOO-LARGE.
    """
    if not files:
        raise Refusal("UPLOAD-EMPTY")
    if sum(item.size or 0 for item in files) > house.settings.upload_bytes:
        raise Refusal("UPLOAD-TOO-LARGE", limit=house.settings.upload_bytes // 1024**2)
    root = house.data / "uploads" / house.ids.new()
    try:
        for at, item in enumerate(files):
            target = root / _safe(paths[at] if at < len(paths) else item.name or "")
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(item, _free(target))
    except BaseException:
        shutil.rmtree(root, ignore_errors=True)
        raise
    return sorted(root.iterdir())


def or_discard(sources: Sequence[Path], act: Callable[[], str]) -> str:
    """Run *act* on kept uploads and return what it gives; where it fails, nothing of the upload stays behind."""
    try:
        return act()
    except BaseException:
        shutil.rmtree(sources[0].parent, ignore_errors=True)
        raise


def _safe(path: str) -> Path:
    """Return the relative path, or refuse it: nothing absolute, no parent, no hidden trick, no name too long for a disk."""
    asked = PurePosixPath(path.replace("\\", "/"))
    is_wrong = asked.is_absolute() or not asked.parts or any(part == ".." or "\0" in part or part[1:2] == ":" for part in asked.parts)
    if is_wrong or any(len(part.encode()) > LONGEST_NAME_BYTES for part in asked.parts):
        raise Refusal("UPLOAD-PATH", path)
    return Path(*asked.parts)


def _free(target: Path) -> Path:
    """Return *target*, or the next free name beside it: two files of one name are both kept."""
    count, path = 1, target
    while path.exists():
        count += 1
        path = target.with_name(f"{target.stem}({count}){target.suffix}")
    return path


def _write(item: "UploadedFile[Any]", target: Path) -> None:
    with target.open("xb") as stream:
        for chunk in item.chunks():
            stream.write(chunk)
