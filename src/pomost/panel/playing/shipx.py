"""The sandbox of InPost (ShipX)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from pomost.config.model import Config
from pomost.panel.playing.carriers import Carrier
from pomost.panel.playing.playable import Connection


class ShipX(Carrier):
    """See `Playable`."""

    kind: ClassVar[str] = "shipx"
    command: ClassVar[str] = "pomost sandbox --kind shipx"
    path: ClassVar[re.Pattern[str]] = re.compile(r"/?")

    @classmethod
    def connections(cls, config: Config) -> Sequence[Connection]:
        return config.shipx
