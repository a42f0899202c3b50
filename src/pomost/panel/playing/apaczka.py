"""The sandbox of Apaczka."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from pomost.config.model import Config
from pomost.panel.playing.carriers import Carrier
from pomost.panel.playing.playable import Connection


class Apaczka(Carrier):
    """See `Playable`."""

    kind: ClassVar[str] = "apaczka"
    command: ClassVar[str] = "pomost sandbox --kind apaczka"
    path: ClassVar[re.Pattern[str]] = re.compile(r"/api/v2/?")

    @classmethod
    def connections(cls, config: Config) -> Sequence[Connection]:
        return config.apaczka
