"""What flows and settings ask of a channel that its kind can't do, told before anything runs."""

from __future__ import annotations

from pomost.channels import kind_of
from pomost.config.flow import Flow
from pomost.config.load import Problem
from pomost.config.model import Config
from pomost.config.woocommerce import WooCommerce
from pomost.connectors.baselinker.connector import CAPABILITIES as BASELINKER
from pomost.connectors.woocommerce.connector import CAPABILITIES as WOOCOMMERCE
from pomost.ports import NeedsPerson

OF_KIND = {"baselinker": BASELINKER, "woocommerce": WOOCOMMERCE}


def channel_faults(config: Config, flow: Flow) -> list[NeedsPerson]:
    """What the flow asks of the channel that it writes to, or takes returns from, that such channels can't do."""
    channel = flow.channel or flow.source
    has = OF_KIND.get(kind_of(config, channel))
    if has is None:
        return []
    asked: list[tuple[str, str]] = [("", "returns")] if flow.kind == "return" else []
    for step in flow.step:
        if step.place:
            asked.append((step.id, "place"))
        if step.write and step.write.pdf and step.write.file_field:
            asked.append((step.id, "file-field"))
        if step.write and step.write.pdf and step.write.document_file:
            asked.append((step.id, "document-file"))
        if step.write and step.write.fiscal:
            asked.append((step.id, "receipt-number"))
    return [_cant(flow, step, channel, word) for step, word in asked if word not in has]


def _cant(flow: Flow, step: str, channel: str, word: str) -> NeedsPerson:
    return NeedsPerson(
        "flow.channel-cant",
        f'Flow "{flow.name}", step "{step or flow.kind}": the channel "{channel}" can\'t do {word}.',
        "Channels without files get no PDF: leave the word file_field empty, and mail the document (a mail step).",
    )


def wrong_hooks(config: Config) -> list[Problem]:
    """Webhooks that are wanted and can't work."""
    return [
        Problem(
            "woocommerce.webhooks-unset",
            f"woocommerce[{place + 1}].webhooks",
            0,
            f'the webhooks of "{account.name}" have no {what}',
            "Set webhook_secret of the connection, and panel.public_url to the address at which the shop reaches Pomost.",
        )
        for place, account in enumerate(one for one in config.accounts if isinstance(one, WooCommerce))
        if account.webhooks
        for what, given in (
            ("webhook_secret", account.webhook_secret),
            ("public_url", config.panel.public_url),
        )
        if not given
    ]
