"""What ShipX's refusals mean: the HTTP status, then ``error``; never the text (reference, section 2.14)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pomost.connectors.carriers import failures, rules
from pomost.connectors.carriers.failures import shown
from pomost.ports import Failure, Json


def refusal(call: str, status: int, body: Json | None, *, about: str = "", write: bool = False) -> Failure:
    """``about`` is the reference or id of the shipment, or the service or account that was asked for."""
    if body is None:
        return (
            failures.bad_address(call, status)
            if status == 404
            else failures.unclear(call, f"HTTP {status}", write)
        )
    error = str(body.get("error") or "")
    if status == 401:
        return failures.bad_key()
    if status == 403:
        return failures.wrong_account(about)
    if status == 404:
        return failures.not_found(about)
    if error == "no_carriers":
        return failures.no_contract()
    if error in ("missing_trucker_id", "carrier_unavailable"):
        return failures.not_served(about, error)
    if error == "debt_collection":
        return failures.payment_failed()
    if error == "company_data_missing":
        return failures.company_data()
    if error == "offer_expired":
        return failures.no_offer([error])
    found = sorted(set(leaves(body.get("details"))))
    if "target_point: does_not_exist" in found:
        return rules.bad_point(about)
    return failures.refused(call, "; ".join(found) or shown(error))


def leaves(details: Any, path: str = "") -> Iterator[str]:
    """ "receiver.phone: invalid" of the tree of details; what could be an echo of a person's data is left out."""
    if isinstance(details, dict):
        for key, value in details.items():
            name = key if str(key).isdecimal() else shown(str(key))
            yield from leaves(value, f"{path}.{name}" if path else str(name))
    elif isinstance(details, list):
        for value in details:
            if isinstance(value, str):
                # The last part of the path tells enough: target_point stands at two depths.
                where = path.removeprefix("custom_attributes.")
                yield f"{where}: {shown(value)}" if where else shown(value)
            else:
                yield from leaves(value, path)
