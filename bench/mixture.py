"""A mixed delivery for the benchmarks: PDF and OFD documents, plain texts, Word documents and pictures of a wanted mean size.

Every file is distinct; what is not text is noise, which no compression makes smaller. A tenth of the texts is as long as the mean size.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

from PIL import Image

from bench import corpus

SHARES = {"pdf": 40, "ofd": 20, "txt": 10, "docx": 15, "png": 15}
_OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_KIB = 1024


def counts(total: int) -> dict[str, int]:
    """Return how many files of each kind a delivery of *total* files has: at least one of each."""
    return {kind: max(1, total * share // 100) for kind, share in SHARES.items()}


def write(folder: Path, kind: str, count: int, *, mean_bytes: int, pages: int) -> list[Path]:
    """Write *count* files of *kind* into *folder* (made where absent) and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index in range(count):
        path = folder / f"{index:06d}.{kind}"
        path.write_bytes(_MAKERS[kind](index, mean_bytes, pages))
        paths.append(path)
    return paths


def _pdf(index: int, size: int, pages: int) -> bytes:
    return corpus.sized_pdf(pages, index, size)


def _ofd(index: int, size: int, pages: int) -> bytes:
    """An OFD of *pages* pages of text with glyph positions, and one picture that brings it to its size."""
    picture, listed = _picture(index, size - 6 * _KIB), range(pages)
    place = "".join(f'<ofd:Page ID="{100 + at}" BaseLoc="Pages/Page_{at}/Content.xml"/>' for at in listed)
    info = f"<ofd:DocInfo><ofd:DocID>{index:032d}</ofd:DocID></ofd:DocInfo>"
    area = "<ofd:MaxUnitID>9999</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
    common = f"<ofd:CommonData>{area}<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData>"
    media = '<ofd:MultiMedia ID="5" Type="Image" Format="PNG"><ofd:MediaFile>图.png</ofd:MediaFile></ofd:MultiMedia>'
    members: dict[str, str | bytes] = {
        "OFD.xml": f'<ofd:OFD {_OFD} Version="1.2" DocType="OFD"><ofd:DocBody>{info}'
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {_OFD}>{common}<ofd:Pages>{place}</ofd:Pages></ofd:Document>",
        "Doc_0/DocumentRes.xml": f'<ofd:Res {_OFD} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="3" FontName="宋体"/></ofd:Fonts>'
        f"<ofd:MultiMedias>{media}</ofd:MultiMedias></ofd:Res>",
        "Doc_0/Res/图.png": picture,
    }
    return _zip(members | {f"Doc_0/Pages/Page_{at}/Content.xml": _ofd_page(corpus.text(index, at)) for at in listed})


def _ofd_page(words: corpus.Text) -> str:
    lines = "".join(
        f'<ofd:TextObject ID="{200 + row}" Boundary="20 {20 + 9 * row} 170 8" Font="3" Size="5"><ofd:TextCode X="0" Y="5" '
        f'DeltaX="g {max(1, len(line) - 1)} 5">{escape(line)}</ofd:TextCode></ofd:TextObject>'
        for row, line in enumerate(words.lines())
    )
    image = '<ofd:ImageObject ID="400" Boundary="180 260 20 20" CTM="20 0 0 20 0 0" ResourceID="5"/>'
    return f'<ofd:Page {_OFD}><ofd:Content><ofd:Layer ID="2" Type="Body">{lines}{image}</ofd:Layer></ofd:Content></ofd:Page>'


def _txt(index: int, size: int, _: int) -> bytes:
    one = "\n".join(corpus.text(index).lines())
    whole = one if index % 10 else "\n".join([one] * max(1, size // len(one.encode())))
    return whole.encode()


def _docx(index: int, size: int, _: int) -> bytes:
    """A Word document of one page of text and a picture."""
    lines = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in corpus.text(index).lines())
    kinds = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    return _zip(
        {
            "[Content_Types].xml": f'<Types xmlns="{types}"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="png" ContentType="image/png"/>'
            f'<Override PartName="/word/document.xml" ContentType="{kinds}"/></Types>',
            "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{relation}" Target="word/document.xml"/></Relationships>',
            "word/document.xml": f"<w:document {_WORD}><w:body>{lines}</w:body></w:document>",
            "word/media/image1.png": _picture(index, size - 4 * _KIB),
        }
    )


def _png(index: int, size: int, _: int) -> bytes:
    return _picture(index, size)


def _picture(index: int, size: int) -> bytes:
    width = 256
    rows = max(1, size // width)
    target = io.BytesIO()
    image = Image.frombytes("L", (width, rows), Random(index).randbytes(width * rows))
    image.save(target, "PNG", compress_level=0)
    return target.getvalue()


def _zip(members: dict[str, str | bytes]) -> bytes:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            is_picture = name.endswith(".png")
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_STORED if is_picture else zipfile.ZIP_DEFLATED)
    return room.getvalue()


_MAKERS: dict[str, Callable[[int, int, int], bytes]] = {"pdf": _pdf, "ofd": _ofd, "txt": _txt, "docx": _docx, "png": _png}
