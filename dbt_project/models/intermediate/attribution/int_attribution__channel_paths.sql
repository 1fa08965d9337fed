with

paths as (
    select * from {{ ref('int_attribution__paths') }}
    where has_analytics_consent
),

touchpoints as (
    select * from {{ ref('int_touchpoints') }}
    where has_analytics_consent and customer_id is not null
),

conversions as (
    select * from {{ ref('int_conversions') }}
    where customer_id is not null
),

attribution_windows as (
    select * from {{ ref('attribution_windows') }}
),

converted as (
    select
        conversion_id,
        conversion_type,
        {{ joined_in_order('channel', ['touch_position'], ' > ') }} as channel_path,
        max(value_reporting_minor) as value_reporting_minor
    from paths
    group by conversion_id, conversion_type
),

conversion_types as (
    select distinct conversion_type from conversions
),

credited_touches as (
    select distinct
        conversion_type,
        touchpoint_id
    from paths
),

-- Touches that might have led to a conversion of a type, and did not.
idle_touches as (
    select
        touchpoints.customer_id,
        conversion_types.conversion_type,
        touchpoints.touched_at as happened_at,
        touchpoints.touchpoint_id as event_id,
        0 as is_conversion,
        touchpoints.channel,
        {{ microseconds('touchpoints.touched_at') }}
        + attribution_windows.lookback_days * cast(86400000000 as bigint) as expires_at
    from touchpoints
    cross join conversion_types
    inner join attribution_windows
        on
            conversion_types.conversion_type = attribution_windows.conversion_type
            and touchpoints.touch_type = attribution_windows.touch_type
    left join credited_touches
        on
            conversion_types.conversion_type = credited_touches.conversion_type
            and touchpoints.touchpoint_id = credited_touches.touchpoint_id
    where credited_touches.touchpoint_id is null
),

events as (
    select * from idle_touches
    union all
    select
        customer_id,
        conversion_type,
        converted_at as happened_at,
        conversion_id as event_id,
        1 as is_conversion,
        {{ as_text('null') }} as channel,
        cast(null as bigint) as expires_at
    from conversions
),

-- Such a journey ends with a conversion or when the look-back window of its last touch has passed.
ended as (
    select
        *,
        case
            when is_conversion = 1 then 1
            when {{ microseconds('happened_at') }} > lag(expires_at) over customer_events then 1
            else 0
        end as is_end
    from events
    window customer_events as (
        partition by customer_id, conversion_type
        order by happened_at, event_id
    )
),

numbered as (
    select
        *,
        sum(is_end) over (
            partition by customer_id, conversion_type
            order by happened_at, event_id
            rows between unbounded preceding and current row
        ) as journey_number
    from ended
),

idle as (
    select
        conversion_type,
        {{ joined_in_order('channel', ['happened_at', 'event_id'], ' > ') }} as channel_path
    from numbered
    where is_conversion = 0
    group by customer_id, conversion_type, journey_number
),

journeys as (
    select
        conversion_type,
        channel_path,
        true as is_converted,
        value_reporting_minor
    from converted
    union all
    select
        conversion_type,
        channel_path,
        false as is_converted,
        cast(0 as bigint) as value_reporting_minor
    from idle
)

select
    conversion_type,
    channel_path,
    is_converted,
    count(*) as journey_count,
    cast(sum(value_reporting_minor) as bigint) as value_reporting_minor
from journeys
group by conversion_type, channel_path, is_converted
