with

paths as (
    select * from {{ ref('int_attribution__paths') }}
    where has_analytics_consent
),

attribution_models as (
    select * from {{ ref('int_attribution__models') }}
),

channel_weights as (
    select * from {{ ref('stg_o2o__channel_weights') }}
),

-- Each model is a weight per touch, in whole numbers. What counts is the weight of the path before a
-- touch, up to it, and in all. The rules know these from the touch's place alone.
placed as (
    select
        paths.*,
        attribution_models.attribution_model,
        attribution_models.rule,
        attribution_models.first_percent,
        attribution_models.middle_percent,
        attribution_models.last_percent,
        attribution_models.rest_percent,
        case when paths.touch_position = paths.touch_count then 1 else 0 end as is_last,
        -- The middle of four is the second; a path of two has none.
        case when attribution_models.middle_percent > 0 and paths.touch_count >= 3 then 1 else 0 end as has_middle,
        case when 2 * paths.touch_position >= paths.touch_count then 1 else 0 end as is_past_middle,
        case when 2 * (paths.touch_position - 1) >= paths.touch_count then 1 else 0 end as was_past_middle
    from paths
    cross join attribution_models
    where attribution_models.rule <> 'channel_weight'
),

spread as (
    select
        *,
        greatest(touch_count - 2 - has_middle, 0) as other_count,
        -- So many times the peaks' percentages, so that the others' share is a whole number, too.
        greatest(touch_count - 2 - has_middle, 1) as peak_scale
    from placed
),

ruled as (
    select
        conversion_id,
        conversion_type,
        touchpoint_id,
        attribution_model,
        value_minor,
        value_reporting_minor,
        channel,
        touch_type,
        campaign_id,
        touched_at,
        touch_date,
        touch_position,
        touch_count,
        case rule
            when 'first' then least(touch_position - 1, 1)
            when 'last' then 0
            when 'last_non_direct'
                then
                    case
                        when is_direct and non_direct_count > 0 and non_direct_position = non_direct_count then 1
                        else 0
                    end
            when 'linear' then touch_position - 1
            when 'position'
                then
                    case
                        when touch_position = 1 then 0
                        else
                            peak_scale * (first_percent + has_middle * was_past_middle * middle_percent)
                            + rest_percent * (touch_position - 2 - has_middle * was_past_middle)
                    end
            when 'time_decay' then cumulated_decay - decay_weight
        end as weight_before,
        case rule
            when 'first' then 1
            when 'last' then is_last
            when 'last_non_direct'
                then
                    case
                        when non_direct_count = 0 then is_last
                        when non_direct_position = non_direct_count then 1
                        else 0
                    end
            when 'linear' then touch_position
            when 'position'
                then
                    peak_scale * (
                        first_percent + has_middle * is_past_middle * middle_percent + is_last * last_percent
                    )
                    + rest_percent * greatest(touch_position - 1 - has_middle * is_past_middle - is_last, 0)
            when 'time_decay' then cumulated_decay
        end as weight_up_to,
        case rule
            when 'linear' then touch_count
            when 'position'
                then
                    peak_scale * (first_percent + has_middle * middle_percent + last_percent)
                    + rest_percent * other_count
            when 'time_decay' then total_decay
            else 1
        end as total_weight
    from spread
),

-- What was solved over all journeys is a weight per channel. A path whose channels weigh nothing is
-- shared alike.
solved as (
    select
        paths.conversion_id,
        paths.conversion_type,
        paths.touchpoint_id,
        attribution_models.attribution_model,
        paths.value_minor,
        paths.value_reporting_minor,
        paths.channel,
        paths.touch_type,
        paths.campaign_id,
        paths.touched_at,
        paths.touch_date,
        paths.touch_position,
        paths.touch_count,
        greatest(1, coalesce(channel_weights.weight_trillionths, 0)) as weight
    from paths
    inner join attribution_models
        on attribution_models.rule = 'channel_weight'
    left join channel_weights
        on
            paths.conversion_type = channel_weights.conversion_type
            and paths.channel = channel_weights.channel
            and attribution_models.attribution_model = channel_weights.attribution_model
),

cumulated as (
    select
        *,
        cast(sum(weight) over up_to_touch as bigint) as weight_up_to,
        cast(sum(weight) over whole_path as bigint) as total_weight
    from solved
    window
        whole_path as (
            partition by conversion_id, attribution_model
            order by touch_position
            rows between unbounded preceding and unbounded following
        ),
        up_to_touch as (
            partition by conversion_id, attribution_model
            order by touch_position
            rows between unbounded preceding and current row
        )
),

weighted as (
    select * from ruled
    union all
    select
        conversion_id,
        conversion_type,
        touchpoint_id,
        attribution_model,
        value_minor,
        value_reporting_minor,
        channel,
        touch_type,
        campaign_id,
        touched_at,
        touch_date,
        touch_position,
        touch_count,
        weight_up_to - weight as weight_before,
        weight_up_to,
        total_weight
    from cumulated
),

-- Shares and money are differences of a running total that is rounded, so each path sums to exactly
-- 1 and to exactly its value: the last running total is not rounded at all.
shared as (
    select
        *,
        {{ billionths('weight_before', 'total_weight') }} as share_before,
        {{ billionths('weight_up_to', 'total_weight') }} as share_up_to
    from weighted
)

select
    conversion_id,
    conversion_type,
    attribution_model,
    touchpoint_id,
    channel,
    touch_type,
    campaign_id,
    touched_at,
    touch_date,
    touch_position,
    touch_count,
    cast((share_up_to - share_before) * cast(0.000000001 as decimal(9, 9)) as decimal(12, 9)) as credit_share,
    cast(
        {{ money_share('value_minor', 'share_up_to') }} - {{ money_share('value_minor', 'share_before') }} as bigint
    ) as credit_minor,
    cast(
        {{ money_share('value_reporting_minor', 'share_up_to') }}
        - {{ money_share('value_reporting_minor', 'share_before') }} as bigint
    ) as credit_reporting_minor
from shared
