{% from "_located.sql" import at_location %}
with receipts as (
    select
        store_id,
        order_date as day,
        count(*) as n
    from marts.fct_orders
    where order_channel = 'till' and is_sale
    group by store_id, order_date
),

counts as (
    select
        s.store_id,
        {{ local_date("c.started_at", "s.time_zone") }} as day,
        c.started_at,
        c.in_count
    from conformed.door_counts as c
    inner join intermediate.int_stores__locations as l
        on {{ at_location("c", "c.started_at", "l") }}
    inner join marts.dim_stores as s on l.store_id = s.store_id
),

entries as (
    -- A store may have several doors, each with its counter.
    select
        store_id,
        day,
        sum(in_count) as n,
        count(distinct started_at) as hours
    from counts
    group by store_id, day
)

select
    e.store_id as place,
    e.day,
    'people' as unit,
    coalesce(r.n, 0) as left_total,
    e.n as right_total,
    0 as tolerance,
    null as ids
from entries as e
left join receipts as r on e.store_id = r.store_id and e.day = r.day
-- A day the counter has not finished, or the change to summer time, says nothing yet.
where e.hours >= 23
