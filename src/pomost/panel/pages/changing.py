"""One change to many items: said in a form, shown first, and written all or not at all, just as it was shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.bulk import Attribute, Field, Preview, apply, asking, preview
from pomost.bulk.changing import ACTIVE, POINTS, STATUS, Change
from pomost.ledger.bulk import Selection
from pomost.ledger.reading.items import ITEM_KINDS
from pomost.panel.progress import Result, start_act
from pomost.panel.web import Operator, Visit
from pomost.ports import Failure
from pomost.progress import Report
from pomost.trade.pricing import Direction

router = APIRouter()
CARD_FIELDS = ("manufacturer", "category", "vat", "unit", "parent")
FIELDS = (*CARD_FIELDS, "attribute", "status", "active", "points")
"""What a line of the form may change; of attributes it says the name as well."""
LINES = (1, 2, 3)
SHOWN = 200
"""Changes and problems that a page shows; all of them are counted."""
CHOICE = ("company", "skus", "name", "group", "brand", "kind", "with_name", "with_value", "everything")
PRICES = ("level", "source", "percent", "addition", "ending", "ending_step", "ending_to")
NAMES = (*CHOICE, *(f"{part}{line}" for line in LINES for part in ("field", "attribute", "value")), *PRICES)
_LONGEST = 500_000
_CardField = Literal["manufacturer", "category", "vat", "unit", "parent"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form says."""

    company: str
    selection: Selection
    changes: tuple[Change, ...]


@router.get("/items/change")
def form(visit: Operator, company: str = "", kind: str = "") -> Response:
    """The empty form; ``company`` and ``kind`` as the list of items had them."""
    return _page(visit, {"company": company, "kind": kind})


@router.post("/items/change")
def show(visit: Operator) -> Response:
    """What would change. Writes nothing."""
    values = _values(visit)
    try:
        asked = _asked(visit, values)
        found = preview(visit.pomost.ledger, asked.company, asked.selection, asked.changes)
    except Failure as failure:
        return _page(visit, values, failure=failure)
    return _page(visit, values, found=found)


@router.post("/items/change/apply")
def write(visit: Operator) -> Response:
    """Makes the change of which a preview was shown: if it is still the same, and of all items or of none."""
    values, mark, pomost, say = _values(visit), visit.value("mark"), visit.pomost, visit.say
    try:
        asked = _asked(visit, values)
    except Failure as failure:
        return _page(visit, values, failure=failure)

    def work(report: Report) -> Result:
        outcome = apply(pomost.ledger, asked.company, asked.selection, asked.changes, only_if=mark or "-")
        if not outcome.written:
            return Result(say("items.change.refused", count=len(outcome.preview.problems)))
        return Result(say("items.change.written", count=len(outcome.preview.lines)))

    changed = [one.name for one in asked.changes if isinstance(one, Field | Attribute)]
    prices = values["level"] or values["source"]
    visit.audit(
        "items.change", asked.company, mark=mark, fields=", ".join([*changed, *([prices] if prices else [])])
    )
    return start_act(
        visit, "items.change.act", work, key=f"items change {asked.company}", link="/items", whole=True
    )


def _page(
    visit: Visit, values: Mapping[str, str], found: Preview | None = None, failure: Failure | None = None
) -> Response:
    codes = [one.code for one in visit.pomost.config.company]
    return visit.page(
        "items/change.html",
        active="items",
        status=200 if failure is None else 409,
        values={name: values.get(name, "") for name in NAMES},
        names=NAMES,
        lines=LINES,
        companies=[(code, code) for code in codes],
        kinds=[(one, visit.say(f"items.kind.{one}")) for one in ITEM_KINDS],
        fields=[(one, visit.say(f"items.change.fields.{one}")) for one in FIELDS],
        endings=[(one, visit.say(f"items.change.to.{one}")) for one in get_args(Direction)],
        found=found,
        failure=failure,
        shown=SHOWN,
        field_of=lambda field: _field_name(visit, field),
    )


def _values(visit: Visit) -> dict[str, str]:
    return {name: visit.value(name)[:_LONGEST] for name in NAMES}


def _asked(visit: Visit, values: Mapping[str, str]) -> Asked:
    """Raises NeedsPerson ``bulk.no-number``, ``bulk.ending-step``; Missing for a company that is not there."""
    codes = [one.code for one in visit.pomost.config.company]
    company = values["company"] or codes[0]
    if company not in codes:
        raise visit.missing()
    skus = tuple(dict.fromkeys(line.strip() for line in values["skus"].splitlines() if line.strip()))
    selection = Selection(
        skus or None,
        values["name"],
        values["group"].strip("/"),
        values["brand"],
        values["kind"],
        (values["with_name"], values["with_value"]) if values["with_name"] else None,
        values["everything"] == "yes",
    )
    changes: list[Change] = []
    for line in LINES:
        field, value = values[f"field{line}"], values[f"value{line}"]
        if field in CARD_FIELDS:
            changes.append(Field(cast(_CardField, field), value))
        elif field == "attribute":
            changes.append(Attribute(values[f"attribute{line}"], value))
        elif field in _FLAGS:
            changes.append(Attribute(_FLAGS[field], value))
    ending_to = cast(
        Direction, values["ending_to"] if values["ending_to"] in get_args(Direction) else "nearest"
    )
    prices = asking.price_step(
        values["level"],
        values["source"],
        values["percent"],
        values["addition"],
        values["ending"],
        values["ending_step"] or "1",
        ending_to,
    )
    return Asked(company, selection, (*changes, prices) if prices else tuple(changes))


_FLAGS = {"status": STATUS, "active": ACTIVE, "points": POINTS}


def _field_name(visit: Visit, field: str) -> str:
    """What a line of the preview changes, in words."""
    kind, _, name = field.partition(".")
    if kind == "prices":
        return visit.say("items.change.price-at", level=name)
    return name or visit.say(f"items.change.fields.{kind}")
