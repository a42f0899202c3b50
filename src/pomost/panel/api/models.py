"""What the API answers. Money and quantities are texts, so that no program makes binary fractions of them; moments are UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NO_NUL = r"^[^\x00]*$"
"""PostgreSQL keeps no text with a NUL."""
Step = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=NO_NUL)]


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Refused(Answer):
    """Why something was not done. Nothing was changed."""

    code: str = Field(description="Stable; listed in docs/reference/errors.md.")
    text: str = Field(description="What and for whom, in the language of Accept-Language (pl or en).")
    advice: str = Field(description="What to do about it.")


class Wait(Answer):
    """What an order waits for."""

    step: str = ""
    code: str = ""
    text: str = ""
    advice: str = ""


class OrderLine(Answer):
    """One order in a list."""

    id: int = Field(description="The id of the order here; unlike its number it is unique.")
    company: str
    source: str = Field(description="The connection it came from.")
    kind: str = Field(description="order, return or erp-order.")
    external_id: str = Field(description="Its id at the source.")
    number: str
    flow: str
    status: str = Field(description="Its status at the source, as was seen last.")
    state: str = Field(description="new, waiting, retrying, doubt, person, stopped or done.")
    since: datetime = Field(description="Since when it is in this state.")
    seen_at: datetime
    waits: list[Wait]


class Orders(Answer):
    """A page of orders."""

    orders: list[OrderLine]
    following: int | None = Field(
        description="Give it as `after` to get the next page; none: this was the last."
    )
    cut: bool = Field(
        description="The search was given up after many rows: the next page goes on from there."
    )


class StepDone(Answer):
    """A step of an order as it stands."""

    step: str
    state: str = Field(description="intended, done, doubt, failed or skipped.")
    attempts: int
    started_at: datetime
    ended_at: datetime | None
    result: dict[str, Any]


class Happened(Answer):
    """One line of an order's history."""

    at: datetime
    what: str
    step: str
    facts: dict[str, Any]
    code: str = ""
    text: str = ""
    advice: str = ""


class Bought(Answer):
    """One line as bought."""

    sku: str
    name: str
    quantity: Decimal
    price: Decimal
    vat: str
    unit: str


class Order(OrderLine):
    """One order with what was bought, its steps and its history. Nothing of the buyer is in it."""

    currency: str
    total: Decimal | None
    lines: list[Bought]
    steps: list[StepDone]
    history: list[Happened]


class SkipWish(Answer):
    """Which step is left out."""

    step: Step


class Resolution(Answer):
    """What a person found about a step in doubt."""

    step: Step
    happened: bool
    number: Annotated[str, StringConstraints(max_length=80, pattern=NO_NUL)] = Field(
        "", description="The number of the document or receipt that was found."
    )


class DocumentLine(Answer):
    """One line of a document; the amounts are those of the line."""

    sku: str
    name: str
    quantity: Decimal
    unit: str
    price: Decimal
    vat: str
    net: Decimal
    tax: Decimal
    gross: Decimal


class DocumentHead(Answer):
    """A document in a list."""

    id: int
    company: str
    kind: str
    number: str
    state: str = Field(description="bufor, approved or cancelled.")
    issued_on: date
    due_on: date | None
    currency: str
    net: Decimal
    gross: Decimal
    paid: Decimal
    order: str = Field(description="The number of the order it was made for.")
    warehouse: str


class Documents(Answer):
    """A page of documents, newest first."""

    documents: list[DocumentHead]
    following: str = Field(description="Give it as `after` to get the next page; empty: this was the last.")
    cut: bool = Field(
        description="The search was given up after many rows: the next page goes on from there."
    )


class Document(DocumentHead):
    """One document."""

    sold_on: date | None
    tax: Decimal
    buyer_name: str
    buyer_tax_id: str
    lines: list[DocumentLine]
    sources: list[str] = Field(description="Ids of the documents it was made from.")


class StockOf(Answer):
    """An item in one warehouse."""

    warehouse: str
    quantity: Decimal
    reserved: Decimal
    available: Decimal = Field(description="Below 0 when more is reserved than there is.")


class Stock(Answer):
    """An item in all warehouses of a company."""

    company: str
    sku: str
    warehouses: list[StockOf]


class PushedHere(Answer):
    """What came of sending at once, in one catalogue; with what else was not sent yet."""

    catalogue: str
    products: int = Field(description="Products that were sent.")
    calls: int
    problems: int = Field(description="Figures that the channel did not take; the panel says why.")


class Woken(Answer):
    """Catalogues that send at once: with what came of it for one item, or what changed in their stock and prices, soon."""

    catalogues: list[str]
    pushed: list[PushedHere] = Field(default=[], description="Of one item: what came of it.")


class PrintEntry(Answer):
    """Something to be printed."""

    id: int
    company: str
    kind: str = Field(description="label, document or packing.")
    title: str
    order: str
    document: str = Field(description="The document's id in the ledger, where it is one.")
    copies: int
    made_at: datetime
    printed_at: datetime | None
    printed_by: str


class Prints(Answer):
    """A page of the print queue, as it is packed."""

    prints: list[PrintEntry]
    following: str = Field(description="Give it as `after` to get the next page; empty: this was the last.")


class Marks(Answer):
    """Which entries were printed, or are to be printed once more."""

    ids: list[int] = Field(min_length=1, max_length=500)
    printed: bool = True


class Marked(Answer):
    """Those that were changed; the others were so already, or are not there."""

    ids: list[int]


class ConnectionState(Answer):
    """How a connection is."""

    name: str
    kind: str
    condition: str = Field(description="good, never (looked at), unused, late, trouble, blocked or stopped.")
    looked_at: datetime | None
    blocked_until: datetime | None
    note: str


class Health(Answer):
    """How it stands."""

    version: str
    connections: list[ConnectionState]
    orders: dict[str, int] = Field(description="How many orders are in each state.")


class Done(Answer):
    """The order will go on within seconds."""

    id: int
    number: str


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: float | None) -> datetime | None:
    return None if seconds is None else moment(seconds)
