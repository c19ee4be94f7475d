"""Whether a file runs: told by its first bytes, and by its name only where its kind has no bytes of its own (scripts, shortcuts)."""

from functools import cache

from lantai.standards.da_t_70.formats import standard

_HEADS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!", b"L\x00\x00\x00\x01\x14\x02\x00")
_FAMILIES = ("executable", "script", "shortcut")


def is_program(name: str, head: bytes) -> bool:
    """Tell whether a file called *name* that begins with *head* (empty where it could not be read) is a program, script or shortcut."""
    return head.startswith(_HEADS) or name.rpartition(".")[2].lower() in _running()


@cache
def _running() -> frozenset[str]:
    rows = standard()
    return frozenset(extension for family in _FAMILIES for extension in rows[family].extensions)
