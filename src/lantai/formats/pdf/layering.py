"""Writing a PDF/A-2b of two layers: the image of each page, and over it, invisible, the text that was read in it (ISO 19005-2)."""

import io
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageCms

from lantai.formats.layered import JPEG, About, PageLayer, Stretch, blank_font, stretches

_INVISIBLE = 3
_SQUARE = 1000
_BASELINE = 0.12
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>2</pdfaid:part>\
<pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" \
xmlns:xmp="http://ns.adobe.com/xap/1.0/">{said}<pdf:Producer>Lantai</pdf:Producer></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def dual_layer(pages: Sequence[PageLayer], about: About | None = None) -> bytes:
    """Return the PDF of *pages*. Same pages and words, same bytes."""
    with pikepdf.new() as pdf:
        letters = _Letters(pages)
        font = letters.font(pdf)
        for layer in pages:
            _page(pdf, layer, letters, font)
        _say(pdf, about or About())
        room = io.BytesIO()
        pdf.save(room, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable, min_version="1.7")
        return room.getvalue()


class _Letters:
    """Every character of the document with its number in the font, from 1."""

    def __init__(self, pages: Sequence[PageLayer]) -> None:
        used = sorted({char for layer in pages for line in stretches(layer.page) for char in line.text})
        self._numbers = {char: index for index, char in enumerate(used, 1)}

    def code(self, text: str) -> str:
        """Return *text* as a hexadecimal string of the font."""
        return "".join(f"{self._numbers[char]:04x}" for char in text)

    def font(self, pdf: Pdf) -> pikepdf.Object:
        """Make the font: all its characters are one square, which is never painted but has an extent that viewers can mark."""
        program = pdf.make_stream(blank_font())
        program.Length1 = len(blank_font())
        descriptor = pdf.make_indirect(
            Dictionary(
                Type=Name.FontDescriptor, FontName=Name.LantaiBlank, Flags=4, FontBBox=Array([0, 0, _SQUARE, _SQUARE]),
                ItalicAngle=0, Ascent=880, Descent=-120, CapHeight=880, StemV=80, FontFile2=program,
            )
        )  # fmt: skip
        descendant = Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name.LantaiBlank, DW=_SQUARE, FontDescriptor=descriptor,
            CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
            CIDToGIDMap=pdf.make_stream(b"\0\0" + b"\0\2" * len(self._numbers)),
        )  # fmt: skip
        return pdf.make_indirect(
            Dictionary(
                Type=Name.Font, Subtype=Name.Type0, BaseFont=Name.LantaiBlank, Encoding=Name("/Identity-H"),
                DescendantFonts=Array([pdf.make_indirect(descendant)]), ToUnicode=pdf.make_stream(self._to_unicode()),
            )
        )  # fmt: skip

    def _to_unicode(self) -> bytes:
        rows = [f"<{number:04x}> <{char.encode('utf-16-be').hex()}>" for char, number in self._numbers.items()]
        parts = [rows[start : start + 100] for start in range(0, len(rows), 100)]
        maps = "\n".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar" for part in parts)
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) "
            "/Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <ffff>\n"
            f"endcodespacerange\n{maps}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
        ).encode("ascii")


def _page(pdf: Pdf, layer: PageLayer, letters: _Letters, font: pikepdf.Object) -> None:
    scale = 72 / layer.page.dpi
    wide, high = layer.page.width_px * scale, layer.page.height_px * scale
    drawn = [f"q {wide:.3f} 0 0 {high:.3f} 0 0 cm /I Do Q", f"BT {_INVISIBLE} Tr"]
    drawn += [_shown(line, letters, scale, high) for line in stretches(layer.page)]
    resources = Dictionary(XObject=Dictionary(I=_image(pdf, layer)), Font=Dictionary(F=font))
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, round(wide, 3), round(high, 3)]),
        Resources=resources,
        Contents=pdf.make_stream("\n".join([*drawn, "ET"]).encode("ascii")),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))


def _shown(line: Stretch, letters: _Letters, scale: float, high: float) -> str:
    """Return the operators that set one line into its box, in squares as wide as the box allows."""
    x0, y0, x1, y1 = (side * scale for side in line.box)
    length, size = (y1 - y0, x1 - x0) if line.is_vertical else (x1 - x0, y1 - y0)
    stretch = 100 * length / (size * len(line.text))
    place = (
        f"0 -1 1 0 {x0 + _BASELINE * size:.2f} {high - y0:.2f}"
        if line.is_vertical
        else f"1 0 0 1 {x0:.2f} {high - y1 + _BASELINE * size:.2f}"
    )
    return f"/F {size:.2f} Tf {stretch:.3f} Tz {place} Tm <{letters.code(line.text)}> Tj"


def _image(pdf: Pdf, layer: PageLayer) -> pikepdf.Object:
    with Image.open(io.BytesIO(layer.image)) as image:
        size: dict[str, Any] = {"Type": Name.XObject, "Subtype": Name.Image, "Width": image.width, "Height": image.height}
        if layer.mime == JPEG:
            space = Name.DeviceGray if image.mode == "L" else Name.DeviceRGB
            return pdf.make_stream(layer.image, Dictionary(**size, ColorSpace=space, BitsPerComponent=8, Filter=Name.DCTDecode))
        if image.mode == "1":
            return _bilevel(pdf, image, size)
        plain = image.convert("L" if image.mode == "L" else "RGB")
        space = Name.DeviceGray if plain.mode == "L" else Name.DeviceRGB
        return pdf.make_stream(plain.tobytes(), Dictionary(**size, ColorSpace=space, BitsPerComponent=8))


def _bilevel(pdf: Pdf, image: Image.Image, size: dict[str, Any]) -> pikepdf.Object:
    """Put black and white in as CCITT group 4, a fifth of what deflating gives."""
    room = io.BytesIO()
    image.save(room, "TIFF", compression="group4", strip_size=image.width * image.height)
    with Image.open(room) as tiff:
        tags = tiff.tag_v2  # type: ignore[attr-defined]
        offset, count, is_white_zero = tags[273][0], tags[279][0], tags[262] == 0
    how = Dictionary(K=-1, Columns=image.width, Rows=image.height, BlackIs1=not is_white_zero)
    rest = Dictionary(**size, ColorSpace=Name.DeviceGray, BitsPerComponent=1, Filter=Name.CCITTFaxDecode, DecodeParms=how)
    return pdf.make_stream(room.getvalue()[offset : offset + count], rest)


def _say(pdf: Pdf, about: About) -> None:
    """Give the document its packet, the same words in its information dictionary, and the colours that it means."""
    said = ""
    if about.title:
        said += f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(about.title)}</rdf:li></rdf:Alt></dc:title>'
        pdf.docinfo.Title = about.title
    if about.author:
        said += f"<dc:creator><rdf:Seq><rdf:li>{escape(about.author)}</rdf:li></rdf:Seq></dc:creator>"
        pdf.docinfo.Author = about.author
    if about.created:
        said += f"<xmp:CreateDate>{escape(about.created)}</xmp:CreateDate>"
        pdf.docinfo.CreationDate = pikepdf.models.metadata.encode_pdf_date(datetime.fromisoformat(about.created))
    pdf.docinfo.Producer = "Lantai"
    pdf.Root.Metadata = pdf.make_stream(_PACKET.format(said=said).encode(), Type=Name.Metadata, Subtype=Name.XML)
    profile = pdf.make_stream(_srgb(), N=3, Alternate=Name.DeviceRGB)
    intent = Dictionary(Type=Name.OutputIntent, S=Name.GTS_PDFA1, OutputConditionIdentifier="sRGB", Info="sRGB", DestOutputProfile=profile)
    pdf.Root.OutputIntents = Array([intent])


@cache
def _srgb() -> bytes:
    """Return the profile of sRGB, its date of making left out so that the same pages give the same bytes."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[24:36] = bytes.fromhex("07d000010001000000000000")
    made[84:100] = bytes(16)
    return bytes(made)
