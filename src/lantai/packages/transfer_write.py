"""Writing a transfer package 移交信息包 record by record: what is there already is kept, so that a job that died goes on.

Forms: ``standards/da_t_93``. Each record's folder is built aside and renamed; the catalogue, the description and the table of digests come
last. The table (``其他/数字摘要.csv``) names every file of the records with size, SM3 and SHA-256.
"""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from lantai.core.digests import sm3
from lantai.core.record import Record
from lantai.packages import filing_write
from lantai.packages.filing_values import FilingPackage
from lantai.packages.layout import safe_name
from lantai.packages.manifest import Declared, write_table
from lantai.packages.parcel import Parcel, written_out
from lantai.standards import da_t_93
from lantai.standards.da_t_93 import Form

METADATA_NAME = "电子档案1元数据.XML"
METADATA_ROOT = "电子档案元数据"
DIGESTS = "数字摘要.csv"
_BUILDING = ".building"


@dataclass(slots=True)
class Writer:
    """Writes one package into *folder*, which may be there from an earlier run with the same records."""

    folder: Path
    form: Form
    rows: list[dict[str, str]] = field(default_factory=list)
    declared: dict[str, Declared] = field(default_factory=dict)
    size_bytes: int = 0
    _taken: set[str] = field(default_factory=set)

    def add(self, parcel: Parcel) -> str:
        """Write one record and return the path of its folder. Raises ValueError for one without code or whose code came before."""
        record = parcel.record
        code = record.code or record.text("archival_code")
        if not code or code in self._taken:
            raise ValueError(f"no code, or one that came before: {code}")
        self._taken.add(code)
        place = "/".join(filter(None, (self.form.content, *_shelf(record, self.form), safe_name(code))))
        documents, sources = filing_write.placed(parcel, lambda _: "")
        package = FilingPackage(
            record.electronic_record_code, filing_write.described(parcel), documents, record.agents, record.events, record.relations
        )
        described = filing_write.whole(METADATA_ROOT, package)
        if not (self.folder / place).is_dir():
            self._build(place, {METADATA_NAME: described, **sources})
        for item in package.files:
            self.declared[f"{place}/{item.path}"] = Declared(item.size_bytes, item.sha256, item.sm3)
            self.size_bytes += item.size_bytes or 0
        self.declared[f"{place}/{METADATA_NAME}"] = _declared(described)
        self.rows.append(self._row(record, code))
        return place

    def close(self, fields: Mapping[str, str], others: Mapping[str, bytes]) -> None:
        """Write catalogue, description (*fields* by name, those that follow from the package are filled in) and the files of 其他."""
        codes = [row["档号"] for row in self.rows]
        own = {"起止档号": f"{codes[0]}—{codes[-1]}" if codes else "", "档案数量": str(len(codes)), "数据量（字节）": str(self.size_bytes)}
        lines = dict.fromkeys(self.form.fields, "") | {"档案数量": "", "摘要算法": "SM3、SHA-256"} | dict(fields) | own
        self._put(self.form.description, "".join(f"{name}：{_line(value)}\r\n" for name, value in lines.items()).encode("utf-8-sig"))
        catalogue = self.form.catalogues[0]
        root = etree.Element(catalogue.root)
        for row in self.rows:
            node = etree.SubElement(root, catalogue.row)
            for name, value in row.items():
                etree.SubElement(node, name).text = written_out(value)
        self._put(catalogue.file, etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))
        for name, content in others.items():
            self._put(f"{self.form.other}/{name}", content)
        self._put(f"{self.form.other}/{DIGESTS}", write_table(self.declared))
        shutil.rmtree(self.folder / _BUILDING, ignore_errors=True)

    def _build(self, place: str, files: Mapping[str, filing_write.Source]) -> None:
        aside = self.folder / _BUILDING
        shutil.rmtree(aside, ignore_errors=True)
        for name, source in files.items():
            filing_write.put(aside / name, source)
        (self.folder / place).parent.mkdir(parents=True, exist_ok=True)
        aside.rename(self.folder / place)

    def _put(self, path: str, content: bytes) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    def _row(self, record: Record, code: str) -> dict[str, str]:
        known = {"顺序号": str(len(self.rows) + 1), "档号": code, "电子档案名称": safe_name(code)}
        return {column.name: known.get(column.name) or record.text(column.element) for column in self.form.columns}


def _shelf(record: Record, form: Form) -> list[str]:
    """Return the folders above a record's: fonds, category and year; in the form of 2012 year and category."""
    names = ("fonds_identifier", "category_code", "year") if form.key == "da_t_93" else ("year", "category_code")
    return [safe_name(text) for name in names if (text := record.text(name))]


def _declared(content: bytes) -> Declared:
    return Declared(len(content), hashlib.sha256(content).hexdigest(), sm3(content).hexdigest())


def _line(value: str) -> str:
    return " ".join(value.split())


def form(key: str) -> Form:
    """Return the form of that key. Raises KeyError."""
    return da_t_93.forms()[key]
