with

events as (
    select * from {{ ref('stg_ga4__events') }}
),

-- Without consent there is no client id; hits sent by a server carry no session.
in_session as (
    select * from events
    where ga_client_id is not null and ga_session_id is not null
),

sessions as (
    select
        ga_client_id,
        ga_session_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as event_count,
        max(shopify_customer_id) as shopify_customer_id,
        min(order_name) as first_order_name,
        bool_or(coalesce(platform, 'WEB') <> 'WEB') as is_app,
        bool_or(has_analytics_consent) as has_analytics_consent,
        bool_or(has_ads_consent) as has_ads_consent
    from in_session
    group by ga_client_id, ga_session_id
),

-- A session came from where its first event with any traffic source came from.
traffic as (
    select
        *,
        row_number() over (
            partition by ga_client_id, ga_session_id
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
        {{ hash_key(['sessions.ga_client_id', 'sessions.ga_session_id']) }} as session_id,
        sessions.ga_client_id,
        sessions.ga_session_id,
        sessions.shopify_customer_id,
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
            sessions.ga_client_id = first_traffic.ga_client_id
            and sessions.ga_session_id = first_traffic.ga_session_id
)

select * from joined
