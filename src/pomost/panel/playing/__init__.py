"""The sandboxes that the panel plays with: one module for each kind."""

from __future__ import annotations

from pomost.panel.playing.apaczka import Apaczka
from pomost.panel.playing.baselinker import BaseLinker
from pomost.panel.playing.playable import Act, Field, Form, Playable, is_of_this_machine
from pomost.panel.playing.shipx import ShipX
from pomost.panel.playing.woocommerce import WooCommerce

KINDS: tuple[type[Playable], ...] = (BaseLinker, WooCommerce, ShipX, Apaczka)

__all__ = ["KINDS", "Act", "Field", "Form", "Playable", "is_of_this_machine"]
