with

sessions as (
    select * from {{ ref('int_web__sessions') }}
    where excluded_reason is not null
),

pings as (
    select * from {{ ref('pings') }}
    where
        app_device_id is not null
        and not {{ device_clock_holds('observed_at', 'received_at') }}
),

set_aside as (
    select
        connection,
        'web_session' as record_kind,
        excluded_reason as reason,
        started_at as noticed_at
    from sessions
    union all
    -- By the server's clock, as the phone's is wrong.
    select
        connection,
        'ping' as record_kind,
        case when observed_at > received_at then 'clock_ahead' else 'clock_behind' end as reason,
        received_at as noticed_at
    from pings
),

dated as (
    select
        *,
        {{ local_date('noticed_at', "'" ~ var('reporting_time_zone') ~ "'") }} as report_date
    from set_aside
)

select
    {{ hash_key(['report_date', 'connection', 'record_kind', 'reason']) }} as set_aside_id,
    report_date,
    connection,
    record_kind,
    reason,
    count(*) as record_count
from dated
group by report_date, connection, record_kind, reason
