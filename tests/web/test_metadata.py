"""系统›元数据方案 and what follows from it in the form of 整理, in search and on the record's page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lantai.core.metadata import Rule
from lantai.packages import metadata_file
from lantai.shelves.metadata import queries
from lantai.shelves.metadata.models import MetadataScheme
from lantai.stages import index
from tests.web import town as rows
from tests.web.test_pages import page
from tests.web.town import Town

ADDRESS = "/system/metadata/"
COPY = {
    "is_new": "yes",
    "code": "copy_number",
    "name": "份号",
    "obligation": "O",
    "max_length": "6",
    "pattern": r"\d{6}",
    "is_closed": "yes",
}


def adopted(town: Town) -> None:
    client = town.client("sysadmin")
    assert client.post(f"{ADDRESS}rule", COPY | {"reason": "著录细则"}).status_code == 302
    given = {"act": "adopt", "number": "1", "seen": "1", "reason": "办公会定"}
    assert client.post(f"{ADDRESS}act", given).status_code == 302


def test_the_elements_with_their_rules(town: Town) -> None:
    seen = page(town.client("archivist"), ADDRESS).text_content()
    assert all(word in seen for word in ("聚合层次", "M88", "机构人员实体", "按标准", "条件选"))
    assert page(town.client("sysadmin"), f"{ADDRESS}?element=keyword").find(".//form[@action]") is not None


@pytest.mark.parametrize("role", ["reader", "secadmin", "auditor"])
def test_who_may_not_look(town: Town, role: str) -> None:
    assert town.client(role).get(ADDRESS).status_code == 403


def test_proposing_previewing_and_adopting(town: Town) -> None:
    client = town.client("sysadmin")
    client.post(f"{ADDRESS}rule", COPY | {"reason": "著录细则"})
    draft = page(client, f"{ADDRESS}?view=draft").text_content()
    assert "第 1 版拟订稿" in draft
    assert "份号" in draft
    assert "都不会新增问题" in draft
    assert "采用请系统管理员办" in page(town.client("archivist"), f"{ADDRESS}?view=draft").text_content()
    stale = client.post(f"{ADDRESS}act", {"act": "adopt", "number": "1", "seen": "9", "reason": "定"})
    assert stale.status_code == 409
    client.post(f"{ADDRESS}act", {"act": "adopt", "number": "1", "seen": "1", "reason": "定"})
    assert MetadataScheme.objects.get().state == "in_force"
    versions = page(client, f"{ADDRESS}?view=versions").text_content()
    assert "现行" in versions
    assert "份号" in versions
    client.post(f"{ADDRESS}act", {"act": "retire", "reason": "停"})
    assert MetadataScheme.objects.get().state == "retired"


def test_what_is_wrong_is_said_beside_the_form(town: Town) -> None:
    refused = town.client("sysadmin").post(f"{ADDRESS}rule", COPY | {"code": "Copy", "reason": "试"})
    assert refused.status_code == 422
    assert "小写字母" in refused.content.decode()


def test_a_rule_that_only_repeats_the_standard_says_nothing(town: Town) -> None:
    inherited = {"name": "关键词", "data_type": "text", "max_length": "500", "is_closed": "yes"}
    given = inherited | {"code": "keyword", "obligation": "M", "required_from": "arrangement", "reason": "细则"}
    town.client("archivist").post(f"{ADDRESS}rule", given)
    assert MetadataScheme.objects.get().rules == [{"code": "keyword", "obligation": "M", "required_from": "arrangement"}]
    town.client("archivist").post(f"{ADDRESS}rule", given | {"act": "inherit", "reason": "不要了"})
    assert MetadataScheme.objects.get().rules == []


@pytest.mark.parametrize("form", metadata_file.FORMS)
def test_a_scheme_goes_out_and_comes_in(town: Town, form: str) -> None:
    adopted(town)
    client = town.client("archivist")
    content = client.get(f"{ADDRESS}scheme.{form}").content
    (rule,) = metadata_file.read(f"s.{form}", content)
    assert rule == Rule(
        "copy_number",
        name="份号",
        max_length=6,
        pattern=r"\d{6}",
        data_type="",
        obligation="O",
        is_repeatable=False,
        is_closed=True,
        is_key=False,
    )
    changed = metadata_file.write((rule, Rule("keyword", obligation="M")), form)
    client.post(f"{ADDRESS}act", {"act": "import", "reason": "导入", "file": SimpleUploadedFile(f"s.{form}", changed)})
    assert len(MetadataScheme.objects.get(state="proposed").rules) == 2
    bad = client.post(f"{ADDRESS}act", {"act": "import", "reason": "导入", "file": SimpleUploadedFile("s.toml", b"[[")})
    assert "不是能读的元数据方案" in bad.content.decode()


def test_an_own_element_is_in_the_form_in_search_and_on_the_page(town: Town) -> None:
    adopted(town)
    row = rows.record()
    client = town.client("archivist")
    form = client.get(f"/arrange/?record={row.id}", headers={"HX-Request": "true", "HX-Target": "form"}).content.decode()
    assert "份号" in form
    given = {"version": str(row.version), "copy_number": "12", "was_copy_number": ""}
    assert client.post(f"/arrange/revise/{row.id}", given).status_code == 422
    assert client.post(f"/arrange/revise/{row.id}", given | {"copy_number": "000012"}).status_code == 302
    row.refresh_from_db()
    assert row.elements["copy_number"] == "000012"
    assert index.entry(row, "", list(queries.own_names())).fields["keywords"] == "000012"
    assert "份号" in client.get(f"/records/{row.id}/").content.decode()
