"""digitise: a folder of scans to accepted, archived records that are found, with every working paper, by the command line alone."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bench import letters, papers
from lantai.adapters.readers import DirectReader
from lantai.packages import catalogue, workbook
from lantai.standards import da_t_31
from tests.cli.shell import ROOT, Done, Shell
from tests.support import clamd

FIRST, OWN = "Lantai-2027", "Lantai-2028"
INSPECTOR = """
import django
django.setup()
from lantai import wiring
from lantai.stages import people
wiring.provide()
people.create_account(wiring.house(), None, login="luo", name="罗建平", role="inspector", person="G7", password="Lantai-2027")
"""
ITEMS = 8
#: Real scans go along where they are at hand: two that can be read, and one that cannot.
CORPUS = Path(os.environ.get("LANTAI_CORPUS") or ROOT.parent / "shared" / "corpus") / "scans"
READABLE, DAMAGED = ("galfar__deskew/F1550.jpg", "sbrunner__deskew/deskew-5.png"), ("ocrmypdf__OCRmyPDF/invalid.pdf",)


@dataclass(frozen=True, slots=True)
class Place:
    """An installation with two persons who sign, and a folder of scans."""

    shell: Shell
    folder: Path

    def run(self, *words: str | Path) -> Done:
        """Run ``lantai digitise`` and return how it ended."""
        return self.shell.run("digitise", *words)

    def as_person(self, login: str, *passwords: str) -> None:
        """Sign in as somebody else; a first time with the password given and one of one's own."""
        done = self.shell.run("login", "--user", login, "--password-stdin", stdin="".join(f"{one}\n" for one in passwords))
        assert done.code == 0, done.err


@pytest.fixture
def place(tmp_path: Path, bare: Shell) -> Iterator[Place]:
    with clamd.running(tmp_path / "clamd", dated=datetime.now(UTC), most=clamd.USUAL) as address:
        (tmp_path / "home").mkdir()
        shell = Shell(tmp_path / "data", tmp_path / "home", bare.compiled, {"LANTAI_CLAMD": address, "LANTAI_SCAN_SETTLE_SECONDS": "0"})
        made = shell.run("init", "--json", "--agency", "云汀市发展和改革委员会", "--no-login")
        first = next(row["password"] for row in made.json("init")["accounts"] if row["login"] == "archivist")
        own = shell.environment | {"DJANGO_SETTINGS_MODULE": "lantai.server.settings", "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        subprocess.run([sys.executable, "-c", INSPECTOR], env=own, cwd=ROOT, check=True, capture_output=True)
        place = Place(shell, tmp_path / "第3盒")
        place.as_person("archivist", first, OWN)
        yield place


def draw(folder: Path) -> list[papers.Paper]:
    """Scan letters of every form, one of them of two pages, one marked secret, one cut off."""
    made = []
    for at in range(ITEMS):
        ((_, pixels, paper, _),) = papers.variants(9100 + at, ("scan",), letters.letter)
        save(folder / f"{at + 1:02d}" / "0001.jpg", pixels)
        made.append(paper)
    save(folder / "01" / "0002.jpg", papers.table(3).pixels)
    save(folder / "31" / "0001.jpg", papers.letter(5, marking="机密★10年").pixels)
    whole = (folder / "02" / "0001.jpg").read_bytes()
    (folder / "32.jpg").write_bytes(whole[: len(whole) // 3])
    return made


def real(folder: Path, names: tuple[str, ...]) -> int:
    """Lay real scans beside those drawn, and return how many."""
    found = [CORPUS / name for name in names if (CORPUS / name).is_file()]
    for source in found:
        (folder / source.name).write_bytes(source.read_bytes())
    return len(found)


def save(path: Path, pixels: papers.Pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=88, dpi=(papers.DPI, papers.DPI))


def fill(source: Path, target: Path, truth: dict[str, papers.Paper]) -> Path:
    """Look at every row of the table, as a person with the paper in hand does."""
    headings, lines = catalogue.table(source)
    rows = []
    for _, cells in lines:
        row = dict(zip(headings, cells, strict=True))
        own = truth.get(row["第几件"].partition(" ")[2])
        said = {"题名": own.fields["title"], "责任者": own.fields["author"], "成文日期": own.fields["date"]} if own else {}
        usual = {name: row[name] or value for name, value in (("题名", "旧图一张"), ("责任者", "不详"), ("成文日期", "1990"))}
        year = {"年度": (said.get("成文日期") or usual["成文日期"])[:4]}
        rows.append(list((row | usual | said | year | {"已核对": "是", "保管期限": row["保管期限"] or "10年"}).values()))
    with target.open("wb") as out:
        workbook.write(out, [workbook.Sheet("著录", [(name, 9) for name in headings], rows)], made=datetime(2024, 1, 1, tzinfo=UTC))
    return target


@pytest.mark.needs("clamav-daemon")
def test_a_folder_of_scans_becomes_accepted_records(place: Place, tmp_path: Path) -> None:
    truth = {f"{at + 1:02d}": paper for at, paper in enumerate(draw(place.folder))}
    count, aside = ITEMS + real(place.folder, READABLE), 1 + real(place.folder, DAMAGED)

    taken = place.run(place.folder, "--department", "BGS", "--json")
    told = taken.json("digitise")
    batch = told["batch"]["code"]
    assert taken.code == 4
    assert told["states"] == {"proposed": count, "aside": aside, "erased": 1}
    assert all("retention_period" in [one["name"] for one in item["fields"]] for item in told["left"])

    confirmed = place.run(batch, "--confirm", "--retention", "D30", "--todo", tmp_path / "要看.xlsx", "--json")
    told = confirmed.json("digitise")
    assert told["confirmed"] + len(told["left"]) == count
    assert told["confirmed"] > 0
    entered = place.run(batch, "--entries", fill(tmp_path / "要看.xlsx", tmp_path / "看过.xlsx", truth), "--json")
    assert entered.json("digitise")["states"] == {"confirmed": count, "aside": aside, "erased": 1}

    noted = ("--step", "take_out", "--step", "prepare", "--with", "库房 韩松", "--note", "完好")
    sampled = place.run(batch, *noted, "--sample", "--judge", "good", "--json").json("digitise")
    pages = sampled["inspection"]["sampled"]
    assert (sampled["inspection"]["undecided"], len(sampled["sample"])) == (0, pages)
    assert "还要另一人" in place.run(batch, "--sign", str(pages)).out
    assert "DIGITISE-SAME-PERSON" in place.run(batch, "--sign", str(pages)).err
    place.as_person("luo", FIRST, OWN)
    signed = place.run(batch, "--sign", str(pages), "--json")
    intake = signed.json("digitise")["intake"]
    assert (signed.json()["batch"]["state"], bool(intake)) == ("delivered", True)

    place.as_person("archivist", OWN)
    archived = place.shell.run("archive", intake, "--json").json("archive")
    assert (archived["archived"], archived["left"]) == (count, [])
    found = place.shell.run("find", truth["03"].fields["title"], "--json").json("find")
    assert found["total"] == 1
    closed = place.run(
        batch,
        "--step",
        "give_back",
        "--with",
        "库房 韩松",
        "--forms",
        tmp_path / "表单",
        "--sign-form",
        "数字化审批书=审批人",
        "--close",
        "--json",
    )
    told = closed.json("digitise")
    assert told["batch"]["state"] == "closed", closed.err
    assert next(form for form in told["forms"] if form["name"] == "数字化审批书")["unsigned"] == ["申请人", "审批人"]
    assert "已签 数字化审批书" in closed.err
    assert len(list((tmp_path / "表单").glob("*.pdf"))) == len(da_t_31.forms())
    assert place.shell.run("verify", "--all").code == 0
    layers_say_what_was_read(place.shell.data / "vault", count)


def layers_say_what_was_read(vault: Path, count: int) -> None:
    """Hold the text of every PDF and OFD in the vault against the lines that were read and are kept beside it: sign for sign, and in their
    order but on real scans of formulas, where no order is the right one."""
    made = sorted(vault.rglob("preservation/*.pdf"))
    assert len(made) == count
    for pdf in made:
        kept = json.loads((pdf.parents[1] / "text.json").read_bytes())
        read = [squeezed(page) for page in kept["pages"]]
        for path in (pdf, pdf.with_suffix(".ofd")):
            seen = DirectReader().read(path, path.name)
            said = ["".join(page.text.split()) for page in seen.pages]
            assert said == read if path.stem.isdigit() else [*map(sorted, said)] == [*map(sorted, read)], path


def squeezed(page: dict[str, Any]) -> str:
    return "".join("".join(line["text"].split()) for line in page["lines"])
