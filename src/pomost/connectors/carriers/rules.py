"""How carriers want phones, names, addresses and amounts; pure. What can't be right is refused before it is sent.

Failures name the shipment's reference, what is wrong and what to do, and never the data itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from pomost.ports import NeedsPerson
from pomost.ports.carrier import ShipmentOrder

_NOISE = re.compile(r"[\s().\-/]+")
_POLISH_PHONE = re.compile(r"(?:\+48|0048|48)?([1-9]\d{8})")
_FOREIGN_PHONE = re.compile(r"(?:\+|00)(?!48)([1-9]\d{8,14})")
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]{2,}")
_NUMBERED = re.compile(r"(.*?\D.*?)[\s,]+(\d+\s?[A-Za-z]?(?:\s?(?:/|m\.?|lok\.?)\s?\d+\s?[A-Za-z]?)?)")
_POINT = re.compile(r"[A-Z0-9][A-Z0-9-]{2,19}")


def polish_phone(text: str) -> str | None:
    """Nine digits without a prefix, or None where the text is no Polish number."""
    found = _POLISH_PHONE.fullmatch(_NOISE.sub("", text))
    return found[1] if found else None


def any_phone(text: str) -> str | None:
    """A Polish number as nine digits, another one as + and digits, or None."""
    polish = polish_phone(text)
    if polish:
        return polish
    found = _FOREIGN_PHONE.fullmatch(_NOISE.sub("", text))
    return f"+{found[1]}" if found else None


def cut(text: str, length: int) -> str:
    """At most so many characters, between words where that loses less than half."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    short = text[: length + 1].rpartition(" ")[0] if " " in text[: length + 1] else ""
    if len(short) * 2 >= length and short.rstrip(" ,.-"):
        return short.rstrip(" ,.-")
    return text[:length].rstrip()


def first_and_last(name: str, length: int) -> tuple[str, str]:
    """First and last name, together at most ``length`` characters: the last name is kept the longer. A name of one word
    has no last name."""
    words = name.split()
    if len(words) < 2:
        return cut(name, length), ""
    first, last = words[0], " ".join(words[1:])
    if len(first) + len(last) > length:
        last = words[-1]
    if len(first) + len(last) > length:
        last = cut(last, max(length - len(first), length * 2 // 3))
        first = first[: length - len(last)]
    return first, last


def street_and_number(line: str) -> tuple[str, str] | None:
    """("Polna", "2/3") of "Polna 2/3"; None where no number can be told apart."""
    found = _NUMBERED.fullmatch(" ".join(line.split()).rstrip(" ,"))
    return (found[1].rstrip(" ,"), found[2].replace(" ", "")) if found else None


def postcode(text: str, country: str) -> str:
    """As the carrier wants it: "90001" is "90-001" in Poland."""
    text = " ".join(text.split())
    digits = re.sub(r"[\s-]", "", text)
    if country in ("", "PL") and re.fullmatch(r"\d{5}", digits):
        return f"{digits[:2]}-{digits[2:]}"
    return text


def check_phone(order: ShipmentOrder, phone: str | None) -> str:
    if phone is None:
        raise NeedsPerson(
            "carrier.bad-phone",
            f"Shipment {order.reference}: the receiver's phone is missing or not a number that the carrier takes.",
            "Correct the phone on the order (nine digits), then retry.",
            reference=order.reference,
        )
    return phone


def check_email(order: ShipmentOrder, needed: bool) -> str:
    """The receiver's address; "" where there is none and none is needed."""
    email = order.to.email.strip()
    if not (_EMAIL.fullmatch(email) if email else not needed):
        raise NeedsPerson(
            "carrier.bad-email",
            f"Shipment {order.reference}: the receiver's e-mail address is missing or incorrect.",
            "Correct the e-mail address on the order, then retry.",
            reference=order.reference,
        )
    return email


def check_address(order: ShipmentOrder) -> None:
    """Of a delivery to the door. Raises NeedsPerson for one that can't be found by a courier."""
    address = order.to.address
    missing = [
        what
        for what, text in (
            ("street", address.street),
            ("city", address.city),
            ("postcode", address.postcode),
            ("name", order.to.shown_name),
        )
        if not text.strip()
    ]
    code = postcode(address.postcode, address.country)
    if not missing and address.country in ("", "PL") and not re.fullmatch(r"\d\d-\d{3}", code):
        missing = ["postcode"]
    if missing:
        raise NeedsPerson(
            "carrier.bad-receiver",
            f"Shipment {order.reference}: the address of delivery is incomplete or incorrect ({', '.join(missing)}).",
            "Correct the address of delivery on the order, then retry.",
            reference=order.reference,
        )


def check_point(order: ShipmentOrder, to_point: bool) -> str:
    """The point's code as the carrier writes it, "" for a delivery to the door."""
    code = order.point.strip().upper()
    if to_point and not code:
        raise NeedsPerson(
            "carrier.no-point",
            f"Shipment {order.reference}: the service {order.service} goes to a locker or point, and the order names none.",
            "Ask the buyer for a locker and write its code on the order, or choose a courier service.",
            reference=order.reference,
        )
    if code and not to_point:
        raise NeedsPerson(
            "carrier.point-not-served",
            f"Shipment {order.reference}: the order names the point {code}, and the service {order.service} goes to the "
            "door.",
            "Choose a service to points in the flow, or take the point off the order.",
            reference=order.reference,
        )
    if code and not _POINT.fullmatch(code):
        raise bad_point(order.reference)
    return code


def bad_point(reference: str) -> NeedsPerson:
    return NeedsPerson(
        "carrier.bad-point",
        f"Shipment {reference}: the locker or point named on the order does not exist.",
        "Correct its code on the order, or ask the buyer for another one.",
        reference=reference,
    )


def check_order(order: ShipmentOrder, options: Iterable[str]) -> None:
    """What is the same for all carriers: the reference, parcels, amounts and options."""
    if not 3 <= len(order.reference) <= 50 or order.reference != order.reference.strip():
        raise NeedsPerson(
            "carrier.bad-reference",
            f'The reference "{order.reference}" of a shipment is not between 3 and 50 characters long.',
            "Report this: references are made by Pomost.",
        )
    if not order.parcels:
        raise NeedsPerson(
            "carrier.no-parcels",
            f"Shipment {order.reference} has no parcels.",
            "Say how many there are, at least one.",
            reference=order.reference,
        )
    known = sorted(options)
    for option in order.options:
        if option not in known:
            raise NeedsPerson(
                "carrier.unknown-option",
                f'Shipment {order.reference}: this carrier knows no option "{option}"; it knows {", ".join(known)}.',
                "Correct the options of the step.",
                reference=order.reference,
            )
    for amount in (order.cod, order.insurance):
        if amount is not None and (amount < 1 or amount != amount.quantize(Decimal("0.01"))):
            raise NeedsPerson(
                "carrier.bad-amount",
                f"Shipment {order.reference}: {amount} {order.currency} can't be collected or insured: the least is 1, "
                "with two decimals.",
                "Correct the amount to be collected or the value of the parcel.",
                reference=order.reference,
            )
    if order.currency != "PLN" and (order.cod is not None or order.insurance is not None):
        raise NeedsPerson(
            "carrier.bad-currency",
            f"Shipment {order.reference}: the carrier collects and insures in PLN only, and the order is in "
            f"{order.currency}.",
            "Order this shipment by hand, or without collecting and insuring.",
            reference=order.reference,
        )


def insured(order: ShipmentOrder) -> Decimal | None:
    """The insurance, which covers at least what is collected."""
    if order.cod is None:
        return order.insurance
    return max(order.cod, order.insurance or order.cod)


def yes(options: Mapping[str, str], name: str) -> bool:
    return options.get(name, "").strip().lower() in ("1", "yes", "true", "tak")


def too_heavy(order: ShipmentOrder, most_kg: int) -> NeedsPerson:
    return NeedsPerson(
        "carrier.too-heavy",
        f"Shipment {order.reference}: a parcel to a locker may weigh {most_kg} kg at most.",
        "Divide the parcel, or choose a courier service.",
        reference=order.reference,
    )


def bad_size(order: ShipmentOrder, template: str, known: Iterable[str]) -> NeedsPerson:
    return NeedsPerson(
        "carrier.bad-size",
        f'Shipment {order.reference}: the service {order.service} has no size "{template}"; it has {", ".join(known)}.',
        "Correct the size of the parcel, or give its measures.",
        reference=order.reference,
    )
