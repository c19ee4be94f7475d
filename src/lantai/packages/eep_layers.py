"""Where the layers of an EEP lie in its bytes: each 被签名对象 and 电子签名块, found without building anything.

Signatures are made over the bytes as they stand (package-da-t-48 §1.2, E10), and a modified package encloses the one before it byte
for byte; both need places in the file. Only UTF-8 is looked at; the bulk of Base64 is skipped by the C library's search.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lantai.standards import da_t_48

_SIGNED, _BLOCK, _CHANGE = "被签名对象".encode(), "电子签名块".encode(), "修订内容".encode()
_TAG = re.compile(b"<(/?)(?:[A-Za-z_][A-Za-z0-9_.-]*:)?(" + b"|".join((_SIGNED, _BLOCK, _CHANGE)) + rb")(?=[\s/>])[^<>]*>")
_CHUNK = 1 << 20
_LONGEST_TAG = 4096
_MOST = 200


@dataclass(frozen=True, slots=True)
class Layers:
    """Places as (begin, end) in bytes: ``signed`` the objects from the outermost in, ``blocks`` the signature block beside each.

    A block is None where there is none; ``modifications`` counts the revisions.
    """

    signed: tuple[tuple[int, int], ...]
    blocks: tuple[tuple[int, int] | None, ...]
    modifications: int


def layers_of(path: Path) -> Layers:
    """Return the layers of the EEP at *path*. Raises ValueError where they do not lie one in another, or it is no UTF-8."""
    objects: list[tuple[int, int, int]] = []
    blocks: dict[int, tuple[int, int]] = {}
    open_objects: list[int] = []
    changes, block_begin = 0, -1
    for is_end, name, begin, end in _tags(path):
        if name == _CHANGE:
            changes += not is_end
        elif name == _BLOCK:
            if is_end:
                blocks[len(open_objects)] = (block_begin, end)
            else:
                block_begin = begin
        elif not is_end:
            open_objects.append(begin)
        elif open_objects:
            objects.append((len(open_objects), open_objects.pop(), end))
    depths = [depth for depth, _, _ in objects]
    if not objects or open_objects or sorted(depths) != list(range(1, len(objects) + 1)):
        raise ValueError("layers of signed objects do not lie one in another")
    ordered = sorted(objects)
    return Layers(tuple((begin, end) for _, begin, end in ordered), tuple(blocks.get(depth - 1) for depth, _, _ in ordered), changes)


def pieces(path: Path, place: tuple[int, int]) -> Iterator[bytes]:
    """Yield the bytes of *path* from ``place[0]`` to ``place[1]``."""
    with path.open("rb") as stream:
        stream.seek(place[0])
        left = place[1] - place[0]
        while left and (chunk := stream.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk


def layer_bytes(path: Path) -> Iterator[bytes]:
    """Yield the outermost 被签名对象 of *path* and the 电子签名块 beside it, as they stand.

    Raises ValueError where they would mean something else in another document: another default namespace, or prefixes.
    """
    found = layers_of(path)
    head = next(pieces(path, (0, found.signed[0][0])), b"")
    if f'xmlns="{da_t_48.NAMESPACE}"'.encode() not in head or b"xmlns:" in head or b":" + _SIGNED in head:
        raise ValueError("the package before has another namespace")
    yield from pieces(path, found.signed[0])
    if found.blocks[0] is not None:
        yield from pieces(path, found.blocks[0])


def _tags(path: Path) -> Iterator[tuple[bool, bytes, int, int]]:
    """Yield (is an end tag, name, begin, end) of the tags that matter, in order. Raises ValueError for too many."""
    count = 0
    for at, text in _windows(path):
        for match in _TAG.finditer(text):
            count += 1
            if count > _MOST:
                raise ValueError("too many layers")
            yield bool(match[1]), match[2], at + match.start(), at + match.end()


def _windows(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (place, bytes) of pieces that hold every tag once: a piece ends before the last tag that may go on in the next."""
    before, at = b"", 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            text = before + chunk
            begun = text.rfind(b"<", len(text) - _LONGEST_TAG)
            cut = len(text) if begun < 0 or b">" in text[begun:] else begun
            yield at, text[:cut]
            before, at = text[cut:], at + cut
    yield at, before
