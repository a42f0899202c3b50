"""What the dry run says of steps that print, mail, ship and book."""

from __future__ import annotations

from collections.abc import Mapping

from pomost.config.flow import Flow, MailStep, Step
from pomost.flows.acts.booking import booking_of, check_paid
from pomost.flows.acts.mailing import address_of
from pomost.flows.conditions import to_ask
from pomost.flows.devices import masked
from pomost.flows.facts import condition_facts
from pomost.flows.settling import unsettled
from pomost.flows.shipments import LEFT_OUT, ship_steps, wish_of
from pomost.ports import Json, NeedsPerson
from pomost.store.cases import Case
from pomost.store.steps import StepRecord


def would_print(step: Step, done: Mapping[str, StepRecord]) -> tuple[str, Json]:
    """In words, and what the step would remember."""
    document = done[step.fiscalise].result if step.fiscalise in done else {}
    kind, number = str(document.get("kind", "")), str(document.get("number", "?"))
    # whether an FS is a consumer's is known once it is made: the dry run has no document
    if kind == "PA" or (kind == "FS" and step.invoices == "consumers"):
        note = " if its buyer has no tax number" if kind == "FS" else ""
        return f"print {number} on {step.printer}{note}", {
            "receipt": "?/?",
            "printer": "?",
            "printed_at": "?",
        }
    return f"print nothing: {kind or 'no document'} {number}", {"left_out": f"a {kind} is not printed"}


def would_mail(mail: MailStep, case: Case, done: Mapping[str, StepRecord]) -> str:
    """In words. Raises NeedsPerson where the step would."""
    to = address_of(mail, case, done)
    if not to:
        if mail.no_address == "ask":
            raise NeedsPerson(
                "mail.no-address",
                f"Order {case.number} has no e-mail address.",
                "Write one on the order, or `pomost skip` the step.",
            )
        return "mail nothing: the order has no address"
    made = [done[name].result for name in mail.pdf if name in done and done[name].result.get("number")]
    if not made:
        return "mail nothing: there is no document to attach"
    template = mail.template or str(made[0]["kind"]).lower()
    return f"mail {template} to {masked(to)} with {', '.join(str(one['number']) for one in made)}"


def would_ship(flow: Flow, step: Step, case: Case, done: Mapping[str, StepRecord]) -> tuple[str, Json]:
    """In words, and what the step would remember. Raises NeedsPerson where the step would."""
    assert case.order is not None
    facts = to_ask(condition_facts(case.order, case.status, done, ship_steps(flow)))
    wish = wish_of(step, facts, case.number)
    if wish is None:
        return "ship nothing: left out by rule", {"shipment": "", "state": LEFT_OUT}
    point = case.order.delivery.point
    place = point.code if point else "the door"
    return f"ship by {wish.carrier} ({wish.service}) to {place}", {
        "shipment": "?",
        "carrier": wish.carrier,
        "service": wish.service,
        "tracking": "?",
        "state": "ready",
    }


def would_book(flow: Flow, step: Step, case: Case, done: Mapping[str, StepRecord]) -> tuple[str, Json]:
    """In words, and what the step would remember. Raises NeedsPerson and Waiting where the step would."""
    assert case.order is not None
    check_paid(case.order, case.number)
    names = unsettled(flow, step, done)
    if step.id in done:
        return f"settle {', '.join(names)} with what is left of the payment", {"parts": names}
    account, fee = booking_of(flow, step, case, done)
    paid, currency = case.order.payment.paid, case.order.currency
    what = (
        f"book {paid} {currency} on {account}, fee {fee}" if fee else f"book {paid} {currency} on {account}"
    )
    return what, {"booked": str(paid), "account": account, "fee": str(fee), "settled": True, "parts": names}
