"""The configuration as a typed model: what may stand in ``pomost.toml``, with its meaning and defaults."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from pomost.trade.between import PriceRule
from pomost.trade.errors import Refused

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(Part):
    """Where Pomost keeps its state."""

    url: str = Field(
        "sqlite:///pomost.db",
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME. This one line decides which runner works: "
        "the embedded one on SQLite, procrastinate on PostgreSQL.",
    )

    @field_validator("url")
    @classmethod
    def known_database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
        return url


class Engine(Part):
    """How the work is run."""

    workers: int = Field(
        8,
        ge=1,
        le=64,
        description="Cases worked on at the same time by one process. On SQLite those that wait for an account's limit do not count.",
    )
    lease_s: float = Field(
        15.0, ge=0.2, le=600, description="Seconds after which the work of a dead process is taken over."
    )
    sweep_s: float = Field(
        5.0, ge=0.05, le=600, description="Seconds between looks for work that nobody was woken for."
    )
    retry_first_s: float = Field(
        2.0,
        gt=0,
        description="Seconds before the first repetition after a passing failure; doubled each time.",
    )
    retry_most_s: float = Field(300.0, gt=0, description="The longest pause between repetitions, in seconds.")
    attempts: int = Field(12, ge=1, description="Repetitions of a passing failure before a person is asked.")


class Company(Part):
    """A company that sells, keyed in every document."""

    code: Name = Field(description="Short name used in flows.")
    name: str = Field(description="Full name, printed on documents.")
    nip: str = Field("", description="Tax number, printed on documents.")
    street: str = ""
    postcode: str = ""
    city: str = ""
    bank_account: str = Field("", description="Account for transfers, printed with a QR code.")
    bank_name: str = ""
    email: str = ""
    phone: str = ""
    stock_method: Literal["FIFO", "LIFO", "AVCO"] = Field("FIFO", description="How issued goods are costed.")
    negative_stock: bool = Field(False, description="Whether goods may be issued that are not in stock.")
    language: Literal["pl", "en", "pl-en"] = Field("pl", description="Language of printed documents.")


class Warehouse(Part):
    """A warehouse of a company in the embedded ledger."""

    code: str
    company: Name
    name: str = ""


class Series(Part):
    """How documents of a kind are numbered in the embedded ledger."""

    company: Name
    kind: str
    code: str = Field("", description="Series; empty is the default one.")
    pattern: str = Field(
        "%SYMBOL/%NUMBER/%YEAR", description="Parts as in Optima; see docs/explanation/numbering.md."
    )


class Ledger(Part):
    """The embedded ERP."""

    name: Name = "ledger"
    url: str = Field("sqlite:///ledger.db", description="Its own file, or the same PostgreSQL as the store.")
    warehouses: tuple[Warehouse, ...] = ()
    series: tuple[Series, ...] = ()


class BaseLinker(Part):
    """One BaseLinker account."""

    name: Name = Field("baselinker", description="Name of the connection, used in flows.")
    url: str = Field(
        "https://api.baselinker.com/connector.php",
        description="Address of the API; the sandbox prints its own.",
    )
    token: str = Field(
        description='API token. Write "env:POMOST_BL_TOKEN", so that it is read from the environment.',
        repr=False,
    )
    calls_per_minute: int = Field(
        80,
        ge=0,
        le=10000,
        description="Shared by all workers; 0 turns the limiter off. BaseLinker blocks a token at 100.",
    )
    poll_s: float = Field(6.0, ge=0.05, description="Seconds between looks for changes.")
    returns_s: float = Field(
        60.0, ge=0.05, description="Seconds between looks for returns, where a flow takes them."
    )
    poll_busy_s: float = Field(
        120.0,
        ge=0,
        le=3600,
        description="The longest pause between looks while work that waits fills the limit anyway; a look takes calls "
        "away from it. 0: looks never slow down.",
    )
    journal: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether the order journal is used as a hint: auto finds out whether it is enabled, on trusts it, "
        "off never asks.",
    )
    bulk_s: float = Field(
        60.0, ge=1, description="Seconds between listings of new orders although the journal names none."
    )
    relist_s: float = Field(
        300.0,
        ge=1,
        description="Seconds between reconciliations (recent orders and watched statuses are read anew) without a "
        "journal.",
    )
    relist_journal_s: float = Field(
        1800.0,
        ge=1,
        description="The same where the journal is on: they make good what it told late or not at all.",
    )
    relist_hours: float = Field(
        1.0, gt=0, description="How far back from the newest order a reconciliation reads, in hours."
    )
    watch_s: float = Field(
        30.0, ge=1, description="Seconds between listings of the watched statuses where there is no journal."
    )
    watch_days: float = Field(
        30.0,
        gt=0,
        description="Orders made longer ago are left out when watched statuses are listed; the journal still names them.",
    )
    pages_per_look: int = Field(
        20,
        ge=1,
        description="Pages of 100 orders that one look reads in a reconciliation; the next look goes on.",
    )
    import_from: str = Field(
        "", description="ISO date and time from which orders are taken; empty: from the first start."
    )
    unconfirmed: bool = Field(
        True,
        description="Whether orders are shown whose buyer has not confirmed them yet; no documents are made for them.",
    )
    extra_fields: bool = Field(True, description="Whether the custom extra fields of orders are read.")
    default_currency: str = Field("PLN", description="For orders that come without a currency.")
    status_linger_s: float = Field(
        0.05, ge=0, le=10, description="How long a status change waits for others to share its call."
    )
    marker_field: Literal["admin_comments", "extra_field_1", "extra_field_2"] = Field(
        "admin_comments", description="Field of a placed order in which our reference stands."
    )
    custom_source_id: int = Field(
        0,
        ge=0,
        description="Own order source for orders placed from the ERP; 0 is the account's default one. One of its own "
        "keeps the search for a placed order short.",
    )
    placed_from: str = Field(
        "",
        description="ISO date before which Pomost placed no order: the search for a placed order begins there. Empty: it "
        "goes through all orders of the source.",
    )
    timeout_s: float = Field(30.0, gt=0, description="Seconds to wait for an answer.")
    connect_timeout_s: float = Field(10.0, gt=0, description="Seconds to wait for a connection.")
    blocked_zone: str = Field(
        "Europe/Warsaw", description="Time zone of the time until which BaseLinker says a token is blocked."
    )
    blocked_minutes: float = Field(
        11.0, gt=0, le=120, description="Pause after a block whose end BaseLinker does not name, in minutes."
    )
    status_orders: int = Field(
        100, ge=1, le=1000, description="Orders in one status call; BaseLinker documents no limit."
    )
    amounts: Literal["text", "number"] = Field(
        "text", description='How amounts are sent: "54.99" or 54.99; BaseLinker\'s examples have both.'
    )

    @field_validator("blocked_zone")
    @classmethod
    def known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("write the name of a time zone, as Europe/Warsaw") from error
        return zone

    @field_validator("import_from", "placed_from")
    @classmethod
    def a_moment(cls, text: str) -> str:
        if text:
            try:
                datetime.fromisoformat(text)
            except ValueError as error:
                raise ValueError(
                    "write a date or a date and time, as 2026-01-31 or 2026-01-31T08:00"
                ) from error
        return text


ACTS = ("issue", "correct", "place", "write", "cancel")
"""What a step may do: the field of the step that is set says which."""


class WriteStep(Part):
    """What a step writes to the order in the channel, in one call where it can."""

    fields: dict[str, str] = Field(
        default_factory=dict, description="Field of the channel -> text; {sale.number} is filled in."
    )
    status: str = Field("", description="Status the order is moved to.")
    pdf: str = Field("", description="Step whose document is sent as PDF.")
    file_field: str = Field("", description="Field of type file that takes the PDF.")
    document_file: Literal["", "invoice", "receipt", "auto"] = Field(
        "", description="Attach the PDF as the channel's own invoice or receipt instead."
    )
    series: str = Field("", description="The channel's series for that invoice or receipt.")


class Step(Part):
    """One step of a flow: one document, one write, one order placed, or documents undone."""

    id: Name
    issue: str = Field(
        "", description='Kind of document to make: RO, ZS, FS, PA, WZ ..., or "FS/PA" to choose by rule.'
    )
    correct: Literal["", "FSK/PAK", "FSK", "PAK", "WZK"] = Field(
        "",
        description="Correct the documents of the order that the goods of a return were bought on: FSK/PAK its invoices "
        "and receipts, WZK its goods issues (the goods come back to stock).",
    )
    write: WriteStep | None = None
    place: str = Field("", description="Channel in which the ERP's order is placed (B2B).")
    status: str = Field("", description="Status of a placed order.")
    cancel: tuple[Name, ...] = Field(
        (),
        description="Steps whose documents are undone once the order is cancelled: deleted from bufor or cancelled, the "
        "later ones first. Steps after this one are done for cancelled orders only.",
    )
    when: str = Field("", description="CEL: the step waits until this is true.")
    only_if: str = Field("", description="CEL: the step is left out when this is false.")
    after: tuple[Name, ...] | None = Field(
        None, description="Steps that must be done before; the previous one when not given."
    )
    source: tuple[Name, ...] = Field((), description="Steps whose documents this one is made from.")
    from_order: bool = Field(
        False, description="The document is made from the ERP's own order document (B2B)."
    )
    company: str = Field(
        "",
        description="Company in which the document is made; empty: the flow's. Two companies trade by such steps.",
    )
    warehouse: str = Field(
        "", description="Warehouse of the document; empty: the flow's, or the company's first."
    )
    prices: str = Field(
        "",
        description='Prices of a document that another company makes for the flow\'s: "order" (the customer\'s), "level:NAME", '
        '"margin:PERCENT" on what the goods cost, or "fixed".',
    )
    fixed_prices: dict[str, Decimal] = Field(
        default_factory=dict, description="SKU -> net price in PLN, for prices = fixed."
    )
    deliver_to: Literal["buyer", "customer"] = Field(
        "buyer",
        description="Where the goods of such a document go: to the flow's company, or straight to the customer.",
    )
    mirror: str = Field(
        "", description="Step of another company whose document is booked here, as FZ from its FS."
    )
    approve: bool = Field(True, description="False leaves the document in bufor.")
    moves_stock: bool = Field(False, description="FS or PA that issues the goods itself, without a WZ.")
    partial: Literal["wait", "available"] = Field(
        "wait",
        description="Whether goods that are short hold the document back, or what is there is issued first.",
    )
    series: str = Field("", description="Series of the document.")

    @model_validator(mode="after")
    def one_act(self) -> Step:
        acts = [name for name in ACTS if getattr(self, name)]
        if len(acts) != 1:
            raise ValueError(
                f'step "{self.id}" needs exactly one of {", ".join(ACTS)}; it has {", ".join(acts) or "none"}'
            )
        if self.prices:
            try:
                PriceRule.of(self.prices)
            except Refused as refusal:
                raise ValueError(f'step "{self.id}": {refusal}') from refusal
        return self

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of document that the step may make."""
        kind = self.issue or self.correct
        return tuple(kind.split("/")) if kind else ()

    @property
    def act(self) -> str:
        """What the step does: one of ``ACTS``."""
        return next(name for name in ACTS if getattr(self, name))


class Duplicates(Part):
    """How the same purchase that arrives twice under two ids is found, before its first document."""

    then: Literal["ask", "off"] = Field(
        "off", description="ask: the later order waits for a person; off: orders are not compared."
    )
    by: tuple[Literal["external", "buyer+total+lines"], ...] = Field(
        ("external", "buyer+total+lines"),
        min_length=1,
        description="external: the same id at the marketplace or shop; buyer+total+lines: the same e-mail or phone, lines "
        "and total.",
    )
    within_hours: float = Field(
        72.0, gt=0, description="For buyer+total+lines: orders placed further apart are two purchases."
    )


class Rules(Part):
    """Rules by which orders become documents."""

    sale: Literal["nip-or-wish", "nip", "wish", "always-fs", "always-pa"] = Field(
        "nip-or-wish", description="FS or PA."
    )
    vat_from: Literal["order", "item"] = Field(
        "order", description="Whose VAT rate is used where order and item card differ."
    )
    vat_differs: Literal["", "order", "item", "ask"] = Field(
        "",
        description="What is done where order and item card differ: that rate is taken and the difference shown, or (ask) the "
        "order waits for a person. Empty: as vat_from says.",
    )
    duplicates: Duplicates = Duplicates()
    delivery_vat: str = Field(
        "dominant",
        description="dominant, highest, proportional or fixed:RATE: the channel gives no rate for delivery.",
    )
    delivery_sku: str = "TRANSPORT"
    delivery_name: str = "Koszt dostawy"
    discount_sku: str = "RABAT"
    service_skus: tuple[str, ...] = ()
    unnamed_sku: str = Field(
        "", description="Item for lines without SKU; empty: such a line waits for a person."
    )
    on_change: Literal["update", "flag", "refuse"] = Field(
        "update", description="What happens when an order changed after its first document."
    )
    when_gone: Literal["cancel", "ask"] = Field(
        "cancel",
        description="What a flow with a cancel step does when the order was deleted in the channel or merged into another.",
    )
    payment_days: int = Field(7, ge=0, description="Days to pay when nothing was paid yet.")
    return_warehouse: str = Field(
        "", description="Warehouse that returned goods go to; empty: the one they left from."
    )
    damaged_warehouse: str = Field(
        "", description="Warehouse for goods that came back damaged; empty: the same as for others."
    )
    damaged_reasons: tuple[str, ...] = Field(
        ("Towar uszkodzony",), description="Reasons of a return that say that the goods are damaged."
    )
    return_reason: str = Field(
        "", description="The reason on a correction where the channel gives none; empty: such a return waits."
    )
    return_delivery: Literal["whole", "never"] = Field(
        "whole",
        description="whole: once nothing else of an order is kept, its delivery is corrected too, as a consumer who "
        "withdraws is owed; never: it stays.",
    )
    aliases: dict[str, str] = Field(
        default_factory=dict, description="SKU of the channel -> code of the item in the ERP."
    )


class Flow(Part):
    """How the cases of one source become documents."""

    name: Name
    kind: Literal["order", "return"] = Field(
        "order", description="What travels: orders of the source, or its returns."
    )
    source: Name = Field(description="Connection the orders or returns come from.")
    channel: str = Field("", description="Channel written to; the source itself when empty.")
    erp: Name = "ledger"
    company: Name
    warehouse: str = ""
    preset: str = Field("", description="A flow of the catalogue; `pomost flow show` prints it.")
    words: dict[str, str] = Field(
        default_factory=dict, description="Words of the preset: statuses and fields of your account."
    )
    take: str = Field("", description="CEL: which orders the flow takes.")
    cancelled: str = Field("", description="CEL: the order was cancelled; no further documents are made.")
    rules: Rules = Rules()
    step: tuple[Step, ...] = ()

    @property
    def cases(self) -> str:
        """The source as its cases name it: orders and returns of one account have ids of their own."""
        return self.source if self.kind == "order" else f"{self.source}.{self.kind}s"


class Rates(Part):
    """Where exchange rates come from."""

    source: Literal["nbp", "fixed"] = Field(
        "nbp", description="nbp: table A of the National Bank of Poland; fixed: the rates below."
    )
    url: str = Field(
        "https://api.nbp.pl/api", description="Address of the rates of the National Bank of Poland."
    )
    fixed: dict[str, Decimal] = Field(
        default_factory=dict, description="Currency -> PLN for one unit, with source = fixed."
    )


class Config(Part):
    """The whole of ``pomost.toml``."""

    data_dir: Path = Field(
        Path("."), description="Folder for PDFs; relative paths are taken from the file's folder."
    )
    language: Literal["pl", "en"] = "pl"
    host: str = Field("127.0.0.1", description="Address the page and /health listen on.")
    port: int = Field(8080, ge=0, le=65535)
    templates: str = Field("", description="Folder with your own PDF templates.")
    database: Database = Database()
    engine: Engine = Engine()
    company: tuple[Company, ...] = Field(min_length=1)
    ledger: Ledger = Ledger()
    baselinker: tuple[BaseLinker, ...] = ()
    flow: tuple[Flow, ...] = ()
    rates: Rates = Rates()
