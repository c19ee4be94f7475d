"""Paths of an OCFL inventory: which may not be, and which lie in each other's way."""

from collections.abc import Iterable, Iterator


def content_objections(path: str) -> tuple[str, ...]:
    """Return the codes a content path breaks: E100 for a slash at an end, E099 for ``.``, ``..`` or nothing between slashes."""
    return _objections(path, ends="E100", elements="E099")


def logical_objections(path: str) -> tuple[str, ...]:
    """Return the codes a logical path breaks: E053 for a slash at an end, E052 for ``.``, ``..`` or nothing between slashes."""
    return _objections(path, ends="E053", elements="E052")


def _objections(path: str, *, ends: str, elements: str) -> tuple[str, ...]:
    has_ends = path.startswith("/") or path.endswith("/")
    has_elements = (
        not path or "\x00" in path or any(part in {"", ".", ".."} for part in path.removeprefix("/").removesuffix("/").split("/"))
    )
    return (ends,) * has_ends + (elements,) * has_elements


def conflicts(paths: Iterable[str]) -> Iterator[str]:
    """Yield every path that stands twice, or at once as a file and as a folder of another."""
    ordered = list(paths)
    files = set(ordered)
    seen: set[str] = set()
    for path in ordered:
        if path in seen:
            yield path
        seen.add(path)
        parts = path.split("/")
        yield from ("/".join(parts[:depth]) for depth in range(1, len(parts)) if "/".join(parts[:depth]) in files)
