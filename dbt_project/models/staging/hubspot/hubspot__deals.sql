{{ config(materialized='view') }}

select
    connection,
    'hubspot' as source_system,
    _load_id,
    hubspot_deal_id as deal_id,
    {{ record_key('contact', 'hubspot_contact_id', 'connection') }} as record_key,
    case deal_stage when 'closedwon' then 'won' when 'closedlost' then 'lost' else 'open' end as deal_status,
    deal_stage as stage_name,
    {{ as_text('null') }} as lead_source,
    order_name,
    currency_code,
    amount_minor,
    closed_at,
    created_at
from {{ staged('stg_hubspot__deals') }}
where not is_deleted
