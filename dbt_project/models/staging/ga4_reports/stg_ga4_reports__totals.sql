{{ config(materialized='view') }}

select
    total_key,
    total_date,
    property_id,
    time_zone,
    source,
    medium,
    campaign_name,
    session_count,
    visitor_count,
    order_count,
    currency_code,
    revenue_minor,
    is_rolled_up,
    is_thresholded,
    is_sampled,
    connection,
    _load_id,
    _extracted_at
from {{ staged('base_ga4_reports__totals') }}
where total_key is not null
