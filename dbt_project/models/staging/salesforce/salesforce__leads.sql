{{ config(materialized='view') }}

-- Who was merged into another lead is deleted; the other goes on.
select
    connection,
    'salesforce' as source_system,
    _load_id,
    salesforce_lead_id as lead_id,
    {{ record_key('lead', 'salesforce_lead_id', 'connection') }} as record_key,
    created_at as became_lead_at,
    case
        when is_converted then 'converted'
        when {{ matches('lower(status_name)', "'" ~ var('lost_lead_pattern') ~ "'") }} then 'lost'
        else 'open'
    end as lead_status,
    lead_source,
    -- Salesforce tells the day.
    case when is_converted then greatest(cast(converted_date as timestamp), created_at) end as converted_at,
    case when is_converted then converted_opportunity_id end as deal_id
from {{ staged('stg_salesforce__leads') }}
where not is_deleted
