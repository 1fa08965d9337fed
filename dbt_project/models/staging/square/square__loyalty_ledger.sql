{{ config(materialized='view') }}

with

events as (
    select * from {{ staged('stg_square__loyalty_events') }}
),

-- Points go off when a reward is made of them; what it was spent on its redemption says.
spent as (
    select
        connection,
        reward_id,
        max(square_order_id) as square_order_id
    from events
    where event_type = 'REDEEM_REWARD' and reward_id is not null
    group by connection, reward_id
)

select
    events.connection,
    'square' as source_system,
    events._load_id,
    events.loyalty_event_id as entry_id,
    events.loyalty_account_id,
    {{ record_key('loyalty_account', 'events.loyalty_account_id', 'events.connection') }} as record_key,
    case events.event_type
        when 'ACCUMULATE_POINTS' then 'earned'
        when 'ACCUMULATE_PROMOTION_POINTS' then 'earned'
        when 'CREATE_REWARD' then 'redeemed'
        when 'DELETE_REWARD' then 'reversed'
        when 'ADJUST_POINTS' then 'adjusted'
        when 'EXPIRE_POINTS' then 'expired'
        else 'other'
    end as entry_kind,
    events.points,
    coalesce(events.square_order_id, spent.square_order_id) as source_order_id,
    case when events.square_location_id is not null then 'till' end as location_kind,
    events.square_location_id as location_id,
    events.created_at as occurred_at
from events
left join spent
    on
        events.connection = spent.connection
        and events.reward_id = spent.reward_id
        and events.event_type = 'CREATE_REWARD'
-- A redemption moves no points: they went off when its reward was made.
where events.event_type <> 'REDEEM_REWARD'
