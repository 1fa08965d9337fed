{{ config(materialized='view') }}

select
    connection,
    'clover' as source_system,
    _load_id,
    clover_employee_id as staff_id,
    'till' as location_kind,
    clover_merchant_id as location_id,
    role_name,
    _load_id = max(_load_id) over (partition by connection) as is_active,
    cast(null as timestamp) as started_at
from {{ staged('stg_clover__employees') }}
