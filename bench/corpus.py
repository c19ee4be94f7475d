"""Material for the benchmarks: many distinct official-document-like PDFs, made for less than a millisecond each.

A small writer of its own: one subset font is taken once from a PDF that typst set; each file then is a new content stream over
that font and a patch of noise that brings it to the size of a usual OA document. Text comes out exactly through PDFium.
"""

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pylopdf_fonts_zh_cn
import typst

AGENCY = "云汀市发展和改革委员会"
_SIZE_BYTES = 45 * 1024
_TEXT_LENGTH = 500
_LINE = 28
_NOISE_WIDTH = 96
_MATTERS = (
    "做好年度重点项目建设",
    "加强能源保障",
    "规范价格收费行为",
    "开展投资计划执行情况检查",
    "报送经济运行监测数据",
    "落实规划评估要求",
    "完善公共服务设施",
    "推进信息系统整合",
    "改进文件办理工作",
    "组织业务培训",
    "安排节能改造资金",
    "调整供水价格方案",
)
_KINDS = ("通知", "报告", "函", "请示", "意见", "批复")
_CLAUSES = (
    "各单位应当明确责任人员和完成时限",
    "按月报送进展情况并说明存在的问题",
    "对未开工的项目逐个分析原因",
    "资金实行专账管理不得挪作他用",
    "有关材料请于本月底前报送办公室",
    "需要会签的文件由主办科室先行沟通",
    "能够通过数据共享取得的不再要求提交",
    "检查结果作为年度安排的依据",
    "按照规定程序公开招标并接受监督",
    "及时整改排查发现的安全问题",
    "统计口径以公布数据为准",
    "涉及多个部门的事项明确一个牵头单位",
    "优先保障居民生活和重点行业用能",
    "在醒目位置公示收费项目和标准",
    "建设内容包括主体工程和配套管网",
    "项目建成后及时组织验收并归集档案",
    "不得以任何方式增加企业负担",
    "逐户了解原料物流和用电需求",
    "做好值班和应急准备",
    "培训结束后形成总结报告",
)
_ASCII = "0123456789."
_MARKS = "〔〕号年月日：，。、第条件万元关于的"


@dataclass(frozen=True, slots=True)
class Face:
    """A subset font ready for embedding: raw objects of the PDF it came from, and the glyph of each character."""

    program: bytes
    to_unicode: bytes
    widths: bytes
    glyphs: dict[str, int]


@cache
def face() -> Face:
    """Set every character of the texts once with typst and take the subset font out of the PDF."""
    texts = (AGENCY, *_MATTERS, *_KINDS, *_CLAUSES, _ASCII, _MARKS)
    characters = sorted(set("".join(texts)))
    pdf = _typeset("".join(characters))
    program = _stream(pdf, rb"/Subtype/CIDFontType0C")
    to_unicode = _stream(pdf, rb"/Type/CMap")
    widths = re.search(rb"/DW 0/W(\[.*?\])>>", pdf)
    if widths is None:
        raise ValueError("no widths in the typeset PDF")
    return Face(program, to_unicode, widths[1], {char: index for index, char in enumerate(characters, 1)})


def _typeset(text: str) -> bytes:
    fonts = str(Path(pylopdf_fonts_zh_cn.sans_path()).parent)
    # one character a block, so that no kerning or line breaking changes the order of the glyphs
    blocks = ",".join(f'"{char}"' for char in text)
    source = f'#set document(date: none)\n#set text(font: "Noto Sans SC", size: 6pt, cjk-latin-spacing: none)\n#({blocks},).map(box).join()'
    with TemporaryDirectory() as folder:
        path = Path(folder, "face.typ")
        path.write_text(source, encoding="utf-8")
        compiler = typst.Compiler(str(path), font_paths=[fonts], ignore_system_fonts=True)
        pdf = compiler.compile(format="pdf", pdf_standards=["1.7"], pdf_tags=False)
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave no single PDF")
    return pdf


def _stream(pdf: bytes, mark: bytes) -> bytes:
    hit = re.search(rb"<</Length (\d+)[^>]*?" + mark + rb"[^>]*>>\s*stream\r?\n", pdf)
    if hit is None:
        raise ValueError(f"no stream {mark!r} in the typeset PDF")
    return pdf[hit.end() : hit.end() + int(hit[1])]


# ---- texts ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one document: number, title, receiver line, body lines, date."""

    number: str
    title: str
    body: str
    date: str

    def lines(self) -> Iterator[str]:
        """Yield the lines as they stand on the page."""
        yield from (f"{AGENCY}文件", self.number, self.title, "各单位：")
        yield from (self.body[start : start + _LINE] for start in range(0, len(self.body), _LINE))
        yield from (AGENCY, self.date)


def text(index: int, seed: int = 0) -> Text:
    """Return the words of document *index*: about 500 characters, different for every index and seed."""
    rng = Random(seed * 1_000_003 + index)
    year = 2015 + index % 10
    title = f"关于{rng.choice(_MATTERS)}的{rng.choice(_KINDS)}"
    parts: list[str] = []
    length = 0
    while length < _TEXT_LENGTH - 60:
        clause = f"第{len(parts) + 1}、{rng.choice(_CLAUSES)}，{rng.choice(_CLAUSES)}，计{rng.randint(2, 9999)}件。"
        parts.append(clause)
        length += len(clause)
    return Text(f"云发改〔{year}〕{index + 1}号", title, "".join(parts), f"{year}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日")


# ---- files ---------------------------------------------------------------------------------------------------------------


def one_page_pdf(index: int, seed: int = 0) -> bytes:
    """Return document *index* as a one-page PDF of about 45 KiB."""
    return _pdf([text(index, seed)], Random(seed ^ index << 8))


def one_page_pdfs(folder: Path, n: int, seed: int = 0) -> list[Path]:
    """Write *n* distinct one-page PDFs ``000000.pdf`` … into *folder* (made where absent) and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{index:06d}.pdf" for index in range(n)]
    for index, path in enumerate(paths):
        path.write_bytes(one_page_pdf(index, seed))
    return paths


def many_page_pdf(pages: int, seed: int = 0) -> bytes:
    """Return one PDF of *pages* pages, every page with its own text."""
    return _pdf([text(index, seed) for index in range(pages)], Random(seed))


def sized_pdf(pages: int, seed: int, size_bytes: int) -> bytes:
    """Return a PDF of *pages* pages of about *size_bytes*, every page with its own text."""
    return _pdf([text(seed, page) for page in range(pages)], Random(seed), size_bytes)


def _pdf(texts: list[Text], rng: Random, size: int = _SIZE_BYTES) -> bytes:
    shared = face()
    first_page = 8
    kids = " ".join(f"{first_page + 2 * index} 0 R" for index in range(len(texts)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(texts)}/Kids[{kids}]/MediaBox[0 0 595 842]".encode()
        + b"/Resources<</Font<</F 3 0 R>>/XObject<</N 7 0 R>>>>>>",
        b"<</Type/Font/Subtype/Type0/BaseFont/LANTAI+Face/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 6 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/LANTAI+Face/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        b"/FontDescriptor<</Type/FontDescriptor/FontName/LANTAI+Face/Flags 4/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880"
        b"/Descent -120/CapHeight 733/StemV 95/FontFile3 5 0 R>>/DW 1000/W" + shared.widths + b">>",
        _object(shared.program, b"/Subtype/CIDFontType0C/Filter/FlateDecode"),
        _object(shared.to_unicode, b"/Type/CMap/Filter/FlateDecode"),
        _noise(rng, size - len(shared.program) - len(shared.to_unicode) - 4200),
    ]
    for index, words in enumerate(texts):
        objects.append(b"<</Type/Page/Parent 2 0 R/Contents %d 0 R>>" % (first_page + 2 * index + 1))
        objects.append(_object(zlib.compress(_content(words, shared.glyphs), 1), b"/Filter/FlateDecode"))
    return _file(objects)


def _object(data: bytes, entries: bytes) -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), entries, data)


def _noise(rng: Random, size: int) -> bytes:
    rows = max(1, size // _NOISE_WIDTH)
    entries = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray" % (_NOISE_WIDTH, rows)
    return _object(rng.randbytes(rows * _NOISE_WIDTH), entries)


def _content(words: Text, glyphs: dict[str, int]) -> bytes:
    shown = (b"<%s>Tj T*" % "".join(f"{glyphs[char]:04x}" for char in line).encode() for line in words.lines())
    return b"q 48 0 0 48 500 40 cm /N Do Q BT /F 16 Tf 29 TL 73 760 Td\n" + b"\n".join(shown) + b"\nET"


def _file(objects: Iterable[bytes]) -> bytes:
    parts = [b"%PDF-1.7\n%\xe5\x85\xb0\xe5\x8f\xb0\n"]
    position, offsets = len(parts[0]), []
    for number, body in enumerate(objects, 1):
        offsets.append(position)
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        position += len(parts[-1])
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(offsets) + 1
    parts.append(
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, table, count, position)
    )
    return b"".join(parts)
