"""The calls: what a system of the agency can send and read. Each parses, calls one verb, answers."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router, Status

from lantai import work
from lantai.api.calls import Bearer, file_name
from lantai.api.values import (
    BYTES,
    AskedBatches,
    AskedDocuments,
    AskedPackage,
    Batch,
    Counted,
    Delivered,
    Document,
    Ending,
    Own,
    Package,
    Sent,
)
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.findings import Finding, finding
from lantai.packages import finished
from lantai.stages import register
from lantai.stages import submit as verb
from lantai.stages.register import Remark
from lantai.stages.report import answers, clients, receipts
from lantai.stages.report.answers import Wanted
from lantai.stages.submit import Submission

router = Router()
_MOST_REASONS = 50
_ENDINGS: dict[Any, Any] = dict.fromkeys((401, 403, 404, 409, 413, 422, 429, 500, 503), Ending)


class Caller(HttpRequest):
    """A call that was admitted."""

    auth: Actor


@router.get("", response={200: Own, **_ENDINGS}, summary="这个令牌是谁的，能做什么")
def own(request: Caller) -> dict[str, Any]:
    """Tell whose token it is, so that a system's set-up can be tried out."""
    return clients.own(request.auth)


@router.post("register/trials", response={200: Counted, **_ENDINGS}, summary="试算：会登记什么，不写入")
def trial(request: Caller, sent: Sent) -> dict[str, Any]:
    """Return what a delivery would do; nothing is written."""
    return _enter(request.auth, sent, is_dry=True).as_json()


@router.put("register/deliveries/{key}", response={200: Delivered, 201: Delivered, **_ENDINGS}, summary="送一批办结登记，批号由送方定")
def deliver(request: Caller, key: str, sent: Sent) -> Status[dict[str, Any]]:
    """Register finished documents. The same delivery again, after a lost connection, changes nothing and is answered the same."""
    done = _enter(request.auth, sent, key=answers.delivery_key(key))
    told = answers.delivery(request.auth, key) | {"repeated": done.is_repeated}
    return Status(200 if done.is_repeated else 201, told)


@router.get("register/deliveries/{key}", response={200: Delivered, **_ENDINGS}, summary="取一批办结登记的答复")
def delivery(request: Caller, key: str) -> dict[str, Any]:
    """Return what a delivery was answered."""
    return answers.delivery(request.auth, key) | {"repeated": True}


@router.get("register/documents", response={200: list[Document], **_ENDINGS}, summary="办结文件归到哪一步")
def documents(request: Caller, asked: Query[AskedDocuments]) -> list[dict[str, Any]]:
    """Return documents of the register and where each stands: filed with its code, under way, given back and why, not filed."""
    wanted = Wanted(**asked.dict() | {"standing": asked.standing or ""})
    return answers.documents(work.house(), request.auth, wanted)


@router.put(
    "packages/{key}", response={200: Package, 201: Package, **_ENDINGS}, summary="送一个归档信息包或压缩包，批号由送方定",
    auth=Bearer("api_package_bytes"), openapi_extra=BYTES,
)  # fmt: skip
def submit(request: Caller, key: str, asked: Query[AskedPackage]) -> Status[dict[str, Any]]:
    """Take a file in as a batch. The same again, after a lost connection, changes nothing and is answered the same."""
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    handed = Submission(answers.delivery_key(key), file_name(request), asked.sha256, size, asked.department)
    batch, is_repeated = verb.submit(work.house(), request.auth, handed, request)
    return Status(200 if is_repeated else 201, answers.package(request.auth, batch.key) | {"repeated": is_repeated})


@router.get("packages/{key}", response={200: Package, **_ENDINGS}, summary="送的材料到了哪一步")
def package(request: Caller, key: str) -> dict[str, Any]:
    """Return where a package of the client's own stands; its receipt is that of its batch."""
    return answers.package(request.auth, key) | {"repeated": True}


@router.get("batches", response={200: list[Batch], **_ENDINGS}, summary="收到的批次，先收的在前")
def batches(request: Caller, asked: Query[AskedBatches]) -> list[dict[str, Any]]:
    """Return the batches that the token may read."""
    return answers.batches(request.auth, asked.since, asked.limit)


@router.get("batches/{code}/receipt", response={200: dict[str, Any], **_ENDINGS}, summary="一批的回执（已签名），格式见 json.md 的 receipt")
def receipt(request: Caller, code: str) -> dict[str, Any]:
    """Return the receipt of a batch: accepted with codes, given back with reasons, still waiting, refused."""
    return receipts.receipt(work.house(), request.auth, code)


def _enter(actor: Actor, sent: Sent, *, key: str = "", is_dry: bool = False) -> register.Entered:
    """Enter what was sent, once every row is a row. Refusals: API-ROWS, API-VALUES, and those of ``register.enter_rows``."""
    if len(sent.rows) > settings.LANTAI.api_rows:
        raise Refusal("API-ROWS", count=len(sent.rows), most=settings.LANTAI.api_rows)
    wrong = [_reason(*row) for _, row in zip(range(_MOST_REASONS), finished.wrong_in(sent.rows), strict=False)]
    if wrong:
        raise Refusal("API-VALUES", reasons=tuple(wrong))
    source = finished.printable(sent.source.strip()) or actor.name
    return register.enter_rows(work.house(), actor, sent.rows, source=source, key=key, is_dry=is_dry)


def _reason(row: int, column: str, reason: str) -> Finding:
    place = f"第 {row} 份" + (f"的“{column}”" if column else "")
    found = finding("API-VALUE", str(row), place=place, reason=reason)
    return Remark(found.code, found.severity, found.message, found.where, column)
