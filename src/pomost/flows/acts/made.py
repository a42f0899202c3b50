"""What a step made, read again when it is needed."""

from __future__ import annotations

from pomost.config.flow import Flow, Step
from pomost.flows.acts.hands import Hands
from pomost.flows.between import company_of
from pomost.flows.progress import Progress
from pomost.ports import NeedsPerson
from pomost.store.steps import StepRecord
from pomost.trade.documents import Document


def document_of(hands: Hands, flow: Flow, maker: Step, progress: Progress, record: StepRecord) -> Document:
    """The document that a part of the step ``maker`` made. Raises NeedsPerson ``flow.document-vanished``."""
    own = str(record.result["id"])
    document = progress.made.get(own)
    if document is None:
        progress.flush()
        document = hands.erp.read(company_of(flow, maker), own)
    if document is None:
        raise NeedsPerson(
            "flow.document-vanished",
            f"{record.result.get('kind')} {record.result.get('number')} is not in the ERP any more.",
            "Restore it there, or skip the step.",
        )
    return document
