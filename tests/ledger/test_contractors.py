"""Which card a document belongs to."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine, select

from pomost.ledger import schema
from pomost.ledger.contractors import ONE_OFF
from pomost.ports import NeedsPerson
from pomost.trade.documents import Document
from pomost.trade.order import Address, Party
from tests.ledger.firm import ANNA, FIRMA, Firm, mugs


def card_of(engine: Engine, document: Document) -> str:
    table, contractor = schema.document, schema.contractor
    with engine.connect() as connection:
        return connection.execute(
            select(contractor.c.code)
            .join(table, table.c.contractor_id == contractor.c.id)
            .where(table.c.id == int(document.id))
        ).scalar_one()


def cards(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return sorted(connection.execute(select(schema.contractor.c.code)).scalars())


def test_a_private_buyer_stands_on_the_document_and_not_among_the_cards(firm: Firm, engine: Engine) -> None:
    made = firm.issue("RO", "ro", mugs(1), buyer=ANNA)

    assert card_of(engine, made) == ONE_OFF
    assert firm.again(made).buyer == ANNA
    assert cards(engine) == [ONE_OFF]


def test_a_private_buyer_who_has_a_card_is_known_by_e_mail(firm: Firm, engine: Engine) -> None:
    firm.ledger.setup.add_contractor("KUBKI", "ANNA", replace(ANNA, email="Anna@Example.com"))

    assert card_of(engine, firm.issue("RO", "ro", mugs(1), buyer=ANNA)) == "ANNA"


def test_a_company_gets_a_card_by_its_tax_number_however_it_is_written(firm: Firm, engine: Engine) -> None:
    numbers = ["5260250274", "526-025-02-74", "PL 5260250274", "NIP: 526 025 02 74"]

    made = [firm.issue("RO", text, mugs(1), buyer=replace(FIRMA, tax_id=text)) for text in numbers]

    assert {card_of(engine, document) for document in made} == {"PL5260250274"}
    assert cards(engine) == [ONE_OFF, "PL5260250274"]


def test_the_same_digits_in_another_country_are_another_company(firm: Firm, engine: Engine) -> None:
    polish = firm.issue("RO", "1", mugs(1), buyer=FIRMA)
    german = firm.issue(
        "RO",
        "2",
        mugs(1),
        buyer=Party(company="Muster GmbH", tax_id="DE136695976", address=Address(country="DE")),
    )

    assert (card_of(engine, polish), card_of(engine, german)) == ("PL5260250274", "DE136695976")


def test_two_cards_with_the_buyers_tax_number_need_a_person(firm: Firm) -> None:
    firm.ledger.setup.add_contractor("KUBKI", "STARY", FIRMA)
    firm.ledger.setup.add_contractor("KUBKI", "NOWY", FIRMA)

    failure = firm.refused(
        "ledger.contractor-ambiguous", lambda: firm.issue("RO", "ro", mugs(1), buyer=FIRMA)
    )

    assert isinstance(failure, NeedsPerson)
    assert "NOWY, STARY" in failure.text
    assert FIRMA.tax_id not in str(failure)


def test_a_code_belongs_to_one_contractor(firm: Firm) -> None:
    firm.ledger.setup.add_contractor("KUBKI", "A", FIRMA)

    firm.refused("ledger.contractor-exists", lambda: firm.ledger.setup.add_contractor("KUBKI", "A", ANNA))


def test_an_invoice_for_another_buyer_than_the_order_has_that_buyers_card(firm: Firm, engine: Engine) -> None:
    order = firm.issue("RO", "ro", mugs(1), buyer=ANNA)

    invoice = firm.convert("FS", "fs", order, buyer=FIRMA)

    assert (card_of(engine, order), card_of(engine, invoice)) == (ONE_OFF, "PL5260250274")
