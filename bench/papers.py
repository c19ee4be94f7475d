"""Made pages: official documents in the look of GB/T 9704-2012, drawn with the fonts of the wheel, and what scanning does to them.

Every name and sentence is invented. A page knows the truth about itself: its lines with boxes in pixels, and the fields of its document.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pylopdf_fonts_zh_cn
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

DPI = 300
RED, BLACK = (205, 28, 32), (24, 24, 26)
Pixels = NDArray[np.uint8]
_WIDE, _HIGH = 210.0, 297.0
_LEFT, _RIGHT, _TOP = 28.0, 184.0, 37.0
_LEAD, _PITCH = 10.2, 5.57
_RED_FROM = 28
#: The height of a letter with the room above it, in mm for each point of its size.
_LETTER_MM = 0.46
_TOP_THIRD = 0.38
_EXTRA = {
    "kai": "/usr/share/fonts/truetype/arphic-gkai00mp/gkai00mp.ttf",
    "song": "/usr/share/fonts/truetype/arphic-gbsn00lp/gbsn00lp.ttf",
}
_NEVER_FIRST = "，。；：、）》”！？"

PLACES = ("栖霞", "云岭", "清源", "望江", "临溪", "东湖", "长坪", "金沙", "平川", "石桥", "绿荫", "永安", "龙泉", "白鹭", "青禾", "双河")
RANKS = ("市", "县", "区")
BODIES = (
    ("人民政府", "政"), ("教育局", "教"), ("财政局", "财"), ("水利局", "水"), ("档案局", "档"), ("林业局", "林"),
    ("交通运输局", "交"), ("民政局", "民"), ("卫生健康委员会", "卫"), ("农业农村局", "农"), ("应急管理局", "应急"), ("统计局", "统"),
)  # fmt: skip
KINDS = ("通知", "意见", "报告", "请示", "批复", "通报", "函", "决定")
TOPICS = (
    "开展冬季水利设施检修", "做好汛期值班值守", "加强乡村道路养护管理", "规范机关公务用车登记", "开展中小学图书馆建设", "做好粮食应急储备",
    "推进老旧小区供水改造", "加强公共场所消防检查", "开展古树名木普查建档", "做好离退休干部体检",
    "举办青年职工技能竞赛", "落实病虫害统防统治",
    "推广节水灌溉技术", "开展农村危房排查", "加强行政印章使用管理", "做好统计年报编制", "调整工作领导小组成员", "建设社区养老服务站点",
)  # fmt: skip
SENTENCES = (
    "各单位要指定专人负责，于每季度末将进展情况书面报送办公室，逾期未报的予以提醒。",
    "经费从年度部门预算中列支，不得挤占其他专项，支出情况接受审计和群众监督。",
    "检修中发现闸门锈蚀、渠道渗漏等问题的，应当拍照登记，编号建册，限期修复。",
    "值班人员须坚守岗位，保持通信畅通，遇有险情在三十分钟内如实上报。",
    "图书采购应当公开比价，优先选用适合少年儿童阅读的科普、历史和文学读物。",
    "对工作扎实、成效明显的单位给予表扬；对敷衍塞责的，责成说明原因并限期改正。",
    "本年度计划改造管网12.6公里，更换水表3,480只，惠及居民2,150户。",
    "参加竞赛的选手由各单位推荐，每单位不超过3人，报名表请于5月20日前交回。",
    "古树应当逐株挂牌，记明树种、树龄、胸径和管护责任人，照片与坐标一并归入档案。",
    "储备粮轮换须经批准，出入库数量、质量和价格如实记账，做到账实相符。",
    "有条件的乡镇可以先行试点，取得经验后再逐步推开，防止一哄而上。",
    "印章由综合科统一保管，使用前填写审批单，严禁在空白介绍信、空白合同上盖章。",
    "巡护人员每周至少巡查两次，发现松材线虫病疑似症状立即取样送检。",
    "服务站点应当设置无障碍通道、扶手和呼叫铃，每日开放时间不少于8小时。",
    "年报数据以12月31日24时为标准时点，表内、表间关系须经审核无误后上报。",
    "请结合实际认真执行，执行中的问题请及时与我们联系。",
    "各有关单位要密切配合，资料共享，避免多头布置、重复填报。",
    "离退休人员体检安排在县中心医院，往返车辆由后勤服务中心统一调度。",
)  # fmt: skip
HEADINGS = ("总体要求", "工作安排", "组织领导", "经费保障", "时间步骤", "监督检查")
SURNAMES, GIVEN = "林周顾沈陆许叶蒋何程谢罗韩唐冯", "远清宁川岚栋舟禾越汀朗澄"
_NUMERALS = "一二三四五六"
#: Fields that a document may bear or not, besides those that every record must have.
OPTIONAL = ("principal_receiver", "precedence", "other_receivers", "attachment_note")


@dataclass(frozen=True, slots=True)
class TrueLine:
    """A line as it was drawn: its text and its box in pixels."""

    text: str
    box: tuple[float, float, float, float]


@dataclass(slots=True)
class Paper:
    """A drawn page with the truth about it; ``fields`` name → value, those of the whole document on its first page."""

    image: Image.Image
    lines: list[TrueLine] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def pixels(self) -> Pixels:
        """Rows of red, green, blue."""
        return np.asarray(self.image)


@cache
def font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    """Return a font by the name it has here: serif and sans of the wheel, kai and song where the machine has them."""
    extra = _EXTRA.get(name, "")
    path = (
        extra
        if extra and Path(extra).is_file()
        else pylopdf_fonts_zh_cn.sans_path()
        if name == "sans"
        else pylopdf_fonts_zh_cn.serif_path()
    )
    return ImageFont.truetype(str(path), pixels)


class Pen:
    """Draws on a page and writes down what was drawn. Places are in mm, sizes in points."""

    def __init__(self, seed: int, *, dpi: int = DPI, body: str = "serif") -> None:
        self.random, self.dpi, self.body = random.Random(seed), dpi, body
        self.paper = Paper(Image.new("RGB", (self.px(_WIDE), self.px(_HIGH)), (255, 255, 255)))
        self._draw = ImageDraw.Draw(self.paper.image)

    def px(self, mm: float) -> int:
        """Return millimetres in pixels."""
        return round(mm / 25.4 * self.dpi)

    def text(self, x: float, y: float, text: str, *, size: float = 16, name: str = "", anchor: str = "la") -> None:
        """Write one line; what is written larger than a title is red, as the head is."""
        fill = RED if size >= _RED_FROM else BLACK
        used = font(name or self.body, round(size / 72 * self.dpi))
        at = (self.px(x), self.px(y))
        self._draw.text(at, text, font=used, fill=fill, anchor=anchor)
        box = self._draw.textbbox(at, text, font=used, anchor=anchor)
        self.note(text, box)

    def note(self, text: str, box: tuple[float, float, float, float]) -> None:
        """Write down that *text* stands in *box*, in pixels."""
        self.paper.lines.append(TrueLine(text, box))

    def column(self, x: float, top: float, bottom: float, *, thick: float = 0.25) -> None:
        """Draw a line down."""
        self._draw.line([(self.px(x), self.px(top)), (self.px(x), self.px(bottom))], fill=BLACK, width=max(1, self.px(thick)))

    def rule(self, y: float, *, fill: tuple[int, int, int] = BLACK, thick: float = 0.4, left: float = _LEFT, right: float = _RIGHT) -> None:
        """Draw a line across."""
        self._draw.line([(self.px(left), self.px(y)), (self.px(right), self.px(y))], fill=fill, width=max(1, self.px(thick)))

    def paragraph(self, y: float, text: str, *, indent: int = 2, last: float = 262, name: str = "", size: float = 16) -> float:
        """Write a paragraph in lines of the measure and return where the next begins; what has no room is left out."""
        used = font(name or self.body, round(size / 72 * self.dpi))
        room, line, x = self.px(_RIGHT - _LEFT), "", _LEFT + indent * _PITCH
        for char in text:
            limit = room - (self.px(x - _LEFT))
            if used.getlength(line + char) > limit and char not in _NEVER_FIRST:
                if y > last:
                    return y
                self.text(x, y, line, name=name, size=size)
                y, line, x = y + _LEAD, "", _LEFT
            line += char
        if line and y <= last:
            self.text(x, y, line, name=name, size=size)
            y += _LEAD
        return y


def letter(seed: int, *, marking: str = "", body: str = "serif", dpi: int = DPI, is_sealed: bool = False) -> Paper:
    """Draw the only page of an official document with a red head: every element of GB/T 9704-2012 that a page may bear."""
    pen = Pen(seed, dpi=dpi, body=body)
    r = pen.random
    place, (name, code), kind = r.choice(PLACES) + r.choice(RANKS), r.choice(BODIES), r.choice(KINDS)
    body_name = place + name
    year, month, day = r.randint(1996, 2024), r.randint(1, 12), r.randint(1, 28)
    number = f"{place[0]}{code}{'函' if kind == '函' else '发'}〔{year}〕{r.randint(1, 260)}号"
    signer = r.choice(SURNAMES) + r.choice(GIVEN) + r.choice(("", r.choice(GIVEN))) if kind in ("请示", "报告") else ""
    title = [body_name, f"关于{r.choice(TOPICS)}的{kind}"]
    receiver = r.choice(
        (f"各乡镇人民政府，{place}直各单位：", f"{r.choice(PLACES)}{r.choice(RANKS)}{r.choice(BODIES)[0]}：", "各科室、各直属单位：")
    )
    y = _head(pen, body_name, number, signer, marking)
    y = _body(pen, y, title, receiver)
    pen.text(142, y + 9, body_name, anchor="ma")
    pen.text(142, y + 19, f"{year}年{month}月{day}日", anchor="ma")
    office, copies = f"{body_name}办公室", f"{r.choice(PLACES)}{r.choice(RANKS)}{r.choice(BODIES)[0]}，存档。"
    _imprint(pen, office, copies, (year, month, min(28, day + r.randint(0, 3))))
    if is_sealed:
        pen.paper.image = Image.fromarray(sealed(pen.paper.pixels, (pen.px(142), pen.px(y + 17)), dpi, r.randint(0, 9999)))
    return told(pen, number, "".join(title), body_name, (year, month, day))


def told(pen: Pen, number: str, title: str, author: str, day: tuple[int, int, int] | None) -> Paper:
    """Write down the fields of the document beside those noted as they were drawn, what it does not bear as empty, and return it."""
    date = "{}{:02d}{:02d}".format(*day) if day else ""
    own = {"document_number": number, "title": title, "date": date, "author": author}
    pen.paper.fields = dict.fromkeys(OPTIONAL, "") | pen.paper.fields | own
    return pen.paper


def stamped(seed: int, *, has_labels: bool = False, body: str = "serif", dpi: int = DPI) -> tuple[Paper, dict[str, str]]:
    """Press an archival stamp of six boxes at the head of such a page (DA/T 22-2015) and return what stands in it besides."""
    paper = letter(seed, body=body, dpi=dpi)
    r = random.Random(seed + 7)
    said = {
        "fonds_code": r.choice(("J001", "0123", "X17", "86")), "year": paper.fields["date"][:4],
        "agency_item_number": str(r.randint(1, 480)),
        "organizational_structure_or_function": r.choice(("办公室", "综合科", "规划科", "人事教育处", "财务审计科")),
        "retention_period": r.choice(("永久", "30年", "10年")),
        "total_number_of_pages": str(r.randint(1, 60)),
    }  # fmt: skip
    labels = ("全宗号", "年度", "件号", "机构(问题)", "保管期限", "页数")
    draw, mm = ImageDraw.Draw(paper.image), dpi / 25.4
    wide, high = (54.0, 24.0) if has_labels else (45.0, 16.0)
    x0, y0 = r.uniform(70, 120), r.uniform(8, 14)
    ink, pen = (196, 40, 44), max(2, round(0.35 * mm))
    for at in range(4):
        draw.line([((x0 + at * wide / 3) * mm, y0 * mm), ((x0 + at * wide / 3) * mm, (y0 + high) * mm)], fill=ink, width=pen)
    for at in range(3):
        draw.line([(x0 * mm, (y0 + at * high / 2) * mm), ((x0 + wide) * mm, (y0 + at * high / 2) * mm)], fill=ink, width=pen)
    for at, (label, value) in enumerate(zip(labels, said.values(), strict=True)):
        x, y = (x0 + (at % 3 + 0.5) * wide / 3) * mm, (y0 + (at // 3 + 0.5) * high / 2) * mm
        if has_labels:
            draw.text((x, y - 2.6 * mm), label, font=font("sans", round(2.4 * mm)), fill=ink, anchor="mm")
        size = min(4.2, (wide / 3 - 1.5) / max(3, len(value)))
        draw.text((x, y + (2.2 * mm if has_labels else 0)), value, font=font(body, round(size * mm)), fill=(34, 40, 90), anchor="mm")
    return paper, said


def top(seed: int, *, marking: str = "", body: str = "serif") -> Paper:
    """Return the upper third of such a page, where marks of secrecy stand: head, number, the first lines of the title."""
    whole = letter(seed, marking=marking, body=body)
    high = round(whole.image.height * _TOP_THIRD)
    return Paper(whole.image.crop((0, 0, whole.image.width, high)), [line for line in whole.lines if line.box[3] < high], whole.fields)


def _head(pen: Pen, name: str, number: str, signer: str, marking: str) -> float:
    r = pen.random
    if marking or r.random() < 0.3:
        pen.text(_LEFT, 24, f"{r.randint(1, 999):06d}", name="sans")
    if marking:
        pen.text(_LEFT, 33, marking, name="sans")
    if r.random() < 0.25:
        pen.paper.fields["precedence"] = r.choice(("特急", "加急"))
        pen.text(_LEFT, 42 if marking else 33, pen.paper.fields["precedence"], name="sans")
    pen.text(105, 56, f"{name}文件", size=r.choice((34, 38, 42)) if len(name) < 8 else 30, anchor="ma")
    if signer:
        pen.text(33, 80, number)
        pen.text(178, 80, f"签发人：{signer}", anchor="ra", name="kai")
    else:
        pen.text(105, 80, number, anchor="ma")
    pen.rule(90, fill=RED, thick=0.7)
    return 100.0


def _body(pen: Pen, y: float, title: list[str], receiver: str) -> float:
    r = pen.random
    for line in title:
        pen.text(105, y, line, size=22, anchor="ma")
        y += 12.5
    y = received(pen, y + 4, receiver)
    sentences = r.sample(SENTENCES, len(SENTENCES))
    for index in range(r.randint(2, 4)):
        if r.random() < 0.4:
            y = pen.paragraph(y, f"{_NUMERALS[index]}、{r.choice(HEADINGS)}", name="sans", last=200)
        y = pen.paragraph(y, sentences.pop(), last=200)
    if r.random() >= 0.4:
        return y
    pen.paper.fields["attachment_note"] = f"{r.choice(TOPICS)}安排表"
    return pen.paragraph(y, f"附件：{pen.paper.fields['attachment_note']}", last=212)


def received(pen: Pen, y: float, receiver: str) -> float:
    """Write the principal receiver with its colon and note it; return where the next line begins."""
    pen.paper.fields["principal_receiver"] = receiver.rstrip("：")
    return pen.paragraph(y, receiver, indent=0)


def _imprint(pen: Pen, office: str, copies: str, printed: tuple[int, int, int]) -> None:
    pen.rule(255)
    pen.paper.fields["other_receivers"] = copies.rstrip("。")
    pen.text(30, 257.5, f"抄送：{copies}", size=14)
    pen.rule(265.5, thick=0.2)
    pen.text(30, 267.5, office, size=14)
    pen.text(182, 267.5, "{}年{}月{}日印发".format(*printed), size=14, anchor="ra")
    pen.rule(275.5)
    pen.text(178, 281, "— 1 —", size=14, anchor="ra")


def table(seed: int, *, dpi: int = DPI) -> Paper:
    """Draw a page that is one table."""
    pen = Pen(seed, dpi=dpi)
    r = pen.random
    pen.text(105, 30, f"{r.choice(PLACES)}{r.choice(RANKS)}{r.choice(TOPICS)}情况表", size=18, anchor="ma")
    edges, top, step = (25, 40, 80, 135, 185), 45.0, 9.0
    rows = [("序号", "单位", "事项", "金额（元）")]
    rows += [
        (str(n), r.choice(PLACES) + r.choice(BODIES)[0], r.choice(TOPICS), f"{r.randint(1, 99)},{r.randint(100, 999)}.{r.randint(10, 99)}")
        for n in range(1, 22)
    ]
    ruled(pen, rows, edges, top, step)
    return pen.paper


def ruled(pen: Pen, rows: Sequence[Sequence[str]], edges: Sequence[float], top: float, step: float, *, size: float = 11) -> None:
    """Draw a ruled table: *edges* of its columns from the left, its *top* and the height of a row in mm; the first row are headings."""
    bottom, inset = top + len(rows) * step, (step - _LETTER_MM * size) / 2
    for number, row in enumerate(rows):
        y = top + number * step
        pen.rule(y, left=edges[0], right=edges[-1], thick=0.25)
        for x, cell in zip(edges, row, strict=False):
            pen.text(x + 1.5, y + inset, cell, size=size, name="sans" if not number else "")
    pen.rule(bottom, left=edges[0], right=edges[-1], thick=0.25)
    for x in edges:
        pen.column(x, top, bottom)


def upright(seed: int, *, dpi: int = DPI) -> Paper:
    """Draw a page whose lines run downwards, from the right."""
    pen = Pen(seed, dpi=dpi)
    sentences = pen.random.sample(SENTENCES, 8)
    used = font("serif", round(16 / 72 * dpi))
    for index, sentence in enumerate(sentences):
        text = "".join(char for char in sentence if "一" <= char <= "鿿")[:30]
        x, y = pen.px(175 - 12 * index), pen.px(40)
        side = pen.px(6.2)
        for at, char in enumerate(text):
            pen._draw.text((x, y + at * side), char, font=used, fill=BLACK)
        pen.paper.lines.append(TrueLine(text, (x, y, x + side, y + len(text) * side)))
    return pen.paper


# --- what scanning does


def sealed(pixels: Pixels, at: tuple[int, int], dpi: int, seed: int) -> Pixels:
    """Press a round seal with a star over the place."""
    noise = np.random.default_rng(seed)
    high, wide = pixels.shape[:2]
    print_ = np.zeros((high, wide), np.uint8)
    radius = round(20 / 25.4 * dpi)
    cv2.circle(print_, at, radius, 255, max(2, round(1.1 / 25.4 * dpi)))
    turns = [(-math.pi / 2 + index * math.pi / 5, radius * (0.33 if index % 2 == 0 else 0.13)) for index in range(10)]
    cv2.fillPoly(
        print_, [np.array([(round(at[0] + far * math.cos(turn)), round(at[1] + far * math.sin(turn))) for turn, far in turns])], 255
    )
    share = (print_ / 255.0 * (noise.random((high, wide)) > 0.1) * 0.85)[..., None]
    return (pixels * (1 - share) + share * np.minimum(pixels, np.array([214, 38, 42]))).astype(np.uint8)


def turned(pixels: Pixels, degrees: float, paper: int = 248) -> Pixels:
    """Turn a page about its middle."""
    high, wide = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1)
    return cv2.warpAffine(pixels, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderValue=(paper,) * 3).astype(np.uint8)


def noisy(pixels: Pixels, noise: np.random.Generator, sigma: float, dust: float) -> Pixels:
    """Add grain and dust."""
    done = pixels.astype(np.float32) + noise.normal(0, sigma, pixels.shape[:2]).astype(np.float32)[..., None]
    where = noise.random(pixels.shape[:2])
    done[where < dust / 2], done[where > 1 - dust / 2] = 0, 255
    return np.clip(done, 0, 255).astype(np.uint8)


def faded(pixels: Pixels, dark: int, bright: int) -> Pixels:
    """Bring all brightness between *dark* and *bright*."""
    return (dark + pixels.astype(np.float32) / 255 * (bright - dark)).astype(np.uint8)


def bled(pixels: Pixels, back: Pixels, share: float) -> Pixels:
    """Let the back shine through, mirrored and soft."""
    ghost = cv2.GaussianBlur(back[:, ::-1], (0, 0), 3).astype(np.float32)
    return np.clip(pixels.astype(np.float32) - share * (255 - ghost), 0, 255).astype(np.uint8)


def yellowed(pixels: Pixels, noise: np.random.Generator) -> Pixels:
    """Give the page the colour and the unevenness of old paper."""
    high, wide = pixels.shape[:2]
    cloud = (
        cv2.resize(noise.normal(0, 1, (high // 64 + 2, wide // 64 + 2)).astype(np.float32), (wide, high), interpolation=cv2.INTER_CUBIC) * 5
    )
    shade = np.linspace(0, -20, wide)[None, :]
    tint = np.array([238, 230, 208], np.float32) / 255
    return np.clip(pixels * tint + (cloud + shade)[..., None], 0, 255).astype(np.uint8)


def pressed(pixels: Pixels, quality: int) -> Pixels:
    """Pack as JPEG and unpack."""
    return cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR).astype(np.uint8)


def _scan(pixels: Pixels, back: Pixels, noise: np.random.Generator, turn: float) -> Pixels:
    done = turned(bled(yellowed(pixels, noise), back, 0.1), turn * 0.4, 236)
    return pressed(noisy(cv2.GaussianBlur(done, (0, 0), 1.1).astype(np.uint8), noise, 7, 0.0004), 75)


def _all(pixels: Pixels, back: Pixels, noise: np.random.Generator, turn: float) -> Pixels:
    done = turned(bled(yellowed(faded(pixels, 65, 225), noise), back, 0.26), turn, 200)
    return pressed(noisy(cv2.GaussianBlur(done, (0, 0), 2.2).astype(np.uint8), noise, 15, 0.003), 40)


Change = Callable[[Pixels, Pixels, np.random.Generator, float], Pixels]
#: What is done to a page: from its pixels, those of its back, a source of chance, and a turn in degrees.
VARIANTS: dict[str, Change] = {
    "clean": lambda page, back, noise, turn: page,
    "scan": _scan,
    "skew": lambda page, back, noise, turn: turned(page, turn),
    "noise": lambda page, back, noise, turn: noisy(page, noise, 26, 0.005),
    "low_contrast": lambda page, back, noise, turn: noisy(faded(page, 128, 186), noise, 4, 0),
    "bleed_through": lambda page, back, noise, turn: bled(page, back, 0.34),
    "all_together": _all,
}
#: By how much each variant turns a page, as a share of the turn given.
TURNS = {"scan": 0.4, "skew": 1.0, "all_together": 1.0}


def variants(
    seed: int, names: tuple[str, ...], make: Callable[..., Paper] = letter, **how: Any
) -> Iterator[tuple[str, Pixels, Paper, float]]:
    """Yield name, pixels, the truth and the turn in degrees (counter-clockwise) of each variant of the page of *seed*."""
    page, back = make(seed, **how), make(seed + 100_003)
    turn = (-2.7, -1.6, -0.7, 0.6, 1.8, 2.9)[seed % 6]
    for name in names:
        noise = np.random.default_rng(seed * 31 + len(name))
        yield name, VARIANTS[name](page.pixels, back.pixels, noise, turn), page, turn * TURNS.get(name, 0.0)
