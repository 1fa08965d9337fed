with

journeys as (
    select * from {{ ref('fct_customer_journeys') }}
),

counted as (
    select
        conversion_type,
        channel_path,
        max(step_count) as step_count,
        count(*) as conversion_count,
        cast(sum(revenue_reporting_minor) as bigint) as revenue_reporting_minor,
        cast(sum(touch_count) as bigint) as touch_count
    from journeys
    group by conversion_type, channel_path
),

ranked as (
    select
        *,
        cast(sum(conversion_count) over (partition by conversion_type) as bigint) as type_count,
        -- What had no touch is no path.
        case
            when channel_path is not null
                then
                    cast(
                        row_number() over (
                            partition by conversion_type
                            order by
                                case when channel_path is null then 1 else 0 end asc,
                                conversion_count desc,
                                channel_path asc
                        ) as bigint
                    )
        end as path_rank
    from counted
)

select
    {{ hash_key(['conversion_type', 'channel_path']) }} as path_id,
    conversion_type,
    channel_path,
    path_rank,
    step_count,
    conversion_count,
    {{ exact_ratio('conversion_count', 'type_count', 6, precision=9) }} as conversion_share,
    touch_count,
    revenue_reporting_minor,
    {{ reporting_amount('revenue_reporting_minor') }} as revenue_amount
from ranked
