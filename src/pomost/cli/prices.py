"""``pomost prices``: what the channels show of the prices, and why."""

from __future__ import annotations

import typer

from pomost.cli.figures import add_commands
from pomost.showing.prices import explain_price, reason_of_price

prices_app = typer.Typer(help="Prices in the channels: state, push, compare, show.")
add_commands(prices_app, "price", explain_price, reason_of_price)
