with

events as (
    select * from {{ ref('web_events') }}
),

traffic as (
    select * from {{ ref('int_web__traffic') }}
),

excluded_traffic as (
    {{ with_company('excluded_traffic', {'field': 'string', 'pattern': 'string', 'reason': 'string'}) }}
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
        max(traffic_type) as traffic_type,
        max(browser) as browser,
        max(host) as host,
        bool_or(has_analytics_consent) as has_analytics_consent,
        bool_or(has_ads_consent) as has_ads_consent
    from in_session
    group by connection, visitor_id, session_number
),

-- A session came from where its first event with any traffic source came from, if need be without a medium: a mail
-- app is told as a source alone, before the link in the mail speaks. A payment page that the visitor came back from
-- is where none came from.
traffic_events as (
    select
        in_session.connection,
        in_session.visitor_id,
        in_session.session_number,
        in_session.click_id,
        in_session.occurred_at,
        traffic.traffic_id,
        traffic.source,
        traffic.medium,
        traffic.passed_through_reason,
        traffic.excluded_reason,
        row_number() over (
            partition by in_session.connection, in_session.visitor_id, in_session.session_number
            order by
                case when traffic.passed_through_reason is null then 0 else 1 end,
                case
                    when coalesce(traffic.medium, traffic.click_id_kind, traffic.campaign_id) is null then 1
                    else 0
                end,
                in_session.occurred_at,
                in_session.batch_event_index,
                in_session.event_id
        ) as place
    from in_session
    inner join traffic
        on {{ traffic_id('in_session') }} = traffic.traffic_id
    where
        coalesce(
            in_session.source,
            in_session.medium,
            in_session.campaign_id,
            in_session.campaign_name,
            in_session.click_id_kind
        ) is not null
),

first_traffic as (
    select * from traffic_events
    where place = 1
),

-- What marks a session as nobody's visit, tried once per mark.
marks as (
    select
        'traffic_type' as field,
        traffic_type as mark
    from sessions
    where traffic_type is not null
    union
    select
        'browser' as field,
        browser as mark
    from sessions
    where browser is not null
    union
    select
        'host' as field,
        host as mark
    from sessions
    where host is not null
),

excluded_marks as (
    {{ excluded_marks('lower(marks.mark)') }}
),

types as (
    select * from excluded_marks
    where field = 'traffic_type'
),

browsers as (
    select * from excluded_marks
    where field = 'browser'
),

hosts as (
    select * from excluded_marks
    where field = 'host'
),

joined as (
    select
        sessions.*,
        first_traffic.click_id as link_click_id,
        first_traffic.traffic_id,
        first_traffic.source,
        first_traffic.medium,
        first_traffic.passed_through_reason,
        first_traffic.occurred_at as linked_at,
        coalesce(types.reason, browsers.reason, hosts.reason, first_traffic.excluded_reason) as mark_reason,
        lag(sessions.started_at) over (
            partition by sessions.connection, sessions.visitor_id
            order by sessions.started_at, sessions.session_number
        ) as session_before_started_at
    from sessions
    left join first_traffic
        on
            sessions.connection = first_traffic.connection
            and sessions.visitor_id = first_traffic.visitor_id
            and sessions.session_number = first_traffic.session_number
    left join types
        on sessions.traffic_type = types.mark
    left join browsers
        on sessions.browser = browsers.mark
    left join hosts
        on sessions.host = hosts.mark
)

select
    {{ hash_key(['connection', 'visitor_id', 'session_number']) }} as session_id,
    connection,
    source_system,
    record_key,
    visitor_id,
    session_number,
    started_at,
    ended_at,
    event_count,
    first_order_name,
    is_app,
    browser,
    host,
    coalesce(
        case when passed_through_reason is null then traffic_id end, {{ no_traffic_id('connection') }}
    ) as traffic_id,
    case when passed_through_reason is null then source end as source,
    case when passed_through_reason is null then medium end as medium,
    -- Only with consent to use it.
    case when has_ads_consent then link_click_id end as click_id,
    coalesce(
        mark_reason,
        -- Begun by coming back from paying, it is the visit going on that had led there.
        case
            when
                {{ seconds_between('started_at', 'linked_at') }} <= 10
                and {{ seconds_between('session_before_started_at', 'started_at') }} <= 86400
                then passed_through_reason
        end
    ) as excluded_reason,
    has_analytics_consent,
    has_ads_consent
from joined
