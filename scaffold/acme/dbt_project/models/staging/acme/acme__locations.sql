{{ config(materialized='view') }}

with

sales as (
    select * from {{ staged('stg_acme__sales') }}
),

-- Acme lists no shops: each that sold something is one.
shops as (
    select
        connection,
        shop_name,
        max(_load_id) as _load_id,
        max(currency_code) as currency_code
    from sales
    group by connection, shop_name
)

select
    connection,
    'acme' as source_system,
    _load_id,
    'till' as location_kind,
    shop_name as location_id,
    {{ store_code('shop_name') }} as store_code,
    shop_name as location_name,
    {{ as_text('null') }} as city,
    {{ as_text('null') }} as region_code,
    {{ as_text('null') }} as country_code,
    {{ as_text('null') }} as time_zone,
    currency_code,
    cast(null as boolean) as is_open
from shops
