{{ config(materialized='view') }}

select
    connection,
    'shopify' as source_system,
    _load_id,
    shopify_refund_id as refund_id,
    shopify_order_id as source_order_id,
    {{ as_text('null') }} as location_kind,
    {{ as_text('null') }} as location_id,
    created_at as refunded_at,
    currency_code,
    refunded_minor,
    'refunded' as refund_status
from {{ ref('stg_shopify__order_refunds') }}
