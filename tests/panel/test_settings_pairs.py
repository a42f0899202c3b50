"""Maps of the settings (form of payment -> how it is printed, word -> status, old SKU -> new one) as rows of two fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pomost.config.carriers import ShipX
from pomost.config.forms import Field, fields_of, read
from pomost.config.load import load_config, parse_toml
from pomost.config.model import Config
from pomost.config.parts import Part
from pomost.sandbox.baselinker import Sandbox
from tests.panel.conftest import Client, Desk
from tests.panel.test_settings import FILE

Panel = Callable[..., Desk]
MAPS = """
[flow.rules.aliases] # after the move
"STARY-1" = "NOWY-1"   # a mug
"STARY-2" = "NOWY-2"

[[posnet]]
name = "kasa"
company = "main"
host = "127.0.0.1"
payments = { "Gotówka w sklepie" = "cash" } # in one line

[rates]
source = "fixed"
fixed.EUR = "4.30"
"""


@pytest.fixture
def file(tmp_path: Path, shop: Sandbox) -> Path:
    path = tmp_path / "pomost.toml"
    path.write_text(FILE.format(url=shop.url) + MAPS, encoding="utf-8")
    return path


def kinds(model: type[Part], place: str = "") -> Iterator[tuple[str, Field]]:
    for field in fields_of(model):
        yield f"{place}{field.name}", field
        if field.model is not None:
            yield from kinds(field.model, f"{place}{field.name}.")


def test_no_setting_is_left_that_only_the_file_itself_can_change() -> None:
    found = dict(kinds(Config))

    assert [place for place, field in found.items() if field.kind == "other"] == []
    assert {place for place, field in found.items() if field.kind == "pairs"} >= {
        "flow.words",
        "flow.rules.aliases",
        "posnet.payments",
        "rates.fixed",
    }


def send(client: Client, place: str, name: str, rows: list[tuple[str, str]]) -> Any:
    form = client.get(f"/settings/edit?place={place}").text
    mark = re.search(r'name="mark" value="([^"]*)"', form)
    assert mark
    pairs = {f"k.{name}.{number}": row[0] for number, row in enumerate(rows)}
    pairs |= {f"p.{name}.{number}": row[1] for number, row in enumerate(rows)}
    return client.post("/settings/edit", page="/settings", place=place, mark=mark[1], **pairs)


def rows_of(client: Client, place: str, name: str) -> list[tuple[str, str]]:
    """As the form shows them, without the empty ones at the end."""
    form = client.get(f"/settings/edit?place={place}").text
    left = re.findall(rf'name="k\.{name}\.\d+" value="([^"]*)"', form)
    right = re.findall(rf'name="p\.{name}\.\d+" value="([^"]*)"', form)
    assert ("", "") in zip(left, right, strict=True), "there is room for another one"
    return [pair for pair in zip(left, right, strict=True) if any(pair)]


@pytest.mark.parametrize(
    ("place", "name", "shown", "sent", "kept"),
    [
        (
            "flow.0.rules",
            "aliases",
            [("STARY-1", "NOWY-1"), ("STARY-2", "NOWY-2")],
            [("STARY-1", "NOWY-1"), ("STARY.3", "NOWY-3"), ("", "")],
            {"STARY-1": "NOWY-1", "STARY.3": "NOWY-3"},
        ),
        (
            "posnet.0",
            "payments",
            [("Gotówka w sklepie", "cash")],
            [("Gotówka w sklepie", "cash"), ("Karta = terminal", "card")],
            {"Gotówka w sklepie": "cash", "Karta = terminal": "card"},
        ),
        (
            "rates",
            "fixed",
            [("EUR", "4.30")],
            [("EUR", "4.30"), ("GBP", "5,50")],
            {"EUR": "4.30", "GBP": 5.5},
        ),
    ],
)
def test_a_map_is_shown_as_rows_and_rows_are_changed_added_and_removed(
    place: str,
    name: str,
    shown: list[tuple[str, str]],
    sent: list[tuple[str, str]],
    kept: dict[str, Any],
    panel: Panel,
    file: Path,
) -> None:
    client = panel(config_path=file).client("administrator")
    assert rows_of(client, place, name) == shown

    draft = send(client, place, name, sent)
    client.post("/settings/save", page="/settings", draft=draft.url.path.rsplit("/", 1)[1])

    table: Any = parse_toml(file.read_text("utf-8"), file)
    for part in place.split("."):
        table = table[int(part) if part.isdigit() else part]
    assert table[name] == kept
    text = file.read_text("utf-8")
    assert "# after the move" in text
    assert "# in one line" in text
    assert '"STARY-1" = "NOWY-1"   # a mug' in text, "what nobody touched stays letter by letter"
    load_config(file)


@pytest.mark.parametrize(
    "rows",
    [
        [("", "NOWY-1")],
        [("A", "1"), ("A", "2")],
    ],
    ids=["a value without a name", "a name twice"],
)
def test_rows_that_can_t_stand_in_the_file_come_back_as_they_were_typed(
    rows: list[tuple[str, str]], panel: Panel, file: Path
) -> None:
    before = file.read_text("utf-8")
    client = panel(config_path=file).client("administrator")

    answer = send(client, "flow.0.rules", "aliases", rows)

    assert answer.status_code == 400
    assert "tej wartości nie da się zapisać" in answer.text
    assert all(f'value="{value}"' in answer.text for _, value in rows)
    assert file.read_text("utf-8") == before


def test_a_value_of_the_wrong_kind_is_refused_with_the_words_of_the_command_line(
    panel: Panel, file: Path
) -> None:
    client = panel(config_path=file).client("administrator")

    answer = send(client, "rates", "fixed", [("EUR", "dużo")])

    assert answer.status_code == 400
    assert "config.wrong-value" in answer.text


def test_measures_are_lines_of_numbers() -> None:
    field = next(one for one in fields_of(ShipX) if one.name == "courier_mm")

    assert (field.kind, field.of_numbers) == ("lines", True)
    assert read(field, "300\r\n200\r\n\r\n100", None) == [300, 200, 100]
    # what is no number stays as it was typed: the check of the file says what is wrong with it
    assert read(field, "300\nduża", None) == [300, "duża"]
    assert read(field, " ", [300, 200, 100]) is None
    assert read(field, "300\n200\n100", [300, 200, 100]) == [300, 200, 100]
