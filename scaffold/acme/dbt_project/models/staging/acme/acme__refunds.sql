{{ config(materialized='view') }}

-- Acme tells how much of a sale was given back until now, not when: its last change is the nearest to it.
select
    connection,
    'acme' as source_system,
    _load_id,
    acme_sale_id as refund_id,
    acme_sale_id as source_order_id,
    'till' as location_kind,
    shop_name as location_id,
    updated_at as refunded_at,
    currency_code,
    refunded_minor,
    refunded_minor as goods_minor,
    cast(0 as bigint) as shipping_minor,
    cast(0 as bigint) as tax_minor,
    cast(0 as bigint) as tip_minor,
    cast(0 as bigint) as service_minor,
    cast(0 as bigint) as gift_card_minor,
    {{ as_text('null') }} as book_currency_code,
    cast(null as bigint) as book_refunded_minor,
    'refunded' as refund_status
from {{ staged('stg_acme__sales') }}
where refunded_minor > 0
