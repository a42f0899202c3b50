"""``pomost stock``: what the channels show of the stock, and why."""

from __future__ import annotations

import typer

from pomost.cli.figures import add_commands
from pomost.showing.stock import explain_stock

stock_app = typer.Typer(help="Stock in the channels: state, push, compare, show.")
add_commands(stock_app, "stock", explain_stock)
