"""The addresses by which a page sends a large delivery in parts, and what it shows of one that is not finished."""

import errno
import hashlib
import json
import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lantai.shelves.intake.models import Batch
from tests.web.test_pages import page
from tests.web.town import Town

CONTENT = bytes(range(256)) * 40
ASK = {"X-Requested-With": "lantai"}


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def begin(client: Client) -> dict[str, int | str]:
    told = {"files": [["包.zip", len(CONTENT), 7]], "channel": "manual", "department": "BGS", "title": "大包"}
    answer = client.post("/intake/sending/", json.dumps(told), content_type="application/json", headers=ASK)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def send(client: Client, one: dict[str, int | str], number: int, content: bytes) -> tuple[int, dict[str, object]]:
    address, headers = f"/intake/sending/{one['id']}/{number}", ASK | {"X-Part-Digest": sha(content)}
    answer = client.post(address, content, content_type="application/octet-stream", headers=headers)
    return answer.status_code, dict(answer.json())


def test_a_delivery_in_parts_becomes_a_batch(town: Town) -> None:
    client = town.client("archivist")
    one = begin(client)
    assert (one["here"], one["parts"]) == (0, 1)
    assert send(client, one, 0, CONTENT[:-1])[1]["code"] == "UPLOAD-PART-DIGEST"
    assert send(client, one, 0, CONTENT)[1]["here"] == 1
    assert begin(client)["here"] == 1
    tree = page(client, "/intake/?new")
    assert "包.zip" not in tree.text_content() and "大包" in tree.text_content() and "已传 100%" in tree.text_content()
    answer = client.post(f"/intake/sending/{one['id']}/finish", {"digest": sha(sha(CONTENT).encode())}, headers=ASK)
    batch = Batch.objects.get()
    assert answer.json() == {"url": f"/intake/{batch.id}/"}
    assert (batch.title, batch.is_upload, batch.state) == ("大包", True, "receiving")


def test_what_is_not_finished_can_be_given_up_by_its_sender_alone(town: Town) -> None:
    client, other = town.client("archivist"), town.client("part_time_archivist")
    one = begin(client)
    assert other.post(f"/intake/sending/{one['id']}/discard").status_code == 404
    assert "没有传完的" not in page(other, "/intake/?new").text_content()
    assert client.post(f"/intake/sending/{one['id']}/discard").status_code == 302
    assert page(client, "/intake/?new").find(".//section[@class='unfinished']") is None
    assert send(client, one, 0, CONTENT)[0] == 404


def test_what_is_no_question_is_no_answer(town: Town) -> None:
    client = town.client("archivist")
    unfit = ('{"files": [["\\ud800", 1, 1]]}', '{"files": [["a", 1e999, 1]]}', "[" * 100_000)
    unsaid = ('{"files": [["a", 1, 1]], "title": "\\ud800"}', '{"files": [["a", 1, 1]], "title": "\\u0000"}')
    for body in ("", "[]", "{}", '{"files": [["a"]]}', '{"files": [["a", "x", 1]]}', '{"files": 7}', *unfit, *unsaid):
        assert client.post("/intake/sending/", body, content_type="application/json", headers=ASK).status_code == 400
    assert begin(client)["here"] == 0


@pytest.mark.parametrize("path", ["甲/" * 1000 + "乙", "长" * 100, "a\0b", "../a"])
def test_a_path_that_no_disk_takes_is_refused_before_a_byte_is_sent(town: Town, path: str) -> None:
    client = town.client("archivist")
    told = json.dumps({"files": [[path, 1, 1]]})
    assert client.post("/intake/sending/", told, content_type="application/json", headers=ASK).json()["code"] == "UPLOAD-PATH"
    given = {"files": SimpleUploadedFile("a.txt", b"a"), "paths": path.replace("\0", "/../../"), "title": "路径"}
    assert client.post("/intake/upload", given, headers=ASK).json()["code"] == "UPLOAD-PATH"


def test_a_list_that_could_not_be_written_is_in_nobodys_way(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk was full when the list of files was put down: an empty list there would fail every later delivery of everybody."""
    client = town.client("archivist")
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", _full)
        told = json.dumps({"files": [["a.txt", 1, 1]]})
        assert client.post("/intake/sending/", told, content_type="application/json", headers=ASK).json()["code"] == "UPLOAD-NOT-WRITTEN"
    assert page(client, "/intake/?new").find(".//section[@class='unfinished']") is None
    assert begin(client)["here"] == 0


def _full(handle: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
