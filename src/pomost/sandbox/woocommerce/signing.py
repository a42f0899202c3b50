"""Who calls: Basic, keys in the query, and OAuth 1.0a with one leg (section 3 of the reference)."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from pomost.sandbox.woocommerce.protocol import Refusal, Request
from pomost.sandbox.woocommerce.settings import Settings

WINDOW_S = 15 * 60
DIGESTS = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
OAUTH = ("consumer_key", "timestamp", "nonce", "signature", "signature_method")
ERROR = "woocommerce_rest_authentication_error"


@dataclass(frozen=True)
class Who:
    """A caller; with neither right when the shop does not know who it is."""

    name: str = ""
    writes: bool = False
    person: bool = False
    """Signed in as a WordPress user, so that ``wp/v2`` is open too."""


@dataclass
class Doorkeeper:
    """Remembers the nonces that were used."""

    settings: Settings
    nonces: dict[tuple[str, str], float] = field(default_factory=dict)

    def who(self, request: Request, signed_url: str) -> Who:
        """Who calls; raises `Refusal` when it is clear that the sign-in is wrong.

        An unknown key and no key are both nobody: the shop then answers that there is no right.
        """
        settings = self.settings
        if request.secure or settings.basic_over_http:
            found = self._basic(request)
            if found.name:
                return found
        return self._oauth(request, signed_url)

    def _pair(self, key: str, secret: str) -> Who:
        pairs = {
            self.settings.key: (self.settings.secret, True),
            self.settings.read_key: (self.settings.read_secret, False),
        }
        if key not in pairs:
            return Who()
        right, writes = pairs[key]
        if not hmac.compare_digest(right.encode(), secret.encode()):
            raise Refusal(401, ERROR, "Consumer secret is invalid.")
        return Who(key, writes)

    def _basic(self, request: Request) -> Who:
        query = dict(request.query)
        kind, _, code = request.headers.get("authorization", "").partition(" ")
        if query.get("consumer_key") and query.get("consumer_secret"):
            return self._pair(query["consumer_key"], query["consumer_secret"])
        if kind.lower() != "basic":
            return Who()
        try:
            user, _, password = base64.b64decode(code).decode().partition(":")
        except ValueError:
            return Who()
        if user == self.settings.app_user and password.replace(" ", "") == self.settings.app_password.replace(
            " ", ""
        ):
            return Who(user, writes=True, person=True)
        return self._pair(user, password)

    def _oauth(self, request: Request, url: str) -> Who:
        given = {name: value for name, value in request.query if name.startswith("oauth_")}
        in_header = False
        header = request.headers.get("authorization", "")
        if not given and header.lower().startswith("oauth "):
            in_header = True
            given = {
                name: _decoded(value)
                for name, value in re.findall(r'(oauth_\w+)="([^"]*)"', header[len("oauth ") :])
            }
        if "oauth_consumer_key" not in given:
            return Who()
        missing = [f"oauth_{name}" for name in OAUTH if not given.get(f"oauth_{name}")]
        if missing:
            raise Refusal(401, ERROR, f"Missing OAuth parameter {', '.join(missing)}")
        # An unknown key: the reference does not tell OAuth from Basic here, so nobody, too.
        key = given["oauth_consumer_key"]
        secrets = {self.settings.key: self.settings.secret, self.settings.read_key: self.settings.read_secret}
        if key not in secrets:
            return Who()
        pairs = list(request.query) + (list(given.items()) if in_header else [])
        method = given["oauth_signature_method"]
        if method not in DIGESTS:
            raise Refusal(401, ERROR, "Invalid signature - signature method is invalid.")
        right = signature(request.sent_method or request.method, url, pairs, secrets[key], method)
        if not hmac.compare_digest(right.encode(), given["oauth_signature"].encode()):
            raise Refusal(401, ERROR, "Invalid signature - provided signature does not match.")
        self._fresh(key, given)
        return Who(key, key == self.settings.key)

    def _fresh(self, key: str, given: dict[str, str]) -> None:
        now, stamp = self.settings.now(), given["oauth_timestamp"]
        if not stamp.isdecimal() or abs(now - int(stamp)) > WINDOW_S:
            raise Refusal(401, ERROR, "Invalid timestamp.")
        nonce = (key, given["oauth_nonce"])
        if nonce in self.nonces:
            raise Refusal(401, ERROR, "Invalid nonce - nonce has already been used.")
        self.nonces[nonce] = now
        if len(self.nonces) > 50_000:
            self.nonces = {used: at for used, at in self.nonces.items() if at > now - WINDOW_S}


def _decoded(text: str) -> str:
    return re.sub(
        r"(?:%[0-9A-Fa-f]{2})+",
        lambda m: bytes.fromhex(m[0].replace("%", "")).decode("utf-8", "replace"),
        text,
    )


def signature(
    method: str, url: str, pairs: list[tuple[str, str]], secret: str, digest: str = "HMAC-SHA256"
) -> str:
    """The OAuth signature of a call; ``url`` without query, ``pairs`` its query with the ``oauth_*`` ones."""
    coded = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in pairs if k != "oauth_signature")
    joined = "&".join(f"{key}={value}" for key, value in coded)
    base = "&".join((method.upper(), quote(url, safe="~"), quote(joined, safe="~")))
    made = hmac.new(f"{secret}&".encode(), base.encode(), DIGESTS[digest]).digest()
    return base64.b64encode(made).decode()
