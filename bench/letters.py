"""Made letters of differing forms, as they lie in boxes of paper: notices, letters, requests, replies, minutes, orders, joint issues.

Drawn like bench/papers.py, with the truth of their fields. Every name and sentence is invented.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bench.papers import BODIES, GIVEN, HEADINGS, PLACES, RANKS, RED, SENTENCES, SURNAMES, TOPICS, Paper, Pen, received, told

_LONG = (
    "转发省水利厅关于进一步加强全省中小型水库安全度汛工作的紧急通知并切实做好汛期巡查值守和应急抢险准备",
    "调整全市城乡居民最低生活保障标准和特困人员救助供养标准以及进一步规范审核确认工作程序",
    "举办第三届社区工作者职业技能竞赛暨全市社区治理创新案例评选活动有关事项",
    "同意设立栖霞岭省级自然保护区并核定其范围界线和功能分区以及管护机构编制",
)
_REPLIES = ("同意调整农村公路养护站点布局", "同意设立城南文化服务中心", "原则同意水源地保护规划", "同意变更校舍建设地点")
_ACTS = ("河道采砂管理办法", "户外广告设施设置规定", "机关档案管理办法", "公共厕所管理规定", "城市绿化补偿办法")
_SHORT = 16


@dataclass(frozen=True, slots=True)
class Body:
    """Who issues: the name, the place it is in, and the code of its numbers."""

    name: str
    place: str
    code: str


def letter(seed: int, *, body: str = "serif") -> Paper:
    """Return a letter of the form that *seed* chooses, one after the other."""
    pen = Pen(seed, body=body)
    return FORMS[seed % len(FORMS)](pen)


def _issuer(pen: Pen) -> Body:
    r = pen.random
    place, (name, code) = r.choice(PLACES) + r.choice(RANKS), r.choice(BODIES)
    return Body(place + name, place, place[0] + code)


def any_day(pen: Pen) -> tuple[int, int, int]:
    """Return a year, month and day."""
    r = pen.random
    return r.randint(1994, 2025), r.randint(1, 12), r.randint(1, 28)


def _number(pen: Pen, code: str, year: int) -> str:
    return f"{code}〔{year}〕{pen.random.randint(1, 380)}号"


def broken(text: str, most: int = _SHORT) -> list[str]:
    """Break a title into lines of nearly one length."""
    lines = -(-len(text) // most)
    step = -(-len(text) // lines)
    return [text[at : at + step] for at in range(0, len(text), step)]


def titled(pen: Pen, y: float, lines: list[str], size: float = 22) -> float:
    """Write the lines of a title and return where the body begins."""
    for line in lines:
        pen.text(105, y, line, size=size, anchor="ma")
        y += 12.5
    return y + 4


def said(pen: Pen, y: float, *, last: float = 196, count: int = 3) -> float:
    """Write sentences and headings and return where the next line begins."""
    r = pen.random
    for index in range(count):
        if r.random() < 0.4:
            y = pen.paragraph(y, f"{'一二三四'[index]}、{r.choice(HEADINGS)}", name="sans", last=last)
        y = pen.paragraph(y, r.choice(SENTENCES), last=last)
    return y


def signed(pen: Pen, y: float, names: list[str], day: tuple[int, int, int], *, written: str = "") -> None:
    """Sign and date a letter; *written* is the date where it is not in figures."""
    for name in names:
        pen.text(142, y + 8, name, anchor="ma")
        y += 10
    pen.text(142, y + 8, written or "{}年{}月{}日".format(*day), anchor="ma")


def imprinted(pen: Pen, office: str, day: tuple[int, int, int]) -> None:
    """Draw the imprint of the foot and the page number."""
    r = pen.random
    pen.rule(255)
    copies = f"{r.choice(PLACES)}{r.choice(RANKS)}{r.choice(BODIES)[0]}，{r.choice(PLACES)}{r.choice(RANKS)}委办公室"
    pen.paper.fields["other_receivers"] = copies
    pen.text(30, 257.5, f"抄送：{copies}。", size=14)
    pen.rule(265.5, thick=0.2)
    pen.text(30, 267.5, office, size=14)
    pen.text(182, 267.5, "{}年{}月{}日印发".format(*day), size=14, anchor="ra")
    pen.rule(275.5)
    pen.text(178, 281, "— 1 —", size=14, anchor="ra")


def headed(pen: Pen, names: list[str], number: str, signers: str = "") -> float:
    """Draw the red head down to its rule and return where the title begins."""
    size = 40 if len(names) == 1 and len(names[0]) < 8 else 30
    y = 40.0
    for at, name in enumerate(names):
        is_last = at == len(names) - 1
        pen.text(105, y + 14 * at, name if not is_last else f"{name}文件", size=size, anchor="ma")
    y = max(80.0, y + 14 * len(names) + 10)
    if signers:
        pen.text(33, y, number)
        pen.text(178, y, f"签发人：{signers}", anchor="ra", name="kai")
    else:
        pen.text(105, y, number, anchor="ma")
    pen.rule(y + 10, fill=RED, thick=0.7)
    return y + 19


def person(pen: Pen) -> str:
    """Return an invented name."""
    return pen.random.choice(SURNAMES) + "".join(pen.random.sample(GIVEN, pen.random.choice((1, 2))))


def _notice(pen: Pen) -> Paper:
    """A notice with attachments and several receivers over two lines."""
    who, day, r = _issuer(pen), any_day(pen), pen.random
    number = _number(pen, f"{who.code}发", day[0])
    y = headed(pen, [who.name], number)
    subject = f"关于{r.choice(TOPICS)}的通知"
    y = titled(pen, y, [who.name, subject])
    others = "，".join(f"{place}区{name}" for place, (name, _) in zip(r.sample(PLACES, 3), r.sample(BODIES, 3), strict=True))
    y = received(pen, y, f"各乡镇人民政府，各街道办事处，{others}，{who.place}直有关单位：")
    y = said(pen, y, count=2)
    first, second = f"{r.choice(TOPICS)}安排表", f"{r.choice(TOPICS)}联系人名单"
    pen.paper.fields["attachment_note"] = f"{first}；{second}"
    y = pen.paragraph(y, f"附件：1. {first}", last=215)
    pen.text(28 + 5 * 5.57, y, f"2. {second}")
    signed(pen, y + 10, [who.name], day)
    imprinted(pen, f"{who.name}办公室", day)
    return told(pen, number, who.name + subject, who.name, day)


def _letter(pen: Pen) -> Paper:
    """A letter 函: the name alone above two red rules, the number at the right under them."""
    who, day, r = _issuer(pen), any_day(pen), pen.random
    number = _number(pen, f"{who.code}函", day[0])
    pen.text(105, 30, who.name, size=34, anchor="ma")
    pen.rule(48, fill=RED, thick=1.0, left=20, right=190)
    pen.rule(49.6, fill=RED, left=20, right=190)
    pen.text(182, 54, number, anchor="ra")
    title = f"{who.name}关于商请{r.choice(TOPICS)}的函"
    y = titled(pen, 70, broken(title))
    y = received(pen, y, f"{r.choice(PLACES)}{r.choice(RANKS)}{r.choice(BODIES)[0]}：")
    y = said(pen, y)
    y = pen.paragraph(y, "专此函达，请予支持。", last=215)
    signed(pen, y, [who.name], day)
    pen.text(28 + 2 * 5.57, y + 34, f"（联系人：{person(pen)}，联系电话：000-{r.randint(1000000, 9999999)}）")
    pen.rule(284, fill=RED, left=20, right=190)
    return told(pen, number, title, who.name, day)


def _request(pen: Pen) -> Paper:
    """A request upwards with its signatory; the title does not name the body."""
    who, day, r = _issuer(pen), any_day(pen), pen.random
    number = _number(pen, who.code, day[0])
    y = headed(pen, [who.name], number, person(pen))
    title = f"关于{r.choice(TOPICS)}所需经费的请示"
    y = titled(pen, y, broken(title))
    y = received(pen, y, f"{who.place}人民政府：")
    y = said(pen, y, count=2)
    y = pen.paragraph(y, "妥否，请批示。", last=210)
    signed(pen, y, [who.name], day)
    imprinted(pen, f"{who.name}办公室", day)
    return told(pen, number, title, who.name, day)


def _reply(pen: Pen) -> Paper:
    who, day, r = _issuer(pen), any_day(pen), pen.random
    number = _number(pen, f"{who.code}复", day[0])
    y = headed(pen, [who.name], number)
    title = f"{who.name}关于{r.choice(_REPLIES)}的批复"
    y = titled(pen, y, broken(title))
    y = received(pen, y, f"{r.choice(PLACES)}镇人民政府：")
    asked = (day[0], max(1, day[1] - 1), day[2])
    y = pen.paragraph(y, "你镇{}年{}月{}日报来的请示收悉。经研究，现批复如下：".format(*asked))
    y = said(pen, y, count=2)
    y = pen.paragraph(y, "此复。", last=212)
    signed(pen, y, [who.name], day)
    imprinted(pen, f"{who.name}办公室", day)
    return told(pen, number, title, who.name, day)


def _long(pen: Pen) -> Paper:
    """A title over three or four lines that begins with the name of the body."""
    who, day, r = _issuer(pen), any_day(pen), pen.random
    number = _number(pen, f"{who.code}发", day[0])
    y = headed(pen, [who.name], number)
    title = f"{who.name}关于{r.choice(_LONG)}的通知"
    y = titled(pen, y, broken(title, 18))
    y = received(pen, y, "各科室、各直属单位：")
    y = said(pen, y, count=2)
    signed(pen, y, [who.name], day)
    imprinted(pen, f"{who.name}办公室", day)
    return told(pen, number, title, who.name, day)


def _joint(pen: Pen) -> Paper:
    """Two bodies issue together, one under the other in head and signature."""
    who, day, r = _issuer(pen), any_day(pen), pen.random
    other = r.choice([who.place + name for name, _ in BODIES if who.place + name != who.name and name != "人民政府"])
    number = _number(pen, f"{who.code}发", day[0])
    y = headed(pen, [who.name, other], number)
    subject = f"关于联合{r.choice(TOPICS)}的通知"
    y = titled(pen, y, [f"{who.name}　{other}", subject])
    y = received(pen, y, "各乡镇人民政府，各有关单位：")
    y = said(pen, y, count=2)
    signed(pen, y, [who.name, other], day)
    return told(pen, number, f"{who.name}{other}{subject}", f"{who.name}；{other}", day)


def _minutes(pen: Pen) -> Paper:
    """Minutes of a meeting, numbered by year."""
    who, day, r = _issuer(pen), any_day(pen), pen.random
    pen.text(105, 36, who.name, size=30, anchor="ma")
    pen.text(105, 52, "会议纪要", size=36, anchor="ma")
    number = _number(pen, "", day[0])
    pen.text(105, 74, number, anchor="ma")
    pen.text(28, 86, who.name)
    pen.text(182, 86, "{}年{}月{}日".format(*day), anchor="ra")
    pen.rule(96, fill=RED, thick=0.7)
    title = f"研究{r.choice(TOPICS)}等工作的会议纪要"
    y = titled(pen, 106, broken(title))
    y = pen.paragraph(y, f"局长{person(pen)}主持召开会议。现将议定事项纪要如下：")
    y = said(pen, y, count=3, last=225)
    pen.paragraph(y, f"出席：{person(pen)}、{person(pen)}、{person(pen)}。", last=240)
    return told(pen, f"会议纪要{number}", title, who.name, day)  # what stands above a bare number is its code


def _order(pen: Pen) -> Paper:
    """An order 令 that promulgates an act."""
    r, day = pen.random, any_day(pen)
    place = r.choice(PLACES) + "市"
    count = r.randint(2, 96)
    pen.text(105, 45, f"{place}人民政府令", size=40, anchor="ma")
    pen.text(105, 74, f"第{count}号", anchor="ma")
    pen.rule(84, fill=RED, thick=0.7)
    act = r.choice(_ACTS)
    begins = (day[0] + day[1] // 12, day[1] % 12 + 1)
    y = pen.paragraph(
        100, f"《{place}{act}》已经市人民政府第{r.randint(3, 60)}次常务会议审议通过，现予公布，自{begins[0]}年{begins[1]}月1日起施行。"
    )
    pen.text(125, y + 14, f"市　长　{person(pen)}")
    pen.text(142, y + 26, "{}年{}月{}日".format(*day), anchor="ma")
    number = f"{place}人民政府令第{count}号"
    return told(pen, number, f"{place}人民政府令", f"{place}人民政府", day)  # it has no title but its head


FORMS: tuple[Callable[[Pen], Paper], ...] = (_notice, _letter, _request, _reply, _long, _joint, _minutes, _order)
