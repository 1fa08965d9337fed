{{ config(materialized='view') }}

select
    connection,
    'clover' as source_system,
    _load_id,
    clover_device_id as device_id,
    device_name,
    case
        when lower(product_name) like '%kiosk%' then 'kiosk'
        when lower(product_name) like '%flex%' then 'handheld'
        when lower(product_name) like '%go%' or lower(product_name) like '%compact%' then 'terminal'
        when lower(product_name) like '%station%' or lower(product_name) like '%mini%' then 'register'
        when lower(product_name) like '%solo%' or lower(product_name) like '%duo%' then 'register'
        else 'other'
    end as device_kind,
    'till' as location_kind,
    clover_merchant_id as location_id,
    _load_id = max(_load_id) over (partition by connection) as is_active
from {{ staged('stg_clover__devices') }}
