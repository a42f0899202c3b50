"""The 53 names of `GET /v1/statuses`, in the order of a parcel's life (reference, section 2.10)."""

NAMES = (
    # pending
    "created",
    "offers_prepared",
    "offer_selected",
    # label ready
    "confirmed",
    # in transit
    "dispatched_by_sender",
    "dispatched_by_sender_to_pok",
    "collected_from_sender",
    "taken_by_courier",
    "taken_by_courier_from_pok",
    "adopted_at_source_branch",
    "sent_from_source_branch",
    "adopted_at_sorting_center",
    "sent_from_sorting_center",
    "adopted_at_target_branch",
    "out_for_delivery",
    "out_for_delivery_to_address",
    "readdressed",
    "redirect_to_box",
    "canceled_redirect_to_box",
    "delay_in_delivery",
    "stack_in_customer_service_point",
    "stack_in_box_machine",
    "unstack_from_customer_service_point",
    "unstack_from_box_machine",
    # awaiting pickup
    "ready_to_pickup",
    "ready_to_pickup_from_pok",
    "ready_to_pickup_from_pok_registered",
    "ready_to_pickup_from_branch",
    "pickup_reminder_sent",
    "avizo",
    "courier_avizo_in_customer_service_point",
    # problem
    "undelivered",
    "undelivered_wrong_address",
    "undelivered_incomplete_address",
    "undelivered_unknown_receiver",
    "undelivered_cod_cash_receiver",
    "undelivered_no_mailbox",
    "undelivered_not_live_address",
    "undelivered_lack_of_access_letterbox",
    "rejected_by_receiver",
    "pickup_time_expired",
    "stack_parcel_pickup_time_expired",
    "stack_parcel_in_box_machine_pickup_time_expired",
    "claimed",
    "pickup_reminder_sent_address",
    "taken_by_courier_from_customer_service_point",
    # delivered
    "delivered",
    "return_pickup_confirmation_to_sender",
    # returned
    "returned_to_sender",
    # cancelled
    "canceled",
    # keep previous
    "other",
    "missing",
    "oversized",
)
