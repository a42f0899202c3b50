"""What of the ERP is shown in the catalogues of the channels."""

from __future__ import annotations

from datetime import date
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


class CataloguePromotion(Part):
    """Days on which items cost less."""

    name: str = Field("", description="What `pomost prices show` calls it.")
    first: date | None = Field(None, description="First day; left out: since ever.")
    last: date | None = Field(None, description="Last day; left out: until further notice.")
    percent: Decimal = Field(Decimal(0), ge=0, lt=100, description="Percent off the usual price.")
    level: str = Field("", description="Price level of the ERP that holds instead of the usual one.")
    skus: tuple[str, ...] = Field((), description="Items it is for; empty: all.")


class CataloguePrice(Part):
    """How the prices of one price group of the channel are made."""

    to: str = Field("", description="Price group of the channel, by name or id; empty: its default one.")
    level: str = Field(description="Price level of the ERP.")
    percent: Decimal = Field(
        Decimal(0), gt=-100, description="Percent added to the price; negative: taken off."
    )
    addition: Decimal = Field(Decimal(0), description="Amount added after that, in the group's currency.")
    ending: Decimal | None = Field(
        None, ge=0, description="How prices end: 0.99, or 9.99 with ending_step = 10. Left out: to the grosz."
    )
    ending_step: Decimal = Field(
        Decimal(1), gt=0, description="Distance between two prices with that ending."
    )
    ending_to: Literal["nearest", "up", "down"] = Field(
        "nearest", description="Which price with that ending is taken."
    )
    floor_level: str = Field("", description="Price level of the ERP below which nothing is offered.")
    floor_percent: Decimal = Field(
        Decimal(100),
        gt=0,
        description="Percent of the floor level that is the floor: 115 where that level is the cost price and at least "
        "15 % shall be earned.",
    )
    level_currencies: tuple[str, ...] = Field(
        (), description="Currencies of the ERP's price levels, where they are neither PLN nor the group's."
    )
    promotions: tuple[CataloguePromotion, ...] = Field(
        (), description="Promotions; of several that run, the lowest price holds."
    )


CardField = Literal[
    "name",
    "description",
    "ean",
    "sku",
    "vat",
    "unit",
    "weight",
    "height",
    "width",
    "length",
    "manufacturer",
    "category",
    "pictures",
    "attributes",
    "texts",
    "parent",
]


class CatalogueCards(Part):
    """Who owns which field of an item card; a field that nobody owns is never touched."""

    to_channel: tuple[CardField, ...] = Field(
        (),
        description="Fields that the ERP owns and the channel shows: name, description, ean, sku, vat, unit, weight, height, width, "
        "length, manufacturer, category, pictures, attributes, texts (names and descriptions in further languages), parent "
        "(the main item of a variant).",
    )
    to_erp: tuple[CardField, ...] = Field(
        (), description="Fields that the channel owns: they are written into the card of the ERP."
    )
    create: bool = Field(
        False,
        description="Whether products are made in the channel for items that have none there; `pomost items preview` shows which.",
    )
    share_attribute: str = Field(
        "",
        max_length=200,
        description="Attribute of an item that says whether a product is made for it (tak, nie), with create; empty: for all items. "
        "`pomost items change` sets it for many at once.",
    )
    create_items: bool = Field(
        False, description="Whether item cards are made in the ERP for products that are no item of it."
    )
    language: str = Field(
        "",
        max_length=8,
        description="Language of names and descriptions in the ERP, as the channel calls it (pl); empty: the catalogue's default.",
    )
    make_categories: bool = Field(
        False, description="Whether categories that the channel does not have are made there."
    )
    make_manufacturers: bool = Field(
        False, description="Whether manufacturers that the channel does not have are made there."
    )
    unit_attribute: str = Field(
        "",
        max_length=200,
        description="Attribute under which the channel shows the unit of an item, as it has no field for it; needed for the "
        "field unit.",
    )
    move_variants: bool = Field(
        False,
        description="Whether a product that is there already is put under the main product that the ERP says; otherwise that is "
        "a problem of the product. Try it on one product first: BaseLinker does not say what it does then.",
    )


class Catalogue(Part):
    """A catalogue of a channel that is kept up to date from the ERP."""

    name: Name = Field("catalogue", description="Name of this entry, used on the command line.")
    channel: Name = Field("baselinker", description="Connection whose catalogue it is.")
    company: str = Field(
        "", pattern=r"^([a-z][a-z0-9_-]{0,39})?$", description="Company that offers; empty: the first one."
    )
    inventory: str = Field("", description="Catalogue of the channel, by name or id; empty: the default one.")
    match: Literal["sku", "ean", "id"] = Field(
        "sku",
        description="What a product of the channel and an item of the ERP have in common; id: the product's id is an attribute "
        "of the item.",
    )
    id_attribute: str = Field(
        "BASELINKER_ID", description="Attribute of the item that holds the product's id, with match = id."
    )
    stock: tuple[CatalogueStock, ...] = Field(
        (), description="Stock to keep up to date, one entry for each warehouse of the channel."
    )
    price: tuple[CataloguePrice, ...] = Field(
        (), description="Prices to keep up to date, one entry for each price group of the channel."
    )
    rate_renewed: Literal["day", "week", "month"] = Field(
        "day", description="How often prices in other currencies take a new rate: on the first day of it."
    )
    rate_days_before: int = Field(
        1, ge=1, le=10, description="Rate of how many working days before that day prices take."
    )
    cards: CatalogueCards | None = Field(
        None, description="Item cards to keep up to date; not given: none are."
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
    confirm_s: float = Field(
        60.0,
        ge=0,
        description="Seconds after which a figure that is lower in the channel than it should be is looked at once more: "
        "somebody may have bought, and the order comes first.",
    )
    retry_s: float = Field(
        600.0, gt=0, description="Seconds after which a figure that the channel did not take is sent again."
    )
