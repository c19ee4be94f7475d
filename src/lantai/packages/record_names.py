"""What an edition of record.xml calls the described elements, where it puts them, and how text is escaped."""

import csv
import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from lxml import etree

SCHEMA = "lantai-record"
EDITION = "3"
EDITIONS = ("1", "2", "3")
STANDARD = "DA/T 46-2009"
CONTAINERS = ("来源", "档号", "内容描述", "形式特征", "电子属性", "数字化属性", "电子签名", "存储位置", "权限管理")
#: Elements described of one computer file, in written order: its container and name inside.
FILE_ELEMENTS: dict[str, tuple[str, str]] = {
    "document_creating_application": ("电子属性", "文档创建程序"),
    "physical_record_characteristics": ("数字化属性", "数字化对象形态"),
    "scanning_resolution": ("数字化属性", "扫描分辨率"),
    "scanning_color_model": ("数字化属性", "扫描色彩模式"),
    "image_compression_scheme": ("数字化属性", "图像压缩方案"),
}
_CARE = re.compile('[\x00-\x1f&<>"\u241b\ud800-\udfff\ufffe\uffff]')
_ESCAPED = re.compile("\u241b([0-9A-F]{1,6});")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def namespace(edition: str = EDITION) -> str:
    """Return the namespace of an edition."""
    return f"urn:lantai:record:{edition}"


def escaped(text: str) -> str:
    """Return *text* as it is written: entities, character references, and ``␛HEX;`` for what XML 1.0 cannot hold."""
    return text if _CARE.search(text) is None else _CARE.sub(_careful, text)


def plain(text: str | None) -> str:
    """Undo the escape of what an XML parser has read."""
    if text is None:
        return ""
    return text if "\u241b" not in text else _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)


def _careful(match: re.Match[str]) -> str:
    char = match.group()
    return _ENTITIES.get(char) or f"\u241b{ord(char):04X};"


@dataclass(frozen=True)
class Names:
    """The described elements of one edition: ``places`` is element -> (container, Chinese name), in written order."""

    places: dict[str, tuple[str, str]]

    @cached_property
    def order(self) -> dict[str, int]:
        """Element -> its place in the written order."""
        return {name: at for at, name in enumerate(self.places)}

    @cached_property
    def by_place(self) -> dict[tuple[str, str], str]:
        """(container, Chinese name) -> element."""
        return {place: name for name, place in self.places.items()}


@cache
def names(edition: str = EDITION) -> Names:
    """Return what an edition names."""
    lines = (line for line in shipped(f"record-{edition}.csv").splitlines() if not line.startswith("#"))
    return Names({row["element"]: (row["container"], row["name"]) for row in csv.DictReader(lines)})


@cache
def schema(edition: str = EDITION) -> etree.XMLSchema:
    """Return the XML schema of an edition."""
    return etree.XMLSchema(etree.fromstring(shipped(f"record-{edition}.xsd").encode("utf-8")))


def shipped(name: str) -> str:
    """Return the text of a schema or table that Lantai ships in ``schemas``."""
    return (resources.files("lantai.packages") / "schemas" / name).read_text("utf-8")
