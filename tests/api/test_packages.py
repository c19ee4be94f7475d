"""Material that a system hands in: once, whole, under its own key, and from then on a batch like any other."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client as Caller
from django.test import override_settings

from lantai import work
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.ledger.models import Event, Payload
from lantai.shelves.people.models import Client
from lantai.stages import submit
from lantai.stages.clients import actor_of
from lantai.stages.submit import Submission
from tests.api.test_calls import ROOT, call, token
from tests.web.town import Town

TEXT = "关于启用新印章的通知\n各科室：\n自即日起启用新印章。\n".encode()
NAME = "关于启用新印章的通知.txt"


def put(path: str, content: bytes, given: str, *, name: str = NAME, sha256: str = "") -> tuple[int, Any]:
    """Hand a file in and return the status and the value of the answer."""
    told = sha256 or hashlib.sha256(content).hexdigest()
    asked = f"{ROOT}{path}{'&' if '?' in path else '?'}sha256={told}"
    headers = {"Authorization": f"Bearer {given}"} | (
        {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"} if name else {}
    )
    answer = Caller().generic("PUT", asked, content, "application/octet-stream", headers=headers)
    return answer.status_code, json.loads(answer.content)


def kept(town: Town) -> list[Path]:
    """Return the files that lie where uploads lie."""
    return [path for path in (town.house.data / "uploads").rglob("*") if path.is_file()]


def test_what_is_handed_in_is_a_batch_once_and_answered_the_same_again(town: Town) -> None:
    given = token(town)
    status, first = put("packages/20240409-1", TEXT, given)
    batch = Batch.objects.get(key="20240409-1")
    assert (status, first["code"], first["state"], first["repeated"]) == (201, batch.code, "receiving", False)
    assert (batch.channel, batch.is_upload, batch.sha256) == ("oa", True, hashlib.sha256(TEXT).hexdigest())
    assert put("packages/20240409-1", TEXT, given) == (200, first | {"repeated": True})
    assert call("GET", "packages/20240409-1", given=given) == (200, first | {"repeated": True})
    assert Batch.objects.filter(key="20240409-1").count() == 1
    work.drain(60, is_hurried=True)
    assert Record.objects.filter(batch_id=batch.id).count() == 1
    told = call("GET", "packages/20240409-1", given=given)[1]
    assert (told["records"], told["has_receipt"], kept(town)) == (1, True, [])


def test_the_ledger_tells_key_and_digest_and_no_name(town: Town) -> None:
    put("packages/a", TEXT, token(town))
    batch = Batch.objects.get(key="a")
    event = Event.objects.get(type="batch:opened", object_id=batch.id)
    assert batch.sha256 in str(Payload.objects.get(event_id=event.id).body)
    assert not any("新印章" in str(one) for one in Payload.objects.values_list("body", flat=True))


def test_another_content_under_the_same_key_is_refused(town: Town) -> None:
    given = token(town)
    put("packages/a", TEXT, given)
    status, told = put("packages/a", TEXT + b"!", given)
    assert (status, told["code"], len(kept(town))) == (409, "API-PACKAGE-DIFFERS", 1)
    assert put("packages/a", TEXT, token(town))[0] == 201  # another system has keys of its own


@pytest.mark.parametrize(
    ("name", "sha256", "content", "code", "status"),
    [
        (NAME, "0" * 64, TEXT, "API-PACKAGE-DIGEST", 422),
        (NAME, "x", TEXT, "API-VALUES", 422),
        ("", "", TEXT, "API-PACKAGE-NAME", 422),
        ("../x.txt", "", TEXT, "UPLOAD-PATH", 422),
        ("夹/x.txt", "", TEXT, "UPLOAD-PATH", 422),
        ("a\\b.txt", "", TEXT, "UPLOAD-PATH", 422),
        (f"{'长' * 90}.txt", "", TEXT, "UPLOAD-PATH", 422),
        (NAME, "", b"", "UPLOAD-EMPTY", 422),
    ],
)
def test_what_will_not_do_leaves_nothing(town: Town, name: str, sha256: str, content: bytes, code: str, status: int) -> None:
    before = Batch.objects.count()
    answered, told = put("packages/a", content, token(town), name=name, sha256=sha256)
    assert (answered, told["code"], Batch.objects.count(), kept(town)) == (status, code, before, [])


def test_a_token_of_a_department_hands_in_for_it_alone(town: Town) -> None:
    given = token(town, "packages", department="BGS")
    assert put("packages/a", TEXT, given)[0] == 201
    assert Batch.objects.get(key="a").department == "BGS"
    status, told = put("packages/b?department=GHK", TEXT, given)
    assert (status, told["code"].split("-")[0]) == (403, "ACCESS")
    assert put("packages/c?department=NONE", TEXT, token(town))[1]["code"] == "DEPARTMENT-UNKNOWN"


def test_without_the_scope_nothing_is_handed_in_or_told(town: Town) -> None:
    given = token(town, "register", "receipts")
    assert put("packages/a", TEXT, given)[0] == 403
    assert call("GET", "packages/a", given=given)[0] == 403
    assert call("GET", "packages/a", given=token(town, "packages"))[1]["code"] == "API-PACKAGE-UNKNOWN"


def test_more_than_may_be_is_refused_before_it_is_read(town: Town) -> None:
    with override_settings(LANTAI=town.house.settings.model_copy(update={"api_package_bytes": 10})):
        status, told = put("packages/a", TEXT, token(town))
    assert (status, told["code"], kept(town)) == (413, "API-TOO-LARGE", [])


def test_a_disk_that_takes_nothing_is_a_fault(town: Town) -> None:
    (town.house.data / "uploads").write_bytes(b"")
    status, told = put("packages/a", TEXT, token(town))
    assert (status, told["code"]) == (503, "API-PACKAGE-NOT-WRITTEN")


class Overtaken(io.BytesIO):
    """Bytes that another call hands in first, just before they are read."""

    def __init__(self, town: Town, submission: Submission) -> None:
        super().__init__(TEXT)
        self._town, self._waiting = town, [submission]

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the bytes, once the other call has come and gone."""
        if self._waiting:
            submission = self._waiting.pop()
            submit.submit(self._town.house, actor_of(Client.objects.get()), submission, io.BytesIO(TEXT))
        return super().read(size)


def test_of_two_at_once_one_is_the_batch_and_both_are_told_it(town: Town) -> None:
    token(town)
    submission = Submission("a", NAME, hashlib.sha256(TEXT).hexdigest(), len(TEXT))
    batch, is_repeated = submit.submit(town.house, actor_of(Client.objects.get()), submission, Overtaken(town, submission))
    assert (batch, is_repeated, len(kept(town))) == (Batch.objects.get(key="a"), True, 1)
