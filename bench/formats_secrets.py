"""Probe of marks of state secrets: documents marked in every spelling, place and format, and texts that only speak of secrets."""

import io
import zipfile
from collections.abc import Callable, Iterator
from itertools import islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

import pylopdf_fonts_zh_cn
import typst

from bench.tables import Table
from lantai import formats
from lantai.core import officialdoc
from lantai.ports.reader import Limits

_LEVELS = ("绝密", "机密", "秘密", "機密")
_STARS = ("★", "☆", "*", "＊", "●")
_PERIODS = ("1年", "10年", "二十年", "６个月", "长期", "長期", "启用前", "90天")
_BARE = ("机密★", "秘密★公布前", "绝密★2030年12月31日", "机密级★5年")
_LABELLED = ("密级：机密", "密级：秘密★1年", "【密级】绝密", "保密等级：机密", "密级：机密　保密期限：5年", "密级和保密期限：秘密　10年")
_GAPS: tuple[Callable[[str], str], ...] = (str, " ".join, "\u3000".join, lambda mark: f"（{mark}）", lambda mark: f"000012　{mark}　特急")
_HEAD = ("云汀市发展和改革委员会文件", "云发改〔2026〕12号", "关于报送数据归集情况的通知", "各处室：")
_BODY = "请按要求于本月底前报送有关材料，并明确联系人。"
_TALK = (
    "各单位应当保守国家秘密、商业秘密和工作秘密。",
    "国家秘密的密级分为绝密、机密、秘密三级。",
    "绝密级保密期限不超过三十年，机密级不超过二十年，秘密级不超过十年。",
    "国家秘密标志形式为“密级★保密期限”。",
    "标注为“秘密★1年”的文件按规定管理。",
    "计算机密码每90天更换一次。",
    "密级：公开",
    "密级：□绝密 □机密 □秘密",
    "机密性*3，完整性*3",
    "个人秘密*2次",
    "星级评定为★★★★",
    "绝密级 30年\n机密级 20年\n秘密级 10年",
    "司机密切配合10年",
)
_LIMITS = Limits()


def marks() -> list[str]:
    """Return the marks in all their spellings."""
    starred = ["".join(parts) for parts in product(_LEVELS, _STARS, _PERIODS)]
    return [gap(mark) for gap in _GAPS for mark in (*starred, *_BARE)] + list(_LABELLED)


def documents(mark: str) -> Iterator[tuple[str, bytes]]:
    """Yield documents with *mark* in different places, as (name, bytes); the name says format and place."""
    for place, paragraphs in {
        "head": (mark, *_HEAD, _BODY),
        "after": (*_HEAD, *[_BODY] * 40, mark),
    }.items():
        yield f"{place}.txt", "\n".join(paragraphs).encode()
        yield f"{place}.html", "".join(f"<p>{escape(part)}</p>" for part in paragraphs).encode()
        yield f"{place}.ofd", _ofd(paragraphs)
        yield f"{place}.docx", _docx("".join(map(_paragraph, paragraphs)))
    plain = "".join(map(_paragraph, (*_HEAD, *[_BODY] * 40)))
    cell = f"<w:tbl><w:tr><w:tc>{_paragraph(mark)}</w:tc><w:tc>{_paragraph('特急')}</w:tc></w:tr></w:tbl>"
    box = f"<w:p><w:r><v:textbox><w:txbxContent>{_paragraph(mark)}</w:txbxContent></v:textbox></w:r></w:p>"
    yield "table.docx", _docx(cell + plain)
    yield "box.docx", _docx(plain + box)
    yield "header.docx", _docx(plain, header1=_paragraph(mark))
    yield "footer.docx", _docx(plain, footer1=_paragraph(mark))


def marked(_corpus: Path) -> dict[str, object]:
    """Marks in many spellings, in six places of five formats: all must be found; and talk of secrets, which must not."""
    places: dict[str, list[int]] = {}
    missed, false = Table(), Table()
    with TemporaryDirectory() as folder:
        for number, mark in enumerate(marks()):
            for name, data in islice(documents(mark), number % 2, None, 2):  # every mark in half of the places
                is_found = _is_strong(Path(folder), name, data)
                places.setdefault(name, [0, 0])[not is_found] += 1
                missed += [] if is_found else [{"位置": name, "标志": mark}]
        found = _pdf_pages(Path(folder), marks())
        places["head.pdf"] = [sum(found), len(found) - sum(found)]
        missed += [{"位置": "head.pdf", "标志": mark} for mark, is_found in zip(marks(), found, strict=True) if not is_found]
        for talk in _TALK:
            for name, data in documents(talk):
                false += [{"位置": name, "文字": talk.replace("\n", "／")}] if _is_strong(Path(folder), name, data) else []
    rows = Table({"位置": name, "找到": right, "漏掉": wrong} for name, (right, wrong) in places.items())
    return {
        "spellings": len(marks()),
        "places": rows,
        "missed": Table(missed[:20]),
        "missed_count": len(missed),
        "false_alarms": Table(false[:20]),
        "false_count": len(false),
        "is_reached": not missed and not false,
    }


def _is_strong(folder: Path, name: str, data: bytes) -> bool:
    path = folder / name
    path.write_bytes(data)
    reading = formats.read(path, name, _LIMITS)
    return bool(officialdoc.secrecy([page.text for page in reading.pages], reading.metadata, name).strong)


def _pdf_pages(folder: Path, every: list[str]) -> list[bool]:
    """Set one PDF with a page for each mark and judge the pages one by one."""
    source = folder / "marks.typ"
    pages = (f'#text("{mark}")\n\n' + "\n\n".join(_HEAD) + "\n\n" + _BODY for mark in every)
    source.write_text('#set text(font: "Noto Sans SC")\n' + "\n#pagebreak()\n".join(pages), encoding="utf-8")
    fonts = str(Path(pylopdf_fonts_zh_cn.sans_path()).parent)
    made = typst.Compiler(str(source), font_paths=[fonts], ignore_system_fonts=True).compile(format="pdf")
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single PDF")
    path = folder / "marks.pdf"
    path.write_bytes(made)
    reading = formats.read(path, path.name, _LIMITS)
    return [bool(officialdoc.secrecy([page.text], {}, "").strong) for page in reading.pages]


def _paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def _docx(body: str, **sides: str) -> bytes:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml"'
    parts = {"[Content_Types].xml": "<Types/>", "word/document.xml": f"<w:document {space}><w:body>{body}</w:body></w:document>"}
    return _zipped(parts | {f"word/{name}.xml": f"<w:x {space}>{text}</w:x>" for name, text in sides.items()})


def _ofd(paragraphs: tuple[str, ...]) -> bytes:
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    units = "".join(
        f'<ofd:TextObject ID="{9 + row}" Boundary="20 {15 + 6 * row} 170 6" Font="3" Size="4"><ofd:TextCode X="0" Y="4" '
        f'DeltaX="g {max(1, len(text) - 1)} 4">{escape(text)}</ofd:TextCode></ofd:TextObject>'
        for row, text in enumerate(paragraphs)
    )
    return _zipped(
        {
            "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
            "Doc_0/Document.xml": f'<ofd:Document {space}><ofd:Pages><ofd:Page ID="1" BaseLoc="P.xml"/></ofd:Pages></ofd:Document>',
            "Doc_0/P.xml": f"<ofd:Page {space}><ofd:Content><ofd:Layer>{units}</ofd:Layer></ofd:Content></ofd:Page>",
        }
    )


def _zipped(parts: dict[str, str]) -> bytes:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return room.getvalue()


PROBES = {"secrets-marked": marked}
