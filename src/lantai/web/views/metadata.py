"""系统›元数据方案: the elements in force with their rules, the proposal and what it would newly fail, versions and differences."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from lantai import work
from lantai.core import access
from lantai.core.errors import Refusal
from lantai.core.metadata import (
    CIRCUMSTANCES,
    DATA_TYPES,
    OBLIGATIONS,
    STEPS,
    Element,
    Rule,
    Rules,
    condition_words,
    narrowed,
    with_rule,
    without,
)
from lantai.packages import metadata_file
from lantai.stages import metadata
from lantai.stages.report import scope
from lantai.web.requests import Request, named, whole

VIEWS = {"elements": "元素", "draft": "拟订稿", "versions": "版本"}
CATEGORIES = {
    "": "所有门类",
    "WS": "文书",
    "KJ": "科技",
    "KU": "会计",
    "ZY": "专业",
    "ZP": "照片",
    "LY": "录音",
    "LX": "录像",
    "SW": "实物",
    "YJ": "公务邮件",
    "SJ": "业务数据",
}
NEW = "new"
TYPES = {
    "toml": "application/toml",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_GET
def schemes(request: Request) -> HttpResponse:
    """The screen; asked for as a part, only the pane of the chosen element."""
    return _page(request, request.GET)


@require_POST
def rule(request: Request) -> HttpResponse:
    """Write one element's rule into the proposal, or take it out again."""
    given = request.POST
    category, code = given.get("category", ""), given.get("code", "").strip()
    try:
        rules = _draft(metadata.look(request.actor, category))
        rules = without(rules, code) if given.get("act") == "inherit" else _written(request, rules, code)
        wanted = metadata.propose(work.house(), request.actor, category, rules, reason=given.get("reason", ""))
    except Refusal as refusal:
        return _refused(request, given, refusal)
    messages.success(request, f"已写入拟订稿第 {wanted.number} 版，采用以后才生效。")
    return _back(category=category, element=code)


@require_POST
def act(request: Request) -> HttpResponse:
    """Adopt or withdraw the proposal, retire what is in force, or bring a scheme in as a file."""
    given, house = request.POST, work.house()
    category, number, reason = given.get("category", ""), whole(given.get("number"), 0), given.get("reason", "")
    wanted = given.get("act", "")
    try:
        if wanted == "adopt":
            metadata.adopt(house, request.actor, category, number, reason=reason, seen=whole(given.get("seen"), 0))
            messages.success(request, f"第 {number} 版已采用，此后的著录和检测按这一版。")
        elif wanted == "withdraw":
            metadata.withdraw(house, request.actor, category, number)
            messages.success(request, "拟订稿已撤回，经过记入账本。")
        elif wanted == "retire":
            metadata.retire(house, request.actor, category, reason=reason)
            messages.success(request, "已停用，恢复上一级的规定；已归档的件仍按归档时的版本判定。")
        elif wanted == "import" and (file := request.FILES.get("file")):
            rules = metadata_file.read(str(file.name), file.read())
            metadata.propose(house, request.actor, category, rules, reason=reason)
            messages.success(request, f"已导入 {len(rules)} 个元素的规定，成为拟订稿。")
    except Refusal as refusal:
        return _refused(request, given, refusal)
    return _back(category=category, view="draft" if wanted == "import" else "versions" if wanted != "withdraw" else "elements")


@require_GET
def scheme_file(request: Request, form: str) -> HttpResponse:
    """A version as a file: the one asked for by number, else the proposal, else what is in force."""
    category = request.GET.get("category", "")
    seen = metadata.look(request.actor, category)
    if form not in TYPES:
        raise Refusal("OUTPUT-KIND-UNKNOWN", form, known="、".join(TYPES))
    number = whole(request.GET.get("number"), 0)
    row = next((item for item in seen.versions if item.number == number), seen.proposed or seen.in_force)
    content = metadata_file.write(metadata.rules_of(row), form)
    name = f"metadata-{category or 'all'}-{row.number if row else 0}.{form}"
    return HttpResponse(content, content_type=TYPES[form], headers={"Content-Disposition": named(name)})


def _written(request: Request, rules: Rules, code: str) -> Rules:
    given = request.POST
    below = {item.code: item for item in metadata.inherited(given.get("category", ""))}.get(code)
    said = Rule(
        code=code,
        name=given.get("name", "").strip(),
        data_type=given.get("data_type", ""),
        obligation=given.get("obligation", ""),
        condition=given.get("condition", "").strip() if given.get("obligation") == "C" else "",
        required_from=given.get("required_from", "") if given.get("obligation") != "O" else "",
        is_repeatable=given.get("is_repeatable") == "yes",
        max_length=whole(given.get("max_length"), 0),
        values=() if given.get("list") else tuple(line.strip() for line in given.get("values", "").splitlines() if line.strip()),
        list=given.get("list", ""),
        is_closed=given.get("is_closed") == "yes",
        pattern=given.get("pattern", "").strip(),
        default=given.get("default", "").strip(),
        help=given.get("help", "").strip(),
        is_key=given.get("is_key") == "yes",
    )
    return with_rule(rules, narrowed(said, below))


def _draft(seen: metadata.Standing) -> Rules:
    return metadata.rules_of(seen.proposed or seen.in_force)


def _refused(request: Request, given: QueryDict, refusal: Refusal) -> HttpResponse:
    if refusal.row.http == 403:
        raise refusal
    return _page(request, given, problem=refusal)


def _back(**asked: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('metadata')}?{urlencode({name: value for name, value in asked.items() if value})}")


def _page(request: Request, asked: QueryDict, *, problem: Refusal | None = None) -> HttpResponse:
    category, view = asked.get("category", ""), asked.get("view", "elements")
    category = category if category in CATEGORIES else ""
    seen = metadata.look(request.actor, category)
    elements = metadata.with_proposal(category) if seen.proposed else seen.elements
    context: dict[str, Any] = {
        "here": "system",
        "view": view if view in VIEWS else "elements",
        "views": VIEWS,
        "forms": metadata_file.FORMS,
        "category": category,
        "categories": [
            (key, name, standing) for (key, name), standing in zip(CATEGORIES.items(), metadata.standings(tuple(CATEGORIES)), strict=True)
        ],
        "category_name": CATEGORIES[category],
        "seen": seen,
        "groups": _groups(elements),
        "total": len(elements),
        "own": sum(item.is_own for item in elements),
        "may_propose": access.may(request.actor, "policy:metadata:propose").allowed,
        "may_adopt": access.may(request.actor, "policy:metadata:adopt").allowed,
        "problem": problem,
        "given": request.POST,
        "people": scope.persons({row.proposed_by for row in seen.versions} | {row.decided_by for row in seen.versions if row.decided_by}),
        **_element(asked, elements, seen),
        **(_preview(request, seen) if view == "draft" and seen.proposed else {}),
        **(_compared(request, asked, seen) if view == "versions" else {}),
    }
    part = "web/parts/metadata_element.html" if request.htmx.target == "element" else "web/metadata.html"
    return render(request, part, context, status=problem.row.http if problem else 200)


def _groups(elements: tuple[Element, ...]) -> list[tuple[str, list[tuple[Element, str]]]]:
    names = {item.code: item.name for item in elements}
    found: dict[str, list[tuple[Element, str]]] = {}
    places = {"agents": "机构人员实体", "events": "业务实体", "relations": "实体关系"}
    for item in elements:
        group = "自定元素" if item.is_own else item.group or places.get(item.kept_in, "文件实体")
        found.setdefault(group, []).append((item, condition_words(item.condition, names)))
    return list(found.items())


def _element(asked: QueryDict, elements: tuple[Element, ...], seen: metadata.Standing) -> dict[str, Any]:
    code = asked.get("element", "") or asked.get("code", "")
    is_new = code == NEW or asked.get("is_new") == "yes"
    chosen = next((item for item in elements if item.code == code), None)
    if chosen is None and not is_new:
        chosen = next(item for item in elements if item.code == "title")
    ruled = {rule.code for rule in _draft(seen)}
    return {
        "chosen": Element("", "") if is_new else chosen,
        "is_new": is_new,
        "is_ruled": chosen is not None and chosen.code in ruled,
        "obligations": OBLIGATIONS,
        "steps": STEPS,
        "types": DATA_TYPES,
        "circumstances": CIRCUMSTANCES,
        "lists": metadata.lists(),
    }


def _preview(request: Request, seen: metadata.Standing) -> dict[str, Any]:
    return {"preview": metadata.preview(work.house(), request.actor, seen.category, metadata.rules_of(seen.proposed))}


def _compared(request: Request, asked: QueryDict, seen: metadata.Standing) -> dict[str, Any]:
    numbers = [row.number for row in seen.versions]
    newest = numbers[0] if numbers else 0
    other = whole(asked.get("other"), newest)
    one = whole(asked.get("one"), next((number for number in numbers if number < other), 0))
    known = {0, *numbers}
    changes = metadata.compare(request.actor, seen.category, one, other) if {one, other} <= known else ()
    return {"one": one, "other": other, "numbers": [*numbers, 0], "compared": changes}
