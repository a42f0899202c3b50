"""The program is killed at every point of every step, on either database; one document and one write each, none lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from pomost.flows.catalogue import names
from pomost.sql import Database
from pomost.store.prints import Wanted
from tests.faults.conftest import DATABASES, QUICK_ON_SQLITE
from tests.faults.harness import Trial, points_of, undoing_points_of

EXPECTED: dict[str, tuple[list[str], list[str], list[str]]] = {
    "ro-fs-wz": (["RO", "SALE", "WZ"], ["51001", "51002", "51003", "51004"], ["W realizacji", "Wysłane"]),
    "ro-fs-wz-at-once": (["RO", "SALE", "WZ"], ["51001", "51002", "51003", "51004"], ["Wysłane"]),
    "ro-wz-fs": (["RO", "SALE", "WZ"], ["51001", "51002", "51003", "51004"], ["W realizacji", "Wysłane"]),
    "b2b-ro-fs-wz": (["RO", "SALE", "WZ"], ["51001", "51002", "51003", "51004"], ["W realizacji", "Wysłane"]),
    "b2b-ro-wz-fs": (["RO", "SALE", "WZ"], ["51001", "51002", "51003", "51004"], ["W realizacji"]),
    "zs-fs-wz": (["ZS", "SALE", "WZ"], ["51001", "51002", "51003", "51004"], ["W realizacji", "Wysłane"]),
    "zs-wz-fs": (["ZS", "SALE", "WZ"], ["51001", "51002", "51003", "51004"], ["W realizacji", "Wysłane"]),
    "ro-fs-wz-cancel": (
        ["RO", "SALE", "WZ"],
        ["51001", "51002", "51003", "51004"],
        ["W realizacji", "Wysłane"],
    ),
    "gather-ro-fs-wz": (
        ["RO", "MM", "MM", "SALE", "WZ"],
        ["51001", "51013", "51002", "51003", "51004"],
        ["W realizacji", "Wysłane"],
    ),
    "shortage": (
        ["RO", "SALE", "WZ"],
        ["51001", "51015", "51014", "51014", "51015", "51002", "51003", "51004"],
        ["Braki", "Oczekuje na dostawę", "W realizacji", "Wysłane"],
    ),
    "two-companies-ro": (
        ["RO", "RO hurt", "WZ hurt", "SALE"],
        ["51001", "51002", "51003", "51004"],
        ["W realizacji", "Wysłane"],
    ),
    "two-companies-purchase": (
        ["RO", "RO hurt", "SALE hurt", "WZ hurt", "FZ", "PZ", "SALE", "WZ"],
        ["51001", "51002", "51003", "51004"],
        ["W realizacji", "Wysłane"],
    ),
    "kits": (
        ["RO", "PWP", "RWS", "SALE", "WZ"],
        ["51001", "51002", "51003", "51004"],
        ["W realizacji", "Wysłane"],
    ),
    "fpf-fzal-fs": (
        ["FPF", "FZAL", "FZAL", "WZ", "SALE"],
        ["51031", "51032", "51033", "51034", "51033", "51034", "51002", "51003", "51004"],
        ["W realizacji", "Wysłane"],
    ),
    "ro-fzal-fs": (
        ["RO", "FZAL", "FZAL", "WZ", "SALE"],
        ["51001", "51033", "51034", "51033", "51034", "51002", "51003", "51004"],
        ["W realizacji", "Wysłane"],
    ),
    "special": (
        ["SALE", "RO", "SALE", "WZ"],
        ["51035", "51036", "51001", "51002", "51003", "51004"],
        ["W realizacji", "Wysłane"],
    ),
    "fs": (["SALE"], ["51002", "51004"], ["Wysłane"]),
    "wz": (["WZ"], ["51003"], ["Wysłane"]),
    "ro-pa-fiscal-wz": (
        ["RO", "SALE", "WZ"],
        ["51001", "51002", "51003", "51004"],
        ["W realizacji", "Wysłane"],
    ),
    "ro-fs-wz-mail": (
        ["RO", "SALE", "WZ"],
        ["51001", "51002", "51003", "51004"],
        ["W realizacji", "Wysłane"],
    ),
    "paid-fs-wz-ship": (["SALE", "WZ"], ["51002", "51003", "51004"], ["W realizacji", "Wysłane"]),
    "ro-pa-fiscal-wz-ship": (
        ["RO", "SALE", "WZ"],
        ["51001", "51002", "51003", "51004"],
        ["W realizacji", "Spakowane", "Wysłane"],
    ),
    "ro-paid-fs-wz": (
        ["RO", "SALE", "WZ"],
        ["51001", "51002", "51003", "51004"],
        ["Do wyjaśnienia", "W realizacji", "Wysłane"],
    ),
    "returns": (["SALE", "WZ", "FSK", "WZK"], ["51021", "51022"], []),
    "exchange": (["SALE", "WZ", "PW", "RW"], ["51021"], []),
}
"""Preset -> documents in the ledger, fields written to the order, and statuses it got by us (also where it was placed)."""
_MAILED = [("mail:intended", "mail.cut-short"), ("mail:made", "mail.cut-short")]
DOUBTS = {"ro-fs-wz-mail": _MAILED, "paid-fs-wz-ship": _MAILED, "ro-pa-fiscal-wz-ship": _MAILED}
"""Preset -> kills after which a person has to look, for whoever took a mail can't be asked; with the code."""
QUICK = {("sqlite", "ro-fs-wz"), ("postgres", "ro-fs-wz"), ("sqlite", "returns")}
QUICK_IN_PAIRS = ("ro:intended", "sale:made", "sale-back:moved")


def slow_unless(quick: bool) -> list[Any]:
    return [] if quick else [pytest.mark.slow]


ALONE = [
    pytest.param(kind, preset, id=f"{kind}-{preset}", marks=slow_unless((kind, preset) in QUICK))
    for kind in DATABASES
    for preset in EXPECTED
]
PAIRED = [
    pytest.param(kind, points, id=f"{kind}-{name}", marks=slow_unless(name == "some"))
    for kind in DATABASES
    for name, points in (("some", list(QUICK_IN_PAIRS)), ("every", points_of("ro-fs-wz")))
]


def assert_once(trial: Trial, order: int, preset: str = "ro-fs-wz") -> None:
    """Each document is in the ledger once, and each field and status was written to the channel once."""
    kinds, fields, statuses = EXPECTED[preset]
    found = trial.documents() if preset.startswith("b2b") else trial.documents(order)
    assert found == Counter(kinds)
    assert trial.field_writes(order) == Counter(fields)
    assert trial.status_writes(order) == Counter(statuses)


def test_every_preset_has_its_expectation() -> None:
    assert set(EXPECTED) == set(names())


@pytest.mark.parametrize(("kind", "preset"), ALONE)
def test_killed_at_every_point_each_effect_is_there_once(
    kind: str, preset: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, preset=preset)
    points = points_of(preset)

    one.run(points)

    assert_once(one, one.channel_order(), preset)
    assert one.documents() == Counter(EXPECTED[preset][0]), "no document without an order"
    assert one.kills == points, "every point must really have killed"
    assert asked_for(one) == [code for _, code in DOUBTS.get(preset, [])]
    if "fiscal" in preset:
        assert len(one.printer.receipts()) == 1, "one receipt in the fiscal memory"
    if "mail" in preset or "ship" in preset:
        assert len(one.post.taken) == 1, "one mail in the buyer's inbox"
    if "ship" in preset:
        assert_shipped_and_booked_once(one)


def assert_shipped_and_booked_once(trial: Trial) -> None:
    """Counted at the carrier, in the queue and on the operator's account."""
    [parcel] = trial.inpost.shipments
    labels = trial.house.pomost.store.prints.page(Wanted(kind="label"))
    assert [one.title for one in labels] == [f"inpost {parcel['tracking_number']}"]
    [sale] = [one for one in trial.house.ledger.documents() if one.kind in ("FS", "PA")]
    entries = trial.house.ledger.entries("main", "PAYU")
    assert [(one.what, one.amount) for one in entries] == [("payment", sale.gross)]
    assert trial.house.ledger.settlement("main", sale.key).left == 0


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_killed_once_a_mail_is_written_down_as_sent_nobody_is_asked(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, preset="ro-fs-wz-mail")

    one.run(["mail:stored"])

    assert_once(one, one.channel_order(), "ro-fs-wz-mail")
    assert one.kills == ["mail:stored"]
    assert len(one.post.taken) == 1
    assert one.asked_a_person() == []


def asked_for(trial: Trial) -> list[str]:
    """The codes for which a step stopped in doubt; anything else that a person is asked is left as it is."""
    asked = trial.asked_a_person()
    if not asked or trial.preset not in DOUBTS:
        return asked
    return [text.rpartition(" ")[2] for text in asked[::2]]


OWN_RECEIPT = {"own_receipt": "fiscal", "own_document": "auto"}


@pytest.mark.parametrize("kind", QUICK_ON_SQLITE)
def test_killed_at_every_point_the_channels_own_receipt_is_there_once(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, preset="ro-pa-fiscal-wz", flow={"words": OWN_RECEIPT})
    points = [point for point in points_of("ro-pa-fiscal-wz") if not point.startswith("ro")]

    one.run(points)

    order = one.channel_order()
    assert_once(one, order, "ro-pa-fiscal-wz")
    [own] = one.shop.receipts(order)
    assert (own["receipt_full_nr"], own["external_receipt_number"]) == ("1/1", "PA/1/2026")
    written = Counter(write.method for write in one.shop.writes(order))
    assert [written[name] for name in ("addReceipt", "setOrderReceipt", "addOrderReceiptFile")] == [1, 1, 1]
    assert len(one.printer.receipts()) == 1
    assert one.kills == points, "every point must really have killed"
    assert one.asked_a_person() == []


UNDOING = {
    "preset": "",
    "take": 'order.status in ["Nowe zamówienia", "Spakowane"]',
    "cancelled": 'order.status == "Anulowane"',
    "step": [
        {"id": "ro", "issue": "RO"},
        {"id": "sale", "issue": "FS", "source": ["ro"], "when": 'order.status == "Spakowane"'},
        {"id": "wz", "issue": "WZ", "source": ["sale"]},
        {"id": "cancel", "cancel": ["ro", "sale", "wz"]},
        {"id": "cancel-back", "write": {"fields": {"Anulowane dokumenty": "{cancel.number}"}}},
    ],
}


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_killed_at_every_point_of_undoing_each_document_is_cancelled_once(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, flow=UNDOING, cancels=True)
    points = undoing_points_of(UNDOING)

    one.run(points)

    order = one.channel_order()
    assert [(made.kind, made.state) for made in one.house.documents(order)] == [
        ("RO", "cancelled"),
        ("FS", "cancelled"),
        ("WZ", "cancelled"),
    ]
    assert [
        (level.quantity, level.reserved)
        for line in one.house.documents(order)[0].lines
        if not line.service
        for level in one.house.ledger.stock("main", line.sku).values()
    ] == [(10_000, 0)] * sum(not line.service for line in one.house.documents(order)[0].lines)
    assert one.field_writes(order) == Counter(["51016"])
    assert one.kills == points, "every point must really have killed"
    assert one.asked_a_person() == []


SHIPMENT_UNDONE = {
    **UNDOING,
    "step": [
        {"id": "ro", "issue": "RO"},
        {"id": "sale", "issue": "FS", "source": ["ro"], "when": 'order.status == "Spakowane"'},
        {"id": "wz", "issue": "WZ", "source": ["sale"]},
        {"id": "ship", "ship": {"carrier": "baselinker", "service": "inpostkurier"}, "print": ["label"]},
        {"id": "cancel", "cancel": ["ro", "sale", "wz", "ship"]},
        {"id": "cancel-back", "write": {"fields": {"Anulowane dokumenty": "{cancel.number}"}}},
    ],
}


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_killed_at_every_point_of_undoing_the_shipment_is_cancelled_once(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, flow=SHIPMENT_UNDONE, cancels=True)
    points = undoing_points_of(SHIPMENT_UNDONE)
    assert points[:2] == ["cancel:ship", "cancel:intended"]

    one.run(points)

    order = one.channel_order()
    assert [made.state for made in one.house.documents(order)] == ["cancelled"] * 3
    assert len(one.shop.calls("createPackage")) == len(one.shop.calls("deleteCourierPackage")) == 1
    assert one.house.pomost.store.prints.page(Wanted()) == []
    assert one.field_writes(order) == Counter(["51016"])
    assert one.kills == points, "every point must really have killed"
    assert one.asked_a_person() == []


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_without_the_question_to_the_carrier_a_kill_orders_a_second_shipment(
    kind: str, trial: Callable[..., Trial]
) -> None:
    """The detector is proved: with the guard off the same trial finds two."""
    one = trial(kind, preset="paid-fs-wz-ship", guards_off=True)

    one.run(["ship:made"])

    assert one.kills == ["ship:made"]
    with pytest.raises(ValueError, match="too many values"):
        assert_shipped_and_booked_once(one)


ADVANCE_UNDONE = {
    "preset": "",
    "take": 'order.status in ["Nowe zamówienia", "Spakowane"]',
    "cancelled": 'order.status == "Anulowane"',
    "step": [
        {"id": "ro", "issue": "RO"},
        {"id": "fzal", "issue": "FZAL"},
        {
            "id": "fzal-back",
            "write": {"fields": {}, "pdf": "fzal", "file_field": "Faktura zaliczkowa PDF"},
            "when": 'order.status == "Spakowane"',
        },
        {"id": "cancel", "after": [], "cancel": ["ro", "fzal"]},
        {
            "id": "cancel-back",
            "write": {
                "fields": {"Numer korekty": "{cancel.correction}"},
                "pdf": "cancel",
                "file_field": "Korekta PDF",
            },
        },
    ],
}


@pytest.mark.parametrize("kind", QUICK_ON_SQLITE)
def test_killed_at_every_point_of_undoing_an_advance_is_corrected_once(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, flow=ADVANCE_UNDONE, cancels=True)
    points = undoing_points_of(ADVANCE_UNDONE)

    one.run(points)

    order = one.channel_order()
    made = one.house.documents(order)
    assert [(each.kind, each.state) for each in made] == [
        ("RO", "cancelled"),
        ("FZAL", "approved"),
        ("FSK", "approved"),
    ]
    assert made[1].gross + made[2].gross == 0
    assert one.field_writes(order) == Counter(["51034", "51021", "51022"])
    assert one.kills == points, "every point must really have killed"
    assert one.asked_a_person() == []


@pytest.mark.parametrize(("kind", "points"), PAIRED)
def test_of_two_processes_one_is_killed_and_the_other_goes_on_alone(
    kind: str, points: list[str], trial: Callable[..., Trial]
) -> None:
    one = trial(kind, lease_s=1.0)

    orders = one.run_in_pairs(points)

    for order in orders:
        assert_once(one, order)
    assert one.documents().total() == 3 * len(orders), "no document without an order"
    assert one.kills == points, "every point must really have killed"
    assert one.asked_a_person() == []


@pytest.mark.parametrize("kind", DATABASES)
def test_the_work_of_a_killed_process_is_taken_over_within_one_lease(
    kind: str, trial: Callable[..., Trial]
) -> None:
    """The lease is long, so that the second that looking, working and a busy machine may take weighs little."""
    one = trial(kind, lease_s=4.0)

    one.run_in_pairs(["sale:made"])

    assert [seconds for seconds in one.take_overs if seconds > one.lease_s + 2.0] == []


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize(
    "point",
    [
        pytest.param(point, marks=slow_unless(point == "ro-back:made"))
        for point in ("ro:intended", "ro-back:intended", "ro-back:made", "sale:made", "sale-back:moved")
    ],
)
def test_a_frozen_process_that_wakes_after_its_lease_changes_nothing(
    kind: str, point: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, lease_s=0.5)
    order, later = one.freeze_beyond_lease(point)

    assert_once(one, order)
    assert_once(one, later)
    assert one.shop.order(order)["status"] == "Wysłane"
    assert one.asked_a_person() == []


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize(
    "point",
    [
        pytest.param(point, marks=pytest.mark.slow)
        for point in ("ship:intended", "ship:made", "ship:labelled")
    ],
)
def test_a_frozen_process_that_wakes_after_its_lease_orders_no_second_shipment(
    kind: str, point: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, preset="paid-fs-wz-ship", lease_s=0.5)

    one.freeze_beyond_lease(point)

    parcels = one.inpost.shipments
    assert len(parcels) == 2, "one for each order"
    assert len({parcel["reference"] for parcel in parcels}) == 2
    assert len(one.house.pomost.store.prints.page(Wanted(kind="label"))) == 2
    assert one.asked_a_person() == []


@pytest.mark.parametrize("kind", DATABASES)
def test_without_unique_key_and_look_up_a_kill_makes_a_second_document(
    kind: str, trial: Callable[..., Trial]
) -> None:
    """The detector is proved: with the guards off the same trial finds the duplicate."""
    one = trial(kind, guards_off=True)
    ledger = Database(one.config.ledger.url)
    with ledger.writing() as connection:
        connection.execute(text("DROP INDEX uq_led_document_key"))
    ledger.close()

    one.run(["ro:made"])

    assert one.kills == ["ro:made"]
    assert one.documents()["RO"] == 2
    with pytest.raises(AssertionError):
        assert_once(one, one.channel_order())
