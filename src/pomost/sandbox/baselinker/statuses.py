"""Statuses of orders and of returns, and their groups."""

from collections.abc import Callable

from pomost.sandbox.baselinker import writing
from pomost.sandbox.baselinker.protocol import Json, Refusal
from pomost.sandbox.baselinker.state import Account

Handler = Callable[[Account, Json], Json]


def _of_orders(account: Account, status_id: int, target: int) -> None:
    for order in account.orders([("status_id = ?", status_id)], "order_id", -1):
        writing.move(account, order["order_id"], target)


def _of_returns(account: Account, status_id: int, target: int) -> None:
    for found in account.records("return"):
        if found["status_id"] == status_id:
            found["status_id"] = target
            account.save_record("return", found["return_id"], found, found["order_id"], found["date_add"])


def _methods(subject: str, kind: str, empty: Callable[[Account, int, int], None]) -> dict[str, Handler]:
    def group_list(account: Account, sent: Json) -> Json:
        return {"groups": account.records(f"{kind}_group")}

    def add(account: Account, sent: Json) -> Json:
        status_id = sent.pop("status_id", 0) or account.next_id(kind)
        known = {record["id"]: record for record in account.records(kind)}
        fresh = {"id": status_id, "name_for_customer": "", "color": "", "group_id": 0, "is_primary": 0}
        account.save_record(kind, status_id, {**known.get(status_id, fresh), **sent})
        return {"status_id": status_id}

    def delete(account: Account, sent: Json) -> Json:
        for name in ("status_id", "target_status_id"):
            if all(record["id"] != sent[name] for record in account.records(kind)):
                raise Refusal("ERROR_STATUS_ID", f"Invalid {name}")
        empty(account, sent["status_id"], sent["target_status_id"])
        account.remove_record(kind, sent["status_id"])
        return {}

    def add_group(account: Account, sent: Json) -> Json:
        group_id = sent.get("group_id") or account.next_id(f"{kind}_group")
        account.save_record(f"{kind}_group", group_id, {"group_id": group_id, "name": sent["name"]})
        return {"group_id": group_id}

    def delete_group(account: Account, sent: Json) -> Json:
        if all(group["group_id"] != sent["group_id"] for group in account.records(f"{kind}_group")):
            raise Refusal("ERROR_GROUP_ID", "Invalid group_id")
        account.remove_record(f"{kind}_group", sent["group_id"])
        return {}

    return {
        f"get{subject}StatusGroups": group_list,
        f"add{subject}Status": add,
        f"delete{subject}Status": delete,
        f"add{subject}StatusGroup": add_group,
        f"delete{subject}StatusGroup": delete_group,
    }


METHODS = {
    **_methods("Order", "status", _of_orders),
    **_methods("OrderReturn", "return_status", _of_returns),
}
