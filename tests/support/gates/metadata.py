"""Facts with one fault each, and facts at the edge of one: described metadata (DA/T 70-2018 with DA/T 46-2009)."""

from dataclasses import replace

from lantai.core.checks import RecordFacts
from lantai.core.record import Agent, BusinessEvent, Relation
from tests.core.checks.good import a_file, a_record, without


def event(activity: str, time: str, agent: str = "a1") -> BusinessEvent:
    return BusinessEvent(activity, agent, activity, time)


def elements(**changes: str | list[str]) -> RecordFacts:
    return a_record(elements=changes)


FAILS: dict[str, tuple[str, RecordFacts, str]] = {
    "title_too_long": ("1.02", elements(title="长" * 501), "GD-1-2"),
    "one_of_many_too_long": ("1.02", elements(descriptor=["短", "长" * 201]), "GD-1-2"),
    "name_of_a_person_too_long": ("1.02", a_record(agents=(Agent("a1", "个人", "长" * 2001),)), "GD-1-2"),
    "act_at_no_time": ("1.03", a_record(events=(event("拟稿", "上周"),)), "GD-1-3-INSTANT"),
    "act_of_no_status": ("1.04", a_record(events=(replace(event("拟稿", "20260105"), status="或许"),)), "GD-1-4"),
    "control_character_in_a_name": ("1.06", a_record(agents=(Agent("a1", "个人", "沈\x00静宜"),)), "GD-1-6-BROKEN"),
    "thirtieth_of_february": ("1.03", elements(date="20260230"), "GD-1-3-DATE"),
    "date_with_dashes": ("1.03", elements(date="2026-01-05"), "GD-1-3-DATE"),
    "date_of_five_digits": ("1.03", elements(date="20261"), "GD-1-3-DATE"),
    "date_in_wide_digits": ("1.03", elements(date="２０２６０１０５"), "GD-1-3-DATE"),
    "year_of_two_digits": ("1.03", elements(year="26"), "GD-1-3-YEAR"),
    "pages_in_words": ("1.03", elements(total_number_of_pages="两页"), "GD-1-3-INTEGER"),
    "no_pages_at_all": ("1.03", elements(total_number_of_pages="0"), "GD-1-3-INTEGER"),
    "unknown_retention": ("1.04", elements(retention_period="好多年"), "GD-1-4"),
    "unknown_level": ("1.04", elements(aggregation_level="一叠"), "GD-1-4"),
    "secret_in_open_system": ("1.04", elements(security_classification="机密"), "GD-1-4-SECRET"),
    "secret_with_star": ("1.04", elements(security_classification="秘密★"), "GD-1-4-SECRET"),
    "dated_tomorrow": ("1.05", elements(date="20260302"), "GD-1-5-FUTURE"),
    "dated_next_month": ("1.05", elements(date="202604"), "GD-1-5-FUTURE"),
    "year_to_come": ("1.05", elements(year="2027"), "GD-1-5-FUTURE"),
    "filed_before_it_was_made": ("1.05", elements(year="2025"), "GD-1-5-YEAR"),
    "ten_thousand_pages": ("1.05", elements(total_number_of_pages="10000"), "GD-1-5-PAGES"),
    "archived_before_it_was_made": ("1.05", a_record(events=(event("归档", "2026-01-04T10:00:00+08:00"),)), "GD-1-5-AFTER-ARCHIVING"),
    "act_tomorrow": ("1.05", a_record(events=(event("拟稿", "20260105"), event("签发", "20260302"))), "GD-1-5-FUTURE"),
    "secret_for_too_long": ("1.05", elements(security_classification="秘密", secrecy_period="11年"), "GD-1-5-SECRECY"),
    "control_character": ("1.06", elements(title="关于\x00通知"), "GD-1-6-BROKEN"),
    "replacement_character": ("1.06", elements(title="关于\ufffd通知"), "GD-1-6-BROKEN"),
    "lone_surrogate": ("1.06", elements(title="关于\ud800通知"), "GD-1-6-BROKEN"),
    "script": ("1.06", elements(annotation="<script>alert(1)</script>"), "GD-1-6-MARKUP"),
    "entity": ("1.06", elements(annotation="甲&#xA;乙"), "GD-1-6-MARKUP"),
    "no_code": ("1.07", a_record(code=""), "GD-1-7-MISSING"),
    "code_of_another_year": ("1.07", a_record(code_parts={"year": "2025"}), "GD-1-7-PART"),
    "code_of_another_period": ("1.07", a_record(code_parts={"retention_period": "D30"}), "GD-1-7-PART"),
    "code_already_used": ("1.08", a_record(duplicates={"code": ("Z109-WS·2026-Y-BGS-0012",)}), "GD-1-8-CODE"),
    "record_number_already_used": ("1.08", a_record(duplicates={"electronic_record_code": ("01JA",)}), "GD-1-8-CODE"),
    "element_missing": ("2.03", replace(a_record(), elements=without("author")), "GD-2-3"),
    "required_missing": ("2.04", replace(a_record(), elements=without("title")), "GD-2-4"),
    "required_empty": ("2.04", elements(title=""), "GD-2-4"),
    "required_blank": ("2.04", elements(title="　 "), "GD-2-4"),
    "no_record_number": ("2.04", a_record(electronic_record_code=""), "GD-2-4"),
    "secret_without_period": ("2.04", elements(security_classification="秘密"), "GD-2-4"),
    "volume_without_count": ("2.04", elements(aggregation_level="案卷"), "GD-2-4"),
}
WARNS: dict[str, tuple[str, RecordFacts, str]] = {
    "agent_without_name": ("2.04", a_record(agents=(Agent("a1", "单位", " "),)), "GD-2-4-ENTITY"),
    "relation_to_nothing": ("2.04", a_record(relations=(Relation("", "文件", "附"),)), "GD-2-4-ENTITY"),
    "odd_document_number": ("1.03", elements(document_number="云发改(2026)12"), "GD-1-3-FORM"),
    "two_titles": ("1.03", elements(title=["甲", "乙"]), "GD-1-3-REPEATED"),
    "unlisted_type": ("1.04", elements(document_type="方案"), "GD-1-4-UNLISTED"),
    "very_old": ("1.05", elements(date="19480101", year="1948"), "GD-1-5-EARLY"),
    "closed_in_a_later_year": ("1.05", elements(date="20251230"), "GD-1-5-YEAR-LATER"),
    "acts_out_of_order": ("1.05", a_record(events=(event("签发", "20260106"), event("拟稿", "20260105"))), "GD-1-5-ORDER"),
    "zero_width": ("1.06", elements(title="关于\u200b通知"), "GD-1-6-UNSEEN"),
    "byte_order_mark": ("1.06", elements(title="\ufeff通知"), "GD-1-6-UNSEEN"),
    "private_use": ("1.06", elements(author="\ue000某"), "GD-1-6-PRIVATE"),
    "outer_space": ("1.06", elements(title="通知 "), "GD-1-6-SPACE"),
    "name_with_colon": ("1.06", a_record(file=a_file("通知:一.pdf")), "GD-1-6-NAME"),
    "same_document_number": ("1.08", a_record(duplicates={"document_number": ("01JA",)}), "GD-1-8-NUMBER"),
    "same_identity": ("1.08", a_record(duplicates={"identity": ("01JA",)}), "GD-1-8-IDENTITY"),
    "same_bytes": ("1.08", a_record(duplicates={"digest": ("01JA", "01JB")}), "GD-1-8-ALIKE"),
    "no_acts": ("2.05", a_record(events=()), "GD-2-5-NONE"),
    "acts_of_no_kind": ("2.05", a_record(events=(event("捕获", "20260106"),), direction=""), "GD-2-5-NONE"),
    "no_seal": ("2.05", a_record(events=tuple(e for e in a_record().events if e.activity != "用印")), "GD-2-5"),
    "act_by_nobody": ("2.05", a_record(events=(*a_record().events, event("办结", "20260107", ""))), "GD-2-5-INCOMPLETE"),
    "act_without_time": ("2.05", a_record(events=(*a_record().events, event("办结", ""))), "GD-2-5-INCOMPLETE"),
}
GOOD_AT_THE_EDGE: dict[str, tuple[str, RecordFacts]] = {
    "title_just_fits": ("1.02", elements(title="长" * 500)),
    "leap_day": ("1.03", elements(date="20240229", year="2024")),
    "year_alone": ("1.03", elements(date="2026")),
    "year_and_month": ("1.03", elements(date="202601")),
    "order_number": ("1.03", elements(document_number="云汀市人民政府令第15号")),
    "period_as_code": ("1.04", elements(retention_period="D30")),
    "period_set_by_agency": ("1.04", elements(retention_period="15年")),
    "old_period": ("1.04", elements(retention_period="长期")),
    "dated_today": ("1.05", elements(date="20260301")),
    "this_month": ("1.05", elements(date="202603")),
    "earliest_year": ("1.05", elements(date="19490101", year="1949")),
    "most_pages": ("1.05", elements(total_number_of_pages="9999")),
    "two_acts_in_one_day": ("1.05", a_record(events=(event("拟稿", "20260105"), event("签发", "2026-01-05T23:00:00+08:00")))),
    "tab_and_line_feed": ("1.06", elements(annotation="甲\t乙\n丙")),
    "rare_character": ("1.06", elements(author="𠮷某")),
    "less_than_sign": ("1.06", elements(annotation="面积 < 5 公顷")),
    "item_number_without_zeros": ("1.07", elements(agency_item_number="12")),
    "period_named_otherwise": ("1.07", elements(retention_period="Y")),
    "nothing_alike": ("1.08", a_record(duplicates={"digest": ()})),
    "present_though_empty": ("2.03", elements(title="")),
    "code_without_parts": ("1.07", a_record(code_parts={})),
    "period_given": ("2.04", elements(security_classification="秘密", secrecy_period="10年")),
    "either_of_two_acts": (
        "2.05",
        a_record(events=tuple(event(act, "20260105") for act in ("签收", "登记", "拟办", "承办", "办结")), direction=""),
    ),
    "act_under_another_name": (
        "2.05",
        a_record(events=tuple(event(act, "20260105") for act in ("拟稿", "审核", "签发", "盖章", "发文"))),
    ),
}
