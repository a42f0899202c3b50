"""Filling the ledger: companies, warehouses, series, item cards, contractors, and goods to begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from pomost.ledger import card_texts, companies, contractors, items, recipes, schema
from pomost.ledger.cards import Cards
from pomost.ledger.companies import DEFAULT_SERIES_PATTERN, Company, Method, find_company
from pomost.ledger.items import Price
from pomost.ledger.transactions import Transactions
from pomost.ports import NeedsPerson
from pomost.trade.card import Card
from pomost.trade.documents import Document, Draft, DraftLine
from pomost.trade.order import Address, Party
from pomost.trade.vat import VatRate

Answer = TypeVar("Answer")


def receive_draft(
    company: str,
    warehouse: str,
    key: str,
    on: date,
    goods: Mapping[str, tuple[Decimal | int | str, Decimal | int | str]],
    *,
    kind: str = "PW",
) -> Draft:
    """A document that takes goods in: SKU -> (quantity, net cost of one in PLN)."""
    return Draft(
        kind,
        company,
        key,
        on,
        warehouse=warehouse,
        basis="net",
        lines=tuple(
            DraftLine(sku, sku, Decimal(quantity), Decimal(cost), VatRate(Decimal(0), "np"))
            for sku, (quantity, cost) in goods.items()
        ),
    )


class Setup:
    """What is given again under the same code is changed to what is given; only ``add_items`` leaves it as it is."""

    def __init__(self, transactions: Transactions, cards: Cards, issue: Callable[[Draft], Document]) -> None:
        self._transactions = transactions
        self._cards = cards
        self._issue = issue

    def add_company(
        self,
        code: str,
        name: str,
        nip: str = "",
        *,
        address: Address = Address(country="PL"),
        bank_account: str = "",
        method: Method = "FIFO",
        negative_stock: bool = False,
        reserve_beyond_stock: bool = True,
    ) -> Company:
        """A company with one unnamed series for each kind of document; a warehouse is added separately."""
        values = {
            "name": name,
            "nip": nip,
            "street": address.street,
            "postcode": address.postcode,
            "city": address.city,
            "country": address.country,
            "bank_account": bank_account,
            "method": method,
            "negative_stock": negative_stock,
            "reserve_beyond_stock": reserve_beyond_stock,
        }

        def work(connection: Connection) -> Company:
            company = companies.put_company(connection, code, values)
            one_off = connection.execute(
                select(schema.contractor.c.id).where(
                    schema.contractor.c.company_id == company.id,
                    schema.contractor.c.code == contractors.ONE_OFF,
                )
            ).scalar()
            if one_off is None:
                contractors.put_contractor(
                    connection, company, contractors.ONE_OFF, Party(name=contractors.ONE_OFF)
                )
            return company

        return self._transactions.write(work)

    def add_warehouse(self, company: str, code: str, name: str = "") -> None:
        """The first one added is the company's default."""
        self._write(
            company, lambda connection, owner: companies.put_warehouse(connection, owner, code, name or code)
        )

    def add_series(self, company: str, kind: str, series: str, pattern: str = "") -> None:
        """A series for a kind of document; ``pattern`` as ``trade.numbering`` reads it.

        Raises NeedsPerson ``ledger.unknown-kind``, and with the code of trade for a pattern that can't be used.
        """
        default = DEFAULT_SERIES_PATTERN if series else companies.DEFAULT_PATTERN
        self._write(
            company,
            lambda connection, owner: companies.put_series(
                connection, owner, kind, series, pattern or default
            ),
        )

    def put_item(
        self,
        company: str,
        sku: str,
        name: str,
        vat: str,
        *,
        unit: str = "szt",
        kind: str = "goods",
        ean: str = "",
        prices: Mapping[str, Price | Decimal | str] | None = None,
        parts: Mapping[str, Decimal | int] | None = None,
    ) -> None:
        """An item card. ``parts`` (SKU -> quantity) makes it a compound: selling one issues its parts."""
        card: dict[str, Any] = {
            "sku": sku,
            "name": name,
            "vat": vat,
            "unit": unit,
            "kind": kind,
            "ean": ean,
        }
        self.put_items(company, [card | {"prices": dict(prices or {}), "parts": dict(parts or {})}])

    def add_items(self, company: str, cards: Sequence[Mapping[str, Any]]) -> int:
        """Item cards for SKUs that have none yet; gives how many. See ``items.put_items`` for what a card holds."""
        return self._write(company, lambda connection, owner: items.add_items(connection, owner, cards))

    def put_items(self, company: str, cards: Sequence[Mapping[str, Any]]) -> None:
        """Many item cards at once, new or changed; see ``items.put_items`` for what a card holds."""
        self._write(company, lambda connection, owner: items.put_items(connection, owner, cards))
        self._cards.items.forget()

    def put_cards(self, company: str, given: Sequence[Card]) -> None:
        """Cards as channels know them, new or changed; a field that is None stays as it is. See ``card_texts``."""
        self._write(company, lambda connection, owner: card_texts.put_cards(connection, owner, given))
        self._cards.items.forget()

    def put_recipe(self, company: str, sku: str, recipe: Mapping[str, Any]) -> None:
        """What goods with a card are made of, see ``recipes.put_recipes``; an empty recipe takes it away."""
        card = {"sku": sku, "recipe": recipe}
        self._write(company, lambda connection, owner: recipes.put_recipes(connection, owner, [card]))

    def add_contractor(self, company: str, code: str, who: Party) -> None:
        """A contractor's card. Raises NeedsPerson ``ledger.contractor-exists``."""

        def work(connection: Connection, owner: Company) -> None:
            taken = connection.execute(
                select(schema.contractor.c.id).where(
                    schema.contractor.c.company_id == owner.id, schema.contractor.c.code == code
                )
            ).scalar()
            if taken is not None:
                raise NeedsPerson(
                    "ledger.contractor-exists",
                    f"Company {company} has a contractor {code!r} already.",
                    "Choose another code.",
                )
            contractors.put_contractor(connection, owner, code, who)

        self._write(company, work)

    def receive(
        self,
        company: str,
        warehouse: str,
        goods: Mapping[str, tuple[Decimal | int | str, Decimal | int | str]],
        key: str,
        *,
        kind: str = "PW",
        on: date | None = None,
    ) -> Document:
        """Takes goods in: SKU -> (quantity, net cost of one in PLN). Repeating with the same ``key`` does nothing."""
        day = on or datetime.now(UTC).date()
        return self._issue(receive_draft(company, warehouse, key, day, goods, kind=kind))

    def _write(self, company: str, work: Callable[[Connection, Company], Answer]) -> Answer:
        return self._transactions.write(
            lambda connection: work(connection, find_company(connection, company))
        )
