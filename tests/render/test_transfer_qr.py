from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.render.transfer_qr import polish_account, svg, transfer_text

ACCOUNT = "61109010140000071219812874"
NAME = "Sklep Przykładowy"


@pytest.mark.parametrize(
    ("tax_id", "account", "amount", "name", "title", "text"),
    [
        pytest.param(
            "5260250274",
            ACCOUNT,
            "123.45",
            NAME,
            "FS/1",
            f"5260250274|PL|{ACCOUNT}|012345|{NAME}|FS/1|||",
            id="plain",
        ),
        pytest.param(
            "PL 526-025-02-74",
            "PL61 1090 1014 0000 0712 1981 2874",
            "0.01",
            NAME,
            "FS/1",
            f"5260250274|PL|{ACCOUNT}|000001|{NAME}|FS/1|||",
            id="spaced-nip-and-iban",
        ),
        pytest.param(
            "DE123456789",
            ACCOUNT,
            "9999.99",
            NAME,
            "FS/1",
            f"|PL|{ACCOUNT}|999999|{NAME}|FS/1|||",
            id="no-nip-highest",
        ),
        pytest.param(
            "",
            ACCOUNT,
            "5",
            "Kubki i Świece Przykładowe sp. z o.o.",
            "Faktura|FS/12345/09/2025 do zamówienia BL-1",
            f"|PL|{ACCOUNT}|000500|Kubki i Świece Przyk|Faktura FS/12345/09/2025 do zamó|||",
            id="cut-and-without-pipes",
        ),
        pytest.param("", ACCOUNT, "10000", NAME, "FS/1", None, id="more-than-six-digits"),
        pytest.param("", ACCOUNT, "0", NAME, "FS/1", None, id="nothing-to-pay"),
        pytest.param("", "DE89370400440532013000", "5", NAME, "FS/1", None, id="foreign-account"),
    ],
)
def test_a_transfer_is_written_by_the_standard_of_the_banks(
    tax_id: str, account: str, amount: str, name: str, title: str, text: str | None
) -> None:
    assert transfer_text(tax_id, account, Decimal(amount), name, title) == text


@pytest.mark.parametrize(
    ("account", "message"),
    [
        pytest.param("62109010140000071219812874", "check digits", id="mistyped"),
        pytest.param("6110901014000007121981287", "26 digits", id="digit-missing"),
        pytest.param("PL6110901014", "26 digits", id="short-iban"),
    ],
)
def test_a_wrong_polish_account_is_refused(account: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        polish_account(account)


def test_a_code_is_a_square_picture() -> None:
    picture = svg("5260250274|PL|" + ACCOUNT + "|012345|Zażółć|FS/1|||")

    assert picture.startswith("<svg")
    assert 'viewBox="0 0 37 37"' in picture
