{{ config(materialized='view') }}

select
    connection,
    'shopify' as source_system,
    _load_id,
    shopify_staff_id as staff_id,
    {{ as_text('null') }} as location_kind,
    {{ as_text('null') }} as location_id,
    role_name,
    is_active,
    cast(null as timestamp) as started_at
from {{ staged('stg_shopify__staff_members') }}
