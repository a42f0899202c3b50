"""What goes wrong at carriers, by what comes next. No text holds who receives, nor what the carrier echoed of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from pomost.ports import Failure, InDoubt, NeedsPerson, StopConnection, TryAgain, WaitUntil

_WORD = re.compile(r"[a-z][a-z_]{1,40}")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_DIGITS = re.compile(r"\+?\d[\d\s-]{4,}\d")
SHOWN = 200


def unclear(call: str, what: str, write: bool) -> Failure:
    """No usable answer came: a read may be repeated, after an order somebody has to look first."""
    if write:
        return InDoubt(
            "carrier.answer-lost",
            f"The carrier gave no usable answer to {call}: {what}.",
            "It may have been carried out; Pomost looks before it repeats it.",
            call=call,
        )
    return TryAgain("carrier.answer-lost", f"The carrier gave no usable answer to {call}: {what}.", call=call)


def not_sent(call: str, what: str) -> Failure:
    return TryAgain(
        "carrier.unreachable",
        f"The carrier can't be reached for {call}: {what}.",
        "Check the network and the address of the connection if this lasts.",
        call=call,
    )


def bad_address(call: str, status: int) -> Failure:
    return StopConnection(
        "carrier.bad-address",
        f"Under the connection's address there is no API of the carrier: HTTP {status} to {call}.",
        "Correct the connection's url.",
        call=call,
    )


def limited(until: datetime) -> WaitUntil:
    return WaitUntil(
        "carrier.limited",
        f"The carrier takes no calls until {until:%Y-%m-%d %H:%M:%S} UTC, as it saw too many.",
        until,
        "Pomost goes on by itself afterwards; set fewer calls_per_minute if this comes often.",
    )


def bad_key() -> StopConnection:
    return StopConnection(
        "carrier.bad-key",
        "The carrier does not accept the key of this connection.",
        "Make a new one in the carrier's panel and put it into the configuration; keys of trials work at the trial "
        "address only.",
    )


def wrong_account(account: str) -> StopConnection:
    return StopConnection(
        "carrier.wrong-account",
        f"The key of this connection does not belong to the account {account}.",
        "Correct the organization; it stands beside the token in the carrier's panel.",
    )


def not_found(external_id: str) -> NeedsPerson:
    return NeedsPerson(
        "carrier.not-found",
        f"The carrier knows no shipment {external_id}.",
        "Look in the carrier's panel whether it was ordered from this account.",
        shipment=external_id,
    )


def label_not_yet(external_id: str) -> TryAgain:
    return TryAgain(
        "carrier.label-not-yet",
        f"The shipment {external_id} has no label yet.",
        "It is asked for again; look in the carrier's panel if this lasts.",
        shipment=external_id,
    )


def cannot_cancel(external_id: str, state: str) -> NeedsPerson:
    return NeedsPerson(
        "carrier.cannot-cancel",
        f'The shipment {external_id} can\'t be cancelled from here: it is in the state "{state}".',
        "Cancel it in the carrier's panel, or leave its label unused.",
        shipment=external_id,
    )


def find_later(reference: str, until: datetime) -> WaitUntil:
    return WaitUntil(
        "carrier.find-later",
        f"The carrier does not list the shipment {reference} so far; its list lags behind.",
        until,
        "It is asked again then; nothing is ordered before.",
        reference=reference,
    )


def found_twice(reference: str, ids: list[str]) -> NeedsPerson:
    return NeedsPerson(
        "carrier.found-twice",
        f"The carrier lists several shipments {reference}: {', '.join(ids)}.",
        "Cancel all but one in the carrier's panel, then retry.",
        reference=reference,
    )


def list_moved() -> TryAgain:
    return TryAgain(
        "carrier.list-moved",
        "The carrier's list of shipments changed while it was read.",
        "It is read again.",
    )


def clock_differs(minutes: int) -> NeedsPerson:
    return NeedsPerson(
        "carrier.clock",
        f"The clocks of the carrier and of this machine are {minutes} minutes apart, so that it can't be said whether a "
        "shipment is missing.",
        "Set the clock of this machine, then retry.",
    )


def payment_failed() -> NeedsPerson:
    return NeedsPerson(
        "carrier.payment-failed",
        "The carrier did not take the payment of the shipment: no money on the account, or unpaid invoices.",
        "Pay or top up in the carrier's panel, then buy the waiting shipment there or from here.",
    )


def company_data() -> NeedsPerson:
    return NeedsPerson(
        "carrier.company-data",
        "The carrier collects no money for this account: company data or the bank account are missing there.",
        "Fill them in in the carrier's panel, then buy the waiting shipment there or from here.",
    )


def payment_refused(error: str) -> NeedsPerson:
    return NeedsPerson(
        "carrier.payment-failed",
        f"The carrier did not take the payment of the shipment: {shown(error)}.",
        "Look into the carrier's panel, then buy the waiting shipment there or from here.",
    )


def no_offer(reasons: list[str]) -> NeedsPerson:
    return NeedsPerson(
        "carrier.no-offer",
        f"The carrier offers nothing for this shipment any more: {', '.join(map(shown, reasons)) or 'expired'}.",
        "Correct what it names, then order a new shipment.",
    )


def delivery_problem(status: str) -> NeedsPerson:
    return NeedsPerson(
        "carrier.delivery-problem",
        f'The carrier could not deliver: its status is "{shown(status)}".',
        "Look in the carrier's panel and speak with the buyer; it is followed further.",
    )


def not_served(service: str, why: str) -> NeedsPerson:
    return NeedsPerson(
        "carrier.not-served",
        f"The account may not order the service {service}: {shown(why)}.",
        "Take another service, or make a contract for it with the carrier.",
        service=service,
    )


def no_contract() -> StopConnection:
    return StopConnection(
        "carrier.no-contract",
        "The carrier has no contract with this account at all.",
        "Finish the registration in the carrier's panel.",
    )


def refused(call: str, what: str) -> NeedsPerson:
    """``what`` names fields and reasons only; see `shown`."""
    return NeedsPerson(
        "carrier.refused",
        f"The carrier refused {call}: {what}.",
        "Correct what it names, then retry.",
        call=call,
    )


def courier_refused(reference: str, courier: str, answer: str) -> NeedsPerson:
    return NeedsPerson(
        "carrier.courier-refused",
        f'The courier {courier} did not take the shipment {reference}: "{told(answer)}".',
        "Correct what it names on the order or in the step, then retry.",
        reference=reference,
    )


def shown(word: str) -> str:
    """A word of the carrier that may be shown: its keys can echo what was sent to it."""
    return word if _WORD.fullmatch(word.lower()) else "…"


def told(message: str, hidden: Iterable[str] = ()) -> str:
    """The prose without e-mail addresses, long numbers, and what was sent about people."""
    text = message
    for value in sorted({one for one in hidden if len(one) > 2}, key=len, reverse=True):
        text = text.replace(value, "***")
    return " ".join(_DIGITS.sub("***", _EMAIL.sub("***", text)).split())[:SHOWN].rstrip(".")
