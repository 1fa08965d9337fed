{{ config(materialized='view') }}

select
    connection,
    'ga4_reports' as source_system,
    _load_id,
    concat(property_id, ':', total_key) as total_id,
    total_date,
    time_zone,
    source,
    medium,
    campaign_name,
    session_count,
    visitor_count,
    order_count,
    currency_code,
    revenue_minor,
    is_rolled_up or is_thresholded or is_sampled as is_partial
from {{ ref('stg_ga4_reports__totals') }}
