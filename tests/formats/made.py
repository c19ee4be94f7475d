"""Small files of every format, made here: nothing copied from anywhere. Each function returns bytes."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

TITLE = "云汀市发展和改革委员会关于印发工作要点的通知"
BODY = "各处室：现将工作要点印发给你们，请认真贯彻执行。"

_UNICODE = b"/CIDInit /ProcSet findresource begin\nbegincmap\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n%bendcmap\nend"
_NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def zipped(members: Mapping[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of *members* in their order."""
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return room.getvalue()


def pdf(*pages: str, extra: str = "", rotate: int = 0, info: str = "/Title (plan)", box: str = "0 0 400 600") -> bytes:
    """A PDF whose pages hold one line of text each at (50, 500), 20 points high; *extra* goes into the catalogue."""
    kids = " ".join(f"{10 + 2 * index} 0 R" for index in range(len(pages)))
    objects = {
        1: f"<</Type/Catalog/Pages 2 0 R {extra}>>".encode(),
        2: f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
        3: b"<</Type/Font/Subtype/Type0/BaseFont/Made/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 5 0 R>>",
        4: b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Made/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        b"/FontDescriptor 6 0 R/DW 1000>>",
        5: _stream(_UNICODE % _map("".join(pages))),
        6: b"<</Type/FontDescriptor/FontName/Made/Flags 4/FontBBox[0 -200 1000 800]/ItalicAngle 0"
        b"/Ascent 800/Descent -200/CapHeight 700/StemV 80>>",
        7: f"<<{info}>>".encode(),
    }
    for index, text in enumerate(pages):
        content = b"BT /F 20 Tf 50 500 Td <" + text.encode("utf-16-be").hex().encode() + b"> Tj ET"
        number = 10 + 2 * index
        objects[number] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Rotate {rotate}/Contents {number + 1} 0 R/Resources<</Font<</F 3 0 R>>>>>>".encode()
        )
        objects[number + 1] = _stream(content)
    return assemble(objects)


def assemble(objects: Mapping[int, bytes]) -> bytes:
    """Write *objects* with a right cross-reference table (ISO 32000-1 7.5.4)."""
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    rows = b"".join(b"%010d 00000 n \n" % offsets[n] if n in offsets else b"0000000000 65535 f \n" for n in range(size))
    return bytes(out) + b"xref\n0 %d\n%btrailer\n<</Size %d/Root 1 0 R/Info 7 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, rows, size, start)


def nested_forms(depth: int, fan: int = 10) -> bytes:
    """A PDF of one page that draws *fan* ** (*depth* + 1) squares: every form XObject draws the next one *fan* times."""
    drawn = b"/F Do " * fan
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<</XObject<</F 8 0 R>>>>/Contents 4 0 R>>"
    objects = _one_page(page, drawn)
    for number in range(8, 8 + depth):
        is_last = number == 7 + depth
        within = b"" if is_last else b"/Resources<</XObject<</F %d 0 R>>>>" % (number + 1)
        objects[number] = _stream(b"0 0 50 50 re f" if is_last else drawn, b"/Type/XObject/Subtype/Form/BBox[0 0 200 200]" + within)
    return assemble(objects)


def nested_glyphs(depth: int, fan: int = 10) -> bytes:
    """A PDF of one page whose *fan* letters are each drawn by *fan* letters of the next Type 3 font, *depth* fonts deep."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<</Font<</F 8 0 R>>>>/Contents 4 0 R>>"
    objects = _one_page(page, b"BT /F 20 Tf 10 10 Td (%b) Tj ET" % (b"a" * fan))
    for number in range(8, 8 + 2 * depth, 2):
        is_last = number == 6 + 2 * depth
        within = b"" if is_last else b"/Resources<</Font<</F %d 0 R>>>>" % (number + 2)
        objects[number] = (
            b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 97/LastChar 97/Widths[1000]"
            b"/Encoding<</Differences[97/a]>>/CharProcs<</a %d 0 R>>%b>>" % (number + 1, within)
        )
        shown = b"0 0 500 500 re f" if is_last else b"BT /F 1 Tf (%b) Tj ET" % (b"a" * fan)
        objects[number + 1] = _stream(b"1000 0 d0 " + shown)
    return assemble(objects)


def _one_page(page: bytes, content: bytes) -> dict[int, bytes]:
    return {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: page,
        4: _stream(content),
        7: b"<</Title (plan)>>",
    }


def _stream(data: bytes, also: bytes = b"") -> bytes:
    packed = zlib.compress(data)
    return b"<<%b/Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (also, len(packed), packed)


def _map(text: str) -> bytes:
    codes = sorted({character for character in text if ord(character) < 0x10000})
    rows = b"".join(b"<%04X> <%04X>\n" % (ord(c), ord(c)) for c in codes[:100])
    return b"%d beginbfchar\n%bendbfchar\n" % (min(100, len(codes)), rows)


def ofd(*pages: str, **members: str | bytes) -> bytes:
    """An OFD (210 × 297 mm) with one text object a page at 30, 40 mm; *members* replace or add by name."""
    listed = "".join(f'<ofd:Page ID="{index}" BaseLoc="Pages/Page_{index}/Content.xml"/>' for index in range(len(pages)))
    parts: dict[str, str | bytes] = {
        "OFD.xml": f"<ofd:OFD {_NS}><ofd:DocBody><ofd:DocInfo><ofd:Title>{TITLE}</ofd:Title><ofd:Author>张文</ofd:Author></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {_NS}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>"
        f"</ofd:PageArea></ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
    }
    for index, text in enumerate(pages):
        parts[f"Doc_0/Pages/Page_{index}/Content.xml"] = ofd_page(text)
    parts |= members
    return zipped(parts)


def ofd_page(text: str, boundary: str = "30 40 100 10") -> str:
    """The content of an OFD page with one text object."""
    return (
        f'<ofd:Page {_NS}><ofd:Content><ofd:Layer><ofd:TextObject ID="9" Boundary="{boundary}">'
        f'<ofd:TextCode X="0" Y="8">{text}</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>'
    )


def docx(body: str, **members: str | bytes) -> bytes:
    """A DOCX with the WordprocessingML *body*; *members* add by name."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>",
        "docProps/core.xml": f'<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{TITLE}</dc:title><dc:creator>张文</dc:creator></c>',
    }
    return zipped(parts | members)


def paragraph(text: str) -> str:
    """One paragraph of WordprocessingML."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(rows: str, strings: str = "") -> bytes:
    """An XLSX of one sheet."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": f"<workbook {space}/>",
            "xl/sharedStrings.xml": f"<sst {space}>{strings}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet {space}><sheetData>{rows}</sheetData></worksheet>",
        }
    )


def pptx(*slides: str) -> bytes:
    """A PPTX with one paragraph a slide, 10 × 5 inches."""
    a, p = "http://schemas.openxmlformats.org/drawingml/2006/main", "http://schemas.openxmlformats.org/presentationml/2006/main"
    parts = {"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": f'<p:p xmlns:p="{p}"><p:sldSz cx="9144000" cy="4572000"/></p:p>'}
    for number, text in enumerate(slides, 1):
        parts[f"ppt/slides/slide{number}.xml"] = f'<p:sld xmlns:p="{p}" xmlns:a="{a}"><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>'
    return zipped(parts)


def odt(text: str) -> bytes:
    """An ODT of one paragraph."""
    text_ns = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    content = f'<o:d xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="{text_ns}"><text:p>{text}</text:p></o:d>'
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content}, method=zipfile.ZIP_STORED)


def word_stream(text: str, *, is_encrypted: bool = False) -> tuple[bytes, bytes]:
    """The streams WordDocument and 1Table of a Word 97 file with *text* in two pieces, one of bytes, one of UTF-16."""
    ascii_part = text[: next((at for at, c in enumerate(text) if ord(c) > 127), len(text))]
    wide_part = text[len(ascii_part) :]
    head = bytearray(1024)
    struct.pack_into("<HH", head, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", head, 10, 0x0200 | (0x0100 if is_encrypted else 0))
    first, second = len(head), len(head) + len(ascii_part)
    main = bytes(head) + ascii_part.encode("cp1252") + wide_part.encode("utf-16-le")
    cps = struct.pack("<III", 0, len(ascii_part), len(text))
    pieces = struct.pack("<HIH", 0, first * 2 | 0x40000000, 0) + struct.pack("<HIH", 0, second, 0)
    table = b"\x01" + struct.pack("<H", 2) + b"\0\0" + b"\x02" + struct.pack("<I", len(cps + pieces)) + cps + pieces
    patched = bytearray(main)
    struct.pack_into("<II", patched, 0x1A2, 0, len(table))
    return bytes(patched), table


def tiff(width: int, height: int, *, compression: int = 32_773) -> bytes:
    """The head of a grey TIFF of any size with one short strip: what it claims and what it holds differ."""
    values = {256: width, 257: height, 258: 8, 259: compression, 262: 1, 273: 200, 277: 1, 278: height, 279: 64}
    rows = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in values.items())
    head = struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", len(values)) + rows + bytes(4)
    return head.ljust(200, b"\0") + bytes(64)
