"""Time stamps of batch roots and checkpoints: given after archiving, kept in the ledger, gone on with, shown as they are."""

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from bench import corpus as papers
from lantai import line, work
from lantai.adapters.stampers.rfc3161 import Rfc3161Stamper
from lantai.core.errors import Fault, Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.entries import Entry, append
from lantai.shelves.ledger.models import Event
from lantai.stages import attest, capture, evidence, prove, renew, seal, stamp, stamps
from tests.support.line_house import ARCHIVIST, line_house
from tests.support.tsa import Authority, authority

pytestmark = pytest.mark.needs("openssl")


class Later:
    """A clock that can be set ahead."""

    def __init__(self) -> None:
        self.days = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self.days)


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[Authority]:
    with authority(tmp_path / "tsa", days=400) as made:
        yield made


@pytest.fixture
def house(fresh_data: Path, tsa: Authority) -> Iterator[House]:
    shutil.copy(tsa.root, fresh_data / "roots.pem")
    chosen = Rfc3161Stamper(tsa.address, ("sha256", "sm3"), trusted=str(tsa.root))
    with line_house(fresh_data, stamper=chosen, tsa_certificates="roots.pem") as built:
        yield built


def archived(house: House, folder: Path) -> Record:
    papers.one_page_pdfs(folder / "in", 3, 7)
    batch = capture.open_batch(house, ARCHIVIST, [folder / "in"], channel="manual", department="BGS")
    line.finish(house)
    line.archive(house, ARCHIVIST, [batch])
    return Record.objects.filter(state="archived").earliest("id")


def state(house: House, row: Record) -> tuple[bool, str, str]:
    outcome = prove.verify(house, ARCHIVIST, (row.id,))
    (link,) = [item for item in outcome.chains[0].links if item.key == "stamp"]
    return outcome.ok, outcome.stamps[0].state, link.state


def test_a_batch_root_is_stamped_by_every_digest(house: House, tmp_path: Path) -> None:
    row = archived(house, tmp_path)
    line.finish(house)
    assert Event.objects.filter(type="proof:signed").count() == 1
    given = Event.objects.filter(type="proof:stamped").select_related("payload")
    assert sorted(json.loads(event.payload.body)["digest"] for event in given) == ["sha256", "sm3"]
    assert not stamp.unstamped().exists()
    seal.seal(house)
    assert state(house, row) == (True, "good", "ok")
    assert attest.attest(house).ok
    assert all("时间戳" not in text for text in prove.verify(house, ARCHIVIST, (row.id,)).not_checked)


@pytest.mark.parametrize("fault", ["silent", "refuses"])
def test_an_authority_that_fails_is_in_nobody_s_way(house: House, tsa: Authority, tmp_path: Path, fault: str) -> None:
    tsa.fault = fault
    row = archived(house, tmp_path)
    assert row.state == "archived"
    assert work.drain(30).given_up == 0
    seal.seal(house)
    assert state(house, row) == (True, "none", "none")
    assert any("未加盖时间戳" in text for text in prove.verify(house, ARCHIVIST, (row.id,)).not_checked)
    with pytest.raises(Fault, match="STAMP-"):
        stamp.stamp(house)
    asked, tsa.fault = tsa.asked, ""
    assert not stamp.due(house), "the authority was asked in vain a moment ago"
    assert stamp.due(replace(house, clock=_at(minutes=6)))
    assert stamp.stamp(house).roots == 1
    assert stamp.stamp(house).roots == 0
    assert tsa.asked > asked or fault == "silent"
    assert state(house, row) == (True, "good", "ok")


def _at(*, minutes: int) -> Later:
    clock = Later()
    clock.days = minutes / 1440  # type: ignore[assignment]
    return clock


def test_no_authority_is_said(fresh_data: Path, tmp_path: Path) -> None:
    with line_house(fresh_data) as bare:
        row = archived(bare, tmp_path)
        assert state(bare, row) == (True, "none", "none")
        assert not stamp.due(bare)
        with pytest.raises(Fault, match="STAMP-NOT-SET"):
            stamp.stamp(bare)


def test_a_stamp_that_is_not_this_root_s_is_found(house: House, tmp_path: Path) -> None:
    row = archived(house, tmp_path)
    line.finish(house)
    other = stamps.body_of(house.stamper.stamp(b"other", "sha256"))
    root = Event.objects.filter(type="proof:stamped").first()
    assert root is not None
    with transaction.atomic():
        append(house.clock.now(), [Entry("proof:stamped", "worker", root.object_id, other)], ids=house.ids)
    outcome = prove.verify(house, ARCHIVIST, (row.id,))
    assert [item.code for item in outcome.problems] == ["PROOF-STAMP-INVALID"]
    assert (outcome.chains[0].stops, "系统管理员" in outcome.chains[0].tell) == ("stamp", True)


def test_a_stamped_checkpoint_goes_on_for_a_stamp_that_ends(house: House, tsa: Authority, tmp_path: Path) -> None:
    clock = Later()
    moved = replace(house, clock=clock)
    row = archived(house, tmp_path)
    line.finish(house)
    seal.seal(house)
    assert stamp.is_checkpoint_due(house, clock.now())
    clock.days = 500
    assert state(moved, row)[:2] == (False, "bad"), "its certificate ended and nobody went on"
    clock.days = 0
    tsa.renew(3000)
    assert stamp.stamp(house, is_asked=True).checkpoints == 1
    assert Event.objects.filter(type="checkpoint:stamped").count() == 2, "one a digest"
    assert not stamp.is_checkpoint_due(house, clock.now())
    assert attest.attest(house).ok
    clock.days = 500
    assert state(moved, row)[:2] == (True, "good")
    assert stamp.is_checkpoint_due(moved, clock.now()), "a day and more has passed"


def test_a_stamp_of_another_note_or_of_no_checkpoint_is_named_by_verifying_the_ledger(house: House) -> None:
    sizes = []
    for _ in range(2):
        with transaction.atomic():
            append(house.clock.now(), [Entry("batch:checked", "worker", "B")], ids=house.ids)
        sizes.append(str(seal.seal(house).size))
    assert stamp.stamp(house, is_asked=True).checkpoints == 1
    good = Event.objects.filter(type="checkpoint:stamped", object_id=sizes[1]).select_related("payload").earliest("id")
    bodies = {sizes[0]: json.loads(good.payload.body), "7": json.loads(good.payload.body), sizes[1]: {"digest": "sha256"}}
    with transaction.atomic():
        append(house.clock.now(), [Entry("checkpoint:stamped", "worker", size, body) for size, body in bodies.items()], ids=house.ids)
    seal.seal(house)
    found = attest.attest(house).problems
    assert {item.code for item in found} == {"LEDGER-STAMP-INVALID"}
    assert sorted(item.where for item in found) == sorted(bodies)
    bare = replace(house, settings=house.settings.model_copy(update={"tsa_certificates": ""}))
    assert any("tsa_certificates" in text for text in attest.attest(bare).not_checked)


def test_without_regular_stamps_a_certificate_that_ends_soon_makes_one_due(fresh_data: Path, tsa: Authority, tmp_path: Path) -> None:
    chosen = Rfc3161Stamper(tsa.address, trusted=str(tsa.root))
    with line_house(fresh_data, stamper=chosen, stamp_checkpoint_hours=0, stamp_renew_days=30) as built:
        archived(built, tmp_path)
        line.finish(built)
        seal.seal(built)
        assert not stamp.is_checkpoint_due(built, built.clock.now())
        assert stamp.is_checkpoint_due(built, built.clock.now() + timedelta(days=380))


def test_gone_on_with_before_it_ends_with_the_revocation_data_that_was_brought_in(fresh_data: Path, tsa: Authority, tmp_path: Path) -> None:
    """A house without a way to the lists: the archivist brings a list and an answer by hand, each time anew."""
    tsa.fault, folder = "listless", tmp_path / "吊销数据"
    folder.mkdir()
    shutil.copy(tsa.root, fresh_data / "roots.pem")
    chosen = Rfc3161Stamper(tsa.address, trusted=str(tsa.root), revocation=str(folder))
    settings = {"tsa_certificates": "roots.pem", "stamp_checkpoint_hours": 0, "stamp_renew_days": 30}
    with line_house(fresh_data, stamper=chosen, **settings) as house:
        first = brought_in(tsa, folder)
        row = archived(house, tmp_path)
        line.finish(house)
        seal.seal(house)
        clock = Later()
        moved = replace(house, clock=clock)
        clock.days = 300
        assert not stamp.is_checkpoint_due(house, clock.now())
        clock.days = 380
        assert stamp.is_checkpoint_due(house, clock.now())
        tsa.renew(3000)
        second = brought_in(tsa, folder)
        assert stamp.stamp(moved).checkpoints == 1
        seal.seal(house)
        assert not stamp.is_checkpoint_due(house, clock.now())
        kept = [json.loads(event.payload.body) for event in Event.objects.filter(type__endswith=":stamped").order_by("instant", "id")]
        assert [(len(body["lists"]), body["answers"]) for body in kept] == [(1, [first]), (1, [second])]
        clock.days = 500
        assert state(moved, row) == (True, "good", "ok")
        given = evidence.to_folder(moved, ARCHIVIST, row.id, tmp_path / "out")
        placed = tmp_path / "out" / given.path
        told = verified(placed, "--tsa", str(tsa.root))
        assert "bad" not in {item["state"] for item in told}, told
        judged_by_openssl(tsa, placed / "timestamp")


def brought_in(tsa: Authority, folder: Path) -> str:
    """Put the root's list and its answer on the authority's present certificate into the folder; return the answer in base64."""
    tsa.list_anew()
    shutil.copy(tsa.folder / "root.crl.pem", folder / "根.pem")
    (folder / "应答.der").write_bytes(tsa.answered())
    return base64.b64encode((folder / "应答.der").read_bytes()).decode()


def judged_by_openssl(tsa: Authority, placed: Path) -> None:
    """Let openssl, which knows nothing of us, judge stamp, list and answer as the package brings them."""
    for name, subject in (("batch", "batch.txt"), ("checkpoint", "checkpoint.txt")):
        words = ["-data", subject, "-in", f"{name}-sha256.tst", "-token_in", "-CAfile", str(tsa.root), "-untrusted", f"{name}-sha256.pem"]
        done = subprocess.run(["openssl", "ts", "-verify", *words], cwd=placed, capture_output=True, check=False)
        assert b"Verification: OK" in done.stdout, done.stderr
        words = ["-inform", "DER", "-in", f"{name}-sha256-1.crl", "-CAfile", str(tsa.root), "-noout"]
        done = subprocess.run(["openssl", "crl", *words], cwd=placed, capture_output=True, check=False)
        assert b"verify OK" in done.stderr
        words = [
            "-no_nonce",
            "-respin",
            f"{name}-sha256-1.ocsp",
            "-CAfile",
            str(tsa.root),
            "-issuer",
            str(tsa.root),
            "-cert",
            f"{name}-sha256.pem",
        ]
        done = subprocess.run(["openssl", "ocsp", *words], cwd=placed, capture_output=True, check=False)
        assert b"Response verify OK" in done.stderr
        assert f"{name}-sha256.pem: good".encode() in done.stdout


def test_the_evidence_package_brings_its_stamps(house: House, tsa: Authority, tmp_path: Path) -> None:
    row = archived(house, tmp_path)
    line.finish(house)
    seal.seal(house)
    stamp.stamp(house, is_asked=True)
    told = evidence.to_folder(house, ARCHIVIST, row.id, tmp_path / "out")
    folder = tmp_path / "out" / told.path
    lines = verified(folder, "--tsa", str(tsa.root))
    stamped = [item["state"] for item in lines if "时间戳" in item["zh"]]
    assert stamped.count("ok") == 11, lines
    assert [item["state"] for item in verified(folder) if "时间戳机构" in item["zh"]] == ["not"] * 4
    words = ["-data", "batch.txt", "-in", "batch-sm3.tst", "-token_in", "-CAfile", str(tsa.root), "-untrusted", "batch-sm3.pem"]
    done = subprocess.run(["openssl", "ts", "-verify", *words], cwd=folder / "timestamp", capture_output=True, check=False)
    assert b"Verification: OK" in done.stdout
    with authority(tmp_path / "other") as other:
        assert "bad" in {item["state"] for item in verified(folder, "--tsa", str(other.root))}


def verified(folder: Path, *words: str) -> list[dict[str, str]]:
    command = [sys.executable, "-I", "-S", folder / "verify.py", "--json", *words]
    lines: list[dict[str, str]] = json.loads(subprocess.run(command, capture_output=True, check=False).stdout)["lines"]
    return lines


def test_proofs_signed_anew_under_another_digest(house: House, tmp_path: Path) -> None:
    row = archived(house, tmp_path)
    count = Record.objects.filter(state="archived").count()
    with pytest.raises(Refusal, match="RENEW-DIGEST-UNKNOWN"):
        renew.renew(house, "md5")
    assert renew.renew(house, "sm3") == renew.Renewed(count, 1)
    assert renew.renew(house, "sm3") == renew.Renewed(0, 0)
    line.finish(house)
    stamp.stamp(house)
    seal.seal(house)
    (event,) = Event.objects.filter(type="proof:renewed").select_related("payload")
    assert Event.objects.filter(type="proof:stamped", object_id=event.object_id).count() == 2
    assert state(house, row) == (True, "good", "ok")
    body = json.loads(event.payload.body)
    body["leaves"][0][2] = "0" * 64
    for broken in ({**body, "leaves": body["leaves"]}, {**json.loads(event.payload.body), "signatures": []}):
        with transaction.atomic():
            append(house.clock.now(), [Entry("proof:renewed", "worker", event.object_id, broken)], ids=house.ids)
        assert {item.code for item in prove.verify(house, ARCHIVIST, (body["leaves"][0][0],)).problems} == {"PROOF-RENEWAL-INVALID"}
