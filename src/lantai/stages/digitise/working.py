"""What a worker does with a batch of scans: measure and clean every page, recognise it, and propose the fields of its item.

Each item is brought one state further in a transaction of its own; killed anywhere, the next run goes on with the items as they stand.
"""

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core.digitising import ItemState
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item, ScanBatch
from lantai.stages.digitise import erasing
from lantai.stages.digitise.processing import process_batch
from lantai.stages.digitise.reading import recognise_batch

WORKER = "worker"


def work_through(house: House, batch_id: str) -> None:
    """Bring every item of a batch as far as it goes without a person. May be called twice at once: of two, one moves each item."""
    erasing.finish_all(house, batch_id)
    with work.progress("digitise", batch_id, step="图像处理", total=queries.waiting(batch_id, ItemState.RECEIVED).count()) as progress:
        for _ in process_batch(house, batch_id):
            progress.advance()
        progress.step("文字识别", total=queries.waiting(batch_id, ItemState.PROCESSED).count())
        for _ in recognise_batch(house, batch_id):
            progress.advance()


def rest_batch(reason: str, **kwargs: object) -> None:
    """Let a batch rest whose pages could not be worked on; what is done is done."""
    ScanBatch.objects.filter(id=kwargs["batch_id"], needs_attention="").update(needs_attention=reason, version=F("version") + 1)


@work.task("digitise", on_give_up=rest_batch)
def digitise_task(batch_id: str) -> None:
    """Work through a batch in the background."""
    work_through(work.house(), batch_id)


def due() -> list[str]:
    """Return the batches that hold items which wait for a worker."""
    waiting = Item.objects.filter(state__in=(ItemState.RECEIVED, ItemState.PROCESSED), needs_attention="", batch__needs_attention="")
    return list(waiting.values_list("batch_id", flat=True).distinct()[:500])


def resume(house: House, batch_id: str) -> None:
    """Let a batch that rests go on."""
    with transaction.atomic():
        ScanBatch.objects.filter(id=batch_id).exclude(needs_attention="").update(needs_attention="", version=F("version") + 1)
        work.enqueue("digitise", batch_id=batch_id)
