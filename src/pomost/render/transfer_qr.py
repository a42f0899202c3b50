"""QR codes: a bank transfer by the "2D" recommendation of the Polish Bank Association (ZBP), and plain links."""

from __future__ import annotations

import re
from decimal import Decimal

import segno

from pomost.render import figures

# The recommendation gives the amount six digits of grosze.
_HIGHEST_AMOUNT = Decimal("9999.99")


def polish_account(text: str) -> str | None:
    """The 26 digits of a Polish account, with or without "PL", spaces and dashes; None for a foreign account.

    Raises ValueError when it looks Polish and its check digits are wrong.
    """
    plain = re.sub(r"[\s-]", "", text).upper()
    match = re.fullmatch(r"(?:PL)?(\d{26})", plain)
    if match is None:
        if plain.startswith("PL") or plain.isdigit():
            raise ValueError("a Polish bank account has 26 digits")
        return None
    digits = match.group(1)
    # ISO 13616: check digits and country (P=25, L=21) go last, the whole leaves 1 after division by 97.
    if int(digits[2:] + "2521" + digits[:2]) % 97 != 1:
        raise ValueError("the check digits of the bank account are wrong")
    return digits


def transfer_text(tax_id: str, account: str, amount: Decimal, name: str, title: str) -> str | None:
    """What the QR code of a transfer in PLN says; None where the standard can't say it.

    ``NIP|PL|account|grosze|name|title|||``: name up to 20 signs, title up to 32, amount 0.01 to 9999.99 in six
    digits. A ``tax_id`` that is not a NIP is left empty. Raises ValueError for a wrong Polish account.
    """
    digits = polish_account(account)
    rounded = figures.cents(amount)
    if digits is None or not Decimal(0) < rounded <= _HIGHEST_AMOUNT:
        return None
    nip = re.sub(r"^PL|[\s-]", "", tax_id.strip().upper())
    nip = nip if re.fullmatch(r"\d{10}", nip) else ""
    return f"{nip}|PL|{digits}|{int(rounded * 100):06d}|{_field(name, 20)}|{_field(title, 32)}|||"


def svg(text: str) -> str:
    """A QR code as SVG, without a quiet zone: the template leaves the white around it."""
    # Any of the eight masks is valid and read alike; trying all of them takes five times as long as the rest.
    # The letters are declared as UTF-8 (ECI): readers that must guess take them for Japanese.
    code = segno.make_qr(text, error="m", encoding="utf-8", eci=True, mask=2)
    return str(code.svg_inline(border=0, omitsize=True))


def _field(text: str, length: int) -> str:
    return " ".join(text.replace("|", " ").split())[:length].strip()
