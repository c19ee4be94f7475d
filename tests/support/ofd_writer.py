"""A small writer of OFD packages for tests: parts are strings, nothing is checked, so that faults can be written as easily as facts."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from cryptography.hazmat.primitives import hashes

NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
CONTENT = "Doc_0/Pages/Page_{}/Content.xml"
SIGNATURE = "Doc_0/Signs/Sign_0/Signature.xml"
Parts = dict[str, str | bytes]


def tag(name: str, inside: str = "", **attributes: object) -> str:
    """An element; attributes that are None are left out."""
    written = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items() if value is not None)
    return f"<ofd:{name}{written}>{inside}</ofd:{name}>"


def root(name: str, inside: str, **attributes: object) -> str:
    """A document with the namespace declared."""
    return tag(name, inside, **attributes).replace(f"<ofd:{name}", f"<ofd:{name} {NS}", 1)


def grouped(steps: Sequence[float]) -> str:
    """Steps written with ``g`` groups wherever two or more are the same."""
    out: list[str] = []
    at = 0
    while at < len(steps):
        end = at
        while end < len(steps) and steps[end] == steps[at]:
            end += 1
        out.append(f"g {end - at} {steps[at]!r}" if end - at > 1 else repr(steps[at]))
        at = end
    return " ".join(out)


def code(text: str, x: float | None = 0.0, y: float | None = 5.0, *, dx: str | None = None, dy: str | None = None) -> str:
    """A TextCode."""
    return tag("TextCode", escape(text), X=x, Y=y, DeltaX=dx, DeltaY=dy)


def text(written: str, boundary: str = "20 30 100 8", *, size: float = 5.0, ctm: str | None = None, **attributes: object) -> str:
    """A TextObject of one line of full-width type, or of the TextCodes given in *written*."""
    codes = written if written.startswith("<ofd:") else code(written, dx=f"g {max(1, len(written) - 1)} {size}")
    return tag("TextObject", codes, ID=attributes.pop("ID", 9), Boundary=boundary, Font=3, Size=size, CTM=ctm, **attributes)


def page(*units: str, before: str = "", layer: str | None = "Body", after: str = "") -> str:
    """A page of one layer."""
    return root("Page", before + tag("Content", tag("Layer", "".join(units), ID=2, Type=layer)) + after)


def document(count: int, *, common: str = "", after: str = "", box: str = "0 0 210 297") -> str:
    """A Document.xml of *count* pages with identifiers 100, 101 …"""
    listed = "".join(tag("Page", ID=100 + index, BaseLoc=f"Pages/Page_{index}/Content.xml") for index in range(count))
    area = tag("PageArea", tag("PhysicalBox", box))
    return root("Document", tag("CommonData", tag("MaxUnitID", "999") + area + common) + tag("Pages", listed) + after)


def ofd_xml(body: str = "", *, doc_root: str = "Doc_0/Document.xml") -> str:
    """An OFD.xml of one document."""
    info = tag("DocInfo", tag("DocID", "0" * 32) + tag("Title", "通知") + tag("Author", "张文"))
    return root("OFD", tag("DocBody", info + tag("DocRoot", doc_root) + body), Version="1.2", DocType="OFD")


def parts(*pages: str, **document_parts: str) -> Parts:
    """The parts of a package of *pages*; keyword arguments go to :func:`document`."""
    found: Parts = {"OFD.xml": ofd_xml(), "Doc_0/Document.xml": document(len(pages), **document_parts)}
    return found | {CONTENT.format(index): content for index, content in enumerate(pages)}


def zipped(members: Mapping[str, str | bytes] | Sequence[tuple[str, str | bytes]]) -> bytes:
    """The package of *members* in their order; a name may come twice."""
    room = io.BytesIO()
    rows = list(members.items()) if isinstance(members, Mapping) else list(members)
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in rows:
            archive.writestr(zipfile.ZipInfo(name), content)
    return room.getvalue()


def digest(data: str | bytes, method: str) -> str:
    """A CheckValue."""
    raw = data.encode() if isinstance(data, str) else data
    if method.upper() in ("SM3", "1.2.156.10197.1.401"):
        running = hashes.Hash(hashes.SM3())
        running.update(raw)
        return base64.b64encode(running.finalize()).decode()
    names = {"1.3.14.3.2.26": "sha1", "2.16.840.1.101.3.4.2.1": "sha256", "": "md5"}
    return base64.b64encode(hashlib.new(names.get(method, method.replace("-", "").lower()), raw).digest()).decode()


def signature(members: Parts, listed: Sequence[str], method: str = "SM3", stamps: str = "") -> str:
    """A Signature.xml over the parts named in *listed*."""
    rows = "".join(tag("Reference", tag("CheckValue", digest(members[name], method)), FileRef="/" + name) for name in listed)
    info = tag("Provider", ProviderName="测试", Version="1", Company="云汀") + tag("SignatureMethod", "1.2.156.10197.1.501")
    info += tag("SignatureDateTime", "20260102030405Z") + stamps + tag("References", rows, CheckMethod=method or None)
    return root("Signature", tag("SignedInfo", info) + tag("SignedValue", "/Doc_0/Signs/Sign_0/SignedValue.dat"))


def signed(members: Parts, listed: Sequence[str] | None = None, method: str = "SM3", stamps: str = "") -> Parts:
    """Return *members* with one signature over *listed*, or over all of them; the value is no real one."""
    members = members | {"OFD.xml": ofd_xml(tag("Signatures", "/Doc_0/Signs/Signatures.xml"))}
    own = signature(members, list(members) if listed is None else listed, method, stamps)
    row = root("Signatures", tag("MaxSignId", "1") + tag("Signature", ID=1, Type="Seal", BaseLoc="/" + SIGNATURE))
    return members | {"Doc_0/Signs/Signatures.xml": row, SIGNATURE: own, "Doc_0/Signs/Sign_0/SignedValue.dat": b"\x30\x00"}
