"""Material on disk for the gates, made by script: deliveries of every form, each with one fault or at the edge of one.

A maker writes into an empty folder and returns the path that is checked. Names are those of fixtures: ``1.01_lock_of_another_signature``
is looked at for item 1-1.
"""

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lantai.core.record import Agent, BusinessEvent, Elements, Role
from lantai.packages import bagit, eep, filing
from lantai.packages.filing import FilingDocument, FilingFile, FilingPackage
from tests.formats import made
from tests.fuzz.seeds import compound
from tests.packages.test_eep_write import BAD as EEP_FAULTS
from tests.packages.test_eep_write import PACKING, seal, small
from tests.support import ofd_writer as w

Make = Callable[[Path], Path]
NAME = "正本/通知.pdf"
ACTS = ("拟稿", "审核", "签发", "登记", "用印", "分发")
PACKAGE = FilingPackage(
    code="YT-2026-0001",
    elements={
        "electronic_record_code": "YT-2026-0001",
        "title": "关于做好防汛工作的通知",
        "author": "云汀市发展和改革委员会",
        "date": "20260105",
        "aggregation_level": "文件",
        "security_classification": "公开",
    },
    documents=(FilingDocument(1, Role.MAIN, "关于做好防汛工作的通知", (FilingFile(NAME, "通知.pdf"),)),),
    agents=(Agent("a1", "个人", "沈静宜"),),
    events=tuple(BusinessEvent(f"e{at}", "a1", act, f"2026-01-05T0{at}:00:00+08:00") for at, act in enumerate(ACTS, 1)),
)
PDF = made.pdf("Notice")


def written(folder: Path, package: FilingPackage = PACKAGE, **files: bytes) -> Path:
    """Write a filing package with the PDF, or the *files* given by the last part of their names."""
    place = folder / "包"
    filing.write(place, package, {item.path: files.get(item.name.partition(".")[0], PDF) for item in package.files})
    return place


def described(**changes: str) -> Make:
    """A package with some elements otherwise; an empty value leaves the element out."""
    elements: Elements = {name: value for name, value in (dict(PACKAGE.elements) | changes).items() if value}
    return lambda folder: written(folder, replace(PACKAGE, elements=elements))


def harmed(name: str, harm: Callable[[Path], object]) -> Make:
    """A good package one of whose files was harmed after it was written."""

    def make(folder: Path) -> Path:
        place = written(folder)
        harm(place / name)
        return place

    return make


def alone(name: str, content: bytes) -> Make:
    """One file by itself."""

    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def enclosed(change: Callable[[str], str] = str) -> Make:
    """A signed and locked EEP whose text was changed afterwards."""

    def make(folder: Path) -> Path:
        path = folder / "通知.eep"
        eep.write(path, small(PDF), replace(PACKING, sign=seal()))
        path.write_text(change(path.read_text("utf-8")), "utf-8")
        return path

    return make


def packed(**members: bytes) -> Make:
    """A ZIP of files by name; ``__`` stands for a slash and ``_up_`` for a step upwards."""

    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / "送交.zip", "w") as archive:
            for name, content in members.items():
                archive.writestr(name.replace("_up_", "..").replace("__", "/"), content)
        return folder / "送交.zip"

    return make


def twice(folder: Path) -> Path:
    """The same package delivered twice."""
    for name in ("甲", "乙"):
        (folder / name).mkdir()
        written(folder / name)
    return folder


def bag(harm: Callable[[Path], object] = lambda _: None) -> Make:
    """A bag with one file, harmed after it was sealed."""

    def make(folder: Path) -> Path:
        place = folder / "袋"
        (place / "data").mkdir(parents=True)
        (place / "data" / "通知.pdf").write_bytes(PDF)
        bagit.seal(place)
        harm(place)
        return place

    return make


def append(path: Path) -> None:
    """Add a byte to a file."""
    path.write_bytes(path.read_bytes() + b" ")


def _ofd(after: str) -> bytes:
    return w.zipped(w.parts(w.page(w.text("文")), w.page(w.text("二")), after=after))


def _action(inside: str) -> str:
    return w.tag("Actions", w.tag("Action", inside, Event="CLICK"))


_WEB = w.tag("URI", URI="x.html", Base="http://example.invalid/")
_INSIDE = w.tag("Goto", w.tag("Dest", Type="Fit", PageID=101))
_WORD = dict(zip(("WordDocument", "1Table"), made.word_stream("通知"), strict=True))

BAD: dict[str, tuple[str, Make]] = {
    "1.01_content_changed_after_signing": ("EEP-SIGNATURE-INVALID", enclosed(EEP_FAULTS["EEP-SIGNATURE-INVALID"])),
    "1.01_lock_of_another_signature": ("EEP-LOCK-INVALID", enclosed(EEP_FAULTS["EEP-LOCK-INVALID"])),
    "1.01_lock_points_nowhere": ("EEP-LOCK-TARGET", enclosed(EEP_FAULTS["EEP-LOCK-TARGET"])),
    "1.01_certificate_is_none": ("EEP-CERTIFICATE", enclosed(EEP_FAULTS["EEP-CERTIFICATE"])),
    "1.01_another_digest_than_declared": ("GD-1-1-DIGEST", harmed(NAME, append)),
    "1.02_title_too_long": ("GD-1-2", described(title="长" * 501)),
    "1.03_thirtieth_of_february": ("GD-1-3-DATE", described(date="20260230")),
    "1.04_level_that_is_none": ("GD-1-4", described(aggregation_level="一叠")),
    "1.04_secret": ("GD-1-4-SECRET", described(security_classification="机密")),
    "1.05_dated_in_the_future": ("GD-1-5-FUTURE", described(date="20990101")),
    "1.06_script_in_a_title": ("GD-1-6-MARKUP", described(title="<script>alert(1)</script>")),
    "1.08_delivered_twice": ("GD-1-8-CODE", twice),
    "1.10_one_byte_longer": ("GD-1-10-SIZE", harmed(NAME, append)),
    "1.11_nothing_enclosed": ("GD-1-11-NO-CONTENT", enclosed(lambda text: re.sub("(<编码数据[^>]*>)[^<]+", r"\1", text))),
    "1.12_list_without_headings": (
        "FILING-MANIFEST-INVALID",
        harmed(filing.MANIFEST, lambda path: path.write_text("x,1\n", "utf-8")),
    ),
    "1.13_zip_climbs_out": ("CONTAINER-PATH-ESCAPES", packed(通知=PDF, _up___外面=b"x")),
    "1.14_bag_changed": ("BAGIT-DIGEST-DIFFERS", bag(lambda place: append(place / "data" / "通知.pdf"))),
    "2.03_no_author": ("GD-2-3", described(author="")),
    "2.04_no_title": ("GD-2-4", described(title="")),
    "2.05_act_of_somebody_unknown": (
        "FILING-AGENT-UNKNOWN",
        harmed(filing.PROCESS, lambda path: path.write_text(path.read_text("utf-8").replace(">a1<", ">a9<", 1), "utf-8")),
    ),
    "2.07_empty_file": ("FILE-EMPTY", alone("空.pdf", b"")),
    "2.10_no_metadata": ("FILING-METADATA-MISSING", harmed(filing.METADATA, Path.unlink)),
    "2.11_file_missing": ("FILING-FILE-MISSING", harmed(NAME, Path.unlink)),
    "2.11_base64_broken": ("EEP-DATA-INVALID", enclosed(lambda text: text.replace("JVBERi0", "JVBERi0*", 1))),
    "3.01_metadata_cut_short": ("FILING-METADATA-UNREADABLE", harmed(filing.METADATA, lambda path: path.write_bytes(b"<a>"))),
    "3.01_eep_cut_short": ("EEP-UNREADABLE", enclosed(EEP_FAULTS["EEP-UNREADABLE"])),
    "3.03_gif": ("GD-3-3-UNKNOWN", alone("图.gif", b"GIF89a" + bytes(30))),
    "3.03_word_named_pdf": ("GD-3-3-EXTENSION", alone("通知.pdf", made.docx(made.paragraph("文")))),
    "3.04_ofd_without_its_page": (
        "OFD-PART-MISSING",
        alone("通知.ofd", w.zipped({name: part for name, part in w.parts(w.page(w.text("文"))).items() if "Page_0" not in name})),
    ),
    "3.04_pdf_that_is_cut": ("PDF-DAMAGED", alone("通知.pdf", PDF[:200])),
    "3.08_encrypted_word": (
        "OFFICE-ENCRYPTED",
        alone("通知.doc", compound(dict(zip(("WordDocument", "1Table"), made.word_stream("x", is_encrypted=True), strict=True)))),
    ),
    "4.02_ofd_that_leads_out": ("OFD-LINK", alone("通知.ofd", _ofd(_action(_WEB)))),
    "4.02_word_with_macros": ("OFFICE-MACRO", alone("通知.doc", compound(_WORD | {"_VBA_PROJECT": b"x"}))),
    "4.02_docx_with_macros": ("OFFICE-MACRO", alone("通知.docx", made.docx(made.paragraph("文"), **{"word/vbaProject.bin": b"x"}))),
    "4.02_pdf_with_script": (
        "PDF-JAVASCRIPT",
        alone("通知.pdf", made.pdf("a", extra="/OpenAction<</S/JavaScript/JS (app.alert\\(1\\))>>")),
    ),
    "4.02_pdf_that_starts_a_program": ("PDF-LAUNCH", alone("通知.pdf", made.pdf("a", extra="/OpenAction<</S/Launch/F (calc.exe)>>"))),
    "4.02_program_named_pdf": ("CONTENT-EXECUTABLE", alone("通知.pdf", b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0" + bytes(400))),
    "4.03_junk_of_the_system": ("GD-4-3-LEFT-OUT", packed(**{"通知.pdf": PDF, "Thumbs.db": b"x"})),
}

BOUNDARY: dict[str, Make] = {
    "3.01_bag_that_brings_no_metadata": bag(),
    "1.02_title_just_fits": described(title="长" * 500),
    "1.03_leap_day": described(date="20240229"),
    "1.04_nothing_said_of_secrecy": described(security_classification=""),
    "1.05_the_earliest_year": described(date="19490101"),
    "1.06_rare_character": described(title="关于𠮷安路的通知"),
    "1.10_name_with_spaces": lambda folder: written(
        folder, replace(PACKAGE, documents=(replace(PACKAGE.documents[0], files=(FilingFile("正本/通 知.pdf", "通 知.pdf"),)),))
    ),
    "1.13_zip_in_a_folder_of_its_own": packed(**{"送交__通知.pdf": PDF}),
    "1.14_untouched_bag": bag(),
    "2.11_eep_with_all_its_bytes": enclosed(),
    "3.03_capital_ending": alone("通知.PDF", PDF),
    "3.04_ofd_of_one_empty_page": alone("通知.ofd", w.zipped(w.parts(w.page()))),
    "4.02_ofd_that_leads_to_its_own_page": alone("通知.ofd", _ofd(_action(_INSIDE))),
    "4.02_word_without_macros": alone("通知.doc", compound(_WORD)),
}
GOOD: dict[str, Make] = {"filing_package": written, "signed_eep": enclosed(), "zip": packed(**{"通知.pdf": PDF})}
