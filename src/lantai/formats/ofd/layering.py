"""Writing an OFD of two layers: the text that was read on each page, and over it the page's image (GB/T 33190-2016)."""

import io
import uuid
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from lantai.formats.layered import JPEG, About, PageLayer, Stretch, blank_font, stretches

_NAMESPACE = "http://www.ofdspec.org/2016"
_FONT, _FIRST = 1, 10
_BASELINE = 0.88
_MM = 25.4
_DAY = (1980, 1, 1, 0, 0, 0)
_SPACE = uuid.UUID("8d1d0f0e-52a0-5f4c-9c5e-6d0b1f2a7c11")


def dual_layer(pages: Sequence[PageLayer], about: About | None = None) -> bytes:
    """Return the OFD of *pages*. Same pages and words, same bytes."""
    said = about or About()
    names = [f"Image_{index}.{'jpg' if layer.mime == JPEG else 'png'}" for index, layer in enumerate(pages)]
    parts: dict[str, bytes | str] = {
        "OFD.xml": _root("OFD", _body(said), Version="1.1", DocType="OFD"),
        "Doc_0/Document.xml": _document(pages),
        "Doc_0/PublicRes.xml": _fonts(),
        "Doc_0/DocumentRes.xml": _images(pages, names),
        "Doc_0/Res/blank.ttf": blank_font(),
    }
    for index, (layer, name) in enumerate(zip(pages, names, strict=True)):
        parts[f"Doc_0/Res/{name}"] = layer.image
        parts[f"Doc_0/Pages/Page_{index}/Content.xml"] = _content(layer, index, len(pages))
    return _zipped(parts)


def _zipped(parts: dict[str, bytes | str]) -> bytes:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith((".jpg", ".png")) else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return room.getvalue()


def _tag(name: str, inside: str = "", **attributes: object) -> str:
    written = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<ofd:{name}{written}>{inside}</ofd:{name}>" if inside else f"<ofd:{name}{written}/>"


def _root(name: str, inside: str, **attributes: object) -> str:
    written = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ofd:{name} xmlns:ofd="{_NAMESPACE}"{written}>{inside}</ofd:{name}>'


def _body(about: About) -> str:
    number = uuid.uuid5(_SPACE, "\n".join((about.identifier, about.title, about.author, about.created))).hex
    info = _tag("DocID", number)
    rows = {"Title": about.title, "Author": about.author, "CreationDate": about.created[:10]}
    info += "".join(_tag(name, escape(value)) for name, value in rows.items() if value)
    info += _tag("DocUsage", "Normal") + _tag("Creator", "Lantai")
    return _tag("DocBody", _tag("DocInfo", info) + _tag("DocRoot", "Doc_0/Document.xml"))


def _document(pages: Sequence[PageLayer]) -> str:
    last = _FIRST + 3 * len(pages) + sum(len(list(stretches(layer.page))) for layer in pages)
    common = _tag("MaxUnitID", str(last)) + _tag("PageArea", _tag("PhysicalBox", _box(pages[0]) if pages else "0 0 210 297"))
    common += _tag("PublicRes", "PublicRes.xml") + _tag("DocumentRes", "DocumentRes.xml")
    listed = "".join(_tag("Page", ID=_FIRST + index, BaseLoc=f"Pages/Page_{index}/Content.xml") for index in range(len(pages)))
    return _root("Document", _tag("CommonData", common) + _tag("Pages", listed))


def _fonts() -> str:
    font = _tag("Font", _tag("FontFile", "blank.ttf"), ID=_FONT, FontName="LantaiBlank", FamilyName="LantaiBlank")
    return _root("Res", _tag("Fonts", font), BaseLoc="Res")


def _images(pages: Sequence[PageLayer], names: Sequence[str]) -> str:
    rows = zip(pages, names, strict=True)
    media = "".join(
        _tag(
            "MultiMedia",
            _tag("MediaFile", name),
            ID=_image_id(index, len(pages)),
            Type="Image",
            Format="JPEG" if layer.mime == JPEG else "PNG",
        )
        for index, (layer, name) in enumerate(rows)
    )
    return _root("Res", _tag("MultiMedias", media), BaseLoc="Res")


def _image_id(index: int, count: int) -> int:
    return _FIRST + count + index


def _size(layer: PageLayer) -> tuple[float, float]:
    return layer.page.width_px / layer.page.dpi * _MM, layer.page.height_px / layer.page.dpi * _MM


def _box(layer: PageLayer) -> str:
    wide, high = _size(layer)
    return f"0 0 {wide:.3f} {high:.3f}"


def _content(layer: PageLayer, index: int, count: int) -> str:
    first = _FIRST + 2 * count + (index + 1) * 100_000
    wide, high = _size(layer)
    texts = "".join(_text(line, first + 10 + at, _MM / layer.page.dpi) for at, line in enumerate(stretches(layer.page)))
    image = _tag(
        "ImageObject", ID=first + 2, Boundary=_box(layer), CTM=f"{wide:.3f} 0 0 {high:.3f} 0 0", ResourceID=_image_id(index, count)
    )
    layers = _tag("Layer", texts, ID=first, Type="Background") if texts else ""
    layers += _tag("Layer", image, ID=first + 1, Type="Body")
    return _root("Page", _tag("Area", _tag("PhysicalBox", _box(layer))) + _tag("Content", layers))


def _text(line: Stretch, number: int, a_pixel: float) -> str:
    """Set one line below the image, in even steps over its box."""
    x0, y0, x1, y1 = (side * a_pixel for side in line.box)
    wide, high, count = x1 - x0, y1 - y0, len(line.text)
    size = wide if line.is_vertical else high
    step = f"g {count - 1} {(high if line.is_vertical else wide) / count:.4f}" if count > 1 else ""
    if line.is_vertical:
        how = {"DeltaY": step} if step else {}
        code = _tag("TextCode", escape(line.text), X="0", Y=f"{_BASELINE * high / count:.3f}", **how)
        return _tag("TextObject", code, ID=number, Boundary=f"{x0:.3f} {y0:.3f} {wide:.3f} {high:.3f}", Font=_FONT, Size=f"{size:.3f}")
    how = {"DeltaX": step} if step else {}
    code = _tag("TextCode", escape(line.text), X="0", Y=f"{_BASELINE * high:.3f}", **how)
    scale = f"{wide / (count * size):.4f}"
    boundary = f"{x0:.3f} {y0:.3f} {wide:.3f} {high:.3f}"
    return _tag("TextObject", code, ID=number, Boundary=boundary, Font=_FONT, Size=f"{size:.3f}", HScale=scale)
