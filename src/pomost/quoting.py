"""What an order would cost with each service of each carrier; nothing is ordered. For the command line, the panel and the API."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pomost.bootstrap import Pomost
from pomost.config.flow import Flow
from pomost.config.shipping import ShipStep
from pomost.flows.acts.shipping import weight_of
from pomost.flows.conditions import to_ask
from pomost.flows.facts import condition_facts
from pomost.flows.shipments import Wish, reference_of, ship_steps, shipment_of, wish_of
from pomost.ports import Failure, NeedsPerson
from pomost.ports.carrier import Carrier, Parcel, PointQuery, Quote, Quotes, ShipmentOrder
from pomost.store.cases import Case

CAN = "quote"


@dataclass(frozen=True, slots=True)
class Quoted:
    """What one carrier says; ``failure`` is why it says nothing."""

    carrier: str
    quotes: tuple[Quote, ...] = ()
    failure: Failure | None = None


def quoting_carriers(pomost: Pomost) -> list[str]:
    """Those that tell prices. Nobody is asked."""
    return [name for name, one in pomost.carriers.known.items() if CAN in one.capabilities()]


def quotes_for(pomost: Pomost, case_id: int) -> list[Quoted]:
    """By carrier, those of which can tell prices. Raises NeedsPerson ``carrier.no-quotes`` for an order that can't be read, and
    where no carrier can."""
    case, done = pomost.store.cases.load_with_steps(case_id)
    flow = pomost.flows.get(case.flow)
    asked = {name: pomost.carriers.known[name] for name in quoting_carriers(pomost)}
    if case.order is None or flow is None or not asked:
        raise NeedsPerson(
            "carrier.no-quotes",
            f"No carrier can be asked what order {case.number} would cost.",
            "Add a [[shipx]] or [[apaczka]], and look whether the order can be read.",
        )
    step = next((one for one in flow.step if one.ship), None)
    wish = None
    if step is not None:
        facts = to_ask(condition_facts(case.order, case.status, done, ship_steps(flow)))
        try:
            wish = wish_of(step, facts, case.number)
        except NeedsPerson:
            wish = None
    ship = step.ship if step is not None else None
    return [_asked(pomost, case, flow, ship, wish, name, carrier) for name, carrier in asked.items()]


def _asked(
    pomost: Pomost,
    case: Case,
    flow: Flow,
    ship: ShipStep | None,
    wish: Wish | None,
    name: str,
    carrier: Carrier,
) -> Quoted:
    assert case.order is not None
    plain = Wish(name, "", wish.parcel if wish else Parcel(), bool(wish and wish.insured), {})
    if wish is not None and wish.carrier == name:
        plain = replace(plain, options=wish.options)
    step = ship or ShipStep(carrier=name)
    try:
        weight = weight_of(pomost.ledger, flow, case.order) if step.weigh == "cards" else None
        order: ShipmentOrder = shipment_of(
            step, plain, case.order, reference_of(f"{case.source}:{case.external_id}/quote", 1), weight
        )
        assert isinstance(carrier, Quotes)
        return Quoted(name, carrier.quote(order))
    except Failure as failure:
        return Quoted(name, failure=failure)


def query_of(text: str, service: str, limit: int) -> PointQuery:
    """A code where the text has digits among capital letters, a postcode, or the name of a town."""
    bare = text.strip()
    digits = bare.replace("-", "").replace(" ", "")
    if digits.isdecimal() and len(digits) == 5:
        return PointQuery(postcode=bare, service=service, limit=limit)
    if any(letter.isdecimal() for letter in bare) and " " not in bare:
        return PointQuery(code=bare, service=service, limit=limit)
    return PointQuery(city=bare, service=service, limit=limit)
