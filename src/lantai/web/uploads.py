"""Uploads: what a browser sent is put under the data folder as the folder it was, for capture to take in and remove."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from lantai import work
from lantai.core.errors import Refusal
from lantai.packages import sealing
from lantai.ports import House
from lantai.stages import leftovers, sending


class NamelessFiles(FileUploadHandler):
    """Keeps what arrives in files of the data folder that have no name: nobody else can open them, and they end with their process."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Django hands them on
        """Begin a file."""
        super().new_file(*args, **kwargs)
        scratch = work.house().data / "scratch"
        scratch.mkdir(exist_ok=True)
        stream = TemporaryFile(dir=scratch)  # noqa: SIM115 - the request closes it
        self.file = UploadedFile(stream, self.file_name, self.content_type, 0, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write what came; it goes no further."""
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        """Return the whole file, at its beginning."""
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        """Let go of a file whose sender left."""
        if getattr(self, "file", None) is not None:
            self.file.close()


def keep(house: House, files: "Sequence[UploadedFile[Any]]", paths: Sequence[str]) -> list[Path]:
    """Write the files under ``uploads/<ulid>/`` by their relative paths and return the top entries, in order.

    Raises Refusal UPLOAD-EMPTY without files, UPLOAD-PATH where a path leads outside, UPLOAD-TOO-LARGE and UPLOAD-NO-ROOM.
    """
    if not files:
        raise Refusal("UPLOAD-EMPTY")
    size = sum(item.size or 0 for item in files)
    if size > house.settings.upload_bytes:
        raise Refusal("UPLOAD-TOO-LARGE", limit=house.settings.upload_bytes // 1024**2)
    if size > leftovers.room(house):
        raise Refusal("UPLOAD-NO-ROOM", size=size // 1024**2)
    root = house.data / "uploads" / house.ids.new()
    try:
        for at, item in enumerate(files):
            target = root / sending.safe_path(paths[at] if at < len(paths) else item.name or "")
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


def remove(sources: Sequence[Path]) -> None:
    """Overwrite and remove kept uploads that were taken in: they may bear what must not stay."""
    root = sources[0].parent
    for path in [path for path in root.rglob("*") if path.is_file()]:
        sealing.erase(path)
    shutil.rmtree(root, ignore_errors=True)
