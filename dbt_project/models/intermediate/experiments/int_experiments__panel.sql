{#- What did not happen has no row: o2o/experiments.py completes it. -#}
with

unit_types as (
    select distinct unit_type
    from {{ ref('stg_o2o__experiments') }}
),

orders as (
    select * from {{ ref('int_orders__all') }}
    where not is_cancelled
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

counters as (
    select * from {{ ref('stg_store_sensors__counters') }}
),

door_counts as (
    select * from {{ ref('stg_store_sensors__door_counts') }}
),

counted as (
    select
        stores.store_id,
        stores.region_code,
        door_counts.count_date as metric_date,
        'footfall' as metric,
        sum(door_counts.in_count) as value
    from door_counts
    inner join counters
        on door_counts.counter_serial = counters.counter_serial
    inner join stores
        on counters.store_code = stores.store_id
    group by stores.store_id, stores.region_code, door_counts.count_date
),

sold as (
    select
        case when order_channel = 'till' then store_id end as store_id,
        region_code,
        order_date as metric_date,
        case when order_channel = 'till' then 'till' else 'web' end as side,
        count(*) as order_count,
        sum(net_reporting_minor) as revenue_minor
    from orders
    group by
        case when order_channel = 'till' then store_id end,
        region_code,
        order_date,
        case when order_channel = 'till' then 'till' else 'web' end
),

measured as (
    select * from counted
    union all
    select
        store_id,
        region_code,
        metric_date,
        concat(side, '_orders') as metric,
        order_count as value
    from sold
    union all
    select
        store_id,
        region_code,
        metric_date,
        concat(side, '_revenue') as metric,
        revenue_minor as value
    from sold
),

-- A web order belongs to a region, to a store only what happens there.
by_unit as (
    select
        'store' as unit_type,
        store_id as unit_id,
        metric,
        metric_date,
        value
    from measured
    where store_id is not null
    union all
    select
        'region' as unit_type,
        region_code as unit_id,
        metric,
        metric_date,
        value
    from measured
    where region_code is not null
)

select
    by_unit.unit_type,
    by_unit.unit_id,
    by_unit.metric,
    by_unit.metric_date,
    cast(sum(by_unit.value) as bigint) as value
from by_unit
inner join unit_types
    on by_unit.unit_type = unit_types.unit_type
group by by_unit.unit_type, by_unit.unit_id, by_unit.metric, by_unit.metric_date
