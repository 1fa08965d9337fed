{{ config(materialized='view') }}

select
    connection,
    'clover' as source_system,
    _load_id,
    'customer' as record_kind,
    clover_customer_id as record_id,
    'marketing' as purpose,
    case when is_marketing_allowed then 'granted' when not is_marketing_allowed then 'refused' else 'unknown' end
        as consent_status,
    cast(null as boolean) as is_confirmed,
    cast(null as timestamp) as changed_at
from {{ staged('stg_clover__customers') }}
