"""What flows and settings ask of a channel that its kind can't do, told before anything runs."""

from __future__ import annotations

from collections import Counter

from pomost.channels import KINDS, kind_of
from pomost.config.flow import Flow
from pomost.config.load import Problem
from pomost.config.model import Config
from pomost.ports import NeedsPerson


def channel_faults(config: Config, flow: Flow) -> list[NeedsPerson]:
    """What the flow asks of the channel that it writes to, or takes returns from, that such channels can't do."""
    channel = flow.channel or flow.source
    kind = KINDS.get(kind_of(config, channel))
    if kind is None:
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
    return [_cant(flow, step, channel, word) for step, word in asked if word not in kind.capabilities]


def _cant(flow: Flow, step: str, channel: str, word: str) -> NeedsPerson:
    return NeedsPerson(
        "flow.channel-cant",
        f'Flow "{flow.name}", step "{step or flow.kind}": the channel "{channel}" can\'t do {word}.',
        "Channels without files get no PDF: leave the word file_field empty, and mail the document (a mail step).",
    )


def wrong_channels(config: Config) -> list[Problem]:
    """What is wrong with connections, as their kinds see it."""
    found: list[Problem] = []
    places: Counter[str] = Counter()
    for account in config.accounts:
        places[account.kind] += 1
        found += KINDS[account.kind].problems(config, account, f"{account.kind}[{places[account.kind]}]")
    return found
