{% from "silos/_chance.sql" import by_chance %}
{% set per_1000 = limits.per_1000 %}
with orders as (
    -- A survey is told an order's name, with or without its number sign, or its id.
    select regexp_replace(order_name, '^#+', '') as called from marts.fct_orders
    where order_name is not null
    union
    select source_order_id as called from marts.fct_orders
),

answers as (
    select distinct
        r.order_name,
        cast(r.submitted_at as date) as day,
        o.called is not null as has_order
    from conformed.survey_responses as r
    left join orders as o on regexp_replace(r.order_name, '^#+', '') = o.called
    where
        r.order_name is not null
        and not r.is_test
        -- What was bought after the newest order that came here, nobody can know yet.
        and r.submitted_at <= (select max(ordered_at) - interval 2 hour from marts.fct_orders)
)

select
    'surveys' as place,
    day,
    'orders' as unit,
    count(distinct order_name) as left_total,
    count(distinct order_name) filter (where has_order) as right_total,
    {{ by_chance("count(distinct order_name)", per_1000) }} as tolerance,
    {{ first_five("order_name", "not has_order") }} as ids
from answers
group by day
