"""Every rule speaks somewhere, for or against the element it is about; a rule that never speaks is no rule."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from lantai.core.officialdoc import Box, Known, Page, elements
from lantai.core.officialdoc.rules import RULES
from tests.support.papers import ORGAN, Paper, pages, plain

FULL = Paper(secrecy="秘密★1年", signatory="许维岳", title=(ORGAN, "关于追加前期经费的请示"))
KNOWN = Known(frozenset({ORGAN, f"{ORGAN}办公室", "市财政局", "云汀市人民政府"}), frozenset({"云发改"}), 2)
BARE = (
    Paper(title=("关于检查的通知",))
    .without("number", "sign", "copy_number", "precedence", "receiver", "body", "attachments")
    .without("author", "date", "release", "copies", "office")
)
LAW = [Page(text="云汀市档案条例\n（2020年1月1日云汀市人民代表大会通过）\n第一章　总则\n第一条　为了规范档案工作，制定本条例。")]
WEB = [Page(text=f"{ORGAN}\n关于某道路工程的批复\n云发改〔2024〕16号\n云汀市交通运输局：\n来文收悉。\n{ORGAN}\n2024年3月1日")]
ORDER = [Page(text="云汀市人民政府令\n第 15 号\n云汀市政府投资管理办法\n第一条　为了规范，制定本办法。")]
LONG = "关于" + "做好各县区各部门各单位有关重点工作任务落实情况汇总上报和督促检查" * 4 + "工作的通知"


def moved(paper: Paper, text: str, box: Box, *, size: tuple[float, float] = (595.0, 842.0)) -> list[Page]:
    """Set the paper with the line that begins with *text* in another place."""
    lines = tuple((line, box if line.startswith(text) else where) for line, where in pages(paper)[0].lines)
    return [Page(*size, lines)]


def sheet(*rows: str) -> Page:
    return Page(595, 842, tuple((row, (80.0, 100.0 + 30 * index, 300.0, 116.0 + 30 * index)) for index, row in enumerate(rows)))


#: Rule -> the element it speaks about, the pages, the name of the file, and what is known.
CASES: dict[str, tuple[str, Sequence[Page], str, Known]] = {}


def case(element: str, rules: str, paged: Sequence[Page], name: str = "", known: Known = Known()) -> None:  # noqa: B008 - a frozen value
    for rule in rules.split():
        CASES[rule] = (element, paged, name, known)


case("copy_number", "copy.six copy.first copy.corner mark.in_head", pages(FULL))
case("copy_number", "copy.digits copy.like_a_date", pages(replace(FULL, copy_number="20240312")))
case("copy_number", "copy.labelled", plain(pages(replace(FULL, copy_number="份号：000123"))))
case("copy_number", "copy.no_head", plain(pages(FULL.without("sign", "number"))))
case("security_classification", "mark.star mark.alone", pages(FULL))
case("security_classification", "mark.labelled", plain(pages(replace(FULL, secrecy="密级：秘密"))))
case("security_classification", "mark.below_title", [Page(text="关于检查的通知\n密级：秘密\n各单位：\n请检查。")])
case("precedence", "urgency.word", pages(FULL))
case("precedence", "head.at_end", [Page(text="\n".join([plain(pages(FULL.without("precedence")))[0].text, *["正文"] * 6, "特急"]))])
case("issuing_sign", "sign.ends sign.large sign.above_number sign.author sign.centred", pages(FULL))
case("issuing_sign", "sign.organ", pages(replace(FULL, sign=ORGAN)))
case("issuing_sign", "sign.small", moved(FULL, f"{ORGAN}文件", (200.0, 150.0, 400.0, 162.0)))
case("issuing_sign", "sign.no_number", pages(FULL.without("number")))
case("document_number", "number.formed number.year_agrees number.in_head number.high", pages(FULL))
case("document_number", "number.code_agrees", pages(FULL))
case("document_number", "number.mended", plain(pages(replace(FULL, number="云发改2024〕15号"))))
case("document_number", "number.known", pages(FULL), known=KNOWN)
case("document_number", "number.order", ORDER)
case("document_number", "number.unformed", plain(pages(replace(FULL, number="云发改〔2024〕X号"))))
case("document_number", "number.below_title", WEB)
case("document_number", "number.year_differs", pages(replace(FULL, number="云发改〔2023〕15号")))
case("document_number", "number.low", moved(FULL.without("receiver", "body"), "云发改", (200.0, 500.0, 400.0, 516.0)))
case("signatory", "signatory.labelled signatory.beside signatory.name signatory.upward", pages(FULL))
case("signatory", "signatory.odd signatory.not_upward", pages(replace(Paper(), signatory="A123456")))
case("title", "title.of_head title.typed title.about title.below_number title.above_receiver title.large title.centred", pages(FULL))
case("title", "title.names_author", pages(FULL))
case("title", "title.holds_date", [Page(text="云汀市水务局？2024年3月1日研究供水工作的会议纪要\n会议听取了汇报。")])
UNEVEN = (("关于做好全县农村公路养护", (150.0, 100.0, 445.0, 116.0)), ("工作的通知", (250.0, 130.0, 375.0, 146.0)))
case("title", "title.uneven", [Page(595, 842, UNEVEN)])
case("title", "title.apart", [Page(595, 842, (("关于开展检查的通知", (150.0, 100.0, 400.0, 116.0)), ("关", (480.0, 100.0, 496.0, 116.0))))])
case("title", "title.like_a_sign", [Page(text="云汀市水务局会议纪要\n各县水务局：\n请执行。")])
case("title", "title.above_number", WEB)
case("title", "title.first_line", [Page(text="某项工作情况\n这里写了一些事情。")])
case("title", "title.file_name", [Page(text="。。。")], "关于检查的通知.pdf")
case("title", "title.file_name_only", [Page(text="。。。")], "甲乙丙.pdf")
case("title", "title.ending", LAW)
case("title", "title.small title.aside", moved(replace(FULL, title=("关于检查的请示",)), "关于检查", (60.0, 266.0, 160.0, 278.0)))
case("title", "title.late", moved(BARE, "关于检查", (180.0, 600.0, 420.0, 622.0)))
case("title", "title.long", plain(pages(replace(FULL, title=tuple(LONG[at : at + 50] for at in range(0, len(LONG), 50))))))
case("title", "title.holds_number", [Page(text="关于转发国发〔2019〕1号文件的通知\n各单位：\n请执行。")])
case("title", "title.odd_sign", [Page(text="关于]检查工作的通知\n各单位：\n请执行。")])
case("title", "title.open", [Page(text="关于印发《云汀市管理办法的通知\n各单位：\n请执行。")])
case("document_type", "type.of_title", pages(FULL))
case("document_type", "type.of_order", ORDER)
case("principal_receiver", "receiver.under_title receiver.organ receiver.flush", pages(FULL))
case("principal_receiver", "receiver.known", pages(replace(FULL, receiver="云汀市人民政府")), known=KNOWN)
case("principal_receiver", "receiver.odd", plain(pages(replace(FULL, receiver="亲爱的朋友们大家"))))
case("principal_receiver", "receiver.indented", moved(FULL, "各县（区）", (130.0, 346.0, 434.0, 362.0)))
case("principal_receiver", "receiver.long", [Page(text=f"关于检查的通知\n{'，'.join(['各县发展和改革局'] * 22)}：\n请检查。")])
case("principal_receiver", "receiver.in_imprint", [*pages(replace(FULL, receiver="", copies="")), sheet("主送：各县人民政府。", "印发")])
case("body", "body.after_title body.before_signature", pages(FULL))
case("body", "body.endless", LAW)
case("body", "body.short", [Page(text=f"关于检查的通知\n各单位：\n请检查。\n{ORGAN}\n2024年3月1日")])
case("attachment_note", "note.labelled note.numbered note.before_signature", pages(FULL))
case("attachment_note", "note.count_agrees", pages(FULL), known=KNOWN)
case("attachment_note", "note.count_differs", pages(FULL), known=Known(attachment_files=1))
case("attachment_note", "note.gap", [Page(text=f"关于检查的通知\n各单位：\n请检查。\n附件：1．甲表\n3．乙表\n{ORGAN}\n2024年3月1日")])
case("attachment_note", "note.unsigned", [Page(text="关于检查的通知\n各单位：\n请检查。\n附件：1．甲表\n2．乙表\n")])
case("attachments", "attachment.headed attachment.after_signature attachment.listed", [*pages(FULL), sheet("附件1", "企业用工情况调查表")])
case("attachments", "attachment.unlisted", [*pages(FULL), sheet("附件1", "另外一份表")])
case("author", "author.signed author.agrees_title author.agrees_sign", pages(FULL))
case("author", "author.known", pages(FULL), known=KNOWN)
case("author", "author.of_title", pages(FULL.without("author", "date")))
case("author", "author.of_sign", plain(pages(replace(FULL.without("author", "date"), title=("关于检查的通知",)))))
case("author", "author.differs_sign", pages(replace(FULL, author="云汀市财政局")))
case("author", "author.odd", plain(pages(replace(FULL.without("author", "date"), title=("关于检查的通知",), sign="云汀通讯文件"))))
case("date", "date.signed date.with_author date.year_agrees date.before_printing date.right", pages(FULL))
case("date", "date.of_head", [Page(text="在工作会议上的讲话\n（2024年2月6日）\n同志们：\n今天召开会议。")])
case("date", "date.year_differs", pages(replace(FULL, number="云发改〔2023〕15号")))
case("date", "date.after_printing", pages(replace(FULL, printed="2024年3月1日")))
case("date", "date.left", moved(FULL, "2024年3月12日", (80.0, 620.0, 180.0, 636.0)))
case("release_note", "release.brackets release.below_date", pages(FULL))
case("printing_date", "imprint.printed imprint.low imprint.last_page imprint.after_date", pages(FULL))
case("printing_date", "imprint.before_date", pages(replace(FULL, printed="2024年3月1日")))
case("other_receivers", "imprint.labelled imprint.known", pages(FULL), known=KNOWN)
case("printing_body", "imprint.organ", pages(FULL))
case("printing_date", "imprint.high", [*pages(FULL.without("office")), sheet(f"{ORGAN}办公室　　2024年3月13日印发")])
case("page_numbers", "page.bottom page.running", pages(FULL))
case("page_numbers", "page.broken", [*pages(FULL), *pages(FULL)])
case("title", "order.fits", pages(FULL))
case("other_receivers", "order.breaks", moved(FULL, "抄送", (96.0, 20.0, 300.0, 34.0)))


@pytest.mark.parametrize("rule", sorted(CASES))
def test_a_rule_speaks_where_it_should(rule: str) -> None:
    element, paged, name, known = CASES[rule]
    found = elements(paged, name, known=known).get(element)
    assert found is not None
    spoken = {reason.rule: reason for reason in found.reasons}
    assert rule in spoken, sorted(spoken)
    is_for = RULES[rule][0] > 0
    assert spoken[rule].text in (found.speaks_for if is_for else found.speaks_against)
    assert ("但" in found.reason) == bool(found.speaks_against)


def test_every_rule_has_a_case_and_a_weight() -> None:
    assert set(CASES) == set(RULES)
    assert all(weight and text for weight, text in RULES.values())
