"""The typeset pages: same letter, same bytes; the text that a reader needs comes out of them."""

import pypdfium2
import pytest

from lantai.demo.compose import Letter, compose
from lantai.demo.typeset import Page, Press, han_date


@pytest.fixture(scope="module")
def letters() -> list[Letter]:
    return [letter for dispatch in compose(16, 3) for letter in dispatch.letters]


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


def text_of(page: Page) -> list[str]:
    document = pypdfium2.PdfDocument(page.content)
    try:
        return [sheet.get_textpage().get_text_bounded().replace("\r\n", "\n") for sheet in document]
    finally:
        document.close()


def test_two_presses_give_the_same_bytes(letters: list[Letter], press: Press) -> None:
    again = Press()
    for letter in letters[:4]:
        assert list(press.pages(letter)) == list(again.pages(letter))


def test_a_file_was_made_on_the_letters_day_and_kept_for_long(letters: list[Letter], press: Press) -> None:
    for page in press.pages(letters[0]):
        assert f"D:{letters[0].dated:%Y%m%d}010000Z".encode() in page.content
        assert b"<pdfaid:part>2</pdfaid:part>" in page.content


def test_documents_come_in_the_order_of_the_record(letters: list[Letter], press: Press) -> None:
    for letter in letters:
        roles = [page.role for page in press.pages(letter)]
        assert roles == ["正本", *["附件"] * len(letter.attachments), "发文稿纸"]


def test_the_main_document_says_what_the_metadata_says(letters: list[Letter], press: Press) -> None:
    for letter in letters:
        page = next(press.pages(letter))
        pages = text_of(page)
        together = "".join(pages).replace("\n", "")
        assert 1 <= len(pages) <= 3
        assert pages[0].startswith(("云汀市", "加急", "特急"))
        for words in (letter.number, letter.title, letter.receiver, han_date(letter.dated), letter.paragraphs[0].text):
            assert words in together
        if letter.signer:
            assert f"签发人：{letter.signer}" in together


def test_the_page_of_the_seal_bears_text(letters: list[Letter], press: Press) -> None:
    for letter in letters:
        page = text_of(next(press.pages(letter)))
        sealed = next(text for text in page if han_date(letter.dated) + "\n" in text + "\n" and "印发" in text)
        assert letter.paragraphs[-1].text in sealed.replace("\n", "")


def test_an_attachment_bears_its_label_and_title(press: Press) -> None:
    letter = next(letter for dispatch in compose(40, 5) for letter in dispatch.letters if len(letter.attachments) == 2)
    first, second = [page for page in press.pages(letter) if page.role == "附件"]
    assert text_of(first)[0].startswith("附件1\n")
    assert second.title in text_of(second)[0].replace("\n", "")


def test_the_dispatch_sheet_names_everybody_who_acted(letters: list[Letter], press: Press) -> None:
    *_, slip = press.pages(letters[0])
    text = text_of(slip)[0]
    for step in letters[0].trace:
        assert step.person.name in text
        assert f"{step.at:%Y-%m-%d %H:%M}" in text


def test_dates_have_no_padding_noughts() -> None:
    letter = next(letter for dispatch in compose(60, 1) for letter in dispatch.letters if letter.dated.day < 10)
    assert han_date(letter.dated) == f"{letter.dated.year}年{letter.dated.month}月{letter.dated.day}日"
    assert "年0" not in han_date(letter.dated)
