"""A packed report gives back the whole one, whatever the items came to."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lantai.core import checks
from lantai.core.checks import Gate, Grounds, ItemResult, Outcome, Piece, Reason, Run, Subject, Tool
from lantai.core.checks.packed import apart
from lantai.core.findings import finding
from lantai.standards import da_t_70
from lantai.standards.da_t_70 import telling

SCHEMES = {gate: da_t_70.scheme(gate) for gate in Gate}
EDITIONS = {gate: telling.current(gate) for gate in Gate}
TOOLS = {kind: Tool(kind, "1.0") for kind in ("lantai", "identify", "reader", "virus")}
FINDINGS = st.lists(st.sampled_from(("甲", "乙 丙", "")).map(lambda where: finding("GD-2-3", where)), max_size=3).map(tuple)
REASONS = st.one_of(st.sampled_from([reason.value for reason in Reason]), st.just("answered:沈 静宜"))


@st.composite
def runs(draw: st.DrawFn) -> tuple[Gate, list[ItemResult]]:
    gate = draw(st.sampled_from(list(Gate)))
    specs = SCHEMES[gate].items
    given_ = draw(st.lists(st.tuples(st.sampled_from(list(Outcome)), FINDINGS, REASONS), min_size=len(specs), max_size=len(specs)))
    return gate, [
        ItemResult(spec.id, spec.code, spec.name, spec.property, outcome, spec.method, spec.severity, found, reason)
        for spec, (outcome, found, reason) in zip(specs, given_, strict=True)
    ]


@given(runs(), st.booleans())
def test_whole_is_what_was_packed(run: tuple[Gate, list[ItemResult]], is_trial: bool) -> None:
    gate, results = run
    grounds = Grounds(EDITIONS[gate], TOOLS, {"1.02": "元数据 8 项", "1.03": "元数据 8 项", "4.02": "无毒 1"}, (Piece("a.pdf", 3, "00"),))
    head = {"subject": Subject("record", "01X", title="关于值班的通知"), "run": Run("R1", SCHEMES[gate].version, grounds=grounds)}
    report = checks.as_report(gate, results, **head, is_trial=is_trial)
    body = checks.pack(checks.head(gate, results, **head, is_trial=is_trial), results, grounds.measured)
    assert checks.whole(body, EDITIONS[gate]) == report
    assert checks.packed(report, EDITIONS[gate]) == body | {"found": [tuple(row) for row in body["found"]]}
    assert checks.findings(body) == checks.findings(report)
    _, shared, own = apart(body)
    both = [item for part in (shared, own) if part for item in checks.whole(part, EDITIONS[gate])["items"]]
    assert sorted(both, key=lambda item: item["id"]) == sorted(report["items"], key=lambda item: item["id"])
    assert [apart(each)[0] for each in (report, shared)] == [None, apart(body)[0]]


def test_a_whole_report_stays_whole() -> None:
    report = {"stage": "arrival", "items": [{"id": "arrival.9.99", "outcome": "pass", "findings": []}]}
    assert checks.packed(report, EDITIONS[Gate.ARRIVAL]) == report
    assert checks.whole(report, EDITIONS[Gate.ARRIVAL]) == report


def test_what_another_edition_called_otherwise_is_kept_whole() -> None:
    spec = SCHEMES[Gate.ARRIVAL].items[0]
    item = ItemResult(spec.id, spec.code, "旧名", spec.property, Outcome.PASS, spec.method, spec.severity)
    run = Run(grounds=Grounds(EDITIONS[Gate.ARRIVAL], TOOLS))
    report = checks.as_report(Gate.ARRIVAL, [item], subject=Subject("record", "01X"), run=run)
    assert checks.packed(report, EDITIONS[Gate.ARRIVAL]) == report
    named = checks.as_report(Gate.ARRIVAL, [replace(item, name=spec.name)], subject=Subject("record", "01X"), run=run)
    assert "items" not in checks.packed(named, EDITIONS[Gate.ARRIVAL])


def test_a_packed_report_of_the_first_edition_is_read() -> None:
    """What an earlier version kept has no edition, no tools and nothing measured; what the agency chose otherwise stood in it."""
    head = checks.head(Gate.ARRIVAL, [], subject=Subject("record", "01X"))
    body = head | {"outcomes": {"pass ": "1.01"}, "found": [], "changed": {"1.01": ["JS-1-1", "A", "minor"]}}
    (item,) = checks.whole(body, EDITIONS[Gate.ARRIVAL])["items"]
    assert (item["code"], item["severity"], "expected" in item) == ("JS-1-1", "minor", False)
