"""Journals of orders and returns (reference, section 8)."""

from pomost.sandbox.baselinker.protocol import Json
from pomost.sandbox.baselinker.state import Account

CREATED, CONFIRMED, PAID, REMOVED, MERGED, SPLIT, INVOICED, RECEIPTED = 1, 2, 3, 4, 5, 6, 7, 8
DELIVERY_EDITED, LINE_ADDED, LINE_EDITED, LINE_REMOVED, EDITED = 11, 12, 13, 14, 16
COPIED, STATUS_CHANGED, INVOICE_DELETED, RECEIPT_DELETED, INVOICE_DATA_EDITED = 17, 18, 19, 20, 21

RETURN_CREATED, RETURN_ACCEPTED, RETURN_COMPLETED, RETURN_CANCELLED, RETURN_REFUNDED = 1, 2, 3, 4, 5
RETURN_DELIVERY_EDITED, RETURN_LINE_ADDED, RETURN_LINE_EDITED, RETURN_LINE_REMOVED = 6, 7, 8, 9
RETURN_EDITED, RETURN_STATUS_CHANGED, RETURN_LINE_STATUS_CHANGED = 10, 11, 12


def _read(account: Account, kind: str, sent: Json) -> Json:
    if not account.settings.journal:
        return {"logs": []}
    last = sent.get("last_log_id", 0)
    log_from = last if account.settings.last_log_inclusive else last + 1
    return {"logs": account.logs(kind, log_from, sent.get(f"{kind}_id"), sent.get("logs_types", []))}


def get_journal_list(account: Account, sent: Json) -> Json:
    return _read(account, "order", sent)


def get_order_return_journal_list(account: Account, sent: Json) -> Json:
    return _read(account, "return", sent)


METHODS = {
    "getJournalList": get_journal_list,
    "getOrderReturnJournalList": get_order_return_journal_list,
}
