"""Parts of the PDF reader: the claim of PDF/A, locks, attachments, links, objects of a revision, large files, threads."""

import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core.officialdoc import secrecy
from lantai.formats import read, render
from lantai.formats.pdf import objects, raw
from lantai.ports.reader import Attachment, Limits, Reading
from tests.formats import made
from tests.formats.signing.pdfs import update

XMP = '<?xpacket begin="" id="x"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="r"><rdf:Description {}/></rdf:RDF></x:xmpmeta>'
NAMESPACE = 'xmlns:{0}="http://www.aiim.org/pdfa/ns/id/"'


def _read(tmp_path: Path, data: bytes) -> Reading:
    path = tmp_path / "staged"
    path.write_bytes(data)
    return read(path, "通知.pdf")


def _with_metadata(packet: bytes, *, packed: bool = False) -> bytes:
    body = zlib.compress(packet) if packed else packet
    head = b"<</Type/Metadata/Subtype/XML/Length %d%b>>stream\n" % (len(body), b"/Filter/FlateDecode" if packed else b"")
    data = made.pdf("公文", extra="/Metadata 60 0 R")
    return data.replace(b"xref\n", b"60 0 obj\n" + head + body + b"\nendstream\nendobj\nxref\n", 1)


@pytest.mark.parametrize(
    ("attributes", "claim"),
    [
        (NAMESPACE.format("pdfaid") + ' pdfaid:part="1" pdfaid:conformance="B"', "PDF/A-1b"),
        (NAMESPACE.format("a") + " a:part='2' a:conformance='u'", "PDF/A-2u"),
        (NAMESPACE.format("pdfaid") + ' pdfaid:part="4" pdfaid:rev="2020"', "PDF/A-4"),
        (NAMESPACE.format("pdfaid") + ' pdfaid:part="4" pdfaid:conformance="F"', "PDF/A-4f"),
        (NAMESPACE.format("pdfaid") + ' pdfaid:part="0" pdfaid:conformance="B"', ""),
        (NAMESPACE.format("pdfaid") + ' pdfaid:part="1"', ""),
        ('xmlns:pdfaid="http://example.invalid/" pdfaid:part="1" pdfaid:conformance="B"', ""),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("code", ["utf-8", "utf-16-be"])
def test_the_claim_of_pdf_a(tmp_path: Path, attributes: str, claim: str, packed: bool, code: str) -> None:
    reading = _read(tmp_path, _with_metadata(XMP.format(attributes).encode(code), packed=packed))
    assert reading.metadata.get("pdfa_claimed", "") == claim
    assert ("PDF-A-CLAIMED" in {item.code for item in reading.findings}) is bool(claim)


def test_the_claim_may_be_an_element(tmp_path: Path) -> None:
    packet = (
        XMP.format("") + f"<d {NAMESPACE.format('pdfaid')}><pdfaid:part> 3 </pdfaid:part><pdfaid:conformance>A</pdfaid:conformance></d>"
    )
    assert _read(tmp_path, _with_metadata(packet.encode())).metadata["pdfa_claimed"] == "PDF/A-3a"


@pytest.mark.parametrize(
    ("dictionary", "lock"),
    [
        (b"/Filter/Standard/V 5/R 6/CF<</StdCF<</CFM/AESV3>>>>", "口令加密，AES-256"),
        (b"/Filter/Standard/V 4/R 4/CF<</StdCF<</CFM/AESV2>>>>", "口令加密，AES-128"),
        (b"/Filter/Standard/V 2/R 3/Length 128", "口令加密，RC4-128"),
        (b"/Filter/Standard/V 1/R 2", "口令加密，RC4-40"),
        (b"/Filter/Adobe.PubSec/V 4/CF<</DefaultCryptFilter<</CFM/AESV2>>>>", "证书加密，AES-128"),
        (b"/Filter/FOPN_foweb/V 9", "FOPN_foweb，算法不明"),
    ],
)
def test_locks_are_told_apart(tmp_path: Path, dictionary: bytes, lock: str) -> None:
    data = made.pdf("公文").replace(b"xref\n", b"60 0 obj\n<<" + dictionary + b"/O(x)/U(y)/P -4>>\nendobj\nxref\n", 1)
    data = data.replace(b"/Root 1 0 R", b"/Root 1 0 R/Encrypt 60 0 R/ID[(a)(b)]", 1)
    source = raw.Source.of(tmp_path / "a", "a.pdf", Limits())
    (tmp_path / "a").write_bytes(data)
    from lantai.formats.pdf.locks import lock_of

    assert lock_of(source) == lock
    reading = _read(tmp_path, data)
    assert reading.findings or reading.metadata.get("encryption") == lock


def test_attachments_are_listed_with_their_sizes(tmp_path: Path) -> None:
    names = "/Names<</EmbeddedFiles<</Names[(budget.xls) 60 0 R]>>>>"
    spec = b"60 0 obj\n<</Type/Filespec/F(budget.xls)/UF(budget.xls)/EF<</F 61 0 R>>>>\nendobj\n"
    body = b"61 0 obj\n<</Type/EmbeddedFile/Subtype/application#2Fvnd.ms-excel/Length 5>>stream\nhello\nendstream\nendobj\n"
    reading = _read(
        tmp_path, made.pdf("公文", extra=names).replace(b"xref\n", spec + body + b"xref\n", 1).replace(b"startxref\n", b"startxref\n9")
    )
    assert reading.attachments == (Attachment("budget.xls", 5, "application/vnd.ms-excel"),)
    assert "PDF-EMBEDDED-FILE" in {item.code for item in reading.findings}


@pytest.mark.parametrize(
    ("action", "code"),
    [("/S/URI/URI(http://example.invalid)", "PDF-LINK"), ("/S/GoToR/F(b.pdf)", "PDF-EXTERNAL"), ("/S/SubmitForm/F(x)", "PDF-EXTERNAL")],
)
def test_what_leads_outside_is_remarked_on(tmp_path: Path, action: str, code: str) -> None:
    assert code in {item.code for item in _read(tmp_path, made.pdf("公文", extra=f"/OpenAction<<{action}>>")).findings}


def test_objects_of_a_revision_and_those_packed() -> None:
    packed = zlib.compress(b"7 0 8 6 <</A 1>><</B 2 0 R>>"[:28])
    stream = b"<</Type/ObjStm/N 2/First 8/Filter/FlateDecode/Length 1>>stream\n" + packed + b"\nendstream"
    found = objects.read(b"1 0 obj\n<</X  [2 0 R\n3 0 R]>>\nendobj\n1 0 obj <</X 4 0 R>> endobj 9 0 obj " + stream + b" endobj")
    assert [body.text for body in found.bodies[1]] == [b"<</X [2 0 R 3 0 R]>>", b"<</X 4 0 R>>"]
    assert sorted(found.bodies) == [1, 7, 8, 9]
    assert found.last(5) is None
    assert found.referrers[4] == {1}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (b"<</A 1/Annots[1 0 R 2 0 R]/B 2>>", b"<</A 1/B 2>>"),
        (b"<</A 1/Annots 3 0 R/B 2>>", b"<</A 1/B 2>>"),
        (b"<</A 1/B 2/Annots<</C[<</D 1>>]>>>>", b"<</A 1/B 2>>"),
        (b"<</AnnotsX 1>>", b"<</AnnotsX 1>>"),
    ],
)
def test_a_key_is_left_out_with_its_value(text: bytes, left: bytes) -> None:
    assert objects.without(text, b"Annots") == objects.without(left)


@given(st.binary(max_size=400))
def test_noise_has_no_objects_that_hurt(data: bytes) -> None:
    assert objects.read(b"1 0 obj " + data).bodies
    objects.without(data, b"Annots", b"A")


def test_many_marks_without_an_end_are_read_in_one_pass() -> None:
    assert len(objects.read(b"1 0 obj " * 50_000).bodies[1]) == 50_000


def test_a_large_file_is_read_in_stretches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = made.pdf(*["甲乙丙"] * 9, extra="/OpenAction<</S/Launch/F(x)>>")
    small = _read(tmp_path, data)
    monkeypatch.setattr(raw, "IN_MEMORY", 3000)
    monkeypatch.setattr("lantai.formats.pdf.reader.IN_MEMORY", 3000)
    large = _read(tmp_path, data)
    assert (large.text, large.page_count) == (small.text, 9)
    assert "PDF-LAUNCH" in {item.code for item in large.findings}


def test_threads_may_read_and_draw_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(made.pdf(*["公文"] * 5))
    with ThreadPoolExecutor(4) as pool:
        texts = [pool.submit(lambda: read(path, "a.pdf").text) for _ in range(20)]
        pictures = [pool.submit(lambda: render(path, "a.pdf", page=2, width=100, limits=Limits())) for _ in range(20)]
        assert {task.result() for task in texts} == {"\n".join(["公文"] * 5)}
        assert len({task.result() for task in pictures}) == 1


def test_what_annotations_say_is_told_with_their_page(tmp_path: Path) -> None:
    """A mark of secrecy stamped over a page is no part of its text, and people see it all the same."""
    box = b"<</Type/Annot/Subtype/FreeText/Rect[10 10 90 30]/Contents(\xfe\xff%b)>>" % "机密★1年".encode("utf-16-be").replace(
        b"\\", b"\\\\"
    )
    link = b"<</Type/Annot/Subtype/Link/Rect[1 1 2 2]/Contents(no)>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]/Contents 11 0 R/Resources<</Font<</F 3 0 R>>>>/Annots[50 0 R 51 0 R]>>"
    path = tmp_path / "a.pdf"
    path.write_bytes(update(made.pdf("通知"), {10: page, 50: box, 51: link}))
    reading = read(path, path.name)
    assert [(note.kind, note.name, note.text, note.page) for note in reading.notes] == [("annotation", "FreeText", "机密★1年", 1)]
    assert "机密" not in reading.text
    assert reading.seen[0].endswith("机密★1年")
    assert secrecy(reading.seen, reading.metadata, path.name).is_blocked
