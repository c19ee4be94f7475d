"""The fictional agency of the demonstration: 云汀市发展和改革委员会, fonds Z109. Every name here is invented."""

from dataclasses import dataclass
from typing import Final

NAME: Final = "云汀市发展和改革委员会"
FONDS: Final = "Z109"
ORGANIZATION_CODE: Final = "11990100MB0000109X"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here: name, position, and the code of the department (empty for the heads of the agency)."""

    name: str
    position: str
    department: str = ""


@dataclass(frozen=True, slots=True)
class Department:
    """An internal department 内设机构: its three-letter code (DA/T 22-2015, 机构（问题）), its name and its people."""

    code: str
    name: str
    head: Person
    clerks: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class AccountSeed:
    """An account of the demonstration: login, the person's name, role as in ``core.access`` and department code."""

    login: str
    name: str
    title: str
    role: str
    department: str


def _department(code: str, name: str, head: str, *clerks: str) -> Department:
    people = tuple(Person(clerk, "科员" if index else "四级主任科员", code) for index, clerk in enumerate(clerks))
    return Department(code, name, Person(head, "主任" if code == "BGS" else "科长", code), people)


DIRECTOR: Final = Person("郑怀远", "主任")
DEPUTIES: Final = (Person("何静澜", "副主任"), Person("罗启明", "副主任"), Person("许维岳", "总经济师"))
DEPARTMENTS: Final = (
    _department("BGS", "办公室", "冯立诚", "韩松", "白若水"),
    _department("ZHK", "综合科", "丁望舒", "邵文渊", "温以宁"),
    _department("GHK", "规划科", "孟知行", "叶问川", "施锦程"),
    _department("TZK", "投资科", "顾长风", "蒋思齐", "贺兰亭"),
    _department("NYK", "能源科", "严朝晖", "段青野", "苗雨桐"),
    _department("JGK", "价格管理科", "范仲谋", "姚清和", "柯景行"),
    _department("FGK", "法规科", "方守一", "秦若谷", "尹明达"),
    _department("RSK", "人事科", "田若愚", "汪以诺", "卢承志"),
)
BY_CODE: Final = {department.code: department for department in DEPARTMENTS}
REGISTRAR: Final = Person("白若水", "科员", "BGS")
SEAL_KEEPER: Final = Person("冯立诚", "主任", "BGS")

# role names are those of lantai.core.access; three administrators are three persons
ACCOUNTS: Final = (
    AccountSeed("shen", "沈静宜", "档案员", "archivist", "BGS"),
    AccountSeed("han", "韩松", "兼职档案员", "part_time_archivist", "BGS"),
    AccountSeed("zhou", "周其昌", "利用者", "reader", "ZHK"),
    AccountSeed("luo", "罗建平", "质检员", "inspector", ""),
    AccountSeed("tao", "陶志刚", "系统管理员", "sysadmin", ""),
    AccountSeed("chen", "陈岚", "安全保密管理员", "secadmin", ""),
    AccountSeed("ren", "任远舟", "安全保密管理员（副）", "secadmin", ""),
    AccountSeed("liang", "梁守正", "安全审计员", "auditor", ""),
)

COUNTIES: Final = ("青禾县", "石渡县", "南屏区", "北屿区", "汀东区", "鹭洲县")
BUREAUS: Final = ("市财政局", "市自然资源局", "市住房和城乡建设局", "市交通运输局", "市水务局", "市统计局", "市民政局", "市市场监督管理局")
PROJECTS: Final = (
    "云汀河堤防提升工程",
    "南屏区第二水厂扩建工程",
    "鹭洲县乡镇卫生院改造项目",
    "汀东新城综合管廊一期工程",
    "青禾县冷链物流中心项目",
    "石渡县老旧小区配套改造工程",
    "北屿区污水处理厂提标工程",
    "云汀市职业技术学校实训楼项目",
    "环湖绿道贯通工程",
    "城北客运枢纽改建工程",
)
