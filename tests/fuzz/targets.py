"""Every codec with its seeds: what is called, what it may raise, and how its seeds are best changed."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from lantai import formats
from lantai.core import officialdoc, text
from lantai.core.errors import Refusal
from lantai.core.retention import Retention
from lantai.formats import ole_text
from lantai.formats.content import Source
from lantai.formats.ofd import abbreviated, values
from lantai.formats.ofd.digests import algorithm, declared_bytes
from lantai.formats.pdf import objects, updates, xmp
from lantai.formats.signing import der
from lantai.formats.signing.certificates import load
from lantai.formats.signing.seals import verify_seal, verify_signed_value
from lantai.formats.signing.timestamps import verify_timestamp
from lantai.packages import catalogue, container, eep, filing_read, record_xml
from lantai.ports.reader import Limits
from tests.fuzz import seeds
from tests.fuzz.mutate import of_bytes, of_zip

LIMITS = Limits(seconds=4.0, memory_bytes=1024**3, pages=200, pixels=20_000_000, unpacked_bytes=64 * 1024**2, text_characters=500_000)
Mutator = Callable[[bytes, Sequence[bytes], Random], bytes]


@dataclass(frozen=True)
class Target:
    """A codec: ``call`` gets bytes and an empty folder; ``allowed`` may be raised; ``real`` are globs of real files."""

    call: Callable[[bytes, Path], object]
    seeds: Callable[[], Sequence[bytes]]
    allowed: tuple[type[BaseException], ...] = ()
    mutate: Mutator = of_bytes
    real: tuple[str, ...] = ()


def _file(extension: str) -> Callable[[bytes, Path], object]:
    def call(data: bytes, folder: Path) -> object:
        path = folder / f"x.{extension}"
        path.write_bytes(data)
        reading = formats.read(path, path.name, LIMITS)
        officialdoc.secrecy([page.text for page in reading.pages], reading.metadata, path.name)
        lined = [officialdoc.Page(p.width, p.height, tuple((line.text, line.box) for line in p.lines), p.text) for p in reading.pages]
        return officialdoc.elements(lined, path.name)

    return call


def _drawn(extension: str) -> Callable[[bytes, Path], object]:
    def call(data: bytes, folder: Path) -> object:
        path = folder / f"x.{extension}"
        path.write_bytes(data)
        return formats.render(path, path.name, page=1, width=200, limits=LIMITS)

    return call


def _updates(data: bytes, folder: Path) -> object:
    path = folder / "x.pdf"
    path.write_bytes(data)
    source = Source.of(path, path.name, LIMITS)
    return (
        objects.read(data),
        xmp.claimed_pdfa(source),
        [updates.changes(source, end) for end in (0, len(data) // 2, max(0, len(data) - 900))],
    )


def _unpack(name: str) -> Callable[[bytes, Path], object]:
    def call(data: bytes, folder: Path) -> object:
        path = folder / name
        path.write_bytes(data)
        return container.unpack(path, folder / "out", container.ContainerLimits(bytes=32 * 1024**2, entries=500, seconds=4.0))

    return call


def _filing(data: bytes, folder: Path) -> object:
    return _unpack("x.zip")(data, folder), [filing_read.read(path) for path in filing_read.find_packages(folder)]


def _eep(data: bytes, folder: Path) -> object:
    path = folder / "x.xml"
    path.write_bytes(data)
    (folder / "out").mkdir()
    return eep.is_eep(path), eep.read(path, folder / "out", limit_bytes=8 * 1024**2)


def _catalogue(name: str) -> Callable[[bytes, Path], object]:
    def call(data: bytes, folder: Path) -> object:
        path = folder / name
        path.write_bytes(data)
        return catalogue.is_catalogue(path), list(catalogue.read(path).rows)

    return call


def _ofd_values(data: bytes, _: Path) -> object:
    raw = data.decode("utf-8", "replace")
    readers = (values.number, values.array, values.matrix, values.box, values.point, abbreviated.parse_path, algorithm)
    return [read(raw) for read in readers], values.deltas(raw, 1000), declared_bytes(raw, 32)


def _signing(data: bytes, _: Path) -> object:
    return verify_signed_value(data, b"message"), verify_timestamp(data, b"message"), verify_seal(data)


def _der(data: bytes, _: Path) -> object:
    found = der.nodes(data)
    while found:
        item = found.pop()
        for ask in (item.integer, item.text, item.oid, item.instant, item.octets, item.bits):
            try:
                ask()
            except ValueError:
                continue
        found += item.children if item.is_constructed else []
    return None


def _ole_text(data: bytes, _: Path) -> object:
    half = len(data) // 2
    try:
        ole_text.word(data[:half], {"1Table": data[half:], "0Table": b""})
    except (ValueError, struct.error):
        return ole_text.slides(data)
    return None


def _words(data: bytes, _: Path) -> object:
    raw = data.decode("utf-8", "replace")[:6000]
    text.snippet(raw, [raw[:3], "通知"])
    flat, places = text.normalise_mapped(raw)
    if flat != text.normalise(raw) or len(places) != len(flat):
        raise AssertionError("mapped and plain normaliser differ")
    if text.normalise(flat) != flat:
        raise AssertionError("normalising twice is not normalising once")
    for line in raw.splitlines()[:20]:
        tidy = officialdoc.document_number(line)
        officialdoc.objection(line)
        if officialdoc.document_number(tidy) != tidy:
            raise AssertionError(f"number tidied twice differs: {line!r}")
        officialdoc.civil_date(line)
    officialdoc.secrecy([raw], {"密级": raw}, raw[:80])
    return officialdoc.elements([officialdoc.Page(text=raw)], raw[:80])


def _retention(data: bytes, _: Path) -> object:
    return Retention.parse(data.decode("utf-8", "replace"))


TARGETS: dict[str, Target] = {
    "pdf": Target(_file("pdf"), seeds.pdfs, real=("pdf-unusual/*/*.pdf", "signatures/pades/*/*.pdf", "pdfa-verapdf/*/*.pdf")),
    "pdf-updates": Target(_updates, seeds.pdfs, real=("signatures/pades/*/*.pdf",)),
    "pdf-drawn": Target(_drawn("pdf"), seeds.pdfs, real=("pdf-unusual/*/*.pdf",)),
    "ofd": Target(_file("ofd"), seeds.ofds, mutate=of_zip, real=("ofd/*/*.ofd",)),
    "ofd-values": Target(_ofd_values, seeds.ofd_values),
    "signing": Target(_signing, seeds.signatures, real=("signatures/sm2/**/*", "signatures/timestamps/**/*")),
    "der": Target(_der, seeds.signatures, allowed=(ValueError,)),
    "certificates": Target(lambda data, _: load(data), seeds.certificates, allowed=(ValueError,)),
    "ole-text": Target(_ole_text, seeds.ole_streams, allowed=(ValueError, struct.error)),
    "doc": Target(_file("doc"), seeds.ole_streams, real=("office/*/*.doc", "office/*/*.xls", "office/*/*.ppt")),
    "rtf": Target(_file("rtf"), seeds.rtfs, real=("office/*/*.rtf",)),
    "office": Target(
        _file("docx"), seeds.offices, mutate=of_zip, real=("office/*/*.docx", "office/*/*.xlsx", "office/*/*.pptx", "office/*/*.od?")
    ),
    "image": Target(_file("tif"), seeds.images, real=("images-unusual/*/*", "scans/*/*.tif")),
    "image-drawn": Target(_drawn("tif"), seeds.images, real=("images-unusual/*/*",)),
    "html": Target(_file("html"), seeds.markups, real=("catalogue/state-council-html/*",)),
    "eml": Target(_file("eml"), seeds.mails),
    "text": Target(_file("txt"), seeds.texts, real=("law-texts/*.md",)),
    "xml": Target(_file("xml"), seeds.markups, real=("xml-hostile/*/*", "metadata-xml/*.xml")),
    "zip": Target(_unpack("x.zip"), seeds.offices, real=("archives-hostile/*/*.zip",)),
    "tar": Target(_unpack("x.tar"), seeds.tars, real=("archives-hostile/*/*.tar", "archives-hostile/*/*.gz", "archives-hostile/*/*.tgz")),
    "filing": Target(_filing, seeds.filings, mutate=of_zip),
    "eep": Target(_eep, seeds.eeps, real=("metadata-xml/*.xml",)),
    "catalogue-csv": Target(_catalogue("x.csv"), seeds.tables, real=("catalogue/*.csv",)),
    "catalogue-xlsx": Target(_catalogue("x.xlsx"), seeds.sheets, mutate=of_zip, real=("office/*/*.xls*",)),
    "record-xml": Target(lambda data, _: record_xml.read(data), seeds.records, allowed=(Refusal,)),
    "words": Target(_words, seeds.words, real=("law-texts/*.md",)),
    "retention": Target(_retention, seeds.words, allowed=(ValueError, Refusal)),
}
