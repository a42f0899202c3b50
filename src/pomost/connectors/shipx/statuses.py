"""ShipX's 53 statuses in the words of all carriers (reference, section 2.10)."""

from __future__ import annotations

from pomost.ports.carrier import ShipmentState

EARLY = frozenset({"created", "offers_prepared", "offer_selected"})

_STATES: dict[ShipmentState, str] = {
    ShipmentState.ORDERED: "created offers_prepared offer_selected",
    ShipmentState.READY: "confirmed",
    ShipmentState.COLLECTED: "dispatched_by_sender dispatched_by_sender_to_pok collected_from_sender taken_by_courier"
    " taken_by_courier_from_pok",
    ShipmentState.ON_THE_WAY: "adopted_at_source_branch sent_from_source_branch adopted_at_sorting_center"
    " sent_from_sorting_center adopted_at_target_branch out_for_delivery out_for_delivery_to_address readdressed"
    " redirect_to_box canceled_redirect_to_box delay_in_delivery stack_in_customer_service_point stack_in_box_machine"
    " unstack_from_customer_service_point unstack_from_box_machine",
    ShipmentState.AT_POINT: "ready_to_pickup ready_to_pickup_from_pok ready_to_pickup_from_pok_registered"
    " ready_to_pickup_from_branch pickup_reminder_sent avizo courier_avizo_in_customer_service_point",
    ShipmentState.DELIVERED: "delivered return_pickup_confirmation_to_sender",
    ShipmentState.RETURNED: "returned_to_sender",
    ShipmentState.CANCELLED: "canceled",
}
_PROBLEMS = (
    "undelivered undelivered_wrong_address undelivered_incomplete_address undelivered_unknown_receiver"
    " undelivered_cod_cash_receiver undelivered_no_mailbox undelivered_not_live_address"
    " undelivered_lack_of_access_letterbox rejected_by_receiver pickup_time_expired"
    " stack_parcel_pickup_time_expired stack_parcel_in_box_machine_pickup_time_expired claimed"
    " pickup_reminder_sent_address taken_by_courier_from_customer_service_point"
)
PROBLEMS = frozenset(_PROBLEMS.split())
"""Something went wrong, and the parcel goes on (to another attempt, or back)."""

STATES: dict[str, ShipmentState] = {
    **{name: state for state, names in _STATES.items() for name in names.split()},
    **dict.fromkeys(PROBLEMS, ShipmentState.ON_THE_WAY),
}
"""Names that are missing here (other, missing, oversized, and new ones) leave a shipment where it was."""


def state_of(status: str) -> ShipmentState:
    return STATES.get(status, ShipmentState.UNKNOWN)
