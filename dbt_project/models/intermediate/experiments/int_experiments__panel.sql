{#- What did not happen has no row: o2o/steps/experiment_results.py completes it. Nor has a day on which a
    door of the unit cannot be believed. -#}
with

unit_types as (
    select distinct unit_type
    from {{ ref('stg_o2o__experiments') }}
),

orders as (
    select * from {{ ref('int_orders__all') }}
    where is_sale
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

door_days as (
    select * from {{ ref('int_stores__door_days') }}
),

-- A store that never counted is no part of its region's footfall; of one that did, every day must be known.
counting_stores as (
    select distinct store_id
    from door_days
    where uncounted_reason is null
),

counted as (
    select
        stores.store_id,
        stores.region_code,
        door_days.door_date as metric_date,
        'footfall' as metric,
        door_days.entry_count as value
    from door_days
    inner join counting_stores
        on door_days.store_id = counting_stores.store_id
    inner join stores
        on door_days.store_id = stores.store_id
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
having count(*) = count(by_unit.value)
