"""The demonstration's people: each in the department the agency gives them, so that a reader there finds something."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lantai.core import access
from lantai.demo import agency, keeping, run, scans, scenario
from lantai.shelves.copies.models import Audit
from lantai.shelves.digitising.models import Item, Page
from lantai.shelves.people.models import Account
from lantai.shelves.register.models import FinishedDocument
from lantai.shelves.upkeep.models import Run
from lantai.stages import people
from tests.support import scans as recognised
from tests.support.line_house import line_house


def test_every_account_stands_in_its_department(fresh_data: Path) -> None:
    with line_house(fresh_data) as house:
        archivist = run.install(house, "Lt-11c145-62")
    assert archivist.login == "shen"
    wanted = {account.login: account.department for account in agency.ACCOUNTS}
    assert dict(Account.objects.values_list("login", "department")) == wanted
    reader = people.actor_of(Account.objects.get(login="zhou"))
    assert {"state": "archived", "department": "ZHK"} in access.visible(reader)


def test_the_agencys_own_documents_come_back_as_scans_with_a_stamp(fresh_data: Path) -> None:
    with line_house(fresh_data, recogniser=recognised.Told(), scan_settle_seconds=0) as house:
        archivist = run.install(house, "Lt-11c145-62")
        scenario.write(fresh_data / "demo", 2, 1)
        batch_id = scans.fill(house, archivist, fresh_data / "demo", count=1)
        (item,) = Item.objects.filter(batch_id=batch_id)
        pages = list(Page.objects.filter(item=item))
        assert (item.state, {page.dpi for page in pages}) == ("proposed", {200})
        with Image.open(house.data / pages[0].scan.stored) as scan:
            head = np.asarray(scan.crop((700, 60, 1100, 210)).convert("RGB"))
        assert ((head[..., 0] > 150) & (head[..., 1] < 110)).sum() > 1000


def test_holdings_are_registered_copied_audited_and_checked(fresh_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fresh_data)  # the data folder may be a relative one, as the usual ./var is
    with line_house(fresh_data) as house:
        archivist = run.install(house, "Lt-11c145-62")
        composed = scenario.write(fresh_data / "demo", 2, 1)
        run.number_all(house, archivist, [run.deliver(house, archivist, delivery) for delivery in composed.deliveries])
        keeping.register(house, archivist, fresh_data / "demo" / "register.csv", composed.finished)
        keeping.keep(house, archivist, Path("replica"))
        assert FinishedDocument.objects.exclude(document_number="").count() == len(composed.finished) == 2
        assert FinishedDocument.objects.filter(exclusion="N2").count() == 2
        assert list(Audit.objects.values_list("state", "done")) == [("done", 2)]
        assert set(Run.objects.values_list("state", flat=True)) == {"done"}
        assert len(list((fresh_data / "replica").rglob("proof.json"))) == 2
