{{ config(materialized='view') }}

select
    connection,
    'square' as source_system,
    _load_id,
    square_payment_id as payment_id,
    square_order_id as source_order_id,
    'till' as location_kind,
    square_location_id as location_id,
    created_at as paid_at,
    currency_code,
    amount_minor,
    tip_minor,
    case
        when card_brand = 'SQUARE_GIFT_CARD' then 'gift_card'
        when source_type = 'CARD' then 'card'
        when source_type = 'CASH' then 'cash'
        else 'other'
    end as tender,
    case status
        when 'COMPLETED' then 'paid'
        when 'FAILED' then 'failed'
        when 'CANCELED' then 'cancelled'
        else 'pending'
    end as payment_status
from {{ staged('stg_square__payments') }}
