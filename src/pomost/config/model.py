"""The configuration as a typed model: what may stand in ``pomost.toml``, with its meaning and defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from pomost.config.carriers import Apaczka, ShipX
from pomost.config.catalogue import Catalogue
from pomost.config.connections import BaseLinker, Rates
from pomost.config.edges import Posnet, Smtp
from pomost.config.flow import Flow
from pomost.config.logs import Logs
from pomost.config.panel import Panel
from pomost.config.parts import Name, Part
from pomost.config.webhooks import Hint, Webhook
from pomost.config.woocommerce import WooCommerce

Account = BaseLinker | WooCommerce
"""A connection to a sales channel."""


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
        description="Cases worked on at the same time by one process. Those that wait for an account's limit, a printer or a mail "
        "server do not count.",
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
    panel: Panel = Panel()
    logs: Logs = Logs()
    company: tuple[Company, ...] = Field(min_length=1)
    ledger: Ledger = Ledger()
    baselinker: tuple[BaseLinker, ...] = ()
    woocommerce: tuple[WooCommerce, ...] = ()
    posnet: tuple[Posnet, ...] = ()
    smtp: tuple[Smtp, ...] = ()
    shipx: tuple[ShipX, ...] = ()
    apaczka: tuple[Apaczka, ...] = ()
    flow: tuple[Flow, ...] = ()
    catalogue: tuple[Catalogue, ...] = ()
    rates: Rates = Rates()
    webhook: tuple[Webhook, ...] = ()
    hint: tuple[Hint, ...] = ()

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Every connection to a sales channel, of whatever kind."""
        return (*self.baselinker, *self.woocommerce)
