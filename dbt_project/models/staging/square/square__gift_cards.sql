{{ config(materialized='view') }}

with

cards as (
    select * from {{ staged('stg_square__gift_cards') }}
),

activities as (
    select * from {{ staged('stg_square__gift_card_activities') }}
),

-- What a card was issued with is the first sum that was put on it.
issued as (
    select * from (
        select
            *,
            row_number() over (
                partition by connection, square_gift_card_id order by created_at, square_activity_id
            ) as place
        from activities
        where issued_minor is not null
    ) as ranked
    where place = 1
),

moved as (
    select
        connection,
        square_gift_card_id,
        max(created_at) as moved_at,
        max(_load_id) as _load_id
    from activities
    group by connection, square_gift_card_id
)

select
    cards.connection,
    'square' as source_system,
    greatest(cards._load_id, coalesce(moved._load_id, '')) as _load_id,
    cards.square_gift_card_id as gift_card_id,
    cards.last_characters,
    issued.square_order_id as source_order_id,
    case
        when cards.state = 'PENDING' then 'pending'
        when cards.state in ('DEACTIVATED', 'BLOCKED') then 'disabled'
        when cards.balance_minor = 0 then 'used'
        else 'active'
    end as gift_card_status,
    cards.currency_code,
    issued.issued_minor as initial_minor,
    cards.balance_minor,
    cards.created_at as issued_at,
    cast(null as date) as expires_on,
    moved.moved_at as updated_at
from cards
left join issued
    on
        cards.connection = issued.connection
        and cards.square_gift_card_id = issued.square_gift_card_id
left join moved
    on
        cards.connection = moved.connection
        and cards.square_gift_card_id = moved.square_gift_card_id
