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

-- Both edges count: a touch at the very moment of the conversion, and one exactly as old as the
-- window allows.
eligible as (
    select
        conversions.conversion_id,
        touchpoints.touchpoint_id,
        touchpoints.touched_at,
        touchpoints.channel,
        touchpoints.campaign_id,
        touchpoints.has_analytics_consent,
        {{ microseconds('conversions.converted_at') }} - {{ microseconds('touchpoints.touched_at') }}
            as age_microseconds
    from conversions
    inner join touchpoints
        on
            conversions.customer_id = touchpoints.customer_id
            and conversions.converted_at >= touchpoints.touched_at
    inner join attribution_windows
        on
            conversions.conversion_type = attribution_windows.conversion_type
            and touchpoints.channel = attribution_windows.channel
            and {{ microseconds('conversions.converted_at') }} - {{ microseconds('touchpoints.touched_at') }}
            <= attribution_windows.lookback_days * cast(86400000000 as bigint)
),

numbered as (
    select
        *,
        row_number() over (
            partition by conversion_id, has_analytics_consent
            order by touched_at, touchpoint_id
        ) as touch_position,
        count(*) over (partition by conversion_id, has_analytics_consent) as touch_count
    from eligible
)

select * from numbered
