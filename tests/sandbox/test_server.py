"""Transport and errors as in sections 1, 3 and 4 of the reference."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from pomost.sandbox.baselinker import Sandbox, Settings
from pomost.sandbox.baselinker.protocol import read_form
from pomost.sandbox.baselinker.server import METHODS, PARAMETERS

from .conftest import PDF, START, Caller, data

SAMPLE = Path(__file__).parent / "samples" / "getOrders_page.json"


def test_the_sample_page_loads_and_comes_out_equal(sandbox: Sandbox, call: Caller) -> None:
    page = json.loads(SAMPLE.read_text(encoding="utf-8"))
    for order in page["orders"]:
        sandbox.add_order(order)
    assert call("getOrders", date_confirmed_from=0, include_custom_extra_fields=True) == page


ODD_CALLS: list[Any] = [
    pytest.param({}, {"method": "getSeries"}, "ERROR_EMPTY_TOKEN", id="no token"),
    pytest.param({"X-BLToken": "wrong"}, {"method": "getSeries"}, "ERROR_BAD_TOKEN", id="wrong token"),
    pytest.param({"X-BL-Token": "TOKEN"}, {"method": "getSeries"}, "ERROR_EMPTY_TOKEN", id="wrong header"),
    pytest.param({"X-BLToken": "TOKEN"}, {"method": "getseries"}, "ERROR_UNKNOWN_METHOD", id="wrong case"),
    pytest.param({"X-BLToken": "TOKEN"}, {}, "ERROR_UNKNOWN_METHOD", id="no method"),
    pytest.param(
        {"X-BLToken": "TOKEN"},
        {"method": "getCourierDocument"},
        "ERROR_UNKNOWN_METHOD",
        id="papers of couriers are not offered",
    ),
    pytest.param(
        {"X-BLToken": "TOKEN"},
        {"method": "getOrders", "parameters": "{broken"},
        "ERROR_PARSE_JSON_PARAMETERS",
        id="broken JSON",
    ),
    pytest.param(
        {"X-BLToken": "TOKEN"},
        {"method": "getOrders", "parameters": "[1]"},
        "ERROR_PARSE_JSON_PARAMETERS",
        id="a list as parameters",
    ),
]


@pytest.mark.parametrize(("headers", "form", "code"), ODD_CALLS)
def test_odd_calls_are_answered_with_http_200_and_an_error_code(
    sandbox: Sandbox, call: Caller, headers: dict[str, str], form: dict[str, str], code: str
) -> None:
    own = {name: value.replace("TOKEN", sandbox.token) for name, value in headers.items()}
    response = call.http.post(sandbox.url, headers=own, data=form)
    answer = response.json()
    assert (response.status_code, answer["status"], answer["error_code"]) == (200, "ERROR", code)
    assert sorted(answer) == ["error_code", "error_message", "status"]


def test_the_legacy_token_field_and_absent_or_empty_parameters_are_accepted(
    sandbox: Sandbox, call: Caller
) -> None:
    forms: list[dict[str, str]] = [
        {"token": sandbox.token, "method": "getOrders"},
        {"token": sandbox.token, "method": "getOrders", "parameters": "[]"},
        {"token": sandbox.token, "method": "getOrders", "parameters": "{}"},
    ]
    answers = [call.http.post(sandbox.url, data=form).json() for form in forms]
    assert answers == [{"status": "SUCCESS", "orders": []}] * 3


def test_a_json_body_is_not_understood(sandbox: Sandbox, call: Caller) -> None:
    answer = call.http.post(sandbox.url, headers={"X-BLToken": sandbox.token}, json={"method": "getOrders"})
    assert answer.json()["error_code"] == "ERROR_UNKNOWN_METHOD"


def test_an_unescaped_plus_damages_a_file_and_is_refused(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    fields = {"51004": {"title": "a.pdf", "file": data(b"\xfb\xef\xbe" * 10)}}
    assert "+" in fields["51004"]["file"]
    sent = json.dumps({"order_id": order_id, "custom_extra_fields": fields})
    body = f"method=setOrderFields&parameters={sent}"
    headers = {"X-BLToken": sandbox.token, "content-type": "application/x-www-form-urlencoded"}
    answer = call.http.post(sandbox.url, headers=headers, content=body).json()
    assert (answer["error_code"], sandbox.file(order_id, "Dokument PDF")) == (
        "ERROR_CUSTOM_EXTRA_FIELDS",
        None,
    )


def test_a_file_field_is_read_as_title_and_address_from_which_the_bytes_come(
    sandbox: Sandbox, call: Caller
) -> None:
    order_id = sandbox.place()[0]
    fields = {"51001": "RO 7/2026", "51004": {"title": "FS 7.pdf", "file": data()}}
    call.done("setOrderFields", order_id=order_id, custom_extra_fields=fields)
    order = call.done("getOrders", order_id=order_id, include_custom_extra_fields=True)["orders"][0]
    read = order["custom_extra_fields"]
    assert (read["51001"], read["51004"]["title"]) == ("RO 7/2026", "FS 7.pdf")
    assert call.http.get(read["51004"]["url"]).content == PDF == sandbox.file(order_id, "Dokument PDF")
    call.done("setOrderFields", order_id=order_id, custom_extra_fields={"51004": ""})
    assert sandbox.order(order_id)["custom_extra_fields"] == {"51001": "RO 7/2026"}
    assert sandbox.file(order_id, 51004) is None


def test_legacy_profile_sends_ids_as_strings(sandbox: Sandbox, call: Caller) -> None:
    sandbox.place()
    sandbox.configure(profile="legacy")
    order = call.done("getOrders")["orders"][0]
    line = order["products"][0]
    assert (order["shop_order_id"], order["order_source_id"], line["storage_id"]) == ("", "0", "30711")
    assert isinstance(line["order_product_id"], str)


@pytest.mark.parametrize(("as_lists", "empty"), [(True, []), (False, {})], ids=["as lists", "as maps"])
def test_empty_maps(sandbox: Sandbox, call: Caller, as_lists: bool, empty: object) -> None:
    sandbox.place()
    sandbox.configure(empty_maps_as_lists=as_lists)
    order = call.done("getOrders", include_custom_extra_fields=True)["orders"][0]
    assert order["custom_extra_fields"] == empty


def test_over_long_text_is_cut_or_refused_by_setting(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    call.done("setOrderFields", order_id=order_id, admin_comments="x" * 201)
    assert sandbox.order(order_id)["admin_comments"] == "x" * 200
    sandbox.configure(over_long="refuse")
    code, _ = call.refused("setOrderFields", order_id=order_id, admin_comments="y" * 201)
    assert (code, sandbox.order(order_id)["admin_comments"]) == ("ERROR_ADMIN_COMMENTS", "x" * 200)


def test_unknown_parameters_are_ignored_unless_strict(sandbox: Sandbox, call: Caller) -> None:
    assert call.done("getOrders", page=2) == {"orders": []}
    sandbox.configure(strict=True)
    assert call.refused("getOrders", page=2) == ("ERROR_UNKNOWN_PARAMETER", "Unknown parameter page")


def test_every_method_has_a_table_of_parameters_and_every_table_a_method() -> None:
    assert set(METHODS) == set(PARAMETERS)


REQUIRED = [(m, p.name) for m, table in PARAMETERS.items() for p in table if p.required]


@pytest.mark.parametrize(("method", "name"), REQUIRED, ids=[f"{m}-{n}" for m, n in REQUIRED])
def test_a_missing_required_parameter_is_refused_by_name(shared: Caller, method: str, name: str) -> None:
    samples: dict[str, Any] = {
        "int": 1,
        "float": 1,
        "bool": True,
        "text": "x",
        "ints": [1],
        "list": [],
        "map": {},
        "any": "x",
    }
    sent = {p.name: samples[p.kind] for p in PARAMETERS[method] if p.required and p.name != name}
    assert shared.refused(method, **sent) == (f"ERROR_{name.upper()}", f"Invalid {name}: required")


MISTYPED = [
    (m, p.name) for m, table in PARAMETERS.items() for p in table if p.kind in ("int", "ints", "float")
]


@pytest.mark.parametrize(("method", "name"), MISTYPED, ids=[f"{m}-{n}" for m, n in MISTYPED])
def test_a_mistyped_number_is_refused_by_name(shared: Caller, method: str, name: str) -> None:
    samples: dict[str, Any] = {
        "int": 1,
        "float": 1,
        "bool": True,
        "text": "x",
        "ints": [1],
        "list": [],
        "map": {},
        "any": "x",
    }
    sent = {p.name: samples[p.kind] for p in PARAMETERS[method] if p.required} | {name: {"not": "a number"}}
    code, message = shared.refused(method, **sent)
    assert code == f"ERROR_{name.upper()}"
    assert message.startswith(f"Invalid {name}: ")


@pytest.fixture(scope="module")
def shared() -> Any:
    with Sandbox(settings=Settings(limit=0, clock=lambda: START)) as running:
        caller = Caller(running)
        with caller.http:
            yield caller


ODD_VALUES: list[Any] = [
    None,
    True,
    -1,
    0,
    2**70,
    -0.5,
    float("nan"),
    "",
    "²",
    "NaN",
    "x" * 600,
    [],
    [[]],
    [{}],
    [{"quantity": "x"}],
    {},
    {"51004": []},
    {"51004": {"title": 1}},
    {"51001": None},
]


@pytest.mark.parametrize("method", sorted(METHODS))
def test_no_odd_value_of_any_parameter_breaks_the_server(shared: Caller, method: str) -> None:
    order_id = shared.sandbox.place()[0]
    known: dict[str, Any] = {"order_id": order_id, "order_ids": [order_id], "main_order_id": order_id}
    if method != "deleteInventory":
        known |= {"inventory_id": 30711, "product_id": 700200301}
    samples: dict[str, Any] = {
        "int": 1,
        "float": 1,
        "bool": True,
        "text": "x",
        "ints": [1],
        "list": [],
        "map": {},
        "any": "x",
    }
    sent = {p.name: known.get(p.name, samples[p.kind]) for p in PARAMETERS[method] if p.required}
    for parameter in PARAMETERS[method]:
        for value in ODD_VALUES:
            response = shared.post(method, **{**sent, parameter.name: value})
            assert response.status_code == 200, (parameter.name, value)
            assert response.json()["status"] in ("SUCCESS", "ERROR")


def test_half_a_surrogate_pair_is_no_json(shared: Caller) -> None:
    form = {"method": "getOrdersByEmail", "parameters": '{"email": "\\ud800"}'}
    answer = shared.http.post(shared.sandbox.url, headers={"X-BLToken": shared.sandbox.token}, data=form)
    assert answer.json()["error_code"] == "ERROR_PARSE_JSON_PARAMETERS"


def test_the_control_endpoint_answers_no_web_page(sandbox: Sandbox, call: Caller) -> None:
    address = sandbox.url.replace("connector.php", "_sandbox/place")
    refused = call.http.post(address, content=b"{}", headers={"content-type": "text/plain"})
    assert (refused.status_code, sandbox.orders()) == (415, [])
    done = call.http.post(address, content=b"{}", headers={"content-type": "application/json"})
    assert done.json() == {"result": [sandbox.orders()[0]["order_id"]]}


WRONG_SETTINGS: list[Any] = [
    pytest.param({"limit": -1}, "limit is -1; write a whole number from 0", id="negative"),
    pytest.param({"limit": "60"}, "limit is '60'; write a whole number", id="text"),
    pytest.param({"journal_page": 0}, "journal_page is 0; write a whole number from 1", id="zero"),
    pytest.param({"delay_s": float("nan")}, "delay_s is nan; write a number from 0", id="not a number"),
    pytest.param({"profile": "old"}, "profile is 'old'; write 'modern' or 'legacy'", id="choice"),
    pytest.param({"strict": "no"}, "strict is 'no'; write True or False", id="yes or no"),
    pytest.param({"token": ""}, "token is empty", id="token"),
    pytest.param({"speed": 2}, "has no setting 'speed'; it has token, limit", id="unknown"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG_SETTINGS)
def test_a_wrong_setting_is_refused_and_changes_nothing(
    sandbox: Sandbox, wrong: dict[str, Any], message: str
) -> None:
    before = vars(sandbox.settings).copy()
    with pytest.raises(ValueError, match=message):
        sandbox.configure(**{"window_s": 5, **wrong})
    assert vars(sandbox.settings) == before


@pytest.mark.parametrize("text", ["a+b/c=d", "100% %2B %252F", "zażółć +=/&?%", "%", ""])
def test_a_form_is_read_as_it_was_written(text: str) -> None:
    body = urlencode({"method": "x", "parameters": text}).encode()
    assert read_form(body, "application/x-www-form-urlencoded") == {"method": "x", "parameters": text}
