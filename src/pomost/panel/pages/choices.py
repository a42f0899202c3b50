"""What fields of settings may offer: names in the file itself, what the ledger has, and lists that are read from the channels
when a person asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pomost.channels import KINDS
from pomost.config.editing import Draft, Place
from pomost.config.forms import model_at
from pomost.connecting import channel_lists, ledger_lists, seen_in_orders
from pomost.flows import catalogue
from pomost.panel.pages.settings_form import of_model
from pomost.panel.web import Visit
from pomost.ports import Failure, NeedsPerson
from pomost.ports.account import Vocabulary
from pomost.trade.receipt import FORMS

WITH_LEVELS = frozenset({"Rules", "Step", "CataloguePrice", "CataloguePromotion"})
"""Tables that name price levels."""


def read_choices(visit: Visit) -> Failure | None:
    """Asks each account for its lists; the failure of the first that does not answer. What was read before stays."""
    found: dict[str, Vocabulary] = {}
    for name in visit.pomost.channels:
        try:
            found[name] = channel_lists(visit.pomost.config, name, visit.pomost)
        except Failure as failure:
            return failure
    visit.panel.choices = found
    return None


def are_read(visit: Visit) -> bool:
    return isinstance(visit.panel.choices, dict)


def choices_at(visit: Visit, draft: Draft, place: Place) -> dict[str, Sequence[str]]:
    """For each field of a table what it may be; for the names of pairs under NAME.names."""
    name = model_at(of_model(place)).__name__
    there = _lists(visit, draft, place)
    companies = _names(draft, "company", "", "code")
    accounts = [one for kind in KINDS for one in _names(draft, kind, kind)]
    ledger = str(_get(draft, ("ledger", "name"), "ledger"))
    company = str(_get(draft, (*place[:2], "company"), "") or next(iter(companies), ""))
    own = ledger_lists(visit.pomost, company if name in WITH_LEVELS else "")
    warehouses, levels = own.warehouses.get(company, ()), own.levels
    returns = place[:1] == ("flow",) and _get(draft, (*place[:2], "kind"), "") == "return"
    statuses = there.return_statuses if returns else there.statuses
    fields = there.fields
    steps = _steps(draft, place)
    found: dict[str, Iterable[str]] = {}
    match name:
        case "Flow":
            found = {
                "source": [*accounts, ledger],
                "channel": accounts,
                "erp": [ledger],
                "company": companies,
                "warehouse": warehouses,
                "preset": catalogue.names(),
                "words": [*statuses, *fields, *there.file_fields],
                "words.names": preset_words(draft, place),
            }
        case "Rules":
            found = {"return_warehouse": warehouses, "damaged_warehouse": warehouses, "kit_level": levels}
        case "Step":
            prices = ["order", "fixed", *(f"level:{level}" for level in levels)]
            found = {
                **dict.fromkeys(("after", "source", "settles", "cancel", "mirror", "fiscalise"), steps),
                "place": accounts,
                "status": statuses,
                "company": companies,
                "warehouse": warehouses,
                "gather_from": warehouses,
                "series": own.series.get(company, ()),
                "printer": _names(draft, "posnet", "posnet"),
                "prices": prices,
            }
        case "WriteStep":
            found = {
                "status": statuses,
                "file_field": there.file_fields,
                "series": there.series,
                "receipt_series": there.series,
                "pdf": steps,
                "fiscal": steps,
                "fields.names": fields,
            }
        case "CheckStep":
            found = {
                **dict.fromkeys(("short", "awaiting", "there"), statuses),
                **dict.fromkeys(("date_field", "short_field"), fields),
            }
        case "MailStep":
            found = {"account": _names(draft, "smtp", "smtp"), "pdf": steps}
        case "ShipStep" | "ShipRule":
            own_carriers = [*_names(draft, "shipx", "inpost"), *_names(draft, "apaczka", "apaczka")]
            couriers = [
                one for kind in KINDS.values() if kind.couriers for one in _names(draft, kind.name, kind.name)
            ]
            found = {"carrier": [*own_carriers, *couriers]}
        case "BookStep":
            found = {"document": steps}
        case "Catalogue":
            found = {"channel": accounts, "company": companies, "inventory": there.inventories}
        case "CatalogueStock":
            places = [f"{one}:{code}" for one, codes in own.warehouses.items() for code in codes]
            found = {"to": there.warehouses, "warehouses": places}
        case "CataloguePrice":
            found = {"to": there.price_groups, "level": levels, "floor_level": levels}
        case "CataloguePromotion":
            found = {"level": levels}
        case "Posnet":
            payments = seen_in_orders(visit.pomost)["payments"]
            found = {"company": companies, "payments": sorted(FORMS), "payments.names": payments}
        case "Warehouse" | "Series":
            found = {"company": companies}
    return {field: tuple(dict.fromkeys(values)) for field, values in found.items()}


def words_of_conditions(visit: Visit, draft: Draft, place: Place) -> Mapping[str, Sequence[str]]:
    """What conditions compare with, where a table has some: statuses, forms of payment, ways of delivery, countries."""
    if model_at(of_model(place)).__name__ not in ("Flow", "Step"):
        return {}
    found = {"statuses": _lists(visit, draft, place).statuses, **seen_in_orders(visit.pomost)}
    return {name: values for name, values in found.items() if values}


def preset_words(draft: Draft, place: Place) -> Mapping[str, str]:
    """The words of the preset that a flow is made from, with what they are where the flow says nothing."""
    try:
        preset = str(_get(draft, (*place[:2], "preset"), "")) if place[:1] == ("flow",) else ""
        return catalogue.words_of(preset) if preset else {}
    except NeedsPerson:
        return {}


def _lists(visit: Visit, draft: Draft, place: Place) -> Vocabulary:
    """The lists of the channel whose words belong into a table: that of the flow or of the catalogue it stands in."""
    read = visit.panel.choices
    if not isinstance(read, dict):
        return Vocabulary()
    names = [_get(draft, (*place[:2], key), "") for key in ("channel", "source")]
    if place[:1] == ("catalogue",):
        names = [_get(draft, (*place[:2], "channel"), "baselinker")]
    found: Vocabulary = next((read[name] for name in names if name in read), Vocabulary())
    return found


def _get(draft: Draft, place: Sequence[str | int], default: Any) -> Any:
    try:
        return draft.get(tuple(place))
    except KeyError:
        return default


def _names(draft: Draft, table: str, default: str, key: str = "name") -> list[str]:
    rows = _get(draft, (table,), [])
    return [str(row.get(key, default)) for row in rows if isinstance(row, dict)]


def _steps(draft: Draft, place: Place) -> list[str]:
    """The steps before this one, those of the preset among them."""
    if place[:1] != ("flow",) or len(place) < 3:
        return []
    rows = _get(draft, (*place[:2], "step"), [])
    own = [str(row.get("id", "")) for row in rows if isinstance(row, dict)]
    number = place[3] if len(place) > 3 and isinstance(place[3], int) else len(own)
    preset = str(_get(draft, (*place[:2], "preset"), ""))
    try:
        inherited = catalogue.steps_of(preset) if preset else ()
    except NeedsPerson:
        inherited = ()
    return [*inherited, *own[:number]]
