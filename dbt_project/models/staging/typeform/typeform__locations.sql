{{ config(materialized='view') }}

-- Stores that hidden fields name.
select
    connection,
    'typeform' as source_system,
    max(_load_id) as _load_id,
    'survey' as location_kind,
    store_code as location_id,
    {{ store_code('store_code') }} as store_code,
    store_code as location_name,
    {{ as_text('null') }} as city,
    {{ as_text('null') }} as region_code,
    {{ as_text('null') }} as country_code,
    {{ as_text('null') }} as time_zone,
    {{ as_text('null') }} as currency_code,
    cast(null as boolean) as is_open
from {{ ref('base_typeform__responses') }}
where store_code is not null
group by connection, store_code
