"""Programs by their bytes, under whatever name they come: PE, ELF, Mach-O, Java classes, shortcuts, scripts that say so."""

import re

HEAD_BYTES = 4096
_MACH_O = frozenset({b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"})
_FAT = b"\xca\xfe\xba\xbe"
_JAVA_EDITIONS = range(45, 90)
_LINK = b"\x4c\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46"
_SCRIPT = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s{0,64}(?:#![ \t]*/[^\n]{1,100}|@echo[ \t]+off\b|on[ \t]+error[ \t]+resume[ \t]+next\b|\[CmdletBinding\b"
    rb"|\[InternetShortcut\]|<job\b|<hta:application\b)",
    re.IGNORECASE,
)


def program(head: bytes) -> str:
    """Return in words what program the file beginning with *head* is (at least 64 bytes of it), empty where it is none."""
    if head.startswith(b"MZ") and _is_pe(head):
        return "Windows 可执行文件"
    if head.startswith(b"\x7fELF"):
        return "ELF 可执行文件"
    if head[:4] in _MACH_O:
        return "Mach-O 可执行文件"
    if head.startswith(_FAT) and len(head) >= 8:
        return "Java 类文件" if _is_class(head) else "Mach-O 可执行文件"
    if head.startswith(_LINK):
        return "快捷方式"
    return "脚本" if _SCRIPT.match(head) else ""


def _is_pe(head: bytes) -> bool:
    """Tell a program of DOS or Windows from a text that begins with MZ: its header names sizes that can be."""
    if len(head) < 64:
        return False
    at = int.from_bytes(head[60:64], "little")
    return head[at : at + 2] in (b"PE", b"NE", b"LE") if at + 2 <= len(head) else b"\0" in head[:64]


def _is_class(head: bytes) -> bool:
    """Tell a Java class from a Mach-O for several machines: both begin alike, then comes an edition, or a small number of machines."""
    return int.from_bytes(head[6:8]) in _JAVA_EDITIONS
