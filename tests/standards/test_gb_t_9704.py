"""The word table of GB/T 9704 and the default that core keeps are one."""

from dataclasses import asdict

from lantai.core.officialdoc import WORDS, read
from lantai.standards import gb_t_9704


def test_the_table_and_the_default_are_alike() -> None:
    assert asdict(gb_t_9704.words()) == asdict(WORDS)


def test_every_list_has_a_source() -> None:
    lists = set(asdict(WORDS)) - {"type_endings"}
    assert set(gb_t_9704.sources()) == lists
    assert all(source and certainty for source, certainty in gb_t_9704.sources().values())


def test_there_are_fifteen_document_types() -> None:
    assert len(gb_t_9704.words().document_types) == 15


def test_reading_takes_the_table() -> None:
    assert read(["关于开展检查的通知\n各处室：\n"], "", words=gb_t_9704.words()).document_type == "通知"
