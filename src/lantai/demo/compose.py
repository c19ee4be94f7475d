"""Composes the documents of the demonstration: who wrote what to whom, when, under which number, and how it was processed.

``compose(size, seed)`` gives the same value for the same arguments. Document numbers 发文字号 run on within a series and a
year in the order of the dates, with no number left out, as an agency's register would have them.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from random import Random

from lantai.demo import agency
from lantai.demo.grammar import Kind, Paragraph, Topic, body, fill, kinds, topics

FIRST_YEAR = 2022
_MONTHS = 48
_RECORDS_A_DELIVERY = 12
# The period a report of each quarter looks back on: the difference in years, and its name.
_PERIODS = ((-1, "全年"), (0, "一季度"), (0, "上半年"), (0, "前三季度"))
_CHINA = timezone(timedelta(hours=8))
_HOLIDAYS = frozenset({(1, 1), (1, 2), (1, 3), (5, 1), (5, 2), (5, 3), *((10, day) for day in range(1, 8))})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of processing 公文处理: 拟稿 审核 会签 签发 编号 用印 分发, by whom and when (aware, UTC+8)."""

    activity: str
    person: agency.Person
    at: datetime
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """An attachment: its title and a table, the first row being the head."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """One official document with everything its page, its metadata and its filing package need."""

    kind: str
    series: str
    sequence: int
    title: str
    receiver: str
    paragraphs: tuple[Paragraph, ...]
    attachments: tuple[Sheet, ...]
    dated: date
    department: agency.Department
    trace: tuple[Step, ...]
    copies: str = ""
    signer: str = ""
    urgency: str = ""
    marking: str = ""

    @property
    def number(self) -> str:
        """The document number, as 云发改〔2024〕37号."""
        return f"{self.series}〔{self.dated.year}〕{self.sequence}号"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What one department hands over for one month."""

    department: agency.Department
    year: int
    month: int
    letters: tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class _Occasion:
    dispatch: int
    dated: date
    topic: Topic
    kind: Kind
    matter: str
    slots: dict[str, str]


def compose(size: int, seed: int = 0) -> tuple[Dispatch, ...]:
    """Compose *size* documents, grouped by the month and department that hands them over, in order of time."""
    rng = Random(f"lantai-demo-{seed}")  # noqa: S311 - invented texts, not secrets
    months = _months(size, rng)
    occasions = [occasion for index, month in enumerate(months) for occasion in _occasions(index, month, rng)]
    letters = _numbered([(item.dispatch, _letter(item, rng)) for item in sorted(occasions, key=lambda item: item.dated)])
    return tuple(
        Dispatch(department, year, month, tuple(letter for place, letter in letters if place == index))
        for index, (department, year, month, _) in enumerate(months)
    )


def _months(size: int, rng: Random) -> list[tuple[agency.Department, int, int, int]]:
    count = max(1, min(size, round(size / _RECORDS_A_DELIVERY)))
    departments = rng.sample(agency.DEPARTMENTS, len(agency.DEPARTMENTS))
    shares = [size // count + (index < size % count) for index in range(count)]
    months = [index * _MONTHS // count for index in range(count)]
    return [
        (departments[index % len(departments)], FIRST_YEAR + months[index] // 12, months[index] % 12 + 1, shares[index])
        for index in range(count)
    ]


def _occasions(dispatch: int, month: tuple[agency.Department, int, int, int], rng: Random) -> list[_Occasion]:
    department, year, number, share = month
    subjects = [(topic, kind, matter) for topic in topics() if topic.department == department.code for kind, matter in _matters(topic)]
    chosen: list[tuple[Topic, str, str]] = []
    while len(chosen) < share:
        chosen += rng.sample(subjects, min(len(subjects), share - len(chosen)))
    days = _working_days(year, number)
    return [
        _Occasion(dispatch, day, topic, kinds()[kind], matter, _slots(day, department, rng))
        for topic, kind, matter in chosen
        for day in [rng.choice(days)]
    ]


def _matters(topic: Topic) -> list[tuple[str, str]]:
    return [(kind, matter) for kind, matters in topic.matters.items() for matter in matters]


def _working_days(year: int, month: int) -> list[date]:
    days = (date(year, month, 1) + timedelta(days=index) for index in range(28))
    return [day for day in days if day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS]


def _slots(day: date, department: agency.Department, rng: Random) -> dict[str, str]:
    project = rng.choice(agency.PROJECTS)
    county = next((name for name in agency.COUNTIES if project.startswith(name)), rng.choice(agency.COUNTIES))
    due = day + timedelta(days=rng.randint(12, 45))
    leader = rng.choice((agency.DIRECTOR, *agency.DEPUTIES))
    year, period = _PERIODS[(day.month - 1) // 3]
    return {
        "year": str(day.year),
        "last": str(day.year - 1),
        "quarter": f"第{'一二三四'[(day.month - 1) // 3]}季度",
        "period": f"{day.year + year}年{period}",
        "next": str(day.year + 1),
        "county": county,
        "short": county[0],
        "project": project,
        "bureau": rng.choice(agency.BUREAUS),
        "date": f"{due.month}月{due.day}日",
        "department": department.name,
        "leader": f"{day.month}月{day.day}日，{leader.position}{leader.name}",
    }


def _letter(occasion: _Occasion, rng: Random) -> Letter:
    topic, kind = occasion.topic, occasion.kind
    slots = dict(occasion.slots)
    slots["matter"] = fill(occasion.matter, rng, slots)
    slots["purpose"] = rng.choice(topic.purposes)
    department = agency.BY_CODE[topic.department]
    trace = _trace(department, occasion.dated, rng)
    signer = next(step.person.name for step in trace if step.activity == "签发")
    return Letter(
        kind=kind.name,
        series=kind.series,
        sequence=0,
        title=agency.NAME + fill(kind.title, rng, slots),
        receiver=fill(rng.choice(kind.receivers), rng, slots) if kind.receivers else "",
        paragraphs=body(topic, kind, rng, slots),
        attachments=_attachments(topic, rng, slots),
        dated=occasion.dated,
        department=department,
        trace=trace,
        copies=fill(rng.choice(kind.copies), rng, slots) if kind.copies else "",
        signer=signer if kind.upward else "",
        urgency=rng.choices(("", "加急", "特急"), (90, 8, 2))[0],
    )


def _numbered(letters: list[tuple[int, Letter]]) -> list[tuple[int, Letter]]:
    used: dict[tuple[str, int], int] = defaultdict(int)
    numbered = []
    for place, letter in letters:
        key = (letter.series, letter.dated.year)
        used[key] += 1
        numbered.append((place, replace(letter, sequence=used[key])))
    return numbered


# ---- processing ----------------------------------------------------------------------------------------------------------


def _trace(department: agency.Department, signed: date, rng: Random) -> tuple[Step, ...]:
    """Return who did what when: drafting some days before, signing on the date of the document, dispatch the day after."""
    others = [item for item in agency.DEPARTMENTS if item is not department]
    drafted, reviewed = _before(signed, rng.randint(4, 6)), _before(signed, rng.randint(2, 3))
    steps = [
        ("拟稿", rng.choice(department.clerks), _at(drafted, 9, rng), ""),
        ("审核", department.head, _at(reviewed, 10, rng), rng.choice(("同意。", "已核，请会签。", "拟同意，请领导审定。"))),
    ]
    if rng.random() < 0.6:
        steps.append(("会签", rng.choice(others).head, _at(_before(signed, 1), 14, rng), rng.choice(("无意见。", "同意。"))))
    steps += [
        ("签发", rng.choice((agency.DIRECTOR, *agency.DEPUTIES)), _at(signed, 9, rng), rng.choice(("发。", "同意印发。"))),
        ("编号", agency.REGISTRAR, _at(signed, 11, rng), ""),
        ("用印", agency.SEAL_KEEPER, _at(signed, 14, rng), ""),
        ("分发", agency.REGISTRAR, _at(signed, 16, rng), ""),
    ]
    return tuple(Step(*step) for step in steps)


def _before(day: date, working_days: int) -> date:
    while working_days:
        day -= timedelta(days=1)
        working_days -= day.weekday() < 5
    return day


def _at(day: date, hour: int, rng: Random) -> datetime:
    return datetime.combine(day, time(hour, rng.randint(0, 59), rng.randint(0, 59)), _CHINA)


# ---- attachments ---------------------------------------------------------------------------------------------------------


def _attachments(topic: Topic, rng: Random, slots: dict[str, str]) -> tuple[Sheet, ...]:
    count = rng.choices((0, 1, 2), (45, 40, 15))[0]
    titles = rng.sample(topic.attachments, min(count, len(topic.attachments)))
    return tuple(_sheet(fill(title, rng, slots), topic, rng, slots) for title in titles)


def _sheet(title: str, topic: Topic, rng: Random, slots: dict[str, str]) -> Sheet:
    makers = (("项目", _project_row), ("计划", _project_row), ("投资", _project_row), ("指标", _figure_row), ("数据", _figure_row))
    maker = next((make for word, make in makers if word in title), _task_row)
    count = rng.randint(5, 9)
    return Sheet(title, (_HEADS[maker.__name__], *(maker(index, topic, rng, slots) for index in range(1, count))))


_HEADS = {
    "_project_row": ("序号", "项目名称", "所在县（区）", "总投资（万元）"),
    "_figure_row": ("序号", "指标名称", "完成数", "同比（%）"),
    "_task_row": ("序号", "工作事项", "责任单位", "完成时限"),
}
_FIGURES = (
    "地区生产总值（亿元）",
    "工业增加值（亿元）",
    "固定资产投资（亿元）",
    "进出口总额（亿元）",
    "居民人均可支配收入（元）",
    "用电量（亿千瓦时）",
)


def _project_row(index: int, _topic: Topic, rng: Random, _slots: dict[str, str]) -> tuple[str, ...]:
    return (str(index), agency.PROJECTS[index % len(agency.PROJECTS)], rng.choice(agency.COUNTIES), str(rng.randint(600, 48000)))


def _figure_row(index: int, _topic: Topic, rng: Random, _slots: dict[str, str]) -> tuple[str, ...]:
    name = _FIGURES[index % len(_FIGURES)]
    return (str(index), name, f"{rng.uniform(40, 980):.1f}", f"{rng.uniform(-2, 11):.1f}")


def _task_row(index: int, topic: Topic, rng: Random, slots: dict[str, str]) -> tuple[str, ...]:
    measure = rng.choice(topic.measures)
    unit = rng.choice((*agency.BUREAUS, *(item.name for item in agency.DEPARTMENTS)))
    return (str(index), fill(rng.choice(measure.sentences), rng, slots).rstrip("。"), unit, slots["date"])
