"""Probes of odd files: what becomes of every broken, locked or unusual file, and of formats by what their names say."""

import re
import time
from collections import Counter
from pathlib import Path

from bench.tables import Table
from lantai.adapters.readers import GuardedReader
from lantai.core.findings import has_error
from lantai.ports.reader import Limits, Reading

_LIMITS = Limits()
_BROKEN = frozenset({"READ-CRASHED", "READ-TIMEOUT", "READ-TOO-LARGE"})
_FOLDERS = ("pdf-unusual", "images-unusual", "office", "xml-hostile", "pdfa-verapdf")
_SKIPPED = frozenset({"README.md", "SOURCES.md"})
# What a PUID must be one of where the name of a file states its format; names that state none are counted as such.
_STATED = {
    "pdf": r"fmt/(1[4-9]|20|276|95|354|47[6-9]|48[01]|144|145|146|147|148|157|158|488|489|490|1129|1910|1911|1912)",
    "doc": r"fmt/(3[7-9]|40|609|523)|x-fmt/(42|43|45|64|65|273|274|275|276|394)",
    "docx": "fmt/(412|1827)",
    "xlsx": "fmt/(214|1828)",
    "pptx": "fmt/(215|1829)",
    "ppt": "fmt/(125|126|179|1537)|x-fmt/(84|88|216)",
    "xls": "fmt/(5[5-9]|6[0-2]|175|176|177|178)|x-fmt/17",
    "rtf": "fmt/(4[5-9]|5[0-3]|355|969)",
    "odt": "fmt/(136|290|291|1756)",
    "ods": "fmt/(137|294|295|1755)",
    "odp": "fmt/(138|292|293|1754)",
    "tif": "fmt/(353|153|154|155|156|7|8|9|10)|x-fmt/(387|388|399)",
    "tiff": "fmt/(353|153|154|155|156|7|8|9|10)|x-fmt/(387|388|399)",
    "jpg": "fmt/(4[1-4]|1507|645|150)|x-fmt/(390|391|398)",
    "jpeg": "fmt/(4[1-4]|1507|645|150)|x-fmt/(390|391|398)",
    "png": "fmt/(11|12|13|935)",
    "gif": "fmt/[34]",
    "bmp": "fmt/(11[4-9])|x-fmt/(25|270)",
    "jp2": "x-fmt/392",
    "jpf": "fmt/151|x-fmt/392",
    "xml": "fmt/(101|121)",
    "html": "fmt/(96|97|98|99|100|102|103|471)",
    "htm": "fmt/(96|97|98|99|100|102|103|471)",
    "txt": "x-fmt/111",
    "csv": "x-fmt/18",
    "zip": "x-fmt/263",
    "tar": "x-fmt/265",
    "gz": "x-fmt/266",
    "epub": "fmt/483",
    "mobi": "fmt/396",
    "azw3": "fmt/(396|1909|1937)",
    "wpd": "x-fmt/(44|203|393|394)",
    "warc": "fmt/289|fmt/1355",
    "svg": "fmt/(91|92|413)",
    "wav": "fmt/(1|2|6|141|142|143)",
    "mp3": "fmt/134",
    "lrf": "fmt/518",
    "pdb": "fmt/396|x-fmt/.*|fmt/.*",
    "md": "fmt/1149",
}


def outcomes(corpus: Path) -> dict[str, object]:
    """Odd files through the guarded reader: none may crash, hang or burst its budget; what became of them, by folder."""
    rows, bad, slow = Table(), Table(), Table()
    for folder in _FOLDERS:
        seen, codes = Counter[str](), Counter[str]()
        for path, reading, seconds in _read(corpus / folder):
            broken = sorted(_BROKEN & {item.code for item in reading.findings})
            bad += [{"文件": path.name, "提示": ",".join(broken)}] if broken else []
            slow.append({"文件": f"{folder}/{path.name}"[:60], "秒": round(seconds, 2)})
            seen[_outcome(reading)] += 1
            codes.update({item.code for item in reading.findings})
        kinds = {kind: seen[kind] for kind in ("读出文字", "无文字", "有提示", "报错误", "不识别")}
        rows.append(
            {"文件夹": folder, "文件": seen.total()} | kinds | {"最多的提示": " ".join(f"{c}×{n}" for c, n in codes.most_common(4))}
        )
    slowest = Table(sorted(slow, key=lambda row: -row["秒"])[:5])
    return {
        "outcomes": rows,
        "broken": bad,
        "slowest": slowest,
        "is_reached": not bad and max(row["秒"] for row in slowest) < _LIMITS.seconds,
    }


def identified(corpus: Path) -> dict[str, object]:
    """Files whose name states their format: the PUID against it, confusion by stated format."""
    seen: dict[str, Counter[str]] = {}
    wrong, silent = Table(), 0
    for folder in ("format-id", "office", "images-unusual", "pdf-unusual", "official-documents"):
        for path, reading, _ in _read(corpus / folder):
            stated = path.suffix.lower().lstrip(".")
            if stated not in _STATED:
                silent += 1
                continue
            puid = reading.format.puid
            is_right = re.fullmatch(_STATED[stated], puid) is not None
            seen.setdefault(stated, Counter())["同" if is_right else "未识别" if not puid else "异"] += 1
            if not is_right:
                codes = " ".join(item.code for item in reading.findings)
                wrong.append({"文件": path.name[:44], "PUID": puid or "—", "格式": reading.format.name[:36], "提示": codes[:60]})
    rows = Table({"名称所示": kind, "同": each["同"], "异": each["异"], "未识别": each["未识别"]} for kind, each in sorted(seen.items()))
    told = sum(1 for row in wrong if row["提示"])
    total = sum(each.total() for each in seen.values())
    return {
        "files": total,
        "share": round(1 - len(wrong) / total, 4),
        "not_stated": silent,
        "confusion": rows,
        "differing": wrong,
        "differing_and_told": told,  # encrypted, another kind than the name says, or nothing that can be read: said in a finding
        "is_reached": told == len(wrong),
    }


def _read(folder: Path) -> list[tuple[Path, Reading, float]]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in _SKIPPED)
    reader, read = GuardedReader(_LIMITS), []
    try:
        for path in paths:
            start = time.monotonic()
            reading = reader.read(path, path.name)
            read.append((path, reading, time.monotonic() - start))
    finally:
        reader.close()
    return read


def _outcome(reading: Reading) -> str:
    if has_error(reading.findings):
        return "报错误"
    if not reading.format.puid:
        return "不识别"
    if reading.findings:
        return "有提示"
    return "读出文字" if reading.text.strip() else "无文字"


PROBES = {"odd-outcomes": outcomes, "odd-identified": identified}
