{{ config(materialized='view') }}

with

exploded as (
    select
        connection,
        _load_id,
        shopify_order_id,
        {{ explode('discount_codes') }} as coupon_code
    from {{ staged('stg_shopify__orders') }}
)

select
    connection,
    'shopify' as source_system,
    max(_load_id) as _load_id,
    shopify_order_id as source_order_id,
    coupon_code
from exploded
where coupon_code is not null
group by connection, shopify_order_id, coupon_code
