"""Seeds of the fuzzing: one or two sound things of every kind, made here by the makers of the other tests."""

import gzip
import io
import struct
import tarfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from PIL import Image

from lantai.packages import filing, record_xml
from tests.formats import made
from tests.formats.signing import made as papers
from tests.formats.signing.pdfs import signed, update
from tests.packages.records import small_record
from tests.packages.test_eep import GOOD as EEP
from tests.packages.test_filing import CONTENT, PACKAGE
from tests.support import ofd_writer, office

_LETTER = (
    "000012\n机密★1年\n特急\n云汀市发展和改革委员会文件\n云发改〔2026〕12号　　签发人：沈知远\n关于报送数据归集情况的\n通知\n各处室：\n"
    "　　请按附件要求报送。\n　　附件：1. 情况表\n　　　　　2. 说明\n云汀市发展和改革委员会\n2026年3月11日\n（此件公开发布）\n"
    "抄送：市政府办公室。\n云汀市发展和改革委员会办公室　2026年3月12日印发\n"
)
_SECTOR, _FREE, _END, _TABLE, _NONE = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


@cache
def pdfs() -> tuple[bytes, ...]:
    """A plain PDF, one with dangers, one updated, and signed ones with an update after signing."""
    plain = made.pdf("关于工作的通知", "第二页")
    active = made.pdf("甲", extra="/OpenAction<</S/JavaScript/JS(app.alert)>>/Names<</EmbeddedFiles<</Names[]>>>>")
    who = papers.line("rsa")
    sealed = signed(plain, lambda message: papers.cms(message, who))
    sm2 = signed(plain, lambda message: papers.ses(message, papers.line("sm2")), kind="GB.SES")
    return plain, active, update(plain, {11: b"<<>>"}), sealed, update(sealed, {10: b"<</Type/Page/Parent 2 0 R>>"}), sm2


@cache
def ofds() -> tuple[bytes, ...]:
    """A plain OFD, one with annotations and odd numbers, and one signed with a seal."""
    parts = ofd_writer.parts(
        ofd_writer.page(ofd_writer.text("关于工作的通知"), ofd_writer.text("第二行", "20 45 100 8", ctm="1 0 0 1 2 3"))
    )
    stamps = ofd_writer.tag("StampAnnot", ID=9, PageRef=100, Boundary="1 1 40 40")
    sealed = ofd_writer.signed(parts, stamps=stamps)
    value = papers.ses(b"x", papers.line("sm2"))
    sealed |= {ofd_writer.SIGNATURE.replace("Signature.xml", "SignedValue.dat"): value}
    return made.ofd("关于工作的通知", "第二页"), ofd_writer.zipped(parts), ofd_writer.zipped(sealed)


def ofd_values() -> tuple[bytes, ...]:
    """Numbers, arrays, steps and path data as OFD writes them."""
    texts = (
        "1 0 0 1 20 30",
        "g 5 3.2 1.5 g 2 4",
        "0 0 210 297",
        "M 0 0 L 10 10 Q 1 2 3 4 B 1 2 3 4 5 6 A 5 5 0 1 0 9 9 C",
        "SM3",
        "AAEC/w==",
    )
    return tuple(item.encode() for item in texts)


@cache
def signatures() -> tuple[bytes, ...]:
    """CMS by RSA, elliptic curve and SM2, seals of both editions, time stamps."""
    stamped = papers.token(b"message", papers.authority())
    cms = [papers.cms(b"message", papers.line(kind), papers.Cms(token=stamped)) for kind in ("rsa", "sm2")]
    seals = [papers.ses(b"message", papers.line("sm2"), papers.Ses(edition=edition)) for edition in (1, 4)]
    return *cms, *seals, stamped, papers.seal(papers.line("sm2"))


@cache
def certificates() -> tuple[bytes, ...]:
    """A certificate of either kind of key."""
    return tuple(papers.line(kind).leaf for kind in ("rsa", "sm2"))


@cache
def ole_streams() -> tuple[bytes, ...]:
    """The streams of a Word document one after the other, and a compound file that holds them."""
    main, table = made.word_stream("Plan 关于工作的通知\r第二段\x07\x07")
    slide = struct.pack("<HHI", 0, 0x0FA0, 8) + "通知说明".encode("utf-16-le")
    return main + table, slide * 3, compound({"WordDocument": main, "1Table": table}), compound({"PowerPoint Document": slide * 9})


def compound(streams: dict[str, bytes], *, is_endless: bool = False) -> bytes:
    """A compound file (MS-CFB, version 3) of *streams*, each in sectors of its own; *is_endless* makes the last chain a circle."""
    rows, bodies, chain, at = [_entry("Root Entry", 5, _END, 0, child=1)], b"", [_TABLE, _END], 2
    for number, (name, content) in enumerate(streams.items(), 1):
        body = content.ljust(4096, b"\0")
        count = -(-len(body) // _SECTOR)
        rows.append(_entry(name, 2, at, len(body), right=number + 1 if number < len(streams) else _NONE))
        bodies += body.ljust(count * _SECTOR, b"\0")
        chain += [*range(at + 1, at + count), _END]
        at += count
    if is_endless:
        chain[-1] = at - 2
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<109I", 0, *[_FREE] * 108)
    table = struct.pack(f"<{_SECTOR // 4}I", *(chain + [_FREE] * 128)[:128])
    return head + table + b"".join(rows).ljust(_SECTOR, b"\0")[:_SECTOR] + bodies


def _entry(name: str, kind: int, start: int, size: int, *, right: int = _NONE, child: int = _NONE) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    return (
        written.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(written), kind, 1, _NONE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def rtfs() -> tuple[bytes, ...]:
    """Rich text with a field, a table and escaped characters."""
    return (office.rtf("关于工作的通知", "第二段", field="PAGE"), rb"{\rtf1\ansicpg936\uc1 \u20851?{\*\x y}\'b9\'d8\trowd\cell\row\par}")


@cache
def offices() -> tuple[bytes, ...]:
    """Office documents in zips."""
    table = "<w:tbl><w:tr><w:tc>" + made.paragraph("表") + "</w:tc></w:tr></w:tbl>"
    document = made.docx(made.paragraph("关于工作的通知") + table)
    sheet = made.xlsx('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1"><v>3</v></c></row>', "<si><t>题名</t></si>")
    return document, sheet, made.pptx("第一张", "第二张"), made.odt("正文")


@cache
def images() -> tuple[bytes, ...]:
    """A small picture in every kind of file, TIFF in several compressions and with two pages."""
    picture = Image.linear_gradient("L").resize((64, 48))
    kinds: tuple[tuple[str, str, dict[str, object]], ...] = (
        ("PNG", "RGB", {}),
        ("JPEG", "L", {}),
        ("BMP", "RGB", {}),
        ("GIF", "P", {}),
        ("JPEG2000", "L", {}),
        ("TIFF", "1", {"compression": "group4"}),
        ("TIFF", "L", {"compression": "tiff_lzw"}),
        ("TIFF", "L", {"save_all": True, "append_images": [picture]}),
    )
    made_here = []
    for kind, mode, options in kinds:
        room = io.BytesIO()
        picture.convert(mode).save(room, kind, **options)
        made_here.append(room.getvalue())
    return *made_here, made.tiff(40, 40)


def markups() -> tuple[bytes, ...]:
    """A web page and an XML document."""
    page = "<html><head><meta charset=gbk><title>通知</title><script>x</script></head>"
    page += "<body><table><tr><td>题名<td>甲</table>正文</body></html>"
    return page.encode("gbk"), page.encode(), '<?xml version="1.0" encoding="utf-8"?><甲><乙 丙="1">字</乙></甲>'.encode(), EEP.encode()


def mails() -> tuple[bytes, ...]:
    """A message of several parts."""
    inside = "--b\r\nContent-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\nuci8/g==\r\n--b\r\n"
    inside += 'Content-Type: application/pdf; name="=?utf-8?B?5paH5Lu2?="\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n'
    head = "From: =?gbk?Q?=D5=C5?= <z@example.cn>\r\nSubject: =?utf-8?B?6YCa55+l?=\r\nMIME-Version: 1.0\r\n"
    return ((head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + inside).encode(),)


def texts() -> tuple[bytes, ...]:
    """A letter as plain text in three encodings."""
    return tuple(_LETTER.encode(coding) for coding in ("utf-8", "gb18030", "utf-16"))


@cache
def tars() -> tuple[bytes, ...]:
    """A tar, and one that is compressed."""
    room = io.BytesIO()
    with tarfile.open(fileobj=room, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in {"正本/通知.txt": b"1" * 700, "说明" * 60 + ".txt": b"2"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return room.getvalue(), gzip.compress(room.getvalue(), mtime=0)


@cache
def filings() -> tuple[bytes, ...]:
    """A filing package in a zip."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / "包"
        filing.write(root, PACKAGE, CONTENT)
        return (made.zipped({str(path.relative_to(root.parent)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}),)


def eeps() -> tuple[bytes, ...]:
    """An encapsulated package."""
    return (EEP.encode(), EEP.encode("gb18030"))


_ROWS = (("题名", "文号", "日期", "保管期限", "页数"), ("关于值班的通知", "云发改〔2026〕1号", "2026-03-01", "永久", "3"))


def tables() -> tuple[bytes, ...]:
    """A catalogue as CSV."""
    written = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in _ROWS)
    return written.encode("utf-8-sig"), written.encode("gb18030"), written.replace(",", "\t").encode()


@cache
def sheets() -> tuple[bytes, ...]:
    """A catalogue as a workbook."""
    room = io.BytesIO()
    book = xlsxwriter.Workbook(room, {"in_memory": True})
    sheet = book.add_worksheet("目录")
    for index, row in enumerate(_ROWS):
        sheet.write_row(index, 0, row)
    book.close()
    return (room.getvalue(),)


def records() -> tuple[bytes, ...]:
    """A record.xml."""
    return (record_xml.write(small_record()),)


def words() -> tuple[bytes, ...]:
    """A letter and its single parts, in the widths and spellings people use."""
    parts = ("云发改【２０２６】第００１２号", "二〇二六年三月十一日", "定期３０年", "絕 密 ☆ 長期", "机 密★\n１年")
    return _LETTER.encode(), *(part.encode() for part in parts)
