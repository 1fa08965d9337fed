with

conversions as (
    select * from {{ ref('int_conversions') }}
),

paths as (
    select * from {{ ref('int_attribution__paths') }}
    where has_analytics_consent
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

marked as (
    select
        conversion_id,
        touch_position,
        touch_count,
        channel,
        age_microseconds,
        coalesce(channel <> lag(channel) over (partition by conversion_id order by touch_position), true)
            as is_step
    from paths
),

-- The same channel twice in a row is one step: who types the address three times took no other way.
journeys as (
    select
        conversion_id,
        {{ joined_in_order('channel', ['touch_position'], ' > ') }} as channel_path,
        count(*) as step_count
    from marked
    where is_step
    group by conversion_id
),

touches as (
    select
        conversion_id,
        count(*) as touch_count,
        count(distinct channel) as channel_count,
        max(age_microseconds) as age_microseconds,
        max(case when touch_position = 1 then channel end) as first_channel,
        max(case when touch_position = touch_count then channel end) as last_channel
    from marked
    group by conversion_id
)

select
    conversions.conversion_id,
    conversions.conversion_type,
    conversions.order_channel,
    conversions.customer_id,
    conversions.store_id,
    conversions.converted_at,
    {{ local_date(
        'conversions.converted_at', "coalesce(stores.time_zone, '" ~ var('reporting_time_zone') ~ "')"
    ) }} as converted_date,
    journeys.channel_path,
    coalesce(journeys.step_count, 0) as step_count,
    coalesce(touches.touch_count, 0) as touch_count,
    coalesce(touches.channel_count, 0) as channel_count,
    touches.first_channel,
    touches.last_channel,
    cast(floor(touches.age_microseconds / 86400000000.0) as bigint) as path_days,
    conversions.value_reporting_minor as revenue_reporting_minor,
    {{ reporting_amount('conversions.value_reporting_minor') }} as revenue_amount
from conversions
left join journeys
    on conversions.conversion_id = journeys.conversion_id
left join touches
    on conversions.conversion_id = touches.conversion_id
left join stores
    on conversions.store_id = stores.store_id
