with

events as (
    select * from {{ ref('web_events') }}
),

-- Without consent there is no visitor id; hits sent by a server carry no session.
in_session as (
    select * from events
    where visitor_id is not null and session_number is not null
),

sessions as (
    select
        connection,
        visitor_id,
        session_number,
        min(source_system) as source_system,
        min(record_key) as record_key,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as event_count,
        min(order_name) as first_order_name,
        bool_or(is_app) as is_app,
        bool_or(has_analytics_consent) as has_analytics_consent,
        bool_or(has_ads_consent) as has_ads_consent
    from in_session
    group by connection, visitor_id, session_number
),

-- A session came from where its first event with any traffic source came from.
traffic as (
    select
        *,
        row_number() over (
            partition by connection, visitor_id, session_number
            order by occurred_at, batch_event_index, event_id
        ) as place
    from in_session
    where coalesce(source, medium, campaign_id, click_id) is not null
),

first_traffic as (
    select * from traffic
    where place = 1
),

joined as (
    select
        {{ hash_key(['sessions.connection', 'sessions.visitor_id', 'sessions.session_number']) }} as session_id,
        sessions.connection,
        sessions.source_system,
        sessions.record_key,
        sessions.visitor_id,
        sessions.session_number,
        sessions.started_at,
        sessions.ended_at,
        sessions.event_count,
        sessions.first_order_name,
        sessions.is_app,
        lower(first_traffic.source) as source,
        lower(first_traffic.medium) as medium,
        first_traffic.campaign_id,
        case when sessions.has_ads_consent then first_traffic.click_id end as click_id,
        sessions.has_analytics_consent,
        sessions.has_ads_consent
    from sessions
    left join first_traffic
        on
            sessions.connection = first_traffic.connection
            and sessions.visitor_id = first_traffic.visitor_id
            and sessions.session_number = first_traffic.session_number
)

select * from joined
