"""Carriers for programs: prices and points, another shipment of an order, and couriers who collect.

Repeats order nothing twice: another shipment names the one that it follows, a courier is called for parcels by their ids.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy.exc import NoResultFound

from pomost import collecting
from pomost.connectors.carriers.collecting import no_points
from pomost.deciding import spread_refund
from pomost.panel.api.access import Caller, Scope, not_there
from pomost.panel.api.models import Done, Refused, moment
from pomost.panel.api.models_shipping import (
    AnotherWish,
    AnotherWished,
    ParcelHere,
    ParcelsWaiting,
    PickupCall,
    PickupCalls,
    PickupFound,
    PickupsMade,
    PickupWish,
    PointHere,
    PointsOf,
    Price,
    QuotesOf,
    QuotesOfOrder,
    ShipmentHere,
    ShipmentsOf,
)
from pomost.ports import Failure
from pomost.ports.carrier import Carrier, PickupWindow, Points
from pomost.quoting import query_of, quotes_for
from pomost.reshipping import earlier_of, order_another
from pomost.store.cases import Case
from pomost.store.pickups import PickupRow
from pomost.words import in_language

router = APIRouter(tags=["carriers"])
Reading = Annotated[Caller, Depends(Scope("read"))]
Acting = Annotated[Caller, Depends(Scope("orders"))]
Shipping = Annotated[Caller, Depends(Scope("ship"))]
LARGEST = 2**62


@router.post("/orders/{order_id}/spread", status_code=202)
def spread(caller: Acting, order_id: int) -> Done:
    """Lowers the prices of the sale by money that this return paid back for no goods. ``order_id`` is that of the return."""
    case = _case(caller, order_id)
    spread_refund(caller.pomost, order_id, caller.who)
    caller.audit("order.spread", case.number)
    return Done(id=order_id, number=case.number)


@router.get("/orders/{order_id}/shipments")
def shipments(caller: Reading, order_id: int) -> ShipmentsOf:
    """The shipments of an order, and which of them another one may follow."""
    _case(caller, order_id)
    last = {(one.row.carrier, one.row.external_id): one for one in earlier_of(caller.pomost, order_id)}
    found = []
    for row in caller.pomost.store.shipments.of_case(order_id):
        earlier = last.get((row.carrier, row.external_id))
        found.append(
            ShipmentHere(
                id=row.external_id,
                carrier=row.carrier,
                step=row.step,
                state=row.state.value,
                tracking=row.tracking,
                ordered_at=moment(row.ordered_at),
                may_be_followed=earlier is not None,
                alive=earlier is not None and earlier.alive,
            )
        )
    return ShipmentsOf(order=order_id, shipments=found)


@router.post("/orders/{order_id}/another", status_code=202)
def another(caller: Shipping, order_id: int, wish: AnotherWish) -> AnotherWished:
    """Has the flow order another shipment after the one named, once. A repeat is 409 and orders none."""
    case = _case(caller, order_id)
    earlier = order_another(caller.pomost, order_id, wish.step, caller.who, wish.before, wish.after)
    caller.audit("shipment.another", case.number, step=earlier.row.step, before=wish.before)
    return AnotherWished(id=order_id, number=case.number, after=earlier.row.external_id)


@router.get("/orders/{order_id}/quotes")
def quotes(caller: Shipping, order_id: int) -> QuotesOfOrder:
    """Asks each carrier what its services would cost for the order. Nothing is ordered."""
    _case(caller, order_id)
    return QuotesOfOrder(
        order=order_id,
        quotes=[
            QuotesOf(
                carrier=said.carrier,
                prices=[
                    Price(
                        service=one.service,
                        name=one.name,
                        net=one.net,
                        gross=one.gross,
                        charge=one.charge,
                        currency=one.currency,
                    )
                    for one in said.quotes
                ],
                problem=_problem(caller, said.failure),
            )
            for said in quotes_for(caller.pomost, order_id)
        ],
    )


@router.get("/carriers/{carrier}/points")
def points(
    caller: Shipping,
    carrier: str,
    query: Annotated[
        str, Query(min_length=1, max_length=100, description="Code of a point, a postcode, or a town.")
    ],
    service: Annotated[
        str, Query(max_length=60, description="Needed where each service has its own points (Apaczka).")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> PointsOf:
    """Lockers and points by code, near a postcode, or in a town; the nearest first."""
    side = _carrier(caller, carrier)
    if not isinstance(side, Points):
        raise no_points(carrier, "its API gives none")
    return PointsOf(
        carrier=carrier,
        points=[
            PointHere(
                code=one.code,
                name=one.name,
                kind=one.kind,
                street=one.address.street,
                postcode=one.address.postcode,
                city=one.address.city,
                open=one.open,
                cod=one.cod,
                distance_m=one.distance_m,
            )
            for one in side.points(query_of(query, service, limit))
        ],
    )


@router.get("/carriers/{carrier}/waiting")
def waiting(caller: Shipping, carrier: str) -> ParcelsWaiting:
    """What a courier of this carrier would collect now, and what is left out. Nobody is called."""
    _carrier(caller, carrier)
    found = collecting.preview(caller.pomost, carrier)
    listed = [*((one, "") for one in found.parcels), *found.left]
    return ParcelsWaiting(
        carrier=carrier,
        visits=len(found.groups),
        parcels=[
            ParcelHere(id=one.row.external_id, order=one.order, tracking=one.row.tracking, left_out=why)
            for one, why in listed
        ],
    )


@router.get("/pickups")
def pickups(
    caller: Reading,
    carrier: Annotated[str, Query(max_length=40)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> PickupCalls:
    """The last calls for couriers."""
    rows = caller.pomost.store.pickups.latest(carrier, limit)
    return PickupCalls(pickups=[_call(caller, row) for row in rows])


@router.post("/pickups")
def call(caller: Shipping, wish: PickupWish) -> PickupsMade:
    """Calls the courier for the parcels named. A repeat is 409 and calls nobody: they have their courier."""
    _carrier(caller, wish.carrier)
    usual = collecting.window_of(caller.pomost)
    window = PickupWindow(wish.day or usual.day, wish.start, wish.end)
    made: list[PickupRow] = []
    problem: Failure | None = None
    try:
        collecting.order(caller.pomost, wish.carrier, window, caller.who, set(wish.parcels), made=made)
    except Failure as failure:
        if not made:
            raise
        problem = failure
    finally:
        if made:
            count = sum(len(one.external_ids) for one in made)
            caller.audit("shipment.pickup", wish.carrier, parcels=count, calls=len(made))
    return PickupsMade(pickups=[_call(caller, row) for row in made], problem=_problem(caller, problem))


@router.post("/pickups/{pickup_id}/resolve")
def resolve(caller: Shipping, pickup_id: int, found: PickupFound) -> PickupCall:
    """Settles a call in doubt: somebody looked whether the courier was called. Say so only after looking."""
    store = caller.pomost.store.pickups
    if not 0 < pickup_id < LARGEST or store.get(pickup_id) is None:
        raise not_there()
    row = collecting.settle(caller.pomost, pickup_id, found.happened, caller.who)
    happened = "yes" if found.happened else "no"
    caller.audit("shipment.pickup-settled", row.carrier, call=pickup_id, happened=happened)
    return _call(caller, store.get(pickup_id) or row)


def _case(caller: Caller, order_id: int) -> Case:
    if not 0 < order_id < LARGEST:
        raise not_there()
    try:
        return caller.pomost.store.cases.load(order_id)
    except NoResultFound:
        raise not_there() from None


def _carrier(caller: Caller, name: str) -> Carrier:
    found = caller.pomost.carriers.known.get(name)
    if found is None:
        raise not_there()
    return found


def _call(caller: Caller, row: PickupRow) -> PickupCall:
    return PickupCall(
        id=row.id,
        carrier=row.carrier,
        state=row.state,
        external_id=row.external_id,
        day=row.window.day,
        start=row.window.start,
        end=row.window.end,
        parcels=list(row.external_ids),
        who=row.who,
        asked_at=moment(row.asked_at),
        problem=_said(caller, row.error) if row.error else None,
    )


def _problem(caller: Caller, failure: Failure | None) -> Refused | None:
    if failure is None:
        return None
    return _said(caller, {"code": failure.code, "text": failure.text, "advice": failure.advice})


def _said(caller: Caller, why: dict[str, Any]) -> Refused:
    code = str(why.get("code", ""))
    text, advice = in_language(caller.language, code, str(why.get("text", "")), str(why.get("advice", "")))
    return Refused(code=code, text=text, advice=advice)
