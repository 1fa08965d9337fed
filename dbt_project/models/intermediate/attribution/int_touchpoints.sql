with

-- What staff and robots do touches nobody.
sessions as (
    select * from {{ ref('int_web__sessions') }}
    where excluded_reason is null
),

traffic as (
    select * from {{ ref('int_web__traffic') }}
),

visits as (
    select * from {{ ref('int_stores__visits') }}
),

-- A room that is booked is sold: what led to it leads to the stay and to its invoice. An appointment leads on.
bookings as (
    select * from {{ ref('int_stores__bookings') }}
    where coalesce(booking_kind, 'other') <> 'room'
),

campaigns as (
    select * from {{ ref('int_campaigns__all') }}
),

clicks as (
    select * from {{ ref('ad_clicks') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

-- What the ad platform itself says about a click beats what a link's parameters say.
clicked_campaigns as (
    select
        click_id,
        min(concat(platform, ':', account_id, ':', campaign_id)) as campaign_id
    from clicks
    group by click_id
),

web_touchpoints as (
    select
        {{ hash_key(["'session'", 'sessions.session_id']) }} as touchpoint_id,
        persons.customer_id,
        sessions.started_at as touched_at,
        -- The app opened by itself; what a link brought there is the link's.
        case
            when campaigns.campaign_id is not null then campaigns.channel
            when sessions.is_app and traffic.touch_type = 'direct_visit' then 'app'
            else traffic.channel
        end as channel,
        case
            when campaigns.campaign_id is not null then 'paid_click'
            when sessions.is_app and traffic.touch_type = 'direct_visit' then 'app_open'
            else traffic.touch_type
        end as touch_type,
        coalesce(campaigns.platform, traffic.platform) as platform,
        coalesce(campaigns.campaign_id, traffic.campaign_id) as campaign_id,
        case when campaigns.campaign_id is not null then 'click' else traffic.campaign_matched_by end
            as campaign_matched_by,
        sessions.source,
        sessions.medium,
        {{ as_text('null') }} as store_id,
        coalesce(sessions.has_analytics_consent, false) as has_analytics_consent,
        coalesce(sessions.has_ads_consent, false) as has_ads_consent,
        sessions.connection,
        sessions.source_system
    from sessions
    inner join traffic
        on sessions.traffic_id = traffic.traffic_id
    left join clicked_campaigns
        on sessions.click_id = clicked_campaigns.click_id
    left join campaigns
        on clicked_campaigns.campaign_id = campaigns.campaign_id
    left join persons
        on sessions.record_key = persons.record_key
),

-- Who is known in person: the app asks before it listens for beacons, and who makes an appointment says
-- who they are.
personal_touchpoints as (
    select
        {{ hash_key(["'visit'", 'visit_id']) }} as touchpoint_id,
        customer_id,
        arrived_at as touched_at,
        'store' as channel,
        'store_visit' as touch_type,
        store_id,
        connection,
        source_system
    from visits
    union all
    select
        {{ hash_key(["'booking'", 'booking_id']) }} as touchpoint_id,
        customer_id,
        booked_at as touched_at,
        'booking' as channel,
        'booking' as touch_type,
        store_id,
        connection,
        source_system
    from bookings
)

select * from web_touchpoints
union all
select
    touchpoint_id,
    customer_id,
    touched_at,
    channel,
    touch_type,
    {{ as_text('null') }} as platform,
    {{ as_text('null') }} as campaign_id,
    {{ as_text('null') }} as campaign_matched_by,
    {{ as_text('null') }} as source,
    {{ as_text('null') }} as medium,
    store_id,
    true as has_analytics_consent,
    true as has_ads_consent,
    connection,
    source_system
from personal_touchpoints
