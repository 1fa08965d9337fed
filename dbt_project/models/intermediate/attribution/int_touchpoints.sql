with

sessions as (
    select * from {{ ref('int_web__sessions') }}
),

visits as (
    select * from {{ ref('int_stores__visits') }}
),

bookings as (
    select * from {{ ref('int_stores__bookings') }}
),

campaigns as (
    select * from {{ ref('int_campaigns__all') }}
),

clicks as (
    select * from {{ ref('ad_clicks') }}
),

channel_rules as (
    {{ with_company('channel_rules', {
        'priority': 'integer', 'source_pattern': 'string', 'medium_pattern': 'string', 'channel': 'string',
        'touch_type': 'string',
    }) }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

-- The rule is looked up once per kind of traffic, not per session.
traffic as (
    select distinct
        coalesce(source, '') as source,
        coalesce(medium, '') as medium
    from sessions
),

matching_rules as (
    select
        traffic.source,
        traffic.medium,
        min(channel_rules.priority) as priority
    from traffic
    inner join channel_rules
        on
            {{ matches('traffic.source', 'channel_rules.source_pattern') }}
            and {{ matches('traffic.medium', 'channel_rules.medium_pattern') }}
    group by traffic.source, traffic.medium
),

traffic_channels as (
    select
        matching_rules.source,
        matching_rules.medium,
        channel_rules.channel,
        channel_rules.touch_type
    from matching_rules
    inner join channel_rules
        on matching_rules.priority = channel_rules.priority
),

-- What the ad platform itself says about a click beats what a link's parameters say.
clicked_campaigns as (
    select
        click_id,
        min(concat(platform, ':', account_id, ':', campaign_id)) as campaign_id
    from clicks
    group by click_id
),

-- A link says neither platform nor account. An id that two of them use tells nothing.
linked_campaigns as (
    select
        platform_campaign_id,
        min(campaign_id) as campaign_id
    from campaigns
    group by platform_campaign_id
    having count(*) = 1
),

web_touchpoints as (
    select
        {{ hash_key(["'session'", 'sessions.session_id']) }} as touchpoint_id,
        persons.customer_id,
        sessions.started_at as touched_at,
        -- The app opened by itself; what a link brought there is the link's.
        case
            when campaigns.campaign_id is not null then campaigns.channel
            when sessions.is_app and traffic_channels.touch_type = 'direct_visit' then 'app'
            else traffic_channels.channel
        end as channel,
        case
            when campaigns.campaign_id is not null then 'paid_click'
            when sessions.is_app and traffic_channels.touch_type = 'direct_visit' then 'app_open'
            else traffic_channels.touch_type
        end as touch_type,
        campaigns.platform,
        campaigns.campaign_id,
        sessions.source,
        sessions.medium,
        {{ as_text('null') }} as store_id,
        sessions.has_analytics_consent,
        sessions.has_ads_consent,
        sessions.connection,
        sessions.source_system
    from sessions
    left join clicked_campaigns
        on sessions.click_id = clicked_campaigns.click_id
    left join linked_campaigns
        on
            clicked_campaigns.campaign_id is null
            and sessions.campaign_id = linked_campaigns.platform_campaign_id
    left join campaigns
        on coalesce(clicked_campaigns.campaign_id, linked_campaigns.campaign_id) = campaigns.campaign_id
    left join traffic_channels
        on
            coalesce(sessions.source, '') = traffic_channels.source
            and coalesce(sessions.medium, '') = traffic_channels.medium
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
    {{ as_text('null') }} as source,
    {{ as_text('null') }} as medium,
    store_id,
    true as has_analytics_consent,
    true as has_ads_consent,
    connection,
    source_system
from personal_touchpoints
