"""Probe of the elements of official documents over their variety: letters, orders, minutes, joint issues, several signatories …"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.tables import Table
from lantai.core import officialdoc
from lantai.core.officialdoc import NAMES, Page

AIM = 0.95
_BODY = "　　为进一步规范有关工作，现将有关事项通知如下。\n　　一、明确责任\n　　各单位应当明确责任人员和完成时限，按月报送进展情况。"
_COMPARED = (
    "copy_number", "precedence", "issuing_sign", "document_number", "signatory", "title", "document_type", "principal_receiver",
    "attachment_note", "author", "date", "release_note", "other_receivers", "printing_body", "printing_date",
)  # fmt: skip


@dataclass(frozen=True)
class Form:
    """A document as text, and what must be read of it; an element that is not named must stay empty."""

    name: str
    text: str
    values: dict[str, str] = field(default_factory=dict)


FORMS: tuple[Form, ...] = (
    Form(
        "通知",
        f"000012\n特急\n云汀市水务局文件\n云水发〔2025〕7号\n云汀市水务局关于做好汛期值守的通知\n各区县水务局，局属各单位：\n{_BODY}\n"
        "　　附件：1.值守安排表\n　　　　　2.联系人名单\n云汀市水务局\n2025年5月6日\n　　（此件公开发布）\n"
        "抄送：市应急管理局，市气象局。\n云汀市水务局办公室　　　　2025年5月7日印发",
        {
            "copy_number": "000012",
            "precedence": "特急",
            "issuing_sign": "云汀市水务局文件",
            "document_number": "云水发〔2025〕7号",
            "title": "云汀市水务局关于做好汛期值守的通知",
            "document_type": "通知",
            "principal_receiver": "各区县水务局，局属各单位",
            "attachment_note": "值守安排表；联系人名单",
            "author": "云汀市水务局",
            "date": "20250506",
            "release_note": "此件公开发布",
            "other_receivers": "市应急管理局，市气象局",
            "printing_body": "云汀市水务局办公室",
            "printing_date": "20250507",
        },
    ),
    Form(
        "函",
        f"云汀市教育局\n云教函〔2025〕31号\n云汀市教育局关于商请支持校园周边整治的函\n市公安局：\n{_BODY}\n"
        "　　请予函复。\n"
        "云汀市教育局\n2025年9月1日\n　　（联系人：沈知远，联系电话：000-12345678）",
        {
            "issuing_sign": "云汀市教育局",
            "document_number": "云教函〔2025〕31号",
            "title": "云汀市教育局关于商请支持校园周边整治的函",
            "document_type": "函",
            "principal_receiver": "市公安局",
            "author": "云汀市教育局",
            "date": "20250901",
            "release_note": "联系人：沈知远，联系电话：000-12345678",
        },
    ),
    Form(
        "请示，签发人",
        f"云汀市水务局文件\n云水〔2025〕9号　　　　　签发人：林望舒\n关于调整供水价格的请示\n市人民政府：\n{_BODY}\n　　妥否，请批示。\n"
        "云汀市水务局\n2025年3月2日\n　　（联系人：陈一苇，电话：12345678）\n抄送：市发展改革委。\n云汀市水务局办公室　　2025年3月2日印发",
        {
            "issuing_sign": "云汀市水务局文件",
            "document_number": "云水〔2025〕9号",
            "signatory": "林望舒",
            "title": "关于调整供水价格的请示",
            "document_type": "请示",
            "principal_receiver": "市人民政府",
            "author": "云汀市水务局",
            "date": "20250302",
            "release_note": "联系人：陈一苇，电话：12345678",
            "other_receivers": "市发展改革委",
            "printing_body": "云汀市水务局办公室",
            "printing_date": "20250302",
        },
    ),
    Form(
        "联合请示，多个签发人",
        "云汀市水务局\n云汀市财政局文件\n云水〔2025〕19号　　　　签发人：林望舒　陈一苇\n"
        "云汀市水务局　云汀市财政局\n关于追加防汛经费的请示\n"
        f"市人民政府：\n{_BODY}\n云汀市水务局　　　　云汀市财政局\n2025年7月2日",
        {
            "issuing_sign": "云汀市水务局云汀市财政局文件",
            "document_number": "云水〔2025〕19号",
            "signatory": "林望舒；陈一苇",
            "title": "云汀市水务局云汀市财政局关于追加防汛经费的请示",
            "document_type": "请示",
            "principal_receiver": "市人民政府",
            "author": "云汀市水务局；云汀市财政局",
            "date": "20250702",
        },
    ),
    Form(
        "令",
        "云汀市人民政府令\n第12号\n《云汀市河道管理办法》已经2025年6月3日市人民政府第8次常务会议通过，现予公布，"
        "自2025年8月1日起施行。\n市长　林望舒\n2025年6月10日\n"
        "云汀市河道管理办法\n第一条　为了加强河道管理，制定本办法。\n第二条　本市河道管理适用本办法。",
        {
            "issuing_sign": "云汀市人民政府令",
            "document_number": "云汀市人民政府令第12号",
            "title": "云汀市人民政府令",
            "document_type": "命令",
            "author": "云汀市人民政府",
            "date": "20250610",
        },
    ),
    Form(
        "纪要",
        "云汀市人民政府办公室\n专题会议纪要\n〔2025〕15号\n云汀市人民政府办公室　　　　2025年4月8日\n研究城区供水保障工作\n"
        "　　4月7日，副市长林望舒主持召开专题会议，研究城区供水保障工作。现纪要如下：\n　　会议指出，要加快管网改造。\n"
        "　　出席：林望舒、陈一苇。\n　　请假：沈知远。",
        {
            "issuing_sign": "云汀市人民政府办公室专题会议纪要",
            "document_number": "专题会议纪要〔2025〕15号",
            "title": "研究城区供水保障工作",
            "document_type": "纪要",
            "date": "20250408",
        },
    ),
    Form(
        "长标题分三行",
        "云汀市住房和城乡建设局文件\n云建发〔2024〕105号\n"
        "云汀市住房和城乡建设局关于印发\n《云汀市既有住宅小区加装电梯管理\n办法（试行）》的通知\n"
        f"各区县住房和城乡建设局：\n{_BODY}\n　　附件：云汀市既有住宅小区加装电梯管理办法（试行）\n云汀市住房和城乡建设局\n2024年12月30日\n"
        "云汀市住房和城乡建设局办公室　2024年12月31日印发",
        {
            "issuing_sign": "云汀市住房和城乡建设局文件",
            "document_number": "云建发〔2024〕105号",
            "title": "云汀市住房和城乡建设局关于印发《云汀市既有住宅小区加装电梯管理办法（试行）》的通知",
            "document_type": "通知",
            "principal_receiver": "各区县住房和城乡建设局",
            "attachment_note": "云汀市既有住宅小区加装电梯管理办法（试行）",
            "author": "云汀市住房和城乡建设局",
            "date": "20241230",
            "printing_body": "云汀市住房和城乡建设局办公室",
            "printing_date": "20241231",
        },
    ),
    Form(
        "公告，无主送",
        f"云汀市市场监督管理局公告\n2025年第3号\n关于食品抽检情况的公告\n"
        f"{_BODY}\n　　特此公告。\n云汀市市场监督管理局\n二〇二五年二月十四日",
        {
            "issuing_sign": "云汀市市场监督管理局公告",
            "document_number": "云汀市市场监督管理局公告2025年第3号",
            "title": "关于食品抽检情况的公告",
            "document_type": "公告",
            "author": "云汀市市场监督管理局",
            "date": "20250214",
        },
    ),
    Form(
        "批复",
        f"云汀市人民政府\n云政复〔2025〕4号\n云汀市人民政府关于同意设立云水产业园的批复\n"
        "云水县人民政府：\n　　你县《关于设立云水产业园的请示》"
        f"（云水政〔2025〕2号）收悉。现批复如下：\n{_BODY}\n云汀市人民政府\n2025年1月20日\n　　（此件删减后公开）",
        {
            "issuing_sign": "云汀市人民政府",
            "document_number": "云政复〔2025〕4号",
            "title": "云汀市人民政府关于同意设立云水产业园的批复",
            "document_type": "批复",
            "principal_receiver": "云水县人民政府",
            "author": "云汀市人民政府",
            "date": "20250120",
            "release_note": "此件删减后公开",
        },
    ),
    Form(
        "附件清单多行",
        f"云汀市统计局文件\n云统字〔2025〕22号\n关于开展专项调查的通知\n各区县统计局：\n{_BODY}\n"
        "附件：1．调查方案\n2．调查表\n3．云汀市规模以上服务业企业和重点个体经营户\n抽样调查名录\n云汀市统计局\n2025年10月11日",
        {
            "issuing_sign": "云汀市统计局文件",
            "document_number": "云统字〔2025〕22号",
            "title": "关于开展专项调查的通知",
            "document_type": "通知",
            "principal_receiver": "各区县统计局",
            "attachment_note": "调查方案；调查表；云汀市规模以上服务业企业和重点个体经营户抽样调查名录",
            "author": "云汀市统计局",
            "date": "20251011",
        },
    ),
    Form(
        "决定",
        f"中共云汀市委文件\n云委发〔2025〕1号\n中共云汀市委　云汀市人民政府\n"
        f"关于表彰先进集体的决定\n各区县委、区县人民政府，市直各单位：\n{_BODY}\n"
        "中共云汀市委\n云汀市人民政府\n2025年1月3日",
        {
            "issuing_sign": "中共云汀市委文件",
            "document_number": "云委发〔2025〕1号",
            "title": "中共云汀市委云汀市人民政府关于表彰先进集体的决定",
            "document_type": "决定",
            "principal_receiver": "各区县委、区县人民政府，市直各单位",
            "author": "中共云汀市委；云汀市人民政府",
            "date": "20250103",
        },
    ),
)
FORMS += (
    Form(
        "主送两行，日期有空格，抄送两行",
        "云汀市应急管理局文件\n云应急〔2025〕 8 号\n关于开展安全生产大检查的紧急通知\n"
        "各区县应急管理局，市公安局、市交通运输局、市住房和城乡建设局、市水务局、\n市市场监督管理局，有关企业：\n"
        f"{_BODY}\n云汀市应急管理局\n2025 年 3 月 2 日\n"
        "抄送：省应急管理厅，市委办公室，市人大常委会办公室，市政府办公室，\n市政协办公室。\n"
        "云汀市应急管理局办公室　　2025 年 3 月 3 日印发",
        {
            "issuing_sign": "云汀市应急管理局文件",
            "document_number": "云应急〔2025〕8号",
            "title": "关于开展安全生产大检查的紧急通知",
            "document_type": "通知",
            "principal_receiver": "各区县应急管理局，市公安局、市交通运输局、市住房和城乡建设局、市水务局、市市场监督管理局，有关企业",
            "author": "云汀市应急管理局",
            "date": "20250302",
            "other_receivers": "省应急管理厅，市委办公室，市人大常委会办公室，市政府办公室，市政协办公室",
            "printing_body": "云汀市应急管理局办公室",
            "printing_date": "20250303",
        },
    ),
    Form(
        "没有版头",
        f"关于启用电子公章的通告\n{_BODY}\n　　特此通告。\n云汀市数据资源管理局\n2025年11月5日",
        {"title": "关于启用电子公章的通告", "document_type": "通告", "author": "云汀市数据资源管理局", "date": "20251105"},
    ),
    Form(
        "转发",
        "云汀市人民政府办公室文件\n云政办发〔2025〕33号\n云汀市人民政府办公室转发市民政局\n关于加强养老服务意见的通知\n"
        f"各区县人民政府，市直各部门：\n{_BODY}\n云汀市人民政府办公室\n2025年6月18日\n　　（此件主动公开）",
        {
            "issuing_sign": "云汀市人民政府办公室文件",
            "document_number": "云政办发〔2025〕33号",
            "title": "云汀市人民政府办公室转发市民政局关于加强养老服务意见的通知",
            "document_type": "通知",
            "principal_receiver": "各区县人民政府，市直各部门",
            "author": "云汀市人民政府办公室",
            "date": "20250618",
            "release_note": "此件主动公开",
        },
    ),
    Form(
        "议案，署名是人",
        f"云汀市人民政府\n云政函〔2025〕61号\n云汀市人民政府关于提请审议城市总体规划的议案\n市人大常委会：\n{_BODY}\n　　请予审议。\n"
        "市长　林望舒\n2025年8月9日",
        {
            "issuing_sign": "云汀市人民政府",
            "document_number": "云政函〔2025〕61号",
            "title": "云汀市人民政府关于提请审议城市总体规划的议案",
            "document_type": "议案",
            "principal_receiver": "市人大常委会",
            "author": "云汀市人民政府",
            "date": "20250809",
        },
    ),
    Form(
        "常务会议纪要，期号",
        "云汀市人民政府常务会议纪要\n（第15期）\n云汀市人民政府办公室　　　2025年4月8日\n"
        "　　4月7日，市长林望舒主持召开市政府第15次常务会议。纪要如下：\n　　一、听取汛期工作情况汇报\n　　会议指出，要加快管网改造。\n"
        "　　出席：林望舒、陈一苇。",
        {
            "issuing_sign": "云汀市人民政府常务会议纪要",
            "document_number": "第15期",
            "title": "云汀市人民政府常务会议纪要",
            "document_type": "纪要",
            "date": "20250408",
        },
    ),
)


def variety(_corpus: Path) -> dict[str, object]:
    """Sixteen forms of documents as plain text: precision and recall of each element, and every one read wrong."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    differing = Table()
    for form in FORMS:
        read = officialdoc.elements([Page(text=form.text)], "x.txt")
        for name in _COMPARED:
            value, got = form.values.get(name, ""), read.value(name)
            right[name] += bool(value) and got == value
            wrong[name] += bool(got) and got != value
            missed[name] += bool(value) and got != value
            if got != value:
                differing.append({"文件": form.name, "要素": NAMES[name], "应为": value[:36] or "—", "读作": got[:36] or "—"})
    rows = Table(
        {
            "要素": NAMES[name],
            "读对": right[name],
            "读错": wrong[name],
            "漏读": missed[name],
            "precision": _share(right[name], wrong[name]),
            "recall": _share(right[name], missed[name]),
        }
        for name in _COMPARED
    )
    share = right.total() / (right.total() + missed.total())
    precision = _share(right.total(), wrong.total())
    figures = {"forms": len(FORMS), "elements": rows, "differing": differing, "recall": round(share, 4), "precision": precision}
    return figures | {"is_reached": min(share, precision) >= AIM}


def _share(right: int, other: int) -> float:
    return round(right / (right + other), 4) if right + other else 1.0


PROBES = {"officialdoc-variety": variety}
