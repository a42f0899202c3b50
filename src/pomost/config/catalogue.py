"""What of the ERP is shown in the catalogues of the channels."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from pomost.config.parts import Name, Part


class CatalogueStock(Part):
    """How the stock of one warehouse of the channel is made."""

    to: str = Field("", description="Warehouse of the channel, by name or id; empty: its default one.")
    warehouses: tuple[str, ...] = Field(
        (),
        description='Warehouses of the ERP that are added up: "MAG", or "company:MAG" of another company. Empty: all of the '
        "company's own.",
    )
    buffer: Decimal = Field(Decimal(0), ge=0, description="Pieces of each item that are never offered.")
    share: Decimal = Field(
        Decimal(100), ge=0, le=100, description="Percent of what is left that this channel may offer."
    )
    minimum: Decimal = Field(Decimal(0), ge=0, description="Fewer pieces than this are shown as none.")
    maximum: Decimal | None = Field(None, ge=0, description="No more pieces than this are shown.")
    pack: Decimal = Field(
        Decimal(1), gt=0, description="Pieces that the channel sells as one, where it sells in packs only."
    )


class Catalogue(Part):
    """A catalogue of a channel that is kept up to date from the ERP."""

    name: Name = Field("catalogue", description="Name of this entry, used on the command line.")
    channel: Name = Field("baselinker", description="Connection whose catalogue it is.")
    company: str = Field("", description="Company that offers; empty: the first one.")
    inventory: str = Field("", description="Catalogue of the channel, by name or id; empty: the default one.")
    match: Literal["sku", "ean"] = Field(
        "sku", description="What a product of the channel and an item of the ERP have in common."
    )
    stock: tuple[CatalogueStock, ...] = Field(
        (), description="Stock to keep up to date, one entry for each warehouse of the channel."
    )
    every_s: float = Field(
        1.0, ge=0.05, le=3600, description="Seconds between looks for changes in the ERP, woken or not."
    )
    debounce_s: float = Field(
        0.2,
        ge=0,
        le=60,
        description="Seconds that a change waits for others to share its call, and between two looks at least.",
    )
    wake: bool = Field(
        True, description="Whether changes wake it at once; otherwise it only looks every every_s seconds."
    )
    list_s: float = Field(
        3600.0, ge=1, description="Seconds between listings of the channel's products, which find new ones."
    )
    compare_s: float = Field(
        6 * 3600.0,
        ge=1,
        description="Seconds between comparisons with the figures that the channel itself shows; 1000 products a call.",
    )
