{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('square', 'loyalty_events') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'type': 'text!', 'loyalty_account_id': 'text', 'location_id': 'text', 'created_at': 'time!',
        'accumulate_points': {'points': 'whole', 'order_id': 'text'},
        'accumulate_promotion_points': {'points': 'whole', 'order_id': 'text'},
        'create_reward': {'points': 'whole', 'reward_id': 'text'},
        'delete_reward': {'points': 'whole', 'reward_id': 'text'},
        'redeem_reward': {'reward_id': 'text', 'order_id': 'text'},
        'adjust_points': {'points': 'whole'}, 'expire_points': {'points': 'whole'}, 'other_event': {'points': 'whole'},
    }) }}
),

renamed as (
    select
        payload.id as loyalty_event_id,
        payload.type as event_type,
        payload.loyalty_account_id as loyalty_account_id,
        payload.location_id as square_location_id,
        coalesce(
            payload.create_reward.reward_id, payload.delete_reward.reward_id, payload.redeem_reward.reward_id
        ) as reward_id,
        coalesce(
            payload.accumulate_points.order_id, payload.accumulate_promotion_points.order_id,
            payload.redeem_reward.order_id
        ) as square_order_id,
        -- What a reward costs goes off and what expires is lost, with or without a sign.
        coalesce(
            {{ whole('payload.accumulate_points.points') }},
            {{ whole('payload.accumulate_promotion_points.points') }},
            -abs({{ whole('payload.create_reward.points') }}),
            abs({{ whole('payload.delete_reward.points') }}),
            {{ whole('payload.adjust_points.points') }},
            -abs({{ whole('payload.expire_points.points') }}),
            {{ whole('payload.other_event.points') }}
        ) as points,
        {{ utc('payload.created_at') }} as created_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
