with

conversions as (
    select * from {{ ref('int_conversions') }}
),

touchpoints as (
    select * from {{ ref('int_touchpoints') }}
),

attribution_windows as (
    select * from {{ ref('attribution_windows') }}
),

candidates as (
    select
        conversions.conversion_id,
        conversions.conversion_type,
        conversions.value_minor,
        conversions.value_reporting_minor,
        touchpoints.touchpoint_id,
        touchpoints.touched_at,
        touchpoints.channel,
        touchpoints.touch_type,
        touchpoints.campaign_id,
        touchpoints.has_analytics_consent,
        lower(touchpoints.channel) = 'direct' as is_direct,
        {{ microseconds('conversions.converted_at') }} - {{ microseconds('touchpoints.touched_at') }}
            as age_microseconds
    from conversions
    inner join touchpoints
        on
            conversions.customer_id = touchpoints.customer_id
            and conversions.converted_at >= touchpoints.touched_at
),

-- Both edges count: a touch at the very moment of the conversion, and one exactly as old as the
-- window allows.
eligible as (
    select
        candidates.*,
        {{ local_date('candidates.touched_at', "'" ~ var('reporting_time_zone') ~ "'") }} as touch_date,
        -- Half the weight per half-life, in continuous time. Whole numbers, so that their sums do not
        -- depend on the order in which an engine adds them up.
        cast(
            greatest(1, round(
                1000000000000
                * power(
                    0.5,
                    candidates.age_microseconds
                    / (86400000000.0 * {{ var('time_decay_half_life_days') }})
                )
            )) as bigint
        ) as decay_weight
    from candidates
    inner join attribution_windows
        on
            candidates.conversion_type = attribution_windows.conversion_type
            and candidates.touch_type = attribution_windows.touch_type
            and candidates.age_microseconds <= attribution_windows.lookback_days * cast(86400000000 as bigint)
            and candidates.age_microseconds >= attribution_windows.minimum_age_hours * cast(3600000000 as bigint)
),

-- All that a heuristic model needs to know of the rest of the path, in one pass over it.
numbered as (
    select
        *,
        row_number() over up_to_touch as touch_position,
        count(*) over whole_path as touch_count,
        sum(case when is_direct then 0 else 1 end) over up_to_touch as non_direct_position,
        sum(case when is_direct then 0 else 1 end) over whole_path as non_direct_count,
        sum(decay_weight) over up_to_touch as cumulated_decay,
        sum(decay_weight) over whole_path as total_decay
    from eligible
    window
        -- In the same order, so that the paths are sorted once.
        whole_path as (
            partition by conversion_id, has_analytics_consent
            order by touched_at, touchpoint_id
            rows between unbounded preceding and unbounded following
        ),
        up_to_touch as (
            partition by conversion_id, has_analytics_consent
            order by touched_at, touchpoint_id
            rows between unbounded preceding and current row
        )
)

select
    conversion_id,
    touchpoint_id,
    conversion_type,
    value_minor,
    value_reporting_minor,
    touched_at,
    touch_date,
    channel,
    touch_type,
    campaign_id,
    has_analytics_consent,
    is_direct,
    age_microseconds,
    touch_position,
    touch_count,
    cast(non_direct_position as bigint) as non_direct_position,
    cast(non_direct_count as bigint) as non_direct_count,
    decay_weight,
    cast(cumulated_decay as bigint) as cumulated_decay,
    cast(total_decay as bigint) as total_decay
from numbered
