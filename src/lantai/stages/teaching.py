"""What archived records teach: the keywords 关键词 and persons 人名 they bear, counted, to be proposed for records that come later."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from lantai.core import indexing
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.holdings.models import Record

#: The elements that teach, and what they teach.
TEACHING = {"keyword": "keyword", "personal_name": "person"}
_LONGEST = 200


def archived(house: House, rows: Sequence[Record], now: datetime) -> None:
    """Count what records bear that were archived just now; must run in the transaction that archives them."""
    counted: dict[str, Counter[tuple[str, str]]] = {}
    for row in rows:
        for element, kind in TEACHING.items():
            said = row.elements.get(element)
            for value in indexing.parts("；".join(map(str, said)) if isinstance(said, list) else str(said or "")):
                counted.setdefault(row.batch_id, Counter())[kind, value[:_LONGEST]] += 1
    for batch, found in counted.items():
        queries.teach(found, house.ids, batch=batch, now=now)
