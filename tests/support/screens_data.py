"""What the pictures need beside the demonstration: material that waits, work in progress, years of holdings, sealed items."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from lantai import line, wiring, work
from lantai.core.access import Actor
from lantai.demo import run, scenario
from lantai.packages import workbook
from lantai.ports import House
from lantai.shelves.edge.models import Progress
from lantai.shelves.exchange.models import TransferLine
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch, Quarantine
from lantai.shelves.people.models import Account
from lantai.shelves.versions.models import Amendment
from lantai.stages import accept, amend, capture, categories, classification, people, sheets, transfer, value_lists, volumes
from lantai.stages.sheets import columns
from lantai.stages.transfer.acts import Wanted

YEARS = (3120, 3388, 3741, 4012, 4356, 4190, 4873, 5240, 5612, 4218)


def enrich(data: Path, size: int = 96) -> None:
    """Add everything to a data folder that holds the demonstration."""
    wiring.provide()
    house = wiring.house()
    archivist = people.actor_of(Account.objects.get(login="shen"))
    composed = scenario.write(data / "more", size, 5)
    for place, delivery in enumerate(composed.deliveries):
        batch_id = run.deliver(house, archivist, delivery)
        if place < len(composed.deliveries) // 2 and Batch.objects.get(id=batch_id).state == "waiting":
            accept.accept(house, archivist, batch_id)
    line.finish(house)
    _spread_today()
    _years()
    _progress()
    _sealed(archivist)
    _amended(archivist)
    _handed_over(house, archivist, data)
    _volumes(house, archivist)
    _sheet(house, archivist)
    people.create_account(
        house,
        people.actor_of(Account.objects.get(role="sysadmin")),
        login="wensi",
        name="温思齐",
        role="part_time_archivist",
        person="G2031",
        password="Yunting-2031-x",
        department="GHK",
    )


def _sheet(house: House, archivist: Actor) -> None:
    """A list that went out, was edited and came back: tried, and not applied yet."""
    ids = list(Record.objects.filter(phase="open").order_by("id").values_list("id", flat=True)[:150])
    headings = [(sheets.MARK, 28), (sheets.VERSION, 6), ("档号", 30), *((heading, width) for heading, _, width in sheets.COLUMNS)]
    rows = [[*row[:-1], "已核对原件"] for row in columns.rows(ids)]
    path = house.data / "uploads" / house.ids.new() / "办公室著录核对.xlsx"
    path.parent.mkdir(parents=True)
    with path.open("wb") as out:
        workbook.write(out, [workbook.Sheet("著录", headings, rows)], made=house.clock.now())
    sheets.receive(house, archivist, path)


def _volumes(house: House, archivist: Actor) -> None:
    """Accounts of a year, filed by volume: one volume ordered and described, the rest still loose."""
    form = "{fonds}-{category}·{year}·{retention}-{volume:03d}-{item:03d}"
    categories.decide(house, archivist, "KU", categories.Wanted("会计档案", "volume", form), reason="会计档案按卷整理")
    old = categories.Wanted("人事档案", "volume", "{fonds}-{catalogue:03d}-{volume:03d}-{item:03d}", {"Y": "1", "D30": "2", "D10": "3"})
    categories.decide(house, archivist, "RS", old, reason="沿用旧目录号")
    classification.decide(house, archivist, "KU", classification.Wanted("year-retention-department", since="2026"), reason="按期限排架")
    values = [("通知", "告知、部署"), ("函", "商洽、答复"), ("请示", ""), ("批复", "")]
    value_lists.decide(house, archivist, "wenzhong", "公文种类", values, reason="按条例所列")
    named = ("总账", "现金日记账", "银行存款日记账", "固定资产明细账", "往来款项明细账", "年度决算报表", "年度财务分析报告", "会计移交清册")
    rows = [
        Record(
            id=f"01KU{at:022d}", electronic_record_code=f"KU-2020-{at}", batch_id="", channel="manual", state="arranged", fonds="Z109",
            category="KU", title=f"云汀市发展和改革委员会2020年{name}", author="云汀市发展和改革委员会", year="2020", department="BGS",
            document_date=f"2020{at + 3:02d}30", retention=("D30", "Y", "D10")[at % 3], page_count=12 + 7 * at, size_bytes=90_000,
            conclusion="pass", created_at=house.clock.now(),
        )
        for at, name in enumerate(named, 1)
    ]  # fmt: skip
    Record.objects.bulk_create(rows)
    keys = [row.id for row in rows]
    volumes.form(house, archivist, keys[:5], title="云汀市发展和改革委员会2020年会计账簿", note="第三件末页缺骑缝章，已由财务说明。")
    volumes.form(house, archivist, keys[5:7], title="云汀市发展和改革委员会2020年决算与财务报告")


def _handed_over(house: House, archivist: Actor, data: Path) -> None:
    """Two acts of transfer: one packed, that waits for its receipt, and one only drafted."""
    busy = {*TransferLine.objects.values_list("record_id", flat=True), *Amendment.objects.values_list("record_id", flat=True)}
    free = Record.objects.filter(state="archived", needs_attention="").exclude(id__in=busy)
    found = free.order_by("code").values_list("id", flat=True)
    keys = [key for key in found if house.store.has(key, 1)][:14]
    packed = len(keys) * 2 // 3
    for part, is_packed in ((keys[:packed], True), (keys[packed:], False)):
        if not part:
            continue
        act = transfer.draft(house, archivist, Wanted(keys=tuple(part)), title="", receiver="云汀市档案馆")
        if is_packed:
            transfer.judge(house, archivist, act.id)
            transfer.pack(house, archivist, act.id, into=data / "handed-over")


def _spread_today() -> None:
    """Spread what came in over the working hours of today, so that the chart of the day has hours."""
    rng = Random(3)
    midnight = datetime.now(UTC).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    channels = ("oa", "oa", "scan", "scan", "scan", "manual")
    for row in Record.objects.all():
        hour = rng.choice((0, 1, 2, 2, 3, 3, 4, 6, 6, 7, 7, 8))
        pages = rng.randint(1, 3)
        Record.objects.filter(id=row.id).update(
            created_at=midnight.astimezone(UTC) + timedelta(hours=hour, minutes=pages * 9), channel=rng.choice(channels)
        )


def _years() -> None:
    """Ten years of holdings, as rows only: they are counted and never opened."""
    rng, rows = Random(1), []
    for at, count in enumerate(YEARS):
        year = 2015 + at
        for number in range(count // 10):
            key = f"01H{year}{number:019d}"
            rows.append(
                Record(
                    id=key,
                    electronic_record_code=key,
                    batch_id="",
                    channel="oa",
                    state="archived",
                    fonds="Z109",
                    category="WS",
                    title=f"关于{year}年度第{number + 1}号事项的通知",
                    year=str(year),
                    department=rng.choice(("BGS", "GHK", "JGK", "NYK")),
                    retention=rng.choice(("Y", "Y", "D30", "D30", "D10")),
                    code=f"Z109-WS·{year}-D30-BGS-{number:04d}x",
                    size_bytes=rng.randint(200_000, 5_000_000),
                    created_at=datetime(year + 1, 5, 8, 8, tzinfo=UTC),
                )
            )
    Record.objects.bulk_create(rows, batch_size=500)


def _progress() -> None:
    now = datetime.now(UTC) + timedelta(hours=6)
    batches = [*Batch.objects.order_by("-created_at")[:3]] * 3
    for verb, step, done, total, batch in (
        ("receive", "收包", 822, 1284, batches[0]),
        ("check", "四性检测", 41, 96, batches[1]),
        ("archive", "打包入库", 1990, 2044, batches[2]),
    ):
        Progress.objects.create(
            key=f"{verb}:{batch.id}:shown", verb=verb, object_id=batch.id, step=step, done=done, total=total, updated_at=now
        )


def _amended(archivist: Actor) -> None:
    """A record that was corrected, and a proposal to go back that waits for another person."""
    house = work.house()
    row = Record.objects.filter(state="archived", page_count__gt=1).order_by("-document_date").first()
    if row is None:
        return
    made = amend.correct(house, archivist, row.id, {"title": f"{row.title}（含附件）"}, reason="原题名漏字，依原件改正")
    other = replace(archivist, id="01SECONDARCHIVIST000000000", name="陆一帆")
    amend.decide(house, other, made.id, is_approved=True, words="核对原件，同意")
    amend.restore(house, other, row.id, 1, reason="公文标题本无括注，恢复原著录")


def _sealed(archivist: Actor) -> None:
    batch = Batch.objects.order_by("created_at").first()
    other = Account.objects.filter(role="secadmin").first()
    assert batch is not None
    for place in range(3):
        Quarantine.objects.create(
            id=f"01JQUARANTINED00000000000{place}",
            batch=batch,
            position=place * 7 + 4,
            sealed_name=f"sealed-{place}",
            created_at=datetime.now(UTC) - timedelta(hours=place * 5),
            decision="remove" if place == 1 else "",
            first_person=archivist.id if place == 1 else (other.id if place == 2 and other else ""),
        )
    Quarantine.objects.filter(id="01JQUARANTINED000000000002").update(decision="release")


__all__ = ["capture", "enrich"]
