{% from "_obeys.sql" import all_obey with context %}
{{ all_obey([
    ("order channel", "fct_orders", "order_id", "order_channel in ('web', 'bopis', 'till')"),
    ("a promise is kept or not exactly where its outcome is known", "fct_bopis", "order_id",
        "(is_promise_kept is null) = (promise_outcome not in ('kept', 'late'))"),
    ("currency", "fct_orders", "order_id",
        "currency_code is null or " ~ is_like_whole("currency_code", "[A-Z]{3}")),
    ("attribution model", "fct_attribution", "attribution_id",
        "attribution_model in ('first', 'last', 'last_non_direct', 'linear', 'position', 'position_w',"
        " 'position_j', 'time_decay', 'markov_1', 'markov_2', 'markov_3', 'markov_4', 'shapley',"
        " 'shapley_inside')"),
    ("conversion type", "fct_attribution", "attribution_id",
        "conversion_type in ('web_order', 'till_order', 'store_visit', 'booking', 'lead', 'coupon_redemption',"
        " 'call', 'stay', 'repeat_stay', 'test_drive', 'sale')"),
    ("a reason exactly where the door was not counted", "fct_store_footfall", "footfall_id",
        "(counted_entry_count is null) = (uncounted_reason is not null)"),
    ("a reason exactly where no touch is credited", "fct_attribution", "attribution_id",
        "(touchpoint_id is null) = (unattributed_reason is not null)"),
]) }}
