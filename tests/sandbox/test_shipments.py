"""Shipments at couriers (reference of BaseLinker, section 13)."""

import base64
import io

import pypdf
import pytest

from pomost.sandbox.baselinker import Sandbox, shipments

from .conftest import Caller

ONE = [{"weight": 1}]


def made(call: Caller, order_id: int, **changes: object) -> dict[str, object]:
    asked = {"order_id": order_id, "courier_code": "dpd", "packages": ONE, **changes}
    return call.done("createPackage", **asked)


def test_couriers_accounts_and_fields(call: Caller) -> None:
    codes = [row["code"] for row in call.done("getCouriersList")["couriers"]]
    assert {"inpostkurier", "paczkomaty", "dpd"} <= set(codes)
    assert call.done("getCourierAccounts", courier_code="paczkomaty")["accounts"][0] == {
        "id": 4102,
        "name": "Główne",
    }
    known = call.done("getCourierFields", courier_code="paczkomaty")
    assert known["multi_packages"] == 0
    assert "size_type" in [field["id"] for field in known["fields"]]
    assert call.refused("getCourierFields", courier_code="pigeon")[0] == "ERROR_COURIER_CODE"


def test_create_package_called_twice_orders_two_shipments(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    numbers = [made(call, order_id)["package_number"] for _ in range(2)]
    assert len(set(numbers)) == 2
    listed = call.done("getOrderPackages", order_id=order_id)["packages"]
    assert [row["courier_package_nr"] for row in listed] == numbers
    order = sandbox.order(order_id)
    assert (order["delivery_package_module"], order["delivery_package_nr"]) == ("dpd", numbers[-1])
    assert len(call.done("getJournalList", logs_types=[9])["logs"]) == 2


def test_the_label_comes_without_a_data_prefix(sandbox: Sandbox, call: Caller) -> None:
    package = made(call, sandbox.place()[0])
    answer = call.done("getLabel", courier_code="dpd", package_id=package["package_id"])
    assert answer["extension"] == "pdf"
    page = pypdf.PdfReader(io.BytesIO(base64.b64decode(answer["label"], validate=True))).pages[0]
    assert package["package_number"] in page.extract_text()
    assert (
        call.refused("getLabel", courier_code="gls", package_id=package["package_id"])[0]
        == "ERROR_COURIER_CODE"
    )


def test_a_number_from_elsewhere_is_kept_on_the_order(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    asked = {"order_id": order_id, "courier_code": "Rowerem", "package_number": "ROW-1"}
    package = call.done("createPackageManual", **asked)
    (row,) = call.done("getOrderPackages", order_id=order_id)["packages"]
    assert (row["courier_code"], row["courier_other_name"]) == ("other", "Rowerem")
    assert sandbox.order(order_id)["delivery_package_nr"] == "ROW-1"
    assert call.refused("getLabel", courier_code="other", package_id=package["package_id"])


def test_a_parcel_moves_and_its_history_is_told(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    package_id = made(call, order_id)["package_id"]
    for status in (2, 11, 5):
        with sandbox.shop.account.transaction():
            shipments.track(sandbox.shop.account, int(str(package_id)), status)
    (row,) = call.done("getOrderPackages", order_id=order_id)["packages"]
    assert (row["tracking_status"], row["tracking_delivery_days"]) == (5, 1)
    told = call.done("getCourierPackagesStatusHistory", package_ids=[package_id])["packages_history"]
    assert [step["tracking_status"] for step in told[str(package_id)]] == [2, 11, 5]
    assert call.refused("getCourierPackagesStatusHistory", package_ids=[*range(101)])
    assert len(call.done("getJournalList", logs_types=[22])["logs"]) == 3


def test_what_the_courier_has_is_deleted_by_force_only(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    package = made(call, order_id)
    named = {"courier_code": "dpd", "package_number": package["package_number"]}
    with sandbox.shop.account.transaction():
        shipments.track(sandbox.shop.account, int(str(package["package_id"])), 2)
    assert call.refused("deleteCourierPackage", **named)[0] == "ERROR_COURIER"
    call.done("deleteCourierPackage", **named, force_delete=True)
    assert call.done("getOrderPackages", order_id=order_id)["packages"] == []
    assert sandbox.order(order_id)["delivery_package_nr"] == ""
    assert call.refused("deleteCourierPackage", **named)[0] == "ERROR_PACKAGE_NUMBER"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"courier_code": "pigeon"}, "ERROR_COURIER_CODE"),
        ({"account_id": 1}, "ERROR_ACCOUNT_ID"),
        ({"packages": []}, "ERROR_PACKAGES"),
        ({"packages": [{"length": 3}]}, "ERROR_PACKAGES"),
        ({"fields": [{"id": "teleport", "value": "1"}]}, "ERROR_FIELDS"),
        ({"fields": [{"id": "cod", "value": "10"}]}, "ERROR_COURIER"),
        ({"courier_code": "paczkomaty"}, "ERROR_COURIER"),
        ({"order_id": 5}, "ERROR_ORDER_ID"),
    ],
)
def test_what_a_courier_refuses(
    sandbox: Sandbox, call: Caller, changes: dict[str, object], code: str
) -> None:
    asked = {"order_id": sandbox.place()[0], "courier_code": "dpd", "packages": ONE, **changes}
    assert call.refused("createPackage", **asked)[0] == code
    with sandbox.shop.account.transaction():
        assert shipments.packages(sandbox.shop.account) == []
