"""Questions about sealed ranges and the numbers of a scope."""

from django.db.models import Exists, OuterRef, QuerySet

from lantai.shelves.holdings.models import ArchivalCode, NumberRange, Record


def ranges_of(rows: "QuerySet[Record]") -> list[str]:
    """Return the ids of the sealed ranges that hold the agency codes of *rows*."""
    codes = ArchivalCode.objects.filter(record_id__in=rows.values("id"), kind="agency", valid_to="", scope=OuterRef("scope"))
    inside = codes.filter(item_number__gte=OuterRef("first"), item_number__lte=OuterRef("last"))
    return list(NumberRange.objects.filter(Exists(inside)).order_by("id").values_list("id", flat=True))


def in_range(range_id: str) -> "QuerySet[Record]":
    """Return the records that were numbered in a sealed range and still bear those numbers."""
    sealed = NumberRange.objects.get(id=range_id)
    numbers = ArchivalCode.objects.filter(scope=sealed.scope, kind="agency", item_number__range=(sealed.first, sealed.last), valid_to="")
    return Record.objects.filter(id__in=numbers.values("record_id"))
