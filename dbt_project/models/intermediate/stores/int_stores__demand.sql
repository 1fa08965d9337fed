{#- What did not happen has no row: o2o/steps/store_forecasts.py completes it. Nor has a day on which the doors
    cannot be believed. -#}
with

door_days as (
    select * from {{ ref('int_stores__door_days') }}
    where entry_count is not null
),

-- Before refunds, which come later: the newest days would look better than those before.
sold as (
    select
        sold_store_id as store_id,
        order_date as demand_date,
        cast(sum(sold_reporting_minor) as bigint) as value
    from {{ ref('int_orders__all') }}
    where is_sale and order_channel = 'till' and sold_store_id is not null
    group by sold_store_id, order_date
),

opening_hours as (
    select distinct
        store_id,
        weekday
    from {{ ref('int_stores__opening_hours') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

open_weekdays as (
    select
        store_id,
        {{ joined_in_order(as_text('weekday'), ['weekday'], ',') }} as weekdays
    from opening_hours
    group by store_id
),

measured as (
    select
        store_id,
        'footfall' as measure,
        door_date as demand_date,
        entry_count as value
    from door_days
    union all
    select
        store_id,
        'sales' as measure,
        demand_date,
        value
    from sold
    where value is not null
)

select
    measured.store_id,
    measured.measure,
    measured.demand_date,
    cast(measured.value as bigint) as value,
    open_weekdays.weekdays as open_weekdays,
    stores.country_code,
    stores.region_code
from measured
left join stores
    on measured.store_id = stores.store_id
left join open_weekdays
    on measured.store_id = open_weekdays.store_id
