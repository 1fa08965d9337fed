{{ config(materialized='view') }}

with

refunds as (
    select * from {{ staged('stg_square__refunds') }}
),

payments as (
    select * from {{ staged('stg_square__payments') }}
),

return_orders as (
    select * from {{ staged('stg_square__orders') }}
    where has_returns
),

joined as (
    select
        refunds.connection,
        greatest(refunds._load_id, coalesce(payments._load_id, ''), coalesce(return_orders._load_id, '')) as _load_id,
        refunds.square_refund_id as refund_id,
        -- The sale that was paid, not the order that records the return; neither where nobody had the receipt.
        coalesce(payments.square_order_id, return_orders.returned_order_id) as source_order_id,
        refunds.square_location_id as location_id,
        refunds.created_at as refunded_at,
        refunds.currency_code,
        refunds.amount_minor as refunded_minor,
        refunds.status,
        return_orders.returned_minor,
        return_orders.returned_tax_minor,
        return_orders.returned_tip_minor,
        return_orders.returned_service_minor,
        return_orders.returned_gift_card_minor
    from refunds
    left join payments
        on
            refunds.connection = payments.connection
            and refunds.square_payment_id = payments.square_payment_id
    left join return_orders
        on
            refunds.connection = return_orders.connection
            and refunds.return_order_id = return_orders.square_order_id
),

-- A return that is paid back in several ways tells its parts once; each way has its share of them.
shared as (
    select
        *,
    {%- for part in ('tax', 'tip', 'service', 'gift_card') %}
    case
        when returned_minor > 0
            then cast({{ divide_rounded('returned_' ~ part ~ '_minor', 'refunded_minor', 'returned_minor') }} as bigint)
        else 0
    end as {{ part }}_minor{{ ',' if not loop.last }}
    {%- endfor %}
    from joined
)

select
    connection,
    'square' as source_system,
    _load_id,
    refund_id,
    source_order_id,
    'till' as location_kind,
    location_id,
    refunded_at,
    currency_code,
    refunded_minor,
    refunded_minor - tax_minor - tip_minor - service_minor - gift_card_minor as goods_minor,
    cast(0 as bigint) as shipping_minor,
    tax_minor,
    tip_minor,
    service_minor,
    gift_card_minor,
    {{ as_text('null') }} as book_currency_code,
    cast(null as bigint) as book_refunded_minor,
    case
        when status in ('REJECTED', 'FAILED') then 'failed'
        when status = 'PENDING' then 'pending'
        else 'refunded'
    end as refund_status
from shared
