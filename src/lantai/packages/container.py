"""Containers that material arrives in (zip, tar, tar.gz, tar.bz2, tar.xz): unpacked entry by entry, each one judged by itself.

A bad entry is a finding and its siblings still come out. Nothing is ever written outside the target folder: names are taken
apart and put together again, links and devices are never made, and files are created new, never followed or overwritten.
Sizes the container declares are not believed; bytes are counted as they come. Containers inside come out as they are: how
deep to go is the caller's decision, and its bound the caller's duty.
"""

from pathlib import Path

from lantai.formats.sniff import is_container, sniff
from lantai.packages.container_tar import unpack_tar
from lantai.packages.container_writer import ContainerLimits, Entry, Exhausted, Unpacked, Writer
from lantai.packages.container_zip import unpack_zip

__all__ = ["ContainerLimits", "Entry", "Unpacked", "is_container", "unpack"]


def unpack(path: Path, into: Path, limits: ContainerLimits | None = None) -> Unpacked:
    """Unpack the container at *path* into the folder *into*, which should be new and ours alone.

    Never raises for what the container holds: findings CONTAINER-… say what stayed inside and why. Directories without
    files are not made. Raises Fault CONTAINER-NOT-WRITTEN where the disk fails, OSError where *path* cannot be read.
    """
    writer = Writer(path, into, limits or ContainerLimits())
    kind = sniff(path)
    try:
        if kind == "zip":
            unpack_zip(path, writer)
        elif kind in ("tar", "gzip", "bzip2", "xz"):
            unpack_tar(path, writer, kind)
        else:
            writer.remark("CONTAINER-UNSUPPORTED", path.name, detail=kind)
    except Exhausted as problem:
        writer.remark(problem.code, path.name, **problem.values)
    if not writer.entries and not writer.findings:
        writer.remark("CONTAINER-EMPTY", path.name)
    return Unpacked(tuple(writer.entries), tuple(writer.findings), tuple(writer.left))
