"""Stock and prices are sent now: what changed in whole catalogues in their turn, or one item at once, as the panel's button does."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from pomost.panel.api.access import Caller, Refusal, Scope, not_there
from pomost.panel.api.models import PushedHere, Woken
from pomost.ports import NeedsPerson
from pomost.showing import acting
from pomost.showing.looking import lines_of
from pomost.store.figures import What

router = APIRouter()
Pushing = Annotated[Caller, Depends(Scope("stock"))]
Chosen = Annotated[
    str,
    Query(max_length=40, description="A catalogue of the configuration; empty: all that have such figures."),
]
Sku = Annotated[
    str,
    Query(
        max_length=200,
        description="The SKU of one item: it is reckoned anew and sent before the answer. Empty: see 202.",
    ),
]


@router.post("/stock/push", tags=["stock"], status_code=202)
def push_stock(caller: Pushing, response: Response, catalogue: Chosen = "", sku: Sku = "") -> Woken:
    """Sends stock now. With a SKU (200): of this item, whatever was sent before; the answer says what came of it. Without one
    (202): catalogues reckon at once what changed, prices too, and send it, without waiting for their turn."""
    return _push(caller, response, "stock", catalogue, sku)


@router.post("/prices/push", tags=["stock"], status_code=202)
def push_prices(caller: Pushing, response: Response, catalogue: Chosen = "", sku: Sku = "") -> Woken:
    """Sends prices now. With a SKU (200): of this item, whatever was sent before; the answer says what came of it. Without one
    (202): catalogues reckon at once what changed, stock too, and send it, without waiting for their turn."""
    return _push(caller, response, "price", catalogue, sku)


def _push(caller: Caller, response: Response, what: What, catalogue: str, sku: str) -> Woken:
    pomost = caller.pomost
    watchers = [one for one in pomost.catalogues if catalogue in ("", one.catalogue)]
    if catalogue and not watchers:
        raise not_there()
    if not sku.strip():
        for one in watchers:
            one.nudge()
        names = [one.catalogue for one in watchers]
        caller.audit("stock.push", catalogue or ", ".join(names), what=what)
        return Woken(catalogues=names)
    lines = lines_of(pomost, what, catalogue)
    if not lines:
        raise Refusal(
            409,
            NeedsPerson(
                "api.no-such-figures",
                f"No catalogue that was asked for keeps this: {what}.",
                f"Add [[catalogue.{what}]] to it in the configuration.",
            ),
        )
    item = sku.strip()
    products = pomost.store.products
    # nothing is listed for it: a program that is wrong about a SKU shall not use up the calls of the channel
    if not any(
        one.item == item for watcher, _ in lines for one in products.find(watcher.prepared().offer.id, item)
    ):
        raise not_there()
    caller.audit("stock.push", f"{catalogue} {item}".strip(), what=what)
    done = acting.push(pomost, what, sku=item, catalogue=catalogue, listing=False)
    response.status_code = 200
    return Woken(
        catalogues=[one.catalogue for one in done],
        pushed=[
            PushedHere(catalogue=one.catalogue, products=one.products, calls=one.calls, problems=one.problems)
            for one in done
        ],
    )
