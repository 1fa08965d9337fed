with

paths as (
    select * from {{ ref('int_attribution__paths') }}
    where has_analytics_consent
),

conversions as (
    select * from {{ ref('int_conversions') }}
),

attribution_models as (
    select * from {{ ref('attribution_models') }}
),

-- Each model is a weight per touch. Whole numbers, so that their sums do not depend on the order in
-- which an engine adds them up.
weighted as (
    select
        paths.conversion_id,
        paths.touchpoint_id,
        attribution_models.attribution_model,
        paths.touch_position,
        paths.touch_count,
        paths.touched_at,
        paths.channel,
        paths.campaign_id,
        cast(
            case
                when attribution_models.attribution_model = 'first'
                    then case when paths.touch_position = 1 then 1 else 0 end
                when attribution_models.attribution_model = 'last'
                    then case when paths.touch_position = paths.touch_count then 1 else 0 end
                when attribution_models.attribution_model = 'linear' then 1
                -- 40/20/40, the 20 shared by the middle; halves where there is no middle.
                when attribution_models.attribution_model = 'position' and paths.touch_count <= 2 then 1
                when attribution_models.attribution_model = 'position'
                    then
                        case
                            when paths.touch_position in (1, paths.touch_count)
                                then 2 * (paths.touch_count - 2)
                            else 1
                        end
                -- Half the weight per half-life, in continuous time.
                when attribution_models.attribution_model = 'time_decay'
                    then
                        greatest(1, round(
                            1000000000000
                            * power(
                                0.5,
                                paths.age_microseconds
                                / (86400000000.0 * {{ var('time_decay_half_life_days') }})
                            )
                        ))
            end as bigint
        ) as weight
    from paths
    cross join attribution_models
),

cumulated as (
    select
        *,
        sum(weight) over (
            partition by conversion_id, attribution_model
            order by touch_position
            rows between unbounded preceding and current row
        ) as cumulated_weight,
        sum(weight) over (partition by conversion_id, attribution_model) as total_weight
    from weighted
),

-- Shares and money are differences of a running total that is rounded, so each path sums to exactly
-- 1 and to exactly its value: the last running total is not rounded at all.
shared as (
    select
        *,
        {{ exact_ratio('cumulated_weight', 'total_weight', 9, precision=12) }} as cumulated_share
    from cumulated
),

valued as (
    select
        shared.*,
        conversions.value_minor,
        conversions.value_reporting_minor,
        cast(round(cast(conversions.value_minor as decimal(18, 0)) * shared.cumulated_share) as bigint)
            as cumulated_minor,
        cast(
            round(cast(conversions.value_reporting_minor as decimal(18, 0)) * shared.cumulated_share)
            as bigint
        ) as cumulated_reporting_minor
    from shared
    inner join conversions
        on shared.conversion_id = conversions.conversion_id
),

credited as (
    select
        conversion_id,
        attribution_model,
        touchpoint_id,
        channel,
        campaign_id,
        touched_at,
        touch_position,
        touch_count,
        cast(
            cumulated_share - lag(cumulated_share, 1, cast(0 as decimal(12, 9))) over path
            as decimal(12, 9)
        ) as credit_share,
        cumulated_minor - lag(cumulated_minor, 1, cast(0 as bigint)) over path as credit_minor,
        cumulated_reporting_minor
        - lag(cumulated_reporting_minor, 1, cast(0 as bigint)) over path as credit_reporting_minor
    from valued
    window path as (partition by conversion_id, attribution_model order by touch_position)
)

select * from credited
