"""How a PDF is encrypted (ISO 32000-2 7.6), told from its encryption dictionary, also where the file cannot be opened."""

import re

from lantai.formats.content import Source
from lantai.formats.pdf.raw import readable

_ENCRYPT = re.compile(rb"/Encrypt\s*(?:(\d{1,10})\s+\d{1,5}\s+R|<<)")
_HANDLER = re.compile(rb"/Filter\s*/([A-Za-z0-9._]{1,40})")
_VERSION = re.compile(rb"/V\s+(\d{1,2})\b")
_LENGTH = re.compile(rb"/Length\s+(\d{1,4})\b")
_METHOD = re.compile(rb"/CFM\s*/([A-Za-z0-9]{1,20})")
_REACH = 8192
_HANDLERS = {b"Standard": "口令加密", b"Adobe.PubSec": "证书加密"}
_METHODS = {b"AESV2": "AES-128", b"AESV3": "AES-256", b"AESV4": "AES-256-GCM", b"V2": "RC4"}


def lock_of(source: Source) -> str:
    """Return who the file is locked for and with what, such as ``口令加密，AES-256``; empty where it is not encrypted."""
    text = readable(source)
    matches = list(_ENCRYPT.finditer(text))
    if not matches:
        return ""
    dictionary = _dictionary(text, matches[-1])
    handler = _HANDLER.search(dictionary)
    who = _HANDLERS.get(handler[1], handler[1].decode("ascii")) if handler else "加密方式不明"
    return f"{who}，{_method(dictionary)}"


def _dictionary(text: bytes, match: re.Match[bytes]) -> bytes:
    if match[1] is None:
        return text[match.end() : match.end() + _REACH]
    places = list(re.finditer(rb"(?<![0-9])" + match[1] + rb"\s+\d{1,5}\s+obj\b", text))
    if not places:
        return b""
    end = text.find(b"endobj", places[-1].end(), places[-1].end() + _REACH)
    return text[places[-1].end() : end if end >= 0 else places[-1].end() + _REACH]


def _method(dictionary: bytes) -> str:
    version, method, length = _VERSION.search(dictionary), _METHOD.search(dictionary), _LENGTH.search(dictionary)
    if method:
        return _METHODS.get(method[1], "算法不明")
    if version is None or int(version[1]) > 2:
        return "算法不明"
    bits = int(length[1]) if length and int(version[1]) == 2 else 40
    return f"RC4-{bits}"
