"""Made documents as older and rarer boxes hold them: of the eighties, typed, stamped on arrival, without a red head, of three bodies.

Drawn like bench/letters.py, with the truth of their fields; a field that a page does not bear is told as empty. Every name is invented.
"""

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw

from bench.letters import Body, any_day, broken, headed, imprinted, person, said, signed, titled
from bench.papers import PLACES, RED, TOPICS, Paper, Pen, font, received, ruled, told

_ODD_BODIES = (
    ("计划委员会", "计"), ("革命委员会", "革"), ("物资局", "物"), ("粮食局", "粮"), ("供销合作社联合社", "供"), ("妇女联合会", "妇"),
    ("总工会", "工"), ("公安局交通警察支队", "公交"), ("人民代表大会常务委员会", "人"), ("机构编制委员会办公室", "编办"),
    ("经济技术开发区管理委员会", "经管"), ("第二中学", "二中"), ("水库管理处", "水管"), ("地方税务局稽查局", "地税稽"),
    ("爱国卫生运动委员会", "爱卫"), ("农业机械厂", "农机"), ("红旗煤矿", "煤"), ("国营青山林场", "林场"), ("气象台", "气"),
    ("人民武装部", "武"), ("乡镇企业管理局", "乡企"), ("城市信用合作社", "信"), ("文学艺术界联合会", "文"), ("建设银行支行", "建"),
)  # fmt: skip
_CLOSINGS = ("特此通知。", "以上意见，请遵照执行。", "请认真贯彻执行。", "特此报告。")
_OLD_TOPICS = (
    "下达一九八六年度农田水利基本建设投资计划", "调整生猪收购价格", "做好夏粮征购入库工作", "召开全县计划生育工作会议",
    "分配第二批化肥指标", "核定企业职工浮动升级人数", "开展财务物价大检查", "增拨防汛草袋指标", "改善中小学教师住房条件",
    "整顿城乡集市贸易秩序", "举办档案干部业务培训班", "清理拖欠粮食预购定金",
)  # fmt: skip
_OLD_SENTENCES = (
    "各公社、各直属单位要切实加强领导，抓紧抓好，务于月底以前将落实情况报告我们。",
    "所需资金由县财政和集体自筹各半解决，木材、水泥指标另行下达。",
    "价格调整后，各收购站要明码标价，不得压级压价，不得打白条。",
    "会议时间三天，请各单位通知一名负责同志准时到会，自带粮票。",
    "凡去年没有完成上交任务的，今年要一并补交，逾期按日加收滞纳金。",
    "现将本年度计划随文下达，请按计划组织施工，确保工程质量。",
    "对分给各社队的化肥，要专肥专用，重点用于高产田，严禁倒卖。",
    "培训班食宿由承办单位安排，往返路费回原单位报销。",
)
_DIGITS = "〇一二三四五六七八九"


def _chinese(value: int) -> str:
    tens, units = divmod(value, 10)
    return ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "") + (_DIGITS[units] if units or not tens else "")


def _old_date(when: tuple[int, int, int]) -> str:
    year = "".join(_DIGITS[int(digit)] for digit in str(when[0]))
    return f"{year}年{_chinese(when[1])}月{_chinese(when[2])}日"


class TypedPen(Pen):
    """Writes as a typewriter or a stencil does: every character in its own square, none quite straight, the ink uneven."""

    def text(self, x: float, y: float, text: str, *, size: float = 16, name: str = "", anchor: str = "la") -> None:
        """Write one line of black characters, each for itself."""
        used = font(name or self.body, round(size / 72 * self.dpi))
        step = self.px(size / 72 * 25.4 * 1.06)
        wide = [step if char > "\u2000" else round(step * 0.55) for char in text]
        left = self.px(x) - {"l": 0, "m": sum(wide) // 2, "r": sum(wide)}[anchor[0]]
        at, top = left, self.px(y)
        for char, room in zip(text, wide, strict=True):
            shade = self.random.randint(10, 92)
            place = (at + self.random.randint(-2, 2), top + self.random.randint(-3, 3))
            self._draw.text(place, char, font=used, fill=(shade, shade, shade), anchor="la")
            at += room
        self.note(text, (left, top, at, top + round(size / 72 * self.dpi * 1.15)))


def _body(pen: Pen) -> Body:
    """Return an issuer whose name is none of the usual ones."""
    r = pen.random
    place = r.choice(PLACES) + r.choice(("市", "县", "县", "地区"))
    name, code = r.choice(_ODD_BODIES)
    return Body(place + name, place, place[0] + code)


def _old_day(pen: Pen) -> tuple[int, int, int]:
    r = pen.random
    return r.randint(1979, 1999), r.randint(1, 12), r.randint(1, 28)


def _old_number(pen: Pen, code: str, year: int) -> tuple[str, str]:
    """Return a number as it is printed and in the common form: years of two digits, 字第, any brackets, the year before the code."""
    count, short = pen.random.randint(1, 190), year % 100
    forms = (
        (f"{code}〔{year}〕{count}号", f"{code}〔{year}〕{count}号"),
        (f"{code}发（{year}）{count}号", f"{code}发〔{year}〕{count}号"),
        (f"{code}字〔{year}〕第{count}号", f"{code}字〔{year}〕{count}号"),
        (f"（{short}）{code}字第{count}号", f"（{short}）{code}字第{count}号"),
        (f"{code}字（{short}）第{count}号", f"{code}字（{short}）第{count}号"),
        (f"{code}发〔{short}〕{count}号", f"{code}发〔{short}〕{count}号"),
        (f"〔{year}〕{code}字第{count}号", f"〔{year}〕{code}字第{count}号"),
        (f"[{short}]{code}字{count}号", f"〔{short}〕{code}字{count}号"),
    )
    return pen.random.choice(forms)


def _old_said(pen: Pen, y: float, *, last: float = 200) -> float:
    for sentence in pen.random.sample(_OLD_SENTENCES, 3):
        y = pen.paragraph(y, sentence, last=last)
    return y


def _eighties(pen: Pen) -> Paper:
    """A red head and a date in characters, subject words and 抄报 at the foot."""
    who, when, r = _body(pen), _old_day(pen), pen.random
    printed, number = _old_number(pen, who.code, when[0])
    y = headed(pen, [who.name], printed)
    title = f"关于{r.choice(_OLD_TOPICS)}的{r.choice(('通知', '报告', '意见', '批复'))}"
    y = titled(pen, y, broken(title, 16), 20)
    y = received(pen, y, r.choice(("各公社、镇，县直各单位：", "县财政局、水电局：", "各区公所、乡（镇）人民政府：")))
    y = pen.paragraph(_old_said(pen, y), r.choice(_CLOSINGS), last=210)
    signed(pen, y, [who.name], when, written=_old_date(when))
    pen.text(28, 248, f"主题词：{r.choice(('农业', '财政', '物价', '教育'))}　{r.choice(('计划', '经费', '会议'))}　通知", size=14)
    pen.rule(255)
    pen.paper.fields["other_receivers"] = f"{r.choice(PLACES)}地区行政公署计划委员会"
    pen.text(30, 257.5, f"抄报：{pen.paper.fields['other_receivers']}", size=14)
    pen.text(30, 266, f"{who.name}办公室　　{_old_date(when)}印发", size=14)
    pen.rule(275)
    pen.text(178, 277, f"（共印{r.randint(3, 20) * 10}份）", size=12, anchor="ra")
    return told(pen, number, title, who.name, when)


def _typed(pen: Pen) -> Paper:
    """Typed or cut on a stencil, nothing red; the number at the right, under the name or under the title."""
    pen = TypedPen(pen.random.randint(0, 10**6), body=pen.body)
    who, when, r = _body(pen), _old_day(pen), pen.random
    printed, number = _old_number(pen, who.code, when[0])
    title = f"{who.name}关于{r.choice(_OLD_TOPICS)}的{r.choice(('通知', '报告', '请示', '函'))}"
    if r.random() < 0.5:
        pen.text(105, 34, f"{who.name}文件", size=26, anchor="ma")
        pen.text(105, 54, printed, anchor="ma")
        y = titled(pen, 70, broken(title, 18), 18)
    else:
        y = titled(pen, 40, broken(title, 18), 18)
        pen.text(180, y, printed, anchor="ra")
        y += 12
    y = received(pen, y, f"{who.place}人民政府：")
    y = pen.paragraph(_old_said(pen, y), r.choice(_CLOSINGS), last=220)
    signed(pen, y, [who.name], when, written=_old_date(when))
    return told(pen, number, title, who.name, when)


def _received(pen: Pen) -> Paper:
    """A letter that bears the stamp of the office it came to, pressed over its head."""
    who, when, r = _body(pen), any_day(pen), pen.random
    number = f"{who.code}发〔{when[0]}〕{r.randint(1, 300)}号"
    y = headed(pen, [who.name], number)
    title = f"{who.name}关于{r.choice(TOPICS)}的通知"
    y = titled(pen, y, broken(title, 17))
    y = received(pen, y, "各有关单位：")
    y = said(pen, y, count=2)
    signed(pen, y, [who.name], when)
    imprinted(pen, f"{who.name}办公室", when)
    _press(pen, (r.uniform(140, 170), r.uniform(66, 96)), when)
    return told(pen, number, title, who.name, when)


def _press(pen: Pen, at: tuple[float, float], when: tuple[int, int, int]) -> None:
    """Press a stamp of three rows: who received, under which number, on which day; its ink is thin and lets the print be seen."""
    r, dpi = pen.random, pen.dpi
    ink = Image.new("L", pen.paper.image.size, 0)
    draw = ImageDraw.Draw(ink)
    x, y, wide, high = at[0], at[1], 42.0, 21.0
    draw.rectangle([pen.px(x - wide / 2), pen.px(y - high / 2), pen.px(x + wide / 2), pen.px(y + high / 2)], outline=255, width=pen.px(0.5))
    rows = (f"{r.choice(PLACES)}县档案局收文", f"第　{r.randint(1, 900)}　号", f"{when[0]}年{min(12, when[1] + 1)}月{r.randint(1, 28)}日")
    for row, text in enumerate(rows):
        place, used = (pen.px(x), pen.px(y - 6.2 + 6.2 * row)), font("sans", round(11 / 72 * dpi))
        draw.text(place, text, font=used, fill=255, anchor="mm")
        pen.note(text, draw.textbbox(place, text, font=used, anchor="mm"))
    noise = np.random.default_rng(r.randint(0, 9999))
    mask = cv2.warpAffine(
        np.asarray(ink), cv2.getRotationMatrix2D((pen.px(x), pen.px(y)), r.uniform(-7, 7), 1), pen.paper.image.size
    ).astype(np.float32)[..., None] / 255  # fmt: skip
    mask = mask * 0.8 * (noise.random(mask.shape[:2]) > 0.12)[..., None]
    pixels = pen.paper.pixels
    done = pixels * (1 - mask) + mask * np.minimum(pixels, np.array([206, 58, 66]))
    pen.paper.image = Image.fromarray(done.astype(np.uint8))


def _bare(pen: Pen) -> Paper:
    """No red head: the title first, number or date in brackets under it."""
    who, when, r = _body(pen), any_day(pen), pen.random
    number = f"{who.code}发〔{when[0]}〕{r.randint(1, 300)}号"
    title = f"{who.name}关于{r.choice(TOPICS)}的{r.choice(('通知', '意见', '决定'))}"
    y = titled(pen, 40, broken(title, 17))
    pen.text(105, y, f"（{number}）" if r.random() < 0.5 else number, anchor="ma", size=14)
    y = received(pen, y + 13, "各乡镇人民政府，县直各单位：")
    y = said(pen, y, count=3)
    signed(pen, y, [who.name], when)
    return told(pen, number, title, who.name, when)


def _three(pen: Pen) -> Paper:
    """Three bodies one under the other, 文件 at their right, in the middle of their height."""
    when, r = any_day(pen), pen.random
    place = r.choice(PLACES) + r.choice(("市", "县"))
    chosen = r.sample([pair for pair in _ODD_BODIES if len(pair[0]) < 9], 3)
    names = [place + name for name, _ in chosen]
    number = f"{place[0]}{chosen[0][1]}发〔{when[0]}〕{r.randint(1, 300)}号"
    for at, name in enumerate(names):
        pen.text(82, 36 + 13 * at, name, size=28, anchor="ma")
    pen.text(158, 47, "文件", size=34, anchor="ma")
    pen.text(105, 84, number, anchor="ma")
    pen.rule(94, fill=RED, thick=0.7)
    subject = f"关于{r.choice(TOPICS)}的通知"
    y = titled(pen, 103, [*names, subject])
    y = received(pen, y, "各乡镇人民政府，各有关单位：")
    y = said(pen, y, count=1, last=190)
    signed(pen, y, names, when)
    return told(pen, number, "".join(names) + subject, "；".join(names), when)


def _announced(pen: Pen) -> Paper:
    """An announcement to the public, numbered in its year."""
    who, when, r = _body(pen), any_day(pen), pen.random
    pen.text(105, 38, f"{who.name}公告", size=34 if len(who.name) < 10 else 28, anchor="ma")
    count = r.randint(1, 60)
    pen.text(105, 60, f"{when[0]}年第{count}号", anchor="ma")
    pen.rule(70, fill=RED, thick=0.7)
    title = f"关于{r.choice(TOPICS)}的公告"
    y = titled(pen, 80, broken(title, 17))
    y = said(pen, y, count=3)
    y = pen.paragraph(y, "特此公告。", last=215)
    signed(pen, y, [who.name], when)
    return told(pen, f"{who.name}公告{when[0]}年第{count}号", title, who.name, when)


def _meeting(pen: Pen) -> Paper:
    """Minutes with time, place and persons under the head, and no signature."""
    when, r = any_day(pen), pen.random
    place = r.choice(PLACES) + r.choice(("市", "县"))
    name = f"{place}{r.choice(('人民政府常务会议', '长办公会议', '档案局局务会议'))}纪要"
    pen.text(105, 36, name, size=28, anchor="ma")
    pen.text(105, 54, f"第{r.randint(2, 88)}次", anchor="ma")
    pen.rule(64, fill=RED, thick=0.7)
    y = pen.paragraph(72, "时　间：{}年{}月{}日上午9:30".format(*when), indent=0)
    y = pen.paragraph(y, f"地　点：{r.choice(('三楼会议室', '县委小礼堂', '第二会议室'))}", indent=0)
    y = pen.paragraph(y, f"主持人：{person(pen)}", indent=0)
    y = pen.paragraph(y, "出　席：" + "、".join(person(pen) for _ in range(9)), indent=0)
    said(pen, y, count=4, last=240)
    pen.paper.fields = {"title": name, "date": "{}{:02d}{:02d}".format(*when)}
    return pen.paper


def _unsigned(pen: Pen) -> Paper:
    """The first page of a long document: its end, with signature and date, is on a later one."""
    who, when, r = _body(pen), any_day(pen), pen.random
    number = f"{who.code}发〔{when[0]}〕{r.randint(1, 300)}号"
    y = headed(pen, [who.name], number)
    title = f"{who.name}关于{r.choice(TOPICS)}的{r.choice(('意见', '报告', '决定'))}"
    y = titled(pen, y, broken(title, 17))
    y = received(pen, y, f"{who.place}人民政府：")
    asked = when[0] - 1, r.randint(1, 12), r.randint(1, 28)
    y = pen.paragraph(y, "根据{}年{}月{}日会议的要求，现将有关情况汇报如下。".format(*asked))
    for _ in range(4):
        y = said(pen, y, count=3, last=262)
    pen.text(178, 281, "— 1 —", size=14, anchor="ra")
    return told(pen, number, title, who.name, None)


def _second(pen: Pen) -> Paper:
    """The last page of a document alone: no head, no title, no number, but signature and date."""
    who, when = _body(pen), any_day(pen)
    y = said(pen, 37, count=4, last=150)
    signed(pen, y, [who.name], when)
    imprinted(pen, f"{who.name}办公室", when)
    return told(pen, "", "", who.name, when)


def _listed(pen: Pen) -> Paper:
    """A list of the documents in a volume: full of numbers, titles and dates, none of them its own."""
    r = pen.random
    pen.text(105, 28, "卷内文件目录", size=20, anchor="ma")
    edges, top, step = (22, 34, 72, 104, 156, 180, 190), 44.0, 10.0
    rows: list[tuple[str, ...]] = [("序号", "文号", "责任者", "题名", "日期", "页号")]
    for at in range(1, 20):
        name, code = r.choice(_ODD_BODIES)
        year = r.randint(1984, 2010)
        number = f"{r.choice(PLACES)[0]}{code}〔{year}〕{r.randint(1, 90)}号"
        topic = f"关于{r.choice(_OLD_TOPICS)[:9]}的通知"
        rows.append((str(at), number, name[:7], topic, f"{year}{r.randint(1, 12):02d}{r.randint(1, 28):02d}", str(3 * at)))
    ruled(pen, rows, edges, top, step, size=9.5)
    return told(pen, "", "卷内文件目录", "", None)


def _appointed(pen: Pen) -> Paper:
    """An appointment: the title names persons, the body is a list of them."""
    who, when, r = _body(pen), any_day(pen), pen.random
    number = f"{who.code}字〔{when[0]}〕{r.randint(1, 90)}号"
    y = headed(pen, [who.name], number)
    names = [person(pen), person(pen)]
    title = f"关于{names[0]}、{names[1]}等同志任免职务的通知"
    y = titled(pen, y, broken(title, 16))
    y = received(pen, y, "各科室、各直属单位：")
    y = pen.paragraph(y, "经研究，决定：")
    for name in names:
        y = pen.paragraph(y, f"{name}同志任{who.name}办公室副主任（试用期一年）；")
    y = pen.paragraph(y, f"免去{person(pen)}同志的{who.name}规划科科长职务。")
    signed(pen, y, [who.name], when)
    imprinted(pen, f"{who.name}办公室", when)
    return told(pen, number, title, who.name, when)


def _penalty(pen: Pen) -> Paper:
    """A decision whose kind stands large at the top and whose number stands under it at the right."""
    when, r = any_day(pen), pen.random
    place = r.choice(PLACES) + r.choice(("市", "县"))
    name, code = r.choice((("环境保护局", "环罚"), ("城市管理局", "城罚"), ("水利局", "水罚"), ("劳动局", "劳监")))
    number = f"{place[0]}{code}{r.choice(('字', '决', ''))}〔{when[0]}〕{r.randint(1, 99)}号"
    pen.text(105, 30, place + name, size=24, anchor="ma")
    pen.text(105, 44, "行政处罚决定书", size=26, anchor="ma")
    pen.text(180, 62, number, anchor="ra")
    y = pen.paragraph(76, f"当事人：{r.choice(PLACES)}建材有限责任公司", indent=0)
    y = pen.paragraph(y, f"法定代表人：{person(pen)}", indent=0)
    y = pen.paragraph(y, "经查，当事人未经批准擅自堆放物料，占用道路四十平方米，责令限期清除，并处罚款贰仟元。")
    y = said(pen, y, count=2)
    signed(pen, y, [place + name], when)
    return told(pen, number, f"{place}{name}行政处罚决定书", place + name, when)


def _wired(pen: Pen) -> Paper:
    """A telegram by fax: urgency, sender and number in a frame of rules."""
    who, when, r = _body(pen), any_day(pen), pen.random
    number = f"{who.code}明电〔{when[0]}〕{r.randint(1, 60)}号"
    pen.text(105, 30, "传真电报", size=36, anchor="ma")
    pen.text(30, 54, f"发电单位：{who.name}", size=14)
    pen.text(150, 54, f"签批：{person(pen)}", size=14)
    pen.rule(64)
    pen.paper.fields["precedence"] = r.choice(("特急", "加急"))
    pen.text(30, 67, f"等级　{pen.paper.fields['precedence']}", size=14)
    pen.text(178, 67, number, size=14, anchor="ra")
    pen.rule(76)
    title = f"关于{r.choice(TOPICS)}的紧急通知"
    y = titled(pen, 84, broken(title, 16))
    y = received(pen, y, "各乡镇人民政府：")
    y = said(pen, y, count=2)
    signed(pen, y, [who.name], when)
    return told(pen, number, title, who.name, when)


FORMS: tuple[Callable[[Pen], Paper], ...] = (
    _eighties, _typed, _received, _bare, _three, _announced, _meeting, _unsigned, _second, _listed, _appointed, _penalty, _wired,
)  # fmt: skip


def letter(seed: int, *, body: str = "serif") -> Paper:
    """Return a document of the form that *seed* chooses, one after the other."""
    return FORMS[seed % len(FORMS)](Pen(seed, body=body))
