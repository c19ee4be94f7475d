"""A page that bears the mark of a state secret: its scans are erased from the scan area, with a certificate, and nothing of it is kept.

First the item is marked, then its bytes are overwritten, then its rows forget: killed in between, the next run finishes it.
Working papers of the batch that were kept before and may name the item go with it: their rows stay, with digest and signatures.
"""

import secrets
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from lantai.core.digitising import ItemState
from lantai.core.findings import finding
from lantai.packages import sealing
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import CatalogueRow, FiledForm, Item, Page, Scan
from lantai.shelves.ledger import entries
from lantai.stages.capture.enter import blind

ERASING = "DIGITISE-ERASING"
WORKER = "worker"
#: Working papers that list items by file name or title.
NAMING = ("scan-plan", "scan-take-out", "scan-give-back", "scan-flow", "scan-inspection", "scan-results")


def erase(house: House, row: Item) -> None:
    """Erase an item whose pages bear a mark: bytes, text and name. Other items out of the same file rest until it is scanned again."""
    with transaction.atomic():
        if not queries.move(row, "erase", ItemState.ERASED, {"needs_attention": ERASING}):
            return
    finish(house, row.id)


def finish_all(house: House, batch_id: str) -> None:
    """Finish what a crash has left half erased."""
    for key in Item.objects.filter(batch_id=batch_id, state=ItemState.ERASED, needs_attention=ERASING).values_list("id", flat=True):
        finish(house, key)


def finish(house: House, item_id: str) -> None:
    """Overwrite the bytes of a marked item and let its rows forget what they were."""
    row = Item.objects.select_related("batch").get(id=item_id)
    pages = list(Page.objects.filter(item=row).select_related("scan"))
    scans = {page.scan_id: page.scan for page in pages}
    shared = list(Page.objects.filter(scan_id__in=list(scans)).exclude(item=row))
    papers = list(FiledForm.objects.filter(batch=row.batch, form__in=NAMING).exclude(stored=""))
    for place in [*_places([*pages, *shared], list(scans.values())), *(paper.stored for paper in papers)]:
        sealing.erase(house.data / place)
    now = house.clock.now()
    with transaction.atomic():
        for scan in scans.values():
            Scan.objects.filter(id=scan.id).update(
                path=blind(row.batch_id, scan.path), stored="", sha256="", sm3="", facts={}, size_bytes=0, outcome="erased", finding=None
            )
        _put_aside({page.item_id for page in shared if page.item_id})
        Page.objects.filter(scan_id__in=list(scans)).delete()
        CatalogueRow.objects.filter(id=row.catalogue_id).update(elements={}, key="")
        FiledForm.objects.filter(id__in=[paper.id for paper in papers]).update(stored="", version=F("version") + 1)
        told = finding("DIGITISE-STRAY-MARK", f"第 {row.sequence} 件").as_json()
        Item.objects.filter(id=row.id).update(
            key=f"销毁件-{secrets.token_hex(6)}",
            title="",
            read={},
            draft={},
            values={},
            findings=[told],
            catalogue=None,
            needs_attention="",
            page_count=0,
            version=F("version") + 1,
        )
        body = {"batch": row.batch.code, "position": row.sequence, "pages": len(pages), "scans": len(scans), "papers": len(papers)}
        entries.append(now, [entries.Entry("digitising:erased", WORKER, row.id, body)], ids=house.ids)


def _places(pages: Sequence[Page], scans: Sequence[Scan]) -> list[str]:
    named = [place for page in pages for place in (page.picture, page.lines, str(page.recipe.get("source", "")))]
    return [place for place in dict.fromkeys([*named, *(scan.stored for scan in scans)]) if place]


def _put_aside(item_ids: set[str]) -> None:
    """Let the other items of an erased file rest, with the reason; they have to be scanned again."""
    for other in Item.objects.filter(id__in=item_ids):
        told = finding("DIGITISE-SHARED-ERASED", f"第 {other.sequence} 件").as_json()
        Item.objects.filter(id=other.id).update(
            state=ItemState.ASIDE, findings=[*other.findings, told], read={}, page_count=0, version=F("version") + 1
        )
