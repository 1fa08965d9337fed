with

visits as (
    select * from {{ ref('int_stores__visits') }}
)

select
    visit_id,
    store_id,
    customer_id,
    device_id,
    arrived_at,
    left_at,
    dwell_seconds,
    visit_date,
    time_zone,
    ping_count,
    strongest_rssi,
    signal
from visits
