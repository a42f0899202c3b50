"""Every example can be used as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from pomost.checking import check
from pomost.config.load import load_config
from pomost.flows import catalogue

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FILES = sorted(EXAMPLES.glob("*/pomost.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_an_example_loads_and_nothing_is_wrong_with_it(path: Path) -> None:
    config = load_config(path, {"POMOST_BL_TOKEN": "x"})

    assert check(config) == []
    assert [flow.preset for flow in config.flow] == [path.parent.name]
    assert [account.token for account in config.baselinker] == ["x"]


def test_every_preset_has_an_example() -> None:
    assert [path.parent.name for path in FILES] == list(catalogue.names())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_an_example_names_all_words_of_its_preset(path: Path) -> None:
    flow = load_config(path, {"POMOST_BL_TOKEN": "x"}).flow[0]
    bare = flow.model_copy(update={"words": {}})

    assert catalogue.resolve(flow) == catalogue.resolve(bare).model_copy(update={"words": flow.words})
    assert set(flow.words) != set()


def test_the_example_of_kits_sold_as_components_has_nothing_wrong() -> None:
    config = load_config(EXAMPLES / "kits" / "components.toml", {"POMOST_BL_TOKEN": "x"})

    assert check(config) == []
    assert [flow.rules.kits for flow in config.flow] == ["components"]
