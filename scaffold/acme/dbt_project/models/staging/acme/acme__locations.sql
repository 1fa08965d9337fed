{{ config(materialized='view') }}

with

sales as (
    select * from {{ ref('stg_acme__sales') }}
),

-- Acme lists no shops: each that sold something is one.
shops as (
    select
        shop_name,
        max(currency_code) as currency_code
    from sales
    group by shop_name
)

select
    'acme' as source_system,
    'till' as location_kind,
    shop_name as location_id,
    coalesce({{ store_code('shop_name') }}, concat('acme:', shop_name)) as store_id,
    shop_name as location_name,
    {{ as_text('null') }} as city,
    {{ as_text('null') }} as region_code,
    {{ as_text('null') }} as country_code,
    {{ as_text('null') }} as time_zone,
    currency_code
from shops
