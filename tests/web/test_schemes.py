"""系统›检测方案: forty items at four gates, chosen in place; who sees and who chooses."""

from lantai.shelves.gates.models import CheckChoice
from tests.web.test_pages import page, said
from tests.web.town import Town

CELL = {"gate": "archiving", "number": "1.02", "category": ""}
CHANGE = CELL | {"act": "change", "enabled": "yes", "severity": "block", "mode": "assisted", "share": "20"}


def test_the_table_is_read_by_archivists_and_changed_by_the_system_administrator(town: Town) -> None:
    archivist, sysadmin = town.client("archivist"), town.client("sysadmin")
    text = said(page(archivist, "/system/checks/?gate=archiving&number=1.02"))
    assert all(word in text for word in ("元数据项数据长度检测", "待核", "长期保存检测", "请系统管理员办", "没有调整过", "全部按标准"))
    assert "为什么这样定" in said(page(sysadmin, "/system/checks/?gate=archiving&number=2.04"))
    assert "BC-1-1" in said(page(sysadmin, "/system/checks/?gate=preservation"))
    for role in ("reader", "part_time_archivist", "secadmin", "auditor"):
        assert town.client(role).get("/system/checks/").status_code == 403
    assert archivist.post("/system/checks/choose", CHANGE | {"reason": "x"}).status_code == 403


def test_a_change_wants_a_reason_and_leaves_its_history(town: Town) -> None:
    client = town.client("sysadmin")
    assert client.post("/system/checks/choose", CHANGE).status_code == 422
    assert client.post("/system/checks/choose", CHANGE | {"number": "9.99", "reason": "x"}).status_code == 404
    assert client.post("/system/checks/choose", CHANGE | {"reason": "2026年第3次办公会议定"}).status_code == 302
    text = said(page(client, "/system/checks/?gate=archiving&number=1.02"))
    assert all(
        word in text for word in ("本机关的规定", "标准的规定", "2026年第3次办公会议定", "阻断·人机结合 20%", "恢复标准", "调整了 1 处")
    )
    assert client.post("/system/checks/choose", CELL | {"act": "restore", "reason": "试行结束"}).status_code == 302
    assert "全部按标准" in said(page(client, "/system/checks/"))
    assert CheckChoice.objects.filter(retired_at=None).count() == 0


def test_required_elements_and_prefix_are_chosen_on_the_page(town: Town) -> None:
    client = town.client("sysadmin")
    wanted = CELL | {"number": "2.04", "act": "change", "required": ["title", "date"], "reason": "著录细则"}
    assert client.post("/system/checks/choose", wanted).status_code == 302
    assert CheckChoice.objects.get(number="2.04").parameters == {"required": "title|date"}
    own = {"gate": "preservation", "number": "", "category": "", "prefix": "CQ", "act": "change", "reason": "与省馆一致"}
    assert client.post("/system/checks/choose", own).status_code == 302
    assert "CQ-1-1" in said(page(client, "/system/checks/?gate=preservation"))
    assert client.get("/system/checks/?gate=archiving&number=4.02", headers={"hx-request": "true", "hx-target": "cell"}).status_code == 200


def test_two_persons_let_a_failed_item_pass_on_the_page(town: Town) -> None:
    client = town.client("archivist")
    assert "没有停下的件" in said(page(client, "/intake/overrulings/"))
    assert client.post("/intake/overrulings/propose", {"record": "nothing", "item": "1.01", "reason": "x"}).status_code == 404
    assert client.post("/intake/overrulings/nothing", {"act": "accept", "words": "x"}).status_code == 404
    for role in ("sysadmin", "secadmin", "auditor", "reader"):
        assert town.client(role).get("/intake/overrulings/").status_code == 403
