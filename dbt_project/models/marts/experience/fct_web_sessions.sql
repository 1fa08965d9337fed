with

sessions as (
    select * from {{ ref('int_web__sessions') }}
    where excluded_reason is null
),

touchpoints as (
    select * from {{ ref('int_touchpoints') }}
),

orders as (
    select * from {{ ref('int_orders__all') }}
    where order_name is not null
),

{{ called_orders('orders') }},

-- A page of thanks may be opened again: the order is the first session's that saw it.
bought as (
    select
        sessions.session_id,
        called.order_id,
        row_number() over (
            partition by called.order_id order by sessions.started_at, sessions.session_id
        ) as place
    from sessions
    inner join called
        on {{ replace_pattern('sessions.first_order_name', '^#', '') }} = called.called
)

select
    sessions.session_id,
    touchpoints.touchpoint_id,
    sessions.connection,
    sessions.source_system,
    {{ local_date('sessions.started_at', "'" ~ var('reporting_time_zone') ~ "'") }} as session_date,
    sessions.started_at,
    {{ seconds_between('sessions.started_at', 'sessions.ended_at') }} as duration_seconds,
    sessions.event_count,
    sessions.is_app,
    sessions.browser,
    sessions.host,
    touchpoints.channel,
    touchpoints.touch_type,
    touchpoints.platform,
    touchpoints.campaign_id,
    touchpoints.source,
    touchpoints.medium,
    case when touchpoints.has_analytics_consent then touchpoints.customer_id end as customer_id,
    sessions.has_analytics_consent,
    sessions.has_ads_consent,
    sessions.first_order_name is not null as is_converted,
    bought.order_id
from sessions
inner join touchpoints
    on {{ hash_key(["'session'", 'sessions.session_id']) }} = touchpoints.touchpoint_id
left join bought
    on sessions.session_id = bought.session_id and bought.place = 1
