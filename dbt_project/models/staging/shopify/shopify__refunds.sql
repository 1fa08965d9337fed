{{ config(materialized='view') }}

with

refunds as (
    select * from {{ ref('stg_shopify__order_refunds') }}
),

-- Lines that were taken off an order before anything was paid come as a refund of nothing.
told as (
    select
        *,
        refunded_minor > 0 and not has_more_lines as has_parts
    from refunds
),

parts as (
    select
        *,
        case when has_parts then least(gift_card_minor, refunded_minor) else 0 end as gift_card_part_minor,
        case when has_parts then least(goods_tax_minor + shipping_tax_minor, refunded_minor) else 0 end
            as tax_part_minor,
        case
            when not has_parts then 0
            when has_taxes_included then shipping_minor - shipping_tax_minor
            else shipping_minor
        end as shipping_part_minor
    from told
)

select
    connection,
    'shopify' as source_system,
    _load_id,
    shopify_refund_id as refund_id,
    shopify_order_id as source_order_id,
    case when shopify_location_id is not null then 'web_shop' end as location_kind,
    shopify_location_id as location_id,
    refunded_at,
    currency_code,
    refunded_minor,
    -- What was given back beyond the lines, or less than they cost, is of the goods.
    refunded_minor - gift_card_part_minor - tax_part_minor - shipping_part_minor as goods_minor,
    shipping_part_minor as shipping_minor,
    tax_part_minor as tax_minor,
    cast(0 as bigint) as tip_minor,
    cast(0 as bigint) as service_minor,
    gift_card_part_minor as gift_card_minor,
    shop_currency_code as book_currency_code,
    shop_refunded_minor as book_refunded_minor,
    'refunded' as refund_status
from parts
