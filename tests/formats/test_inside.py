"""What lies inside and beside the pages: outlines, files inside (taken out one by one), things that run, notes."""

import struct
from pathlib import Path

import pytest

from lantai.adapters.readers import GuardedReader
from lantai.formats import attachment, embedded, read
from lantai.formats.programs import is_program
from lantai.ports.reader import Attachment, Limits, Note, OutlineEntry, Reading
from tests.formats import made
from tests.support import ofd_writer as w

PROGRAM = b"MZ\x90\x00\x03 a program"
MAIL = (
    b"From: a@example.invalid\r\nSubject: =?utf-8?b?6YCa55+l?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n"
    b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=plan.pdf\r\n\r\nx\r\n"
    b"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=run.bat\r\n\r\necho\r\n--b--\r\n"
)


def put(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "staged"
    path.write_bytes(data)
    return path


def reading(tmp_path: Path, data: bytes, name: str) -> Reading:
    return read(put(tmp_path, data), name)


def codes(found: Reading) -> list[str]:
    return [item.code for item in found.findings]


def pdf_with(extra: str, objects: str | bytes, pages: int = 3) -> bytes:
    """A PDF with further *objects* (numbered from 60) in front of its table, which PDFium repairs."""
    data = made.pdf(*["公文"] * pages, extra=extra)
    return data.replace(b"xref\n", (objects if isinstance(objects, bytes) else objects.encode("latin-1")) + b"xref\n", 1)


def pdf_outline(*, is_circle: bool = False) -> bytes:
    """Two chapters, the first with a section reached through an action; with *is_circle* the second is followed by the first."""
    title = "<FEFF" + "第一章".encode("utf-16-be").hex() + ">"
    after = "/Next 61 0 R" if is_circle else ""
    return pdf_with(
        "/Outlines 60 0 R",
        "60 0 obj\n<</First 61 0 R/Last 62 0 R/Count 2>>\nendobj\n"
        f"61 0 obj\n<</Title {title}/Parent 60 0 R/Next 62 0 R/First 63 0 R/Last 63 0 R/Count 1/Dest[10 0 R/Fit]>>\nendobj\n"
        f"62 0 obj\n<</Title(Two)/Parent 60 0 R/Prev 61 0 R/Dest[14 0 R/Fit]{after}>>\nendobj\n"
        "63 0 obj\n<</Title(Section)/Parent 61 0 R/A<</S/GoTo/D[12 0 R/Fit]>>>>\nendobj\n",
    )


def pdf_attachments(*files: tuple[str, bytes]) -> bytes:
    """A PDF with embedded files."""
    names = "".join(f"({name}) {60 + 2 * at} 0 R " for at, (name, _) in enumerate(files))
    objects = b"".join(
        f"{60 + 2 * at} 0 obj\n<</Type/Filespec/F({name})/UF({name})/EF<</F {61 + 2 * at} 0 R>>>>\nendobj\n"
        f"{61 + 2 * at} 0 obj\n<</Type/EmbeddedFile/Length {len(data)}>>stream\n".encode()
        + data
        + b"\nendstream\nendobj\n"
        for at, (name, data) in enumerate(files)
    )
    return pdf_with(f"/Names<</EmbeddedFiles<</Names[{names}]>>>>", objects)


def test_the_outline_of_a_pdf(tmp_path: Path) -> None:
    found = reading(tmp_path, pdf_outline(), "通知.pdf").outline
    assert found == (OutlineEntry(0, "第一章", 1), OutlineEntry(1, "Section", 2), OutlineEntry(0, "Two", 3))


def test_an_outline_that_turns_in_a_circle_ends(tmp_path: Path) -> None:
    assert len(reading(tmp_path, pdf_outline(is_circle=True), "通知.pdf").outline) <= 500


def test_files_inside_a_pdf_are_taken_out_and_programs_told(tmp_path: Path) -> None:
    path = put(tmp_path, pdf_attachments(("plan.xls", b"plain"), ("note.txt", PROGRAM)))
    found = read(path, "通知.pdf")
    assert {(item.name, item.size_bytes, item.is_program) for item in found.attachments} == {
        ("plan.xls", 5, False),
        ("note.txt", len(PROGRAM), True),
    }
    assert codes(found).count("ATTACHMENT-PROGRAM") == 1
    taken = {item.name: attachment(path, "通知.pdf", index=at, limits=Limits()) for at, item in enumerate(found.attachments)}
    assert taken == {"plan.xls": b"plain", "note.txt": PROGRAM}
    assert attachment(path, "通知.pdf", index=2, limits=Limits()) is None
    assert attachment(path, "通知.pdf", index=0, limits=Limits(unpacked_bytes=3)) is None
    with GuardedReader() as guarded:
        assert guarded.read(path, "通知.pdf").attachments == found.attachments
        assert {guarded.attachment(path, "通知.pdf", index=at) for at in (0, 1)} == {b"plain", PROGRAM}
        assert guarded.attachment(path, "通知.pdf", index=7) is None
        assert guarded.attachment(path, "通知.pdf", index=-1) is None


def ofd() -> bytes:
    """Two pages, an outline to the second (by destination and by bookmark), two attachments, an annotation and a tag."""
    goto = w.tag("Actions", w.tag("Action", w.tag("Goto", w.tag("Dest", Type="Fit", PageID=101)), Event="CLICK"))
    named = w.tag("Actions", w.tag("Action", w.tag("Goto", w.tag("Bookmark", Name="b")), Event="CLICK"))
    below = w.tag("OutlineElem", named, Title="一、总体要求")
    after = w.tag("Outlines", w.tag("OutlineElem", goto + below, Title="附则")) + w.tag(
        "Bookmarks", w.tag("Bookmark", w.tag("Dest", Type="Fit", PageID=100), Name="b")
    )
    after += w.tag("Annotations", "Annotations.xml") + w.tag("CustomTags", "T.xml") + w.tag("Attachments", "A.xml")
    listed = w.tag("Attachment", w.tag("FileLoc", "b.xml"), ID=1, Name="明细")
    listed += w.tag("Attachment", w.tag("FileLoc", "c.bin"), ID=2, Name="说明.txt")
    mark = w.tag("Annot", w.tag("Remark", "同意"), ID=9, Type="Highlight", Creator="甲", LastModDate="2026-01-05")
    members = w.parts(w.page(w.text(w.code("正文"), ID=7)), w.page(w.text(w.code("附则"))), after=after) | {
        "Doc_0/A.xml": w.root("Attachments", listed),
        "Doc_0/b.xml": "<a/>",
        "Doc_0/c.bin": PROGRAM,
        "Doc_0/Annotations.xml": w.root("Annotations", w.tag("Page", w.tag("FileLoc", "Annot_1.xml"), PageID=101)),
        "Doc_0/Annot_1.xml": w.root("PageAnnot", mark),
        "Doc_0/T.xml": w.root("CustomTags", w.tag("CustomTag", w.tag("FileLoc", "Tag.xml"), TypeID="gw")),
        "Doc_0/Tag.xml": w.root("Tag", w.tag("Title", "关于防汛的通知")),
    }
    return w.zipped(members)


def test_outline_files_and_notes_of_an_ofd(tmp_path: Path) -> None:
    path = put(tmp_path, ofd())
    found = read(path, "通知.ofd")
    assert found.outline == (OutlineEntry(0, "附则", 2), OutlineEntry(1, "一、总体要求", 1))
    assert found.attachments == (Attachment("明细.xml", 4), Attachment("说明.txt.bin", len(PROGRAM), is_program=True))
    assert found.notes == (Note("annotation", "Highlight", "同意", 2), Note("tag", "Title", "关于防汛的通知"))
    assert "ATTACHMENT-PROGRAM" in codes(found)
    assert attachment(path, "通知.ofd", index=1, limits=Limits()) == PROGRAM
    assert attachment(path, "通知.ofd", index=2, limits=Limits()) is None
    with GuardedReader() as guarded:
        assert guarded.read(path, "通知.ofd") == found


def test_attachments_of_a_mail(tmp_path: Path) -> None:
    path = put(tmp_path, MAIL)
    found = read(path, "a.eml")
    assert [(item.name, item.mime, item.is_program) for item in found.attachments] == [
        ("plan.pdf", "application/pdf", False),
        ("run.bat", "application/octet-stream", True),
    ]
    assert codes(found).count("EML-ATTACHMENT") == 2
    assert (attachment(path, "a.eml", index=0, limits=Limits()) or b"").strip() == b"x"
    assert attachment(path, "a.eml", index=2, limits=Limits()) is None


def test_objects_in_office_files(tmp_path: Path) -> None:
    path = put(tmp_path, made.docx(made.paragraph("正文"), **{"word/embeddings/a.xlsx": b"PK\x03\x04", "word/embeddings/b.bin": PROGRAM}))
    found = read(path, "a.docx")
    assert [(item.name, item.is_program) for item in found.attachments] == [("a.xlsx", False), ("b.bin", True)]
    assert {"OFFICE-EMBEDDED", "ATTACHMENT-PROGRAM"} <= set(codes(found))
    assert attachment(path, "a.docx", index=1, limits=Limits()) == PROGRAM
    assert attachment(path, "a.docx", index=2, limits=Limits()) is None


def test_macros_of_wps_are_macros(tmp_path: Path) -> None:
    assert "OFFICE-MACRO" in codes(reading(tmp_path, made.docx(made.paragraph("正文"), **{"word/JDEData.bin": b"x"}), "a.docx"))


def test_a_package_is_unwrapped() -> None:
    stream = struct.pack("<IH", 0, 2) + "工具.exe\0C:\\a\\工具.exe\0".encode("gb18030") + bytes(8) + b"C:\\t\\x.exe\0"
    stream += struct.pack("<I", len(PROGRAM)) + PROGRAM
    assert embedded.unwrapped(stream) == ("工具.exe", PROGRAM)
    assert embedded.unwrapped(stream[:9]) is None
    assert embedded.native(b"nothing") is None


@pytest.mark.parametrize(
    ("name", "head", "runs"),
    [
        ("报表.xls", PROGRAM, True), ("a", b"\x7fELF", True), ("a.txt", b"#!/bin/sh", True), ("a.vbs", b"", True), ("快捷.LNK", b"", True),
        ("a.txt", b"text", False), ("a.pdf", b"%PDF", False), ("", b"", False),
    ],
)  # fmt: skip
def test_what_runs_is_told_by_its_bytes_and_scripts_by_name(name: str, head: bytes, runs: bool) -> None:
    assert is_program(name, head) is runs
