"""The sandbox's verbs against one that runs in another process."""

from typing import Any

from pomost.sandbox import control
from pomost.sandbox.baselinker.protocol import Json
from pomost.sandbox.baselinker.sandbox import Verbs
from pomost.sandbox.baselinker.settings import DEFAULT_TOKEN


class RemoteSandbox(Verbs):
    """A running sandbox known by the address of its ``connector.php``.

    Refusals are those of `Verbs`; raises ``OSError`` when nobody listens there.
    """

    def __init__(self, url: str, token: str = DEFAULT_TOKEN, timeout_s: float = control.TIMEOUT_S) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self.token = token

    def ask(self, name: str, arguments: Json) -> Any:
        return control.ask(self.url, name, arguments, self._timeout_s)
