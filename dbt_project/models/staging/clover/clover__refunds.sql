{{ config(materialized='view') }}

with

refunds as (
    select * from {{ staged('stg_clover__refunds') }}
),

refunded_lines as (
    select
        connection,
        clover_refund_id,
        {{ explode('line_items') }} as line_item
    from refunds
),

-- Gift cards that are given back: no revenue that went before, either.
gift_cards as (
    select
        refunded_lines.connection,
        refunded_lines.clover_refund_id,
        cast(sum(lines.net_minor) as bigint) as gift_card_minor
    from refunded_lines
    inner join {{ ref('base_clover__lines') }} as lines
        on refunded_lines.connection = lines.connection and refunded_lines.line_item.id = lines.line_id
    where lines.is_gift_card
    group by refunded_lines.connection, refunded_lines.clover_refund_id
),

money_back as (
    select
        refunds.connection,
        refunds._load_id,
        refunds.clover_refund_id as refund_id,
        refunds.clover_order_id as source_order_id,
        refunds.clover_order_id,
        refunds.clover_merchant_id,
        refunds.created_at,
        refunds.amount_minor,
        refunds.tax_minor,
        refunds.tip_minor,
        refunds.service_minor,
        least(coalesce(gift_cards.gift_card_minor, 0), refunds.amount_minor) as gift_card_minor,
        case
            when refunds.is_voided or refunds.refund_status in ('FAIL', 'VOIDED') then 'failed'
            when refunds.refund_status = 'PENDING' then 'pending'
            else 'refunded'
        end as refund_status
    from refunds
    left join gift_cards
        on refunds.connection = gift_cards.connection and refunds.clover_refund_id = gift_cards.clover_refund_id
    union all
    select
        connection,
        _load_id,
        clover_credit_id as refund_id,
        {{ as_text('null') }} as source_order_id,
        clover_order_id,
        clover_merchant_id,
        created_at,
        amount_minor,
        tax_minor,
        0 as tip_minor,
        0 as service_minor,
        0 as gift_card_minor,
        case
            when is_voided or credit_result in ('FAIL', 'VOIDED', 'VOIDING') then 'failed'
            when credit_result in ('INITIATED', 'PENDING', 'AUTH', 'OFFLINE_RETRYING') then 'pending'
            else 'refunded'
        end as refund_status
    from {{ staged('stg_clover__credits') }}
)

select
    money_back.connection,
    'clover' as source_system,
    money_back._load_id,
    money_back.refund_id,
    money_back.source_order_id,
    'till' as location_kind,
    money_back.clover_merchant_id as location_id,
    money_back.created_at as refunded_at,
    coalesce(orders.currency_code, merchants.currency_code) as currency_code,
    money_back.amount_minor as refunded_minor,
    cast(
        money_back.amount_minor - money_back.tax_minor - money_back.tip_minor - money_back.service_minor
        - money_back.gift_card_minor as bigint
    ) as goods_minor,
    cast(0 as bigint) as shipping_minor,
    money_back.tax_minor,
    cast(money_back.tip_minor as bigint) as tip_minor,
    cast(money_back.service_minor as bigint) as service_minor,
    cast(money_back.gift_card_minor as bigint) as gift_card_minor,
    {{ as_text('null') }} as book_currency_code,
    cast(null as bigint) as book_refunded_minor,
    money_back.refund_status
from money_back
left join {{ staged('stg_clover__orders') }} as orders
    on money_back.connection = orders.connection and money_back.clover_order_id = orders.clover_order_id
left join {{ staged('stg_clover__merchants') }} as merchants
    on money_back.connection = merchants.connection and money_back.clover_merchant_id = merchants.clover_merchant_id
