"""Official documents of every form: letters, minutes, bulletins, orders, notices, joint documents, and papers that are none."""

import pytest

from lantai.core.officialdoc import Page, elements, read
from lantai.core.officialdoc.titles import author_in, bare, ends_like_a_title, is_organisation, type_of
from lantai.core.officialdoc.words import WORDS

LETTER = """云汀省财政厅
云财函〔2020〕12号
关于商请提供历史档案资料的函
云汀市自然资源和规划局：
因工作需要，请予支持。
专此函达。
云汀省财政厅
2020年5月6日
（联系人：李明，电话：0000-1234567）
"""
UPWARD = """000012
云汀市发展和改革委员会文件
云发改〔2024〕20号　　　　　　签发人：李小明
云汀市发展和改革委员会
关于申请追加重点项目前期经费的请示
市人民政府：
为加快项目前期工作，现将有关情况请示如下：
妥否，请批示。
附件：项目清单
云汀市发展和改革委员会
2024年4月1日
"""
MINUTES = """云汀市发展和改革委员会党组会议纪要
〔2024〕3号
云汀市发展和改革委员会办公室　　　　2024年3月12日
2024年3月11日下午，党组书记主持召开会议。现纪要如下：
"""
SPEECH = "在全市发展改革工作会议上的讲话\n（2024年2月6日）\n李明\n同志们：\n今天召开会议。\n"
BULLETIN = """发展改革工作简报
第12期
云汀市发展和改革委员会办公室　　2024年3月12日
我市重点项目建设取得新进展
今年以来，我市加快推进项目建设。
"""
CONTRACT = "办公用品采购合同\n合同编号：YT-2024-001\n甲方：云汀市发展和改革委员会\n第一条 标的\n甲方（盖章）：\n2024年3月1日\n"
NOTICE = """公　告
云汀市发展和改革委员会公告
2024年第3号
关于公布政府定价目录的公告
现将目录予以公布。
云汀市发展和改革委员会
2024年3月12日
"""
LAW = """云汀市档案条例
（2020年1月1日云汀市第十届人民代表大会常务委员会第一次会议通过
2020年3月1日云汀省人民代表大会常务委员会批准）
目　录
第一章　总则
"""
JOINT = """云汀市发展和改革委员会
云汀市财政局
文件
云发改〔2024〕5号
关于印发专项资金管理办法的通知
各县（市、区）发展改革局、财政局：
现印发给你们。
云汀市发展和改革委员会　　　　云汀市财政局
2024年3月12日
"""
REPLY = """云发改投资〔2024〕33号
关于云汀市第三中学新建教学楼项目可行性研究报告的批复
市教育局：
你局《关于审批项目可行性研究报告的请示》（云教〔2024〕8号）收悉。
一、原则同意。
附件：1．项目招标方案核准意见
　　　2．投资估算表
云汀市发展和改革委员会
2024年5月20日
抄送：市财政局。
"""
FORWARD = """云汀市人民政府办公室转发市发展改革委关于
进一步加强项目管理工作意见的通知
云政办发〔2024〕3号
各县（市、区）人民政府，市政府各部门：
市发展改革委《关于进一步加强项目管理工作的意见》已经同意。
云汀市人民政府办公室
2024年1月5日
"""
CATALOGUE = "卷 内 文 件 目 录\n序号 文号 责任者 题名 日期 页号 备注\n1 云政发〔2020〕1号 市政府 关于下达 20200101 1\n"

COMMITTEE = "云汀市发展和改革委员会"


@pytest.mark.parametrize(
    ("text", "title", "number", "date", "author", "receiver", "kind"),
    [
        (LETTER, "关于商请提供历史档案资料的函", "云财函〔2020〕12号", "20200506", "云汀省财政厅", "云汀市自然资源和规划局", "函"),
        (UPWARD, f"{COMMITTEE}关于申请追加重点项目前期经费的请示", "云发改〔2024〕20号", "20240401", COMMITTEE, "市人民政府", "请示"),
        (MINUTES, f"{COMMITTEE}党组会议纪要", "", "20240312", "", "", "纪要"),
        (SPEECH, "在全市发展改革工作会议上的讲话", "", "20240206", "", "", ""),
        (BULLETIN, "发展改革工作简报", "", "20240312", "", "", ""),
        (CONTRACT, "办公用品采购合同", "", "20240301", "", "", ""),
        (NOTICE, "关于公布政府定价目录的公告", f"{COMMITTEE}公告2024年第3号", "20240312", COMMITTEE, "", "公告"),
        (LAW, "云汀市档案条例", "", "", "", "", ""),
        (
            JOINT,
            "关于印发专项资金管理办法的通知",
            "云发改〔2024〕5号",
            "20240312",
            f"{COMMITTEE}；云汀市财政局",
            "各县（市、区）发展改革局、财政局",
            "通知",
        ),
        (
            REPLY,
            "关于云汀市第三中学新建教学楼项目可行性研究报告的批复",
            "云发改投资〔2024〕33号",
            "20240520",
            COMMITTEE,
            "市教育局",
            "批复",
        ),
        (
            FORWARD,
            "云汀市人民政府办公室转发市发展改革委关于进一步加强项目管理工作意见的通知",
            "云政办发〔2024〕3号",
            "20240105",
            "云汀市人民政府办公室",
            "各县（市、区）人民政府，市政府各部门",
            "通知",
        ),
        (CATALOGUE, "卷内文件目录", "", "", "", "", ""),
    ],
)
def test_each_form_is_read(text: str, title: str, number: str, date: str, author: str, receiver: str, kind: str) -> None:
    fields = read([text], "扫描件001.pdf")
    assert fields.title == title
    assert fields.document_number == number
    assert fields.date == date
    assert fields.author == author
    assert fields.principal_receiver == receiver
    assert fields.document_type == kind


def test_attachment_notes_of_one_and_of_many() -> None:
    assert read([UPWARD], "").attachments == ("项目清单",)
    assert read([REPLY], "").attachments == ("项目招标方案核准意见", "投资估算表")
    assert read([LETTER], "").attachments == ()


def test_a_header_date_is_said_to_be_one() -> None:
    for text in (MINUTES, SPEECH, BULLETIN):
        assert read([text], "").reasons["date"] == "没有落款日期，取自版头或题下日期"


def test_invisible_characters_make_no_difference() -> None:
    assert read(["\u200b".join(REPLY)], "") == read([REPLY], "")


def test_nothing_at_all_leaves_everything_empty() -> None:
    fields = read([], "")
    assert (fields.title, fields.document_number, fields.date, fields.author, fields.attachments) == ("", "", "", "", ())


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("关于开展检查的通知", "通知"),
        ("关于开展检查的通知（2024年修订）", "通知"),
        ("关于某事的复函", "函"),
        ("云汀市人民政府令", "命令"),
        ("会议纪要", "纪要"),
        ("管理办法（试行）", ""),
        ("“十五五”规划", ""),
        ("", ""),
    ],
)
def test_the_type_is_how_a_title_ends(title: str, kind: str) -> None:
    assert type_of(title, WORDS) == kind


def test_titles_and_organisations_are_told_by_their_endings() -> None:
    assert ends_like_a_title("云汀市项目管理办法（试行）", WORDS)
    assert not ends_like_a_title("现就有关事项说如下", WORDS)
    assert bare("管理办法（试行）") == "管理办法"
    assert is_organisation("云汀市发展和改革委员会（物价局）办公室", WORDS)
    assert not is_organisation("2.项目清单", WORDS)
    assert not is_organisation("李明", WORDS)
    assert author_in("云汀市财政局、云汀市审计局关于检查的通知", WORDS) == "云汀市财政局、云汀市审计局"
    assert author_in("进一步做好工作关于检查", WORDS) == ""


def test_minutes_name_their_type_in_the_red_head() -> None:
    text = (
        "云汀市人民政府办公室\n专题会议纪要\n〔2025〕15号\n云汀市人民政府办公室　　2025年4月8日\n研究供水保障工作\n　　4月7日，会议召开。\n"
    )
    fields = read([text], "x.txt")
    assert (fields.document_type, fields.document_number) == ("纪要", "专题会议纪要〔2025〕15号")


OLD = """清源县水库管理处文件
{printed}
关于分配第二批化肥指标的通知
各公社、镇：
现将指标下达给你们。
清源县水库管理处
一九八七年五月十二日
"""


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("清水〔1987〕12号", "清水〔1987〕12号"),
        ("清水（1987）第12号", "清水〔1987〕12号"),
        ("清水字〔1987〕第12号", "清水字〔1987〕12号"),
        ("清水〔1987〕字第12号", "清水〔1987〕字第12号"),
        ("清水发〔87〕12号", "清水发〔87〕12号"),
        ("清水字（87）第12号", "清水字（87）第12号"),
        ("（87）清水字第12号", "（87）清水字第12号"),
        ("(87)清水字第012号", "（87）清水字第12号"),
        ("[87]清水字12号", "〔87〕清水字12号"),
        ("〔1987〕清水字第12号", "〔1987〕清水字第12号"),
        ("清水字第12号", "清水字第12号"),
        ("特急　清水明电〔1987〕12号", "清水明电〔1987〕12号"),
        ("、清水〔1987〕12号", "清水〔1987〕12号"),
        ("清水〔1987〕12号第　11", "清水〔1987〕12号"),
        ("第12次", ""),
        ("一九八七年", ""),
    ],
)
def test_numbers_of_the_years_before_the_standard(printed: str, number: str) -> None:
    fields = read([OLD.format(printed=printed)], "")
    assert fields.document_number == number
    assert fields.date == "19870512"
    assert fields.author == "清源县水库管理处"
    if number:
        assert fields.title == "关于分配第二批化肥指标的通知"


@pytest.mark.parametrize("number", ["（望农发〔2004〕23号）", "望农发〔2004〕23号"])
def test_a_number_in_brackets_under_a_title_of_two_lines(number: str) -> None:
    fields = read([f"望江市红旗农场关于规范机关\n公务用车登记的决定\n{number}\n各单位：\n请执行。\n望江市红旗农场\n2004年4月8日\n"], "")
    assert fields.document_number == "望农发〔2004〕23号"
    assert fields.title == "望江市红旗农场关于规范机关公务用车登记的决定"
    assert fields.author == "望江市红旗农场"


def test_minutes_are_named_by_what_stands_under_their_masthead() -> None:
    head = "清源市统计局\n会议纪要\n第12期\n清源市统计局　　2000年4月17日\n"
    assert read([f"{head.replace('2000', '12000')}研究供水的会议纪要\n会议议定。\n"], "").title == "研究供水的会议纪要"
    fields = read([f"{head}研究推进老旧小区供水\n改造等工作的会议纪要\n局长主持召开会议。\n"], "")
    assert fields.title == "研究推进老旧小区供水改造等工作的会议纪要"
    assert fields.document_number == "第12期"
    assert fields.date == "20000417"


def test_minutes_without_another_title_keep_their_masthead() -> None:
    fields = read(["清源县人民政府常务会议纪要\n第3次\n时　间：2005年3月8日上午9:30\n地　点：三楼会议室\n会议研究了下列事项。\n"], "")
    assert (fields.title, fields.document_number, fields.date) == ("清源县人民政府常务会议纪要", "", "20050308")


def test_an_order_without_a_title_is_named_by_its_head() -> None:
    body = "《清源市公共厕所管理规定》已经市人民政府第50次常务\n会议审议通过，现予公布。\n市　长　陆宁\n2019年9月6日\n"
    text = f"清源市人民政府令\n第29号\n{body}"
    fields = read([text], "")
    assert (fields.title, fields.document_number, fields.document_type) == ("清源市人民政府令", "清源市人民政府令第29号", "命令")


@pytest.mark.parametrize("name", ["供销合作社联合社", "第二中学", "红旗煤矿", "国营青山林场", "建设银行支行", "行政公署"])
def test_rarer_bodies_are_bodies(name: str) -> None:
    assert is_organisation(f"清源县{name}", WORDS)


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("清水发[2007]:50号", "清水发〔2007〕50号"),
        ("清水发2007〕50号", "清水发〔2007〕50号"),
        ("清水发〔〔2007）)50号+", "清水发〔2007〕50号"),
        ("87)清水字第50号", "（87）清水字第50号"),
        ("1987〕清水字第50号", "〔1987〕清水字第50号"),
        ("清水发2007年50号", ""),
        ("清水发200750号", ""),
    ],
)
def test_a_number_whose_brackets_are_worn_is_offered_and_doubted(printed: str, number: str) -> None:
    found = elements([Page(text=OLD.format(printed=printed))], "")
    assert found.value("document_number") == number
    if number:
        assert found.value("title") == "关于分配第二批化肥指标的通知"
        assert "number.mended" in [reason.rule for reason in found.get("document_number").reasons]
        assert found.get("document_number").confidence < 0.9


def test_a_title_above_the_number_is_believed_before_a_first_line_below_it() -> None:
    fields = read(
        ["清源市水利局\n行政处罚决定书\n清水罚字〔2019〕12号\n王某某等二人\n经查，当事人占用河道。\n清源市水利局\n2019年5月6日\n"], ""
    )
    assert (fields.title, fields.document_number) == ("清源市水利局行政处罚决定书", "清水罚字〔2019〕12号")


def test_a_bulletin_is_named_by_its_article_and_a_call_dated_by_its_signature() -> None:
    fields = read(["情 况 通 报\n第6期\n清源县水利局　2001年8月15日\n关于三起责任事故的通报\n各站：\n现将情况通报如下。\n"], "")
    assert (fields.title, fields.document_number, fields.date) == ("关于三起责任事故的通报", "", "20010815")
    fields = read(["清源县教育局会议通知\n时间：2014年3月8日上午9时\n地点：县政府会议室\n清源县教育局\n2014年3月1日\n"], "")
    assert (fields.title, fields.date, fields.author) == ("清源县教育局会议通知", "20140301", "清源县教育局")
    fields = read(["清源县教育局便函\n清教便函〔2016〕5号\n关于报送材料的函\n县财政局：\n请于月底前报送。\n2016年3月4日\n"], "")
    assert (fields.title, fields.document_number, fields.author) == ("关于报送材料的函", "清教便函〔2016〕5号", "清源县教育局")


def test_a_number_whose_last_character_is_covered_is_no_part_of_the_title() -> None:
    fields = read([OLD.format(printed="清水发〔2007〕236")], "")
    assert (fields.document_number, fields.title) == ("", "关于分配第二批化肥指标的通知")
