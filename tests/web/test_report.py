"""The reads behind the screens: counted from rows, within what the actor may see, nothing claimed that no row tells of."""

from datetime import timedelta

import pytest

from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.shelves.edge.models import Progress
from lantai.shelves.holdings.models import Record
from lantai.shelves.journal.models import Act
from lantai.stages import arrange
from lantai.stages.report import accounts, arrangement, audit, batches, classes, desk, frame, records, scope, verdicts
from tests.web import town as rows
from tests.web.town import NOW, Town


def test_todos_are_derived_from_states(town: Town) -> None:
    waiting = rows.batch()
    rows.record(waiting, "described", needs_attention="CHECK-FAILED", conclusion="fail")
    for _ in range(3):
        rows.record()
    rows.record(needs_attention="ARCHIVE-CHECK-FAILED", state="numbered")
    todos = desk.todos(town.actor("archivist"), NOW)
    assert [todo.place for todo in todos] == ["intake", "arrange", "arrange"]
    assert "1 件检测未通过" in todos[0].text
    assert "办公室 30年期共 4 件" not in todos[2].text
    assert any("30年期共 3 件" in todo.text for todo in todos)


def test_an_accepted_batch_with_undecided_records_still_waits(town: Town) -> None:
    accepted = rows.batch(state="accepted")
    rows.record(accepted, "described", needs_attention="CHECK-FAILED")
    (todo,) = desk.todos(town.actor("archivist"), NOW)
    assert "还有 1 件待判定" in todo.text
    assert [row.code for row in batches.batches(town.actor("archivist"), is_open_only=True)] == [accepted.code]
    assert frame.frame(town.actor("archivist"), NOW).counts["intake"] == 1


def test_nothing_waits_for_a_reader(town: Town) -> None:
    rows.batch()
    rows.record()
    assert desk.todos(town.actor("reader"), NOW) == ()


def test_sealed_items_wait_for_the_security_administrator_alone(town: Town) -> None:
    rows.sealed(rows.batch())
    assert [todo.place for todo in desk.todos(town.actor("secadmin"), NOW)] == ["quarantine"]
    assert all(todo.place != "quarantine" for todo in desk.todos(town.actor("archivist"), NOW))


def test_nothing_was_verified_until_an_event_says_so(town: Town) -> None:
    row = rows.record(state="archived")
    before = desk.integrity(town.actor("archivist"))
    assert (before.verified_at, before.verified_records, before.is_whole, before.runs) == (None, 0, False, ())
    rows.tell(town.house, "record:verified", "worker", row.id, records=[row.id], problems=0)
    after = desk.integrity(town.actor("archivist"))
    assert (after.verified_records, after.is_whole, after.good_runs) == (1, True, 1)


def test_a_part_is_never_the_whole_whoever_looks(town: Town) -> None:
    first, _ = rows.record(state="archived"), rows.record(state="archived")
    rows.tell(town.house, "record:verified", "worker", first.id, records=[first.id], problems=0)
    for role in ("archivist", "reader", "auditor"):
        assert not desk.integrity(town.actor(role)).is_whole


def test_a_run_in_slices_counts_every_record_once(town: Town) -> None:
    one, two = rows.record(state="archived"), rows.record(state="archived")
    rows.tell(town.house, "record:verified", "worker", one.id, NOW - timedelta(days=7), records=[one.id], problems=4)
    rows.tell(town.house, "record:verified", "worker", one.id, NOW - timedelta(minutes=2), records=[one.id], problems=0)
    rows.tell(town.house, "record:verified", "worker", two.id, NOW, records=[two.id, one.id], problems=1)
    it = desk.integrity(town.actor("archivist"))
    assert (it.verified_records, it.verified_problems, it.bad_runs) == (2, 1, 2)
    assert [state for _, state in it.strip][-3:] == ["bad", "ok", "bad"]


def test_the_ledger_is_told_as_it_is(town: Town) -> None:
    before = frame.sealing()
    rows.tell(town.house, "batch:opened", "worker", "x")
    after = frame.sealing()
    assert (after.last_position, after.unsealed) == (None, before.unsealed + 1)


def test_intake_of_today_begins_at_midnight_in_shanghai(town: Town) -> None:
    rows.record(created_at=NOW.replace(hour=0), channel="oa", page_count=3)
    rows.record(created_at=NOW.replace(hour=0) - timedelta(hours=9), channel="oa")
    rows.record(created_at=NOW, channel="scan", page_count=None)
    today = desk.intake(town.actor("archivist"), NOW)
    assert (today.hours, today.pages, today.records) == ({8: {"oa": 3}, 15: {"scan": 1}}, 4, 2)


def test_holdings_count_what_is_archived(town: Town) -> None:
    for year, retention, state in (
        ("2022", "Y", "archived"),
        ("2022", "D30", "archived"),
        ("2023", "D10", "archived"),
        ("2024", "D30", "arranged"),
    ):
        rows.record(year=year, retention=retention, state=state)
    held = desk.holdings(town.actor("archivist"))
    assert held.years == (("2022", 2), ("2023", 1))
    assert held.coming == ("2024", 1)
    assert held.retentions == (("Y", 1), ("D30", 1), ("D10", 1))


def test_filing_of_last_year_and_its_deadline(town: Town) -> None:
    rows.record(year="2024", state="archived")
    rows.record(year="2024")
    filing = desk.desk(town.house, town.actor("archivist")).filing
    assert filing is None or filing.total >= 0
    filed = desk._filing(town.house, town.actor("archivist"), NOW)
    assert filed
    assert (filed.year, filed.archived, filed.left, filed.days_left) == ("2024", 1, 1, 75)


def test_acts_of_today_name_things_as_people_do(town: Town) -> None:
    who, batch = town.actor("archivist"), rows.batch()
    rows.tell(town.house, "batch:accepted", who.id, batch.id)
    rows.tell(town.house, "record:read", who.id, "x")
    assert [(act.name, act.number) for act in desk.acts(who, NOW)] == [("批次接收确认", batch.code)]


def test_a_job_shows_its_step_and_stays_with_those_who_may_see_its_batch(town: Town) -> None:
    batch = rows.batch(state="checking", department="GHK")
    Progress.objects.create(key="check:x", verb="check", object_id=batch.id, step="检测", done=41, total=96, updated_at=NOW)
    (job,) = frame.jobs(town.actor("archivist"), NOW)
    assert (job.subject, job.step, job.percent) == (batch.code, 2, 42)
    assert [state for state, _ in job.segments] == ["done", "running", "", "", "", ""]
    assert frame.jobs(town.actor("part_time_archivist"), NOW) == ()


def test_what_no_worker_has_begun_is_going_on_and_its_end_is_told(town: Town) -> None:
    who, client = town.actor("archivist"), town.client("archivist")
    act = Act.objects.create(
        id=town.house.ids.new(), actor=who.id, kind="revise", title="589 件改保管期限", state="queued", total=589, made_at=NOW
    )
    assert [(job.subject, job.total) for job in frame.jobs(who, NOW)] == [("589 件改保管期限", 589)]
    asked = client.get("/jobs/pill/")
    assert "1 项作业" in asked.content.decode()
    assert "HX-Trigger" not in asked.headers
    Act.objects.filter(id=act.id).update(state="done")
    assert client.get("/jobs/pill/").headers["HX-Trigger"] == "jobs-done"


def test_the_end_of_what_ended_before_its_page_was_drawn_is_told_too(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrange, "AT_ONCE", 0)
    client, row = town.client("archivist"), rows.record()
    client.post("/arrange/bulk", {"act": "retention", "value": "D10", "record": [row.id]})
    page = client.get("/arrange/", follow=True).content.decode()
    assert "<template data-toast data-watch>正在后台改 1 件的保管期限" in page
    assert 'hx-get="/jobs/pill/"' in page


def test_in_is_out(town: Town) -> None:
    batch = rows.batch(file_count=4)
    for at, outcome in enumerate(("record", "record", "refused", "duplicate")):
        rows.arrival(batch, f"{at}.pdf", outcome, finding={"message": f"因为{at}"})
    view = batches.batch(town.actor("archivist"), batch.code)
    assert [(tally.outcome, tally.files) for tally in view.sums] == [("record", 2), ("duplicate", 1), ("refused", 1)]
    assert view.is_balanced
    assert {row.message for row in batches.unreceived(batch.id)} == {"因为2", "因为3"}


def test_a_missing_outcome_is_said(town: Town) -> None:
    view = batches.batch(town.actor("archivist"), rows.batch(file_count=1).id)
    assert (view.unaccounted, view.is_balanced) == (1, False)


def test_a_batch_of_another_department_is_refused(town: Town) -> None:
    batch = rows.batch(department="GHK")
    with pytest.raises(Refusal) as refused:
        batches.batch(town.actor("part_time_archivist"), batch.id)
    assert refused.value.reasons
    assert batches.batches(town.actor("part_time_archivist"), is_open_only=False) == ()
    with pytest.raises(Refusal):
        batches.batch(town.actor("archivist"), "PC-nowhere")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("receiving", "current"),
        ("checking", "done done current"),
        ("waiting", "done done done done waiting"),
        ("accepted", "done done done done done done waiting"),
    ],
)
def test_steps_tell_where_a_batch_stands(town: Town, state: str, expected: str) -> None:
    batch = rows.batch(state=state)
    rows.record(batch, "arranged" if state == "accepted" else "described")
    steps = batches.batch(town.actor("archivist"), batch.id).steps
    assert " ".join(step.state for step in steps).strip() == expected


def checked(town: Town) -> tuple[str, list[Record]]:
    """Three records: one altered on the way, all without a virus engine, one item that holds for all."""
    batch = rows.batch(record_count=3)
    taken = [rows.record(batch, "described") for _ in range(3)]
    silent = rows.finding("“甲.pdf”没有经过病毒检测。", "GD-4-2-NOT-SCANNED")
    for at, row in enumerate(taken):
        first = rows.item("1.1", "fail", "authenticity", rows.finding("摘要不符。")) if at == 0 else rows.item("1.1", "pass")
        last = rows.item("4.2", "error", "security", {**silent, "message": f"“{at}.pdf”没有经过病毒检测。"})
        rows.report(batch, row, first, rows.item("2.1", "pass", "integrity"), rows.item("2.2", "not_applicable", "integrity"), last)
    rows.report(batch, None, rows.item("3.1", "manual", "usability", rows.finding("请看一看。", severity="warning")))
    return batch.id, taken


def test_lines_are_worst_first_and_say_the_same_thing_once(town: Town) -> None:
    batch_id, taken = checked(town)
    found = verdicts.verdicts(batch_id)
    assert [(line.outcome, line.subject, line.affected) for line in found.lines] == [
        ("fail", taken[0].title, 1),
        ("error", "3 件", 3),
        ("manual", "本批次", 1),
        ("pass", "其余 2 件", 2),
        ("pass", "本批次 3 件", 3),
    ]
    assert (found.failing, found.waiting, found.skipped) == (2, 3, 1)
    assert [(card.aspect, card.passed, card.failed, card.manual) for card in found.cards] == [
        ("authenticity", 0, 1, 0),
        ("integrity", 1, 0, 0),
        ("usability", 0, 0, 1),
        ("security", 0, 1, 0),
    ]


def test_a_new_check_is_seen_at_once(town: Town) -> None:
    batch_id, taken = checked(town)
    assert verdicts.verdicts(batch_id).failing == 2
    for row in taken:
        batch = type("B", (), {"id": batch_id})
        rows.report(batch, row, rows.item("1.1", "pass"), rows.item("4.2", "pass", "security"))
    assert verdicts.verdicts(batch_id).failing == 0


def test_evidence_sets_what_was_declared_beside_what_came(town: Town) -> None:
    batch_id, taken = checked(town)
    item = rows.file(taken[0])
    taken[0].arrival = {"declared": {item.id: {"sm3": "cd" * 30 + "0000", "size_bytes": "486912"}}}
    taken[0].save()
    shown = verdicts.evidence(town.actor("archivist"), batch_id, verdicts.verdicts(batch_id).lines[0].key)
    assert shown
    assert [(pair.label, pair.differs) for pair in shown.files[0].pairs] == [("SM3", True), ("字节数", True)]
    assert [same for _, same in shown.files[0].pairs[0].declared_groups] == [True] * 15 + [False]
    assert shown.findings[0]["message"] == "摘要不符。"
    assert shown.is_returnable
    assert verdicts.evidence(town.actor("archivist"), batch_id, "no such line") is None


def test_evidence_of_a_shared_remark_names_the_records(town: Town) -> None:
    batch_id, taken = checked(town)
    shown = verdicts.evidence(town.actor("archivist"), batch_id, verdicts.verdicts(batch_id).lines[1].key)
    assert shown
    assert {title for _, title in shown.named} == {row.title for row in taken}


def test_the_tree_counts_classes_and_knows_what_is_fixed(town: Town) -> None:
    for year, department, retention, state in (
        ("2024", "BGS", "D30", "arranged"),
        ("2024", "BGS", "Y", "archived"),
        ("2024", "GHK", "D10", "arranged"),
        ("2023", "BGS", "Y", "numbered"),
        ("2024", "BGS", "D30", "described"),
    ):
        rows.record(year=year, department=department, retention=retention, state=state)
    tree = classes.tree(town.actor("archivist"))
    assert [(node.name, node.count, node.is_fixed) for node in tree] == [("2024 年度", 3, False), ("2023 年度", 1, True)]
    assert [(node.name, node.count) for node in tree[0].below] == [("办公室", 2), ("规划科", 1)]
    assert [(leaf.parts["retention"], leaf.is_fixed) for leaf in tree[0].below[0].below] == [("Y", True), ("D30", False)]


def test_a_class_lists_open_or_fixed_and_filters(town: Town) -> None:
    for at in range(3):
        rows.record(title=f"关于天然气第{at}次会议", document_date=f"2024031{9 - at}")
    rows.record(state="archived", code="Z109-WS·2024-D30-BGS-0001")
    who, chosen = town.actor("archivist"), arrangement.Class("2024", "BGS", "D30")
    seen = arrangement.survey(who, chosen)
    assert (seen.open, seen.fixed) == (3, 1)
    listing = arrangement.listing(who, chosen)
    assert [row.date for row in listing.rows] == ["20240317", "20240318", "20240319"]
    fixed = arrangement.listing(who, arrangement.Class("2024", "BGS", "D30", is_fixed=True))
    assert [(row.item, row.is_fixed) for row in fixed.rows] == [("0001", True)]
    assert arrangement.listing(who, arrangement.Class("2024", "BGS", "D30", words="天然气 第1")).total == 1


def test_a_page_deep_in_the_fonds_goes_on_from_class_to_class(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrangement, "PAGE", 3)
    for at in range(10):
        rows.record(year=str(2020 + at % 2), department="GHK" if at % 3 else "BGS", state="archived", code=f"X-{at:04d}", position=at)
    who, whole = town.actor("archivist"), []
    for at in range(0, 10, 3):
        whole += [row.id for row in arrangement.listing(who, arrangement.Class(is_fixed=True, offset=at)).rows]
    order = ("year", "department", "retention", "position", "id")
    assert whole == list(Record.objects.filter(state="archived").order_by(*order).values_list("id", flat=True))


def test_what_a_reader_s_desk_counts_is_what_the_reader_may_see(town: Town) -> None:
    for department, opening, state in (
        ("BGS", "open", "archived"),
        ("BGS", "closed", "archived"),
        ("GHK", "closed", "archived"),
        ("GHK", "open", "numbered"),
    ):
        rows.record(department=department, opening=opening, state=state)
    for role in ("reader", "archivist"):
        who = town.actor(role)
        assert desk.holdings(who).records == scope.records(who).filter(state="archived").count() == {"reader": 2, "archivist": 3}[role]


def test_a_form_is_locked_once_the_code_is_fixed(town: Town) -> None:
    open_row, fixed = rows.record(), rows.record(state="archived", code="Z109-WS·2024-D30-BGS-0001")
    who = town.actor("archivist")
    assert [bool(form and form.is_editable) for form in (arrangement.form(who, open_row.id), arrangement.form(who, fixed.id))] == [
        True,
        False,
    ]
    assert arrangement.form(town.actor("auditor"), open_row.id) is None


def test_a_record_s_life_is_told_from_the_ledger(town: Town) -> None:
    batch = rows.batch()
    mine, other = rows.record(batch), rows.record(batch)
    rows.tell(town.house, "batch:opened", "worker", batch.id, NOW)
    rows.tell(town.house, "record:arranged", "worker", batch.id, NOW + timedelta(1), records=[mine.id])
    rows.tell(town.house, "record:checked", "worker", batch.id, NOW + timedelta(2), records=[other.id])
    rows.tell(town.house, "record:read", "worker", mine.id, NOW + timedelta(3))
    rows.tell(town.house, "record:archived", "worker", mine.id, NOW + timedelta(4))
    life = records.history(mine.id)
    assert [moment.name for moment in life] == ["批次建立", "整理", "归档"]
    assert [moment.is_sealed for moment in life] == [False, False, True]
    assert {moment.person for moment in life} == {"系统"}


def test_a_record_without_package_has_no_proof(town: Town) -> None:
    row = rows.record()
    assert records.proof(town.house, town.actor("archivist"), row.id).problem
    archived = rows.record(state="archived")
    lost = records.proof(town.house, town.actor("archivist"), archived.id)
    assert (lost.root, bool(lost.problem)) == ("", True)
    with pytest.raises(Refusal):
        records.proof(town.house, town.actor("auditor"), archived.id)


def test_only_the_auditor_reads_the_log_and_not_what_is_personal(town: Town) -> None:
    row = rows.record(state="archived", code="Z109-WS·2024-D30-BGS-0001")
    permanent = rows.tell(town.house, "record:archived", "worker", row.id, version=1)
    personal = rows.tell(town.house, "record:read", town.accounts["reader"].id, row.id, part="page")
    who = town.actor("auditor")
    lines = {line.id: line for line in audit.listing(who, audit.Filter()).lines}
    assert lines[permanent].object == row.code
    assert row.title not in str(lines)
    shown, hidden = audit.detail(who, permanent), audit.detail(who, personal)
    assert shown and hidden
    assert shown.says == (("版本", "1"),)
    assert (hidden.says, bool(hidden.masked)) == ((), True)
    with pytest.raises(Refusal):
        audit.listing(town.actor("archivist"), audit.Filter())


def test_the_log_is_found_by_group_day_and_words(town: Town) -> None:
    who, reader = town.actor("auditor"), town.accounts["reader"]
    rows.tell(town.house, "session:refused", "service", reader.id, NOW)
    rows.tell(town.house, "record:read", reader.id, "x", NOW - timedelta(days=1))
    today = NOW.date()
    assert audit.counts(who, audit.Filter(since=today, until=today)) == {"all": 1, "refused": 1, "administrators": 0, "use": 0, "record": 0}
    assert audit.listing(who, audit.Filter("周其昌")).total == 1
    assert audit.listing(who, audit.Filter("阅览")).total == 1
    assert audit.refused_days(who, NOW)[-1] == (today, 1)


def test_accounts_tell_who_waits(town: Town) -> None:
    rows.account("reader", "new", "新来", is_active=False)
    closed = rows.account("reader", "old", "离职", is_active=False)
    rows.tell(town.house, "account:disabled", "worker", closed.id)
    shown = accounts.accounts(town.actor("secadmin"))
    assert [row.state for row in shown if row.login in ("new", "old")] == ["pending", "disabled"]
    assert shown[0].login == "new"
    with pytest.raises(Refusal):
        accounts.accounts(town.actor("archivist"))


def test_quarantined_records_are_listed_to_nobody(town: Town) -> None:
    rows.record(quarantined=True)
    assert not scope.records(town.actor("archivist")).exists()


def test_a_reader_sees_open_and_own_archived_records_only(town: Town) -> None:
    for more in ({"opening": "open"}, {"department": "GHK"}, {}, {"department": "GHK", "state": State.ARRANGED}):
        rows.record(**({"state": "archived"} | more))
    assert scope.records(town.actor("reader")).count() == 2


@pytest.mark.parametrize(
    ("reason", "said"), [("answered:沈静宜", "沈静宜 判定不符合"), ("accepted:沈静宜、顾闻", "沈静宜、顾闻 说明接受，结果仍是不通过")]
)
def test_a_failed_item_in_which_nothing_was_found_says_who_judged_it(town: Town, reason: str, said: str) -> None:
    where = rows.batch()
    rows.report(where, None, rows.item("4-6", "fail", "security") | {"reason": reason}, conclusion="manual")
    page = town.client("archivist").get(f"/intake/{where.id}/?line=arrival.4-6@").content.decode()
    assert page.count(said) >= 2
