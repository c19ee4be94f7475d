"""Databases made anew from vault, log and state package: every row of every table is the same, and what cannot be is told."""

import gzip
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import transaction
from pytest_django import DjangoDbBlocker

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.errors import Refusal
from lantai.core.recovery import SOURCES
from lantai.packages import recovery_key, table_package
from lantai.packages.table_package import MANIFEST, check, load
from lantai.ports import House
from lantai.shelves.holdings.models import ArchivalCode, ComputerFile, IndexOutbox, Record
from lantai.shelves.ledger.entries import Entry, append
from lantai.shelves.ledger.models import Event, Payload
from lantai.shelves.people.models import Account
from lantai.stages import attest, capture, expire, index, people, prove, seal
from lantai.stages.recover import loading, opening, state
from lantai.stages.recover.rebuild import Rebuilt, rebuild
from lantai.stages.recover.writing import WHOLE, write
from tests.support import holdings_all
from tests.support.databases import Template
from tests.support.line_house import ARCHIVIST, line_house

PASSPHRASE = "松风水月 不可外传 共十二字"


@dataclass(frozen=True, slots=True)
class Furnished:
    """A furnished installation and its state package."""

    house: House
    data: Path
    package: Path


@contextmanager
def beside(template: Template, source: Path, target: Path) -> Iterator[House]:
    """A data folder with empty databases that shares the vault and has copies of log and keys."""
    with template.copy(target):
        (target / "vault").symlink_to(source / "vault", target_is_directory=True)
        for name in ("ledger", "keys"):
            shutil.copytree(source / name, target / name)
        with line_house(target) as house:
            yield house


@pytest.fixture(scope="module")
def furnished(
    database_template: Template, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Furnished]:
    """A furnished installation with a state package, which no test changes."""
    folder = tmp_path_factory.mktemp("furnished")
    with django_db_blocker.unblock(), database_template.copy(folder / "data") as data:
        yield from _furnished(data, folder)


@pytest.fixture
def own(fresh_data: Path, tmp_path: Path) -> Iterator[Furnished]:
    """One for a test that changes it."""
    yield from _furnished(fresh_data, tmp_path)


def _furnished(data: Path, papers: Path) -> Iterator[Furnished]:
    with line_house(data) as house:
        recovery_key.put(data / "keys", recovery_key.make(PASSPHRASE))
        holdings_all.furnish(house, papers)
        package, _ = state.write_state(house)
        yield Furnished(house, data, package)


def rebuilt(house: House, source: Furnished, passphrase: str = PASSPHRASE) -> Rebuilt:
    package = load(source.package)
    return rebuild(house, package, loading.passwords(package, recovery_key.held(source.data / "keys"), passphrase))


def own_vault(house: House, source: Furnished) -> Path:
    """Give the house a vault of its own to be damaged."""
    (house.data / "vault").unlink()
    shutil.copytree(source.data / "vault", house.data / "vault")
    return house.data / "vault"


def test_every_table_has_a_source() -> None:
    modelled = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} | {"django_migrations"}
    assert modelled == set(SOURCES), "a new table needs a row in core/recovery.py: say where it is rebuilt from"


def test_every_row_of_every_table_comes_back(furnished: Furnished, database_template: Template, tmp_path: Path) -> None:
    before = holdings_all.everything()
    assert [name for name in before if not before[name]] == [], "a table that the test leaves empty proves nothing"
    with beside(database_template, furnished.data, tmp_path / "other") as house:
        done = rebuilt(house, furnished)
        assert (done.problems, done.derived, done.without_payload) == ((), 0, 0)
        after = holdings_all.everything()
        added = {key for rows, kind in ((before, "state:written"), (after, "database:rebuilt")) for key in _of(rows, kind)}
        for name in before:
            assert _without(after[name], added) == _without(before[name], added), name
        assert IndexOutbox.objects.count() == Record.objects.exclude(state="received").count()
        index.refresh(house)
        assert people.sign_in(house, "shen", "Lantai-2026").name == "沈静宜"
        assert attest.attest(house).problems == ()
        assert prove.verify_as_service(house, None).problems == ()
        seal.seal(house)  # and the log goes on from where it was
        assert attest.attest(house).problems == ()


def _of(rows: holdings_all.Rows, kind: str) -> Iterator[str]:
    return (key for key, row in rows["ledger_event"].items() if row["type"] == kind)


def _without(rows: dict[str, dict[str, object]], keys: set[str]) -> dict[str, dict[str, object]]:
    return {key: row for key, row in rows.items() if key not in keys}


def test_what_was_archived_since_is_rebuilt_from_its_package_and_flagged(
    own: Furnished, database_template: Template, tmp_path: Path
) -> None:
    read = _read_long_ago(own.house)
    seal.seal(own.house)
    furnished = replace(own, package=state.write_state(own.house)[0])
    read += _read_long_ago(own.house)
    one_page_pdfs(tmp_path / "late", 2, 901)
    batch = capture.open_batch(furnished.house, ARCHIVIST, [tmp_path / "late"], channel="manual", department="BGS")
    line.archive(furnished.house, ARCHIVIST, [batch])
    seal.seal(furnished.house)
    kept = furnished.data / "ledger" / "payloads" / "personal"
    assert any("另一册" in path.read_text() for path in kept.iterdir())
    aged = replace(own.house, settings=own.house.settings.model_copy(update={"personal_days": 30}))
    assert expire.expire(aged).removed == 2
    seal.seal(furnished.house)
    assert not any("另一册" in path.read_text() for path in kept.iterdir()), "what is over its period goes from the copies too"
    bodies = dict(Payload.objects.exclude(event__position=None).values_list("event_id", "body"))
    late = {row.id: row for row in Record.objects.filter(batch_id=batch)}
    files = {row.id: row for row in ComputerFile.objects.filter(record__batch_id=batch)}
    codes = set(ArchivalCode.objects.values_list("scope", "value", "item_number"))
    events = Event.objects.exclude(position=None).count()
    with beside(database_template, furnished.data, tmp_path / "other") as house:
        done = rebuilt(house, furnished)
        assert (done.derived, done.problems) == (2, ())
        assert done.without_payload == 0
        assert dict(Payload.objects.exclude(event__position=None).values_list("event_id", "body")) == bodies
        assert not Payload.objects.filter(event_id__in=read).exists(), "what is over its period does not come back"
        assert Event.objects.exclude(position=None).count() == events
        same = ("code", "title", "document_date", "year", "department", "retention", "due_date", "content_version", "state", "page_count")
        for row in Record.objects.filter(id__in=late):
            assert [getattr(row, name) for name in same] == [getattr(late[row.id], name) for name in same]
            assert (row.needs_attention, row.archived_at) == ("REBUILD-DERIVED", late[row.id].archived_at)
        for file in ComputerFile.objects.filter(id__in=files):
            assert (file.sha256, file.path, file.facts["text_path"]) == (
                files[file.id].sha256,
                files[file.id].path,
                files[file.id].facts["text_path"],
            )
        assert set(ArchivalCode.objects.values_list("scope", "value", "item_number")) == codes
        index.refresh(house)
        assert prove.verify_as_service(house, None).problems == ()
        outcome = attest.attest(house)
        assert (outcome.problems, outcome.expired) == ((), 2)


def _read_long_ago(house: House) -> tuple[str, ...]:
    with transaction.atomic():
        told = [Entry("record:read", "someone", "R", {"pages": "另一册"})]
        return append(house.clock.now() - timedelta(days=40), told, ids=house.ids)


def test_a_payload_beside_the_log_counts_only_with_its_digest(own: Furnished, database_template: Template, tmp_path: Path) -> None:
    with transaction.atomic():
        told = [Entry("batch:checked", "worker", "B", {"n": number}) for number in range(3)]
        first, second, third = append(own.house.clock.now(), told, ids=own.house.ids)
    seal.seal(own.house)
    with beside(database_template, own.data, tmp_path / "other") as house:
        (place,) = (house.data / "ledger" / "payloads" / "permanent").iterdir()
        content = place.read_bytes().replace(b'{"n":1}', b'{"n":7}')
        place.write_bytes(content[: content.rindex(b'{"n":2}') + 2])  # broken off in its last line
        done = rebuilt(house, own)
        bodies = dict(Payload.objects.values_list("event_id", "body"))
        assert (bodies[first], second in bodies, third in bodies) == ('{"n":0}', False, False)
        assert done.without_payload == 2
        assert {item.code for item in attest.attest(house).problems} == {"LEDGER-PAYLOAD-MISSING", "LEDGER-COPY-ALTERED"}


def test_an_object_that_is_gone_is_told_and_its_record_flagged(furnished: Furnished, database_template: Template, tmp_path: Path) -> None:
    gone = sorted((furnished.data / "vault").glob("???/*"))[0]
    record_id = gone.name.rpartition("%3a")[2]
    with beside(database_template, furnished.data, tmp_path / "other") as house:
        shutil.rmtree(own_vault(house, furnished) / gone.relative_to(furnished.data / "vault"))
        done = rebuilt(house, furnished)
        assert [item.code for item in done.problems] == ["REBUILD-OBJECT-MISSING"]
        assert Record.objects.get(id=record_id).needs_attention == "REBUILD-OBJECT-MISSING"
        assert done.records == 6


def test_a_package_that_says_otherwise_than_the_state_is_told(furnished: Furnished, database_template: Template, tmp_path: Path) -> None:
    with beside(database_template, furnished.data, tmp_path / "other") as house:
        path = sorted(own_vault(house, furnished).glob("???/*/v1/content/record.xml"))[0]
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace("<题名>".encode(), "<题名>改".encode(), 1))
        assert {item.code for item in rebuilt(house, furnished).problems} == {"REBUILD-ROW-DIFFERS"}


def test_no_secret_stands_in_the_clear_and_only_the_passphrase_opens(furnished: Furnished) -> None:
    package = load(furnished.package)
    plain = b"".join(gzip.decompress(path.read_bytes()) for path in furnished.package.glob("*.gz"))
    plain += b"".join(path.read_bytes() for path in furnished.package.iterdir() if path.suffix != ".gz")
    for account in Account.objects.all():
        assert account.password.encode() not in plain
    assert b"argon2" not in plain
    key = recovery_key.held(furnished.data / "keys")
    assert loading.passwords(package, key, PASSPHRASE) == dict(Account.objects.values_list("id", "password"))
    assert loading.passwords(package, key, "") == {}
    with pytest.raises(Refusal, match="RECOVERY-PASSPHRASE"):
        loading.passwords(package, key, PASSPHRASE + "x")
    assert key is not None
    with pytest.raises(Refusal, match="RECOVERY-SEALED-DAMAGED"):
        key.open((package.secrets() or b"")[:-1] + b"\0", PASSPHRASE)


def test_without_the_passphrase_administrators_get_first_passwords(
    furnished: Furnished, database_template: Template, tmp_path: Path
) -> None:
    with beside(database_template, furnished.data, tmp_path / "other") as house:
        rebuilt(house, furnished, passphrase="")
        with pytest.raises(Refusal, match="PEOPLE-SIGN-IN-FAILED"):
            people.sign_in(house, "shen", "Lantai-2026")
        given = opening.first_passwords(house)
        assert list(given) == ["xitong"]
        assert people.must_change_password(people.sign_in(house, "xitong", given["xitong"]))
        assert opening.first_passwords(house) == {}


def test_every_changed_byte_of_a_state_package_is_found(furnished: Furnished, tmp_path: Path) -> None:
    folder = shutil.copytree(furnished.package, tmp_path / "package")
    assert check(folder, furnished.house.signer) == []
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :])
        try:
            found = [item.code for item in check(folder, furnished.house.signer)]
        except Refusal as refusal:
            found = [refusal.code]
        assert found, path.name
        path.unlink()
        if path.name != MANIFEST:
            assert check(folder, furnished.house.signer), path.name
        path.write_bytes(whole)


def test_a_log_that_is_cut_short_or_bent_is_not_rebuilt_from(furnished: Furnished, database_template: Template, tmp_path: Path) -> None:
    with beside(database_template, furnished.data, tmp_path / "other") as house:
        log = tmp_path / "other" / "ledger"
        tile = next(path for path in sorted((log / "tile" / "0").rglob("*")) if path.is_file())
        whole = tile.read_bytes()
        tile.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        with pytest.raises(Refusal, match="REBUILD-LEDGER-BROKEN"):
            rebuilt(house, furnished)
        tile.write_bytes(whole)
        (log / "checkpoint").unlink()
        with pytest.raises(Refusal, match="REBUILD-LEDGER-SHORT"):
            rebuilt(house, furnished)


def test_databases_that_hold_anything_are_left_alone(furnished: Furnished) -> None:
    before = holdings_all.everything()
    with pytest.raises(Refusal, match="RECOVER-NOT-EMPTY"):
        rebuilt(furnished.house, furnished)
    assert holdings_all.everything() == before


def test_a_package_of_a_newer_edition_is_refused(furnished: Furnished, database_template: Template, tmp_path: Path) -> None:
    with beside(database_template, furnished.data, tmp_path / "other") as house:
        package = load(furnished.package)
        package.head["migrations"].append(["holdings", "9999_tomorrow"])
        with pytest.raises(Refusal, match="RECOVER-NEWER"):
            rebuild(house, package, {})


def test_writing_twice_makes_the_same_files_and_few_are_kept(own: Furnished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    furnished = own
    monkeypatch.setattr(table_package, "ROWS_A_PART", 5)
    write(furnished.house, tmp_path / "one", scope=WHOLE)
    write(furnished.house, tmp_path / "two", scope=WHOLE)
    same = [path.name for path in (tmp_path / "one").glob("*.gz") if (tmp_path / "two" / path.name).read_bytes() == path.read_bytes()]
    assert len(same) == len(list((tmp_path / "one").glob("*.gz")))
    assert (tmp_path / "one" / "ledger_event.0002.jsonl.gz").is_file()
    rows = list(load(tmp_path / "one").rows("ledger_event"))
    assert [row[0] for row in rows] == sorted(Event.objects.values_list("id", flat=True))
    for day in range(state.KEPT + 2):
        (state.folder(furnished.data) / f"202601{day + 1:02d}T000000Z").mkdir()
        (state.folder(furnished.data) / f"202601{day + 1:02d}T000000Z" / MANIFEST).write_text(json.dumps({}))
    newest, _ = state.write_state(furnished.house)
    kept = state.packages(furnished.data)
    assert (len(kept), kept[-1]) == (state.KEPT, newest)
