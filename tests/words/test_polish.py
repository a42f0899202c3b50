"""How an English message finds its Polish one: with its code, without it, within another, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.flows.acts.cancelling import text_of
from pomost.ports import NeedsPerson
from pomost.trade.cancelling import TABLE
from pomost.words import event_word, field_word, in_language, one_text, phrase
from pomost.words.catalogue import checked, messages
from pomost.words.events import EVENTS

CARDS = "Add the cards; the document is then made by itself."


def test_text_and_advice_are_found_by_the_code() -> None:
    english = ("RO for 17: company main has no item card for NOWY-1.", CARDS)

    assert in_language("pl", "ledger.unknown-item", *english) == (
        "RO do 17: firma main nie ma kartoteki towaru NOWY-1.",
        "Dodaj kartoteki; dokument powstanie wtedy sam.",
    )
    assert in_language("en", "ledger.unknown-item", *english) == english


def test_text_and_advice_kept_in_one_are_parted() -> None:
    said = one_text(
        "pl", f"RO for 17: company main has no item card for NOWY-1. {CARDS}", "ledger.unknown-item"
    )

    assert said.endswith("kartoteki towaru NOWY-1. Dodaj kartoteki; dokument powstanie wtedy sam.")


def test_the_note_of_a_connection_has_no_code_and_its_name_before_it() -> None:
    failure = NeedsPerson(
        "baselinker.unknown-status",
        'BaseLinker has no status "Spakowane".',
        "Create it or correct the configuration; there are: Nowe, Wysłane.",
    )
    failure.name_connection("allegro")

    assert one_text("pl", str(failure)) == (
        '"allegro": BaseLinker nie ma statusu „Spakowane”. '
        "Utwórz go albo popraw konfigurację; są: Nowe, Wysłane."
    )


def test_a_doubt_holds_the_message_that_led_to_it() -> None:
    text = (
        'It is not known whether step "ro-back" was carried out. '
        "BaseLinker gave no usable answer to setOrderFields: its answer is not JSON. Look there, then `pomost resolve`."
    )

    assert in_language("pl", "flow.in-doubt", text)[0] == (
        "Nie wiadomo, czy krok „ro-back” został wykonany. BaseLinker nie dał czytelnej odpowiedzi na setOrderFields: "
        "jego odpowiedź nie jest w formacie JSON. Sprawdź tam, potem `pomost resolve`."
    )


def test_an_order_is_put_before_what_its_line_lacks() -> None:
    text = "Order 5501: Line 2 (KUBEK-1) has quantity 0."

    assert in_language("pl", "trade.zero-quantity", text, "Remove the line in the channel.") == (
        "Zamówienie 5501: Pozycja 2 (KUBEK-1) ma ilość 0.",
        "Usuń tę pozycję w kanale.",
    )


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ledger.unknown-item", "Some text of a version that is not here any more."),
        ("no.such-code", "Nobody knows: this. Nor this!"),
        ("", "[{x}] (.*) \\"),
        ("ledger.state", ""),
    ],
)
def test_what_is_not_known_is_shown_as_it_is(code: str, text: str) -> None:
    assert in_language("pl", code, text, text) == (text, text)


@given(st.text(max_size=200), st.sampled_from(["", "no.such-code", *sorted(messages())]))
def test_no_text_is_an_error_or_lost(text: str, code: str) -> None:
    said = one_text("pl", text, code)

    assert said or not text
    assert one_text("en", text, code) == text


@given(st.text(alphabet="ABCąęłó 0123-/\"'[]{}\\", min_size=1, max_size=30).map(str.strip).filter(bool))
def test_a_value_arrives_as_it_is(sku: str) -> None:
    text = f"RO for 17: company main has no item card for {sku}."

    assert (
        in_language("pl", "ledger.unknown-item", text)[0]
        == f"RO do 17: firma main nie ma kartoteki towaru {sku}."
    )


def test_a_status_that_reads_like_a_word_of_pomost_stays() -> None:
    text = 'The flow "done" does not take orders in status "cancelled".'

    assert (
        one_text("pl", text, "flow.not-taken")
        == "Przepływ „done” nie bierze zamówień w statusie „cancelled”."
    )
    assert one_text("pl", "RO/1 is cancelled and can't become approved.", "ledger.state") == (
        "RO/1 jest anulowany i nie może przejść w stan: zatwierdzony."
    )


def test_what_was_undone_is_told_in_polish() -> None:
    done = {
        "documents": [
            {"number": "WZ/1/2026", "undoing": "cancel", "effects": ["goods-returned"]},
            {"number": "FS/1/2026", "undoing": "delete", "effects": ["refund"]},
            {"number": "RO/1/2026", "undoing": "cancel", "effects": ["reservation-released"]},
        ],
        "refund": {"amount": "54.99", "currency": "PLN", "form": "PayU"},
        "left": ["RO/2/2026 is not named by the step undo"],
    }

    assert one_text("pl", text_of(done), "flow.undone") == (
        "Zamówienie anulowano: WZ/1/2026 anulowany (towar wrócił na stan); FS/1/2026 usunięty; "
        "RO/1/2026 anulowany (rezerwacja zwolniona). Do zwrotu: 54.99 PLN (PayU). "
        "Zostaje: RO/2/2026 nie jest wskazany w kroku undo."
    )


def test_every_reason_that_stops_an_undoing_is_told_in_polish() -> None:
    stopping = [row.why for row in TABLE if row.undoing in ("correct", "ask")]

    assert [why for why in stopping if phrase("pl", "why", f"FS/1: {why}") == f"FS/1: {why}"] == []


@pytest.mark.parametrize(
    ("english", "polish"),
    [
        ("RO over 54.99 PLN", "RO na 54.99 PLN"),
        ("PW of 2 lines", "PW, pozycji: 2"),
        ("FSK to FS/1/2026 over 12.00 PLN; WZK to WZ/1/2026 over 0.00 PLN", "FSK do FS/1/2026 na 12.00 PLN; WZK do WZ/1/2026 na 0.00 PLN"),
        ("Numer RO := RO/?; status \"Wysłane\"", "Numer RO := RO/?; status „Wysłane”"),
        ("nothing: the goods never left", "nic: towar nie wyszedł"),
    ],
)  # fmt: skip
def test_the_dry_run_says_in_polish_what_would_be_made(english: str, polish: str) -> None:
    assert phrase("pl", "act", english) == polish
    assert phrase("en", "act", english) == english


def test_the_history_has_words_for_all_that_happens() -> None:
    assert event_word("pl", "intended") == "zamierzone"
    assert event_word("en", "intended") == "intended"
    assert event_word("pl", "something-new") == "something-new"
    assert field_word("pl", "number") == "numer"
    assert len(set(EVENTS.values())) == len(EVENTS)


@pytest.mark.parametrize("polish", ["{number} jest", "{number} jest {state} {state}", "{numer} jest {state}"])
def test_a_translation_that_loses_a_value_is_refused(polish: str) -> None:
    with pytest.raises(ValueError, match="differ"):
        checked("ledger.state", "{number} is {state}", polish)
