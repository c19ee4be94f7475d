"""Views of the workbench: kept under a name for one person, followed, replaced, dropped."""

import pytest

from lantai.core.errors import Refusal
from lantai.shelves.people.models import SavedView
from lantai.stages import saved_views
from tests.web import town as rows
from tests.web.conftest import house, town
from tests.web.town import Town

__all__ = ["house", "town"]


def test_a_view_is_kept_under_a_name_and_stands_in_the_tree_of_its_person_alone(town: Town) -> None:
    rows.record()
    client = town.client("archivist")
    page = client.get("/arrange/?year=2024&words=第 通知&record=x&from=60&fixed=0").content.decode()
    assert "我的视图" not in page
    query = "year=2024&words=第 通知&fixed=0&record=x&from=60&elsewhere=1"
    kept = client.post("/arrange/views/keep", {"name": " 今年的通知 ", "query": query}, follow=True)
    assert kept.redirect_chain[0][0].endswith("/arrange/?year=2024&words=%E7%AC%AC+%E9%80%9A%E7%9F%A5&fixed=0")
    text = kept.content.decode()
    assert "已存为视图「今年的通知」" in text
    assert 'title="今年的通知"' in text
    view = SavedView.objects.get()
    client.post("/arrange/views/keep", {"name": "今年的通知", "query": "year=2023"})
    assert SavedView.objects.get().query == "year=2023"
    other = town.client("secadmin")
    assert other.post("/arrange/views/keep", {"name": "甲", "query": ""}).status_code == 403
    other.post("/arrange/views/drop", {"view": view.id})
    assert SavedView.objects.count() == 1
    assert "已删去视图「今年的通知」" in client.post("/arrange/views/drop", {"view": view.id}, follow=True).content.decode()
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "长" * 41, "甲\x00"])
def test_a_name_that_cannot_be_shown_is_refused(town: Town, name: str) -> None:
    with pytest.raises(Refusal) as caught:
        saved_views.keep(town.actor("archivist"), name, {})
    assert caught.value.code == "VIEW-NAME"


def test_thirty_are_enough(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST", 2)
    actor = town.actor("archivist")
    for name in ("甲", "乙", "乙"):
        saved_views.keep(actor, name, {"year": "2024", "record": "x"})
    assert [view.query for view in saved_views.listed(actor)] == ["year=2024", "year=2024"]
    with pytest.raises(Refusal) as caught:
        saved_views.keep(actor, "丙", {})
    assert caught.value.code == "VIEW-TOO-MANY"


def test_columns_and_height_of_rows_are_kept_for_the_person(town: Town) -> None:
    rows.record()
    client = town.client("archivist")
    assert 'data-columns="number date pages" data-density=""' in client.get("/arrange/?year=2024").content.decode()
    chosen = {"column": ["author", "elsewhere", "date"], "density": "dense", "back": "/arrange/?year=2024"}
    assert 'data-columns="author date" data-density="dense"' in client.post("/arrange/look", chosen, follow=True).content.decode()
    client.post("/arrange/look", {"density": "huge"})
    assert 'data-columns="" data-density=""' in town.client("archivist").get("/arrange/?year=2024").content.decode()
