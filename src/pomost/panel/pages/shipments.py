"""Parcels: a courier is called for those that wait, and another shipment is ordered after the first."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.exc import NoResultFound

from pomost import collecting
from pomost.collecting import Preview
from pomost.panel.web import Operator, Visit
from pomost.ports import Failure
from pomost.quoting import Quoted, quotes_for
from pomost.reshipping import Before, order_another
from pomost.store.cases import Case
from pomost.store.pickups import PickupRow

router = APIRouter()
PLACE = "/print/pickups"


@router.get("/print/pickups")
def pickups(visit: Operator, carrier: str = "", day: str = "", start: str = "", end: str = "") -> Response:
    """Carriers that can be called, and the last calls; with a carrier what its courier would collect. Nobody is called."""
    found: Preview | None = None
    window = None
    known = collecting.collecting_carriers(visit.pomost)
    if carrier:
        try:
            window = collecting.window_of(visit.pomost, day, start, end)
            found = collecting.preview(visit.pomost, carrier)
        except Failure as failure:
            return visit.refused(failure, to=PLACE)
    waiting = visit.pomost.store.pickups.count_waiting()
    return visit.page(
        "print/pickups.html",
        active="printing",
        carriers=[(name, waiting.get(name, 0)) for name in known],
        carrier=carrier,
        found=found,
        day=window.day.isoformat() if window else "",
        start=f"{window.start:%H:%M}" if window else collecting.FROM,
        end=f"{window.end:%H:%M}" if window else collecting.UNTIL,
        calls=visit.pomost.store.pickups.latest(),
    )


@router.post("/print/pickups")
def call(visit: Operator) -> Response:
    """Calls the courier for the parcels that were shown and are still ticked."""
    carrier = visit.value("carrier")
    ticked = {one for one in visit.form().getlist("parcel") if isinstance(one, str)}
    if not ticked:
        return visit.refused("pickups.none-ticked", to=PLACE)
    made: list[PickupRow] = []
    try:
        window = collecting.window_of(
            visit.pomost, visit.value("day"), visit.value("start"), visit.value("end")
        )
        collecting.order(visit.pomost, carrier, window, visit.who, ticked, made=made)
    except Failure as failure:
        return visit.refused(failure, to=PLACE)
    finally:
        count = sum(len(one.external_ids) for one in made)
        if made:
            visit.audit("shipment.pickup", carrier, parcels=count, calls=len(made))
    return visit.done("pickups.called", to=PLACE, n=count, carrier=carrier)


@router.post("/print/pickups/{pickup_id}")
def settle(visit: Operator, pickup_id: int) -> Response:
    """A person has looked whether the courier was called."""
    happened = visit.value("happened")
    if happened not in ("yes", "no"):
        return visit.refused("orders.order.say-which", to=PLACE)
    try:
        row = collecting.settle(visit.pomost, pickup_id, happened == "yes", visit.who)
    except Failure as failure:
        return visit.refused(failure, to=PLACE)
    visit.audit("shipment.pickup-settled", row.carrier, call=pickup_id, happened=happened)
    return visit.done(f"pickups.settled-{happened}", to=PLACE, n=pickup_id)


@router.post("/orders/{case_id}/another")
def another(visit: Operator, case_id: int) -> Response:
    """Has the flow order another shipment, once; of one that is alive it must be said what becomes of it."""
    case = _case(visit, case_id)
    back, said = f"/orders/{case_id}", visit.value("before")
    before: Before = "cancel" if said == "cancel" else "keep" if said == "keep" else ""
    try:
        earlier = order_another(
            visit.pomost, case_id, visit.value("step"), visit.who, before, visit.value("after")
        )
    except Failure as failure:
        return visit.refused(failure, to=back)
    visit.audit("shipment.another", case.number, step=earlier.row.step, before=before)
    return visit.done("pickups.another.wished", to=back, number=earlier.number)


@router.get("/orders/{case_id}/quotes")
def quotes_page(visit: Operator, case_id: int) -> Response:
    """The button that asks for prices. No carrier is asked."""
    return _quotes(visit, _case(visit, case_id), None)


@router.post("/orders/{case_id}/quotes")
def quotes(visit: Operator, case_id: int) -> Response:
    """What each service of each carrier would cost for the order, asked now. Nothing is ordered or kept."""
    case = _case(visit, case_id)
    try:
        found = quotes_for(visit.pomost, case_id)
    except Failure as failure:
        return visit.refused(failure, to=f"/orders/{case_id}")
    return _quotes(visit, case, found)


def _quotes(visit: Visit, case: Case, found: list[Quoted] | None) -> Response:
    figure = any(one.charge is not None for said in found or () for one in said.quotes)
    return visit.page("orders/quotes.html", active="orders", case=case, found=found, figure=figure)


def _case(visit: Visit, case_id: int) -> Case:
    try:
        return visit.pomost.store.cases.load(case_id)
    except NoResultFound:
        raise visit.missing() from None
