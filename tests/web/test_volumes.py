"""The screen of volumes: chosen records become one, the row opens, its items move, it is fixed and printed."""

from lantai.shelves.holdings.models import Record, Volume, VolumeItem
from lantai.stages import categories
from lantai.stages.categories import Wanted
from tests.support.line_house import ARCHIVIST
from tests.web import town as rows
from tests.web.test_pages import page
from tests.web.town import Town

FORM = "{fonds}-{category}·{year}·{retention}-{volume:03d}-{item:03d}"


def by_volume(town: Town) -> list[str]:
    categories.decide(town.house, ARCHIVIST, "WS", Wanted("文书", "volume", FORM), reason="沿用案卷级整理")
    return [rows.record(document_date=f"2024030{at}").id for at in (1, 2, 3)]


def test_from_the_choice_to_the_fixed_volume(town: Town) -> None:
    one, two, last = by_volume(town)
    client = town.client("archivist")
    listed = page(client, "/arrange/?year=2024&department=BGS&retention=D30")
    assert "组卷" in listed.text_content()
    assert not listed.xpath('//button[contains(., "固定档号")]')
    dialog = client.post("/arrange/volumes/dialog", {"record": [one, two]}, headers={"HX-Request": "true"}).content.decode()
    assert "20240301—20240302，4 页" in dialog
    client.post("/arrange/volumes/form", {"record": [one, two], "title": "关于防汛工作的文件"})
    key = Volume.objects.get().id
    client.post("/arrange/volumes/form", {"record": [last], "volume": key})
    assert "在卷" in page(client, "/arrange/?year=2024&department=BGS&retention=D30").text_content()
    closed = page(client, "/arrange/volumes/?year=2024&department=BGS")
    assert "关于防汛工作的文件" in closed.text_content()
    assert not closed.xpath('//tr[starts-with(@id, "item-")]')
    opened = page(client, f"/arrange/volumes/?year=2024&department=BGS&volume={key}")
    assert [item.get("id") for item in opened.xpath('//tr[starts-with(@id, "item-")]')] == [f"item-{each}" for each in (one, two, last)]
    assert opened.xpath('//textarea[@name="title"]')[0].text == "关于防汛工作的文件"
    client.post(f"/arrange/volumes/{key}", {"act": "up", "record": last})
    client.post(f"/arrange/volumes/{key}", {"act": "up", "record": one})
    client.post(f"/arrange/volumes/{key}", {"act": "down", "record": one})
    assert list(VolumeItem.objects.order_by("sequence").values_list("record_id", flat=True)) == [last, one, two]
    page(client, f"/arrange/volumes/?volume={key}&record={one}")
    client.post(f"/arrange/volumes/{key}", {"act": "take", "record": two})
    client.post(f"/arrange/volumes/{key}", {"act": "describe", "title": "防汛抗旱", "note": "无缺损。"})
    assert client.post("/arrange/undo", {}).status_code == 302
    assert Volume.objects.get().title == "关于防汛工作的文件"
    dialog = client.get(f"/arrange/volumes/{key}/fix").content.decode()
    assert "Z109-WS·2024·D30-001" in dialog
    seen = Volume.objects.get().version
    assert client.post(f"/arrange/volumes/{key}", {"act": "fix", "seen": seen - 1}).status_code == 409
    client.post(f"/arrange/volumes/{key}", {"act": "fix", "seen": seen})
    assert Record.objects.get(id=last).code == "Z109-WS·2024·D30-001-001"
    fixed = page(client, f"/arrange/volumes/?volume={key}")
    assert fixed.xpath('//textarea[@name="title"]')[0].get("readonly") is not None
    assert fixed.xpath('//a[contains(@href, "/forms/volumes/Z109-WS")]')
    assert client.get(f"/forms/volume-list/{key}.pdf")["Content-Type"] == "application/pdf"


def test_a_volume_is_taken_apart_and_nobody_else_sees_any(town: Town) -> None:
    one, two, _ = by_volume(town)
    client = town.client("archivist")
    client.post("/arrange/volumes/form", {"record": [one, two], "title": "关于防汛工作的文件"})
    key = Volume.objects.get().id
    assert client.post(f"/arrange/volumes/{key}", {"act": "undo", "kept": "year=2024"})["Location"] == "/arrange/volumes/?year=2024"
    assert "还没有案卷" in page(client, "/arrange/volumes/?year=2024").text_content()
    assert client.post("/arrange/volumes/form", {"record": [one], "title": " "}).status_code == 422
    for role in ("reader", "sysadmin", "auditor"):
        assert town.client(role).get("/arrange/volumes/").status_code == 403
