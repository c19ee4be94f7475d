"""The composed documents: reproducible, numbered without a gap, processed in order, free of unfilled slots."""

import re
from collections import defaultdict
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.demo import agency, grammar
from lantai.demo.compose import Dispatch, Letter, compose

SLOTS = (
    *("year", "last", "next", "quarter", "period", "county", "short"),
    *("project", "bureau", "date", "department", "leader", "matter", "purpose"),
)
ACTIVITIES = ("拟稿", "审核", "会签", "签发", "编号", "用印", "分发")


@pytest.fixture(scope="module")
def dispatches() -> tuple[Dispatch, ...]:
    return compose(120, 7)


@pytest.fixture(scope="module")
def letters(dispatches: tuple[Dispatch, ...]) -> list[Letter]:
    return [letter for dispatch in dispatches for letter in dispatch.letters]


@given(size=st.integers(1, 150), seed=st.integers(0, 2**32))
@settings(max_examples=12, deadline=None)
def test_same_size_and_seed_give_the_same_documents(size: int, seed: int) -> None:
    once, again = compose(size, seed), compose(size, seed)
    assert once == again
    assert sum(len(dispatch.letters) for dispatch in once) == size


def test_another_seed_gives_other_documents() -> None:
    assert compose(20, 1) != compose(20, 2)


def test_numbers_run_on_within_series_and_year_in_order_of_dates(letters: list[Letter]) -> None:
    series: dict[tuple[str, int], list[Letter]] = defaultdict(list)
    for letter in letters:
        series[letter.series, letter.dated.year].append(letter)
    for rows in series.values():
        rows.sort(key=lambda letter: letter.sequence)
        assert [letter.sequence for letter in rows] == list(range(1, len(rows) + 1))
        assert [letter.dated for letter in rows] == sorted(letter.dated for letter in rows)


def test_no_two_documents_bear_the_same_number(letters: list[Letter]) -> None:
    assert len({letter.number for letter in letters}) == len(letters)


def test_every_document_belongs_to_the_month_and_department_that_hands_it_over(dispatches: tuple[Dispatch, ...]) -> None:
    for dispatch in dispatches:
        for letter in dispatch.letters:
            assert (letter.department, letter.dated.year, letter.dated.month) == (dispatch.department, dispatch.year, dispatch.month)


def test_processing_runs_in_order_and_is_signed_on_the_date_of_the_document(letters: list[Letter]) -> None:
    for letter in letters:
        instants = [step.at for step in letter.trace]
        assert instants == sorted(instants)
        done = [step.activity for step in letter.trace]
        assert done == [activity for activity in ACTIVITIES if activity in done]
        assert set(ACTIVITIES) - set(done) <= {"会签"}
        signed = next(step for step in letter.trace if step.activity == "签发")
        assert signed.at.date() == letter.dated


def test_drafters_belong_to_the_department(letters: list[Letter]) -> None:
    for letter in letters:
        assert letter.trace[0].person in letter.department.clerks


def test_documents_to_superiors_name_who_signed(letters: list[Letter]) -> None:
    for letter in letters:
        assert bool(letter.signer) == (letter.kind in {"请示", "报告"})


def test_texts_hold_no_slot_and_no_word_of_secrecy(letters: list[Letter]) -> None:
    for letter in letters:
        text = "".join([letter.title, letter.receiver, *(item.text for item in letter.paragraphs)])
        assert not re.search(r"[{}]|绝密|机密|秘密", text), text


def test_the_collection_is_varied(letters: list[Letter]) -> None:
    assert {letter.kind for letter in letters} == set(grammar.kinds())
    assert {letter.department.code for letter in letters} == set(agency.BY_CODE)
    assert {letter.dated.year for letter in letters} == {2022, 2023, 2024, 2025}
    bodies = {tuple(item.text for item in letter.paragraphs) for letter in letters}
    assert len(bodies) == len(letters)


def test_every_phrase_of_the_tables_can_be_filled() -> None:
    slots = dict.fromkeys(SLOTS, "某")
    rng = Random(0)
    for topic in grammar.topics():
        assert set(topic.matters) <= set(grammar.kinds())
        texts = [*topic.background, *topic.attachments, *(text for measure in topic.measures for text in measure.sentences)]
        for text in texts + [text for matters in topic.matters.values() for text in matters]:
            assert "{" not in grammar.fill(text, rng, slots)


def test_a_slot_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError):
        grammar.fill("{nothing}", Random(0), {})


def test_every_department_writes_about_something() -> None:
    assert {topic.department for topic in grammar.topics()} == set(agency.BY_CODE)


def test_administrators_are_different_persons_and_two_can_decide_on_quarantine() -> None:
    administrators = [account.name for account in agency.ACCOUNTS if account.role in {"sysadmin", "secadmin", "auditor"}]
    assert len(administrators) == len(set(administrators)) == 4
    assert sum(account.role == "secadmin" for account in agency.ACCOUNTS) == 2
    assert {account.department for account in agency.ACCOUNTS} <= {*agency.BY_CODE, ""}
