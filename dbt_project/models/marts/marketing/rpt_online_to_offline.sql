with

touchpoints as (
    select
        touchpoint_id,
        customer_id,
        channel,
        touch_type,
        cast(date_trunc('month', touch_date) as date) as report_month
    from {{ ref('fct_touchpoints') }}
    where
        has_analytics_consent
        and customer_id is not null
),

paths as (
    select * from {{ ref('int_attribution__paths') }}
),

conversions as (
    select * from {{ ref('int_conversions') }}
    where conversion_type in ('store_visit', 'till_order')
),

stores as (
    select * from {{ ref('dim_stores') }}
),

touch_types as (
    select * from {{ ref('attribution_touch_types') }}
    where side = 'online'
),

attribution_windows as (
    select * from {{ ref('attribution_windows') }}
    where conversion_type in ('store_visit', 'till_order')
),

online_touches as (
    select touchpoints.*
    from touchpoints
    inner join touch_types
        on touchpoints.touch_type = touch_types.touch_type
),

reached as (
    select
        report_month,
        channel,
        count(distinct customer_id) as person_count
    from online_touches
    group by report_month, channel
),

-- A path holds exactly the touches whose window reaches the conversion.
came as (
    select
        online_touches.report_month,
        online_touches.channel,
        conversions.store_id,
        count(distinct online_touches.customer_id) as person_count,
        count(distinct case when conversions.conversion_type = 'store_visit' then online_touches.customer_id end)
            as visitor_count,
        count(distinct case when conversions.conversion_type = 'till_order' then online_touches.customer_id end)
            as buyer_count
    from paths
    inner join conversions
        on paths.conversion_id = conversions.conversion_id
    inner join online_touches
        on paths.touchpoint_id = online_touches.touchpoint_id
    group by online_touches.report_month, online_touches.channel, conversions.store_id
),

-- Until when sales and visits are known, and how long the last touch of a month may take.
newest as (
    select max({{ day_number('cast(converted_at as date)') }}) as last_day
    from conversions
),

longest as (
    select max(lookback_days) as lookback_days
    from attribution_windows
),

joined as (
    select
        reached.report_month,
        reached.channel,
        stores.store_id,
        stores.store_name,
        reached.person_count,
        coalesce(came.person_count, 0) as converted_count,
        coalesce(came.visitor_count, 0) as visitor_count,
        coalesce(came.buyer_count, 0) as buyer_count,
        coalesce(
            {{ day_number('cast(reached.report_month + interval 1 month as date)') }} + longest.lookback_days
            <= newest.last_day,
            false
        ) as is_complete
    from reached
    cross join stores
    cross join newest
    cross join longest
    left join came
        on
            reached.report_month = came.report_month
            and reached.channel = came.channel
            and stores.store_id = came.store_id
)

select
    {{ hash_key(['report_month', 'store_id', 'channel']) }} as online_to_offline_id,
    report_month,
    store_id,
    store_name,
    channel,
    is_complete,
    person_count as reached_person_count,
    converted_count as converted_person_count,
    visitor_count as visiting_person_count,
    buyer_count as buying_person_count,
    {{ exact_ratio('converted_count', 'person_count', 6, precision=9) }} as conversion_rate,
    {{ wilson('converted_count', 'person_count', 'low') }} as conversion_rate_low,
    {{ wilson('converted_count', 'person_count', 'high') }} as conversion_rate_high
from joined
