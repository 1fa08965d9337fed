-- Each conversion is one journey and on one path, with its value; what flows into a channel at a place flows out at
-- the next, and each journey with a touch begins once and ends once.
with

conversions as (
    select
        conversion_type,
        count(*) as conversion_count,
        sum(value_reporting_minor) as revenue_reporting_minor
    from {{ ref('int_conversions') }}
    group by conversion_type
),

journeys as (
    select
        conversion_type,
        count(*) as conversion_count,
        sum(revenue_reporting_minor) as revenue_reporting_minor,
        sum(case when touch_count > 0 then 1 else 0 end) as touched_count
    from {{ ref('fct_customer_journeys') }}
    group by conversion_type
),

paths as (
    select
        conversion_type,
        sum(conversion_count) as conversion_count,
        sum(revenue_reporting_minor) as revenue_reporting_minor
    from {{ ref('rpt_paths') }}
    group by conversion_type
),

edges as (
    select
        conversion_type,
        sum(case when position = 1 then journey_count else 0 end) as begun_count,
        sum(case when to_channel = 'converted' then journey_count else 0 end) as ended_count
    from {{ ref('rpt_path_steps') }}
    group by conversion_type
),

flows as (
    select
        conversion_type,
        position + 1 as position,
        to_channel as channel,
        journey_count
    from {{ ref('rpt_path_steps') }}
    where to_channel <> 'converted'
    union all
    select
        conversion_type,
        position,
        from_channel as channel,
        -journey_count as journey_count
    from {{ ref('rpt_path_steps') }}
    where position > 1
)

select
    conversions.conversion_type,
    'sums' as what
from conversions
left join journeys
    on conversions.conversion_type = journeys.conversion_type
left join paths
    on conversions.conversion_type = paths.conversion_type
left join edges
    on conversions.conversion_type = edges.conversion_type
where
    coalesce(journeys.conversion_count, 0) <> conversions.conversion_count
    or coalesce(paths.conversion_count, 0) <> conversions.conversion_count
    or journeys.revenue_reporting_minor <> conversions.revenue_reporting_minor
    or paths.revenue_reporting_minor <> conversions.revenue_reporting_minor
    or coalesce(edges.begun_count, 0) <> journeys.touched_count
    or coalesce(edges.ended_count, 0) <> journeys.touched_count
union all
select
    conversion_type,
    concat('flow at ', position, ' of ', channel) as what
from flows
group by conversion_type, position, channel
having sum(journey_count) <> 0
