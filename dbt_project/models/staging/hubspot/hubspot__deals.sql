{{ config(materialized='view') }}

select
    connection,
    'hubspot' as source_system,
    _load_id,
    hubspot_deal_id as deal_id,
    order_name,
    currency_code,
    amount_minor,
    closed_at,
    created_at
from {{ staged('stg_hubspot__deals') }}
where not is_deleted
