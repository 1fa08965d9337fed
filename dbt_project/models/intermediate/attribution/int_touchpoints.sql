with

all_sessions as (
    select * from {{ ref('int_web__sessions') }}
),

-- What staff and robots do touches nobody.
sessions as (
    select * from all_sessions
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

messages as (
    select * from {{ ref('message_events') }}
),

-- A mail that a program opened, or whose links it followed, touched nobody; nor does one that somebody only opened.
clicked_messages as (
    select * from messages
    where
        event_kind = 'clicked'
        and not coalesce(is_machine, false)
),

-- Where the source does not tell, nobody reads a message within ten seconds of its arrival: a filter does.
scanned as (
    select distinct
        clicked_messages.connection,
        clicked_messages.event_id
    from clicked_messages
    inner join messages as arrivals
        on
            clicked_messages.connection = arrivals.connection
            and clicked_messages.record_key = arrivals.record_key
            and clicked_messages.message_id = arrivals.message_id
            and arrivals.event_kind in ('sent', 'delivered')
            and {{ seconds_between('arrivals.occurred_at', 'clicked_messages.occurred_at') }} between 0 and 10
    where clicked_messages.is_machine is null
),

message_clicks as (
    select clicked_messages.*
    from clicked_messages
    left join scanned
        on
            clicked_messages.connection = scanned.connection
            and clicked_messages.event_id = scanned.event_id
    where scanned.event_id is null
),

-- What the app only shows is no touch: few look at it.
app_actions as (
    select
        connection,
        source_system,
        event_id,
        record_key,
        store_code,
        occurred_at,
        coalesce(has_analytics_consent, false) as has_analytics_consent,
        case
            when event_kind = 'offer_used' then 'app_offer'
            when event_kind = 'check_in' then 'app_check_in'
            else 'virtual_try_on'
        end as touch_type
    from {{ ref('app_events') }}
    where
        event_kind in ('offer_used', 'check_in', 'ar_view', 'virtual_try_on')
        and record_key is not null
),

calls as (
    select * from {{ ref('calls') }}
    where coalesce(is_answered, true)
),

locations as (
    select * from {{ ref('int_stores__locations') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
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

-- What somebody did in a session of the app; of several things the one that tells most.
done_in_sessions as (
    select
        all_sessions.session_id,
        app_actions.connection,
        app_actions.event_id,
        app_actions.touch_type,
        row_number() over (
            partition by all_sessions.session_id
            order by
                case app_actions.touch_type when 'app_offer' then 1 when 'app_check_in' then 2 else 3 end,
                app_actions.occurred_at,
                app_actions.event_id
        ) as place
    from all_sessions
    inner join app_actions
        on
            all_sessions.record_key = app_actions.record_key
            and all_sessions.started_at <= app_actions.occurred_at
            and all_sessions.ended_at >= app_actions.occurred_at
    where all_sessions.is_app
),

session_actions as (
    select * from done_in_sessions
    where place = 1
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
            when sessions.is_app and traffic.touch_type = 'direct_visit'
                then coalesce(session_actions.touch_type, 'app_open')
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
    left join session_actions
        on sessions.session_id = session_actions.session_id
    left join persons
        on sessions.record_key = persons.record_key
),

-- Who clicks twice, or on several links of one message, within half an hour, came once.
told_clicks as (
    select
        message_clicks.connection,
        message_clicks.source_system,
        message_clicks.event_id,
        message_clicks.message_kind,
        message_clicks.occurred_at,
        persons.customer_id,
        lag(message_clicks.occurred_at) over (
            partition by message_clicks.connection, message_clicks.record_key, message_clicks.message_id
            order by message_clicks.occurred_at, message_clicks.event_id
        ) as clicked_before_at
    from message_clicks
    left join persons
        on message_clicks.record_key = persons.record_key
),

message_touchpoints as (
    select
        {{ hash_key(["'message'", 'connection', 'event_id']) }} as touchpoint_id,
        customer_id,
        occurred_at as touched_at,
        case message_kind when 'email' then 'email' when 'sms' then 'sms' else 'push' end as channel,
        case when message_kind = 'email' then 'email_click' else 'message_click' end as touch_type,
        message_kind as medium,
        connection,
        source_system
    from told_clicks
    where coalesce({{ seconds_between('clicked_before_at', 'occurred_at') }} > 1800, true)
),

-- The page that the click led to is told by web analytics, too: that is the same touch, and known better there.
led_to_sessions as (
    select distinct message_touchpoints.touchpoint_id
    from message_touchpoints
    inner join web_touchpoints
        on
            message_touchpoints.customer_id = web_touchpoints.customer_id
            and message_touchpoints.channel = web_touchpoints.channel
            and web_touchpoints.has_analytics_consent
            and {{ seconds_between('message_touchpoints.touched_at', 'web_touchpoints.touched_at') }}
            between -60 and 1800
),

-- Of what analytics tells, a session of its own is a touch already.
app_touchpoints as (
    select
        {{ hash_key(["'app'", 'app_actions.connection', 'app_actions.event_id']) }} as touchpoint_id,
        persons.customer_id,
        app_actions.occurred_at as touched_at,
        app_actions.touch_type,
        stores.store_id,
        app_actions.has_analytics_consent,
        app_actions.connection,
        app_actions.source_system
    from app_actions
    left join stores
        on app_actions.store_code = stores.store_id
    left join persons
        on app_actions.record_key = persons.record_key
    left join done_in_sessions
        on
            app_actions.connection = done_in_sessions.connection
            and app_actions.event_id = done_in_sessions.event_id
    where done_in_sessions.event_id is null
),

-- Who is known in person: the app asks before it listens for beacons, and who makes an appointment, calls or has asked
-- for messages says who they are.
personal_touchpoints as (
    select
        {{ hash_key(["'visit'", 'visit_id']) }} as touchpoint_id,
        customer_id,
        arrived_at as touched_at,
        'store' as channel,
        'store_visit' as touch_type,
        {{ as_text('null') }} as medium,
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
        {{ as_text('null') }} as medium,
        store_id,
        connection,
        source_system
    from bookings
    union all
    select
        message_touchpoints.touchpoint_id,
        message_touchpoints.customer_id,
        message_touchpoints.touched_at,
        message_touchpoints.channel,
        message_touchpoints.touch_type,
        message_touchpoints.medium,
        {{ as_text('null') }} as store_id,
        message_touchpoints.connection,
        message_touchpoints.source_system
    from message_touchpoints
    left join led_to_sessions
        on message_touchpoints.touchpoint_id = led_to_sessions.touchpoint_id
    where led_to_sessions.touchpoint_id is null
    union all
    select
        {{ hash_key(["'call'", 'calls.connection', 'calls.call_id']) }} as touchpoint_id,
        persons.customer_id,
        calls.started_at as touched_at,
        'call' as channel,
        'call' as touch_type,
        calls.medium,
        locations.store_id,
        calls.connection,
        calls.source_system
    from calls
    left join locations
        on
            {{ at_location('calls', 'calls.started_at') }}
    left join persons
        on calls.record_key = persons.record_key
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
    medium,
    store_id,
    true as has_analytics_consent,
    true as has_ads_consent,
    connection,
    source_system
from personal_touchpoints
union all
select
    touchpoint_id,
    customer_id,
    touched_at,
    'app' as channel,
    touch_type,
    {{ as_text('null') }} as platform,
    {{ as_text('null') }} as campaign_id,
    {{ as_text('null') }} as campaign_matched_by,
    {{ as_text('null') }} as source,
    {{ as_text('null') }} as medium,
    store_id,
    has_analytics_consent,
    false as has_ads_consent,
    connection,
    source_system
from app_touchpoints
