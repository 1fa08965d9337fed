with horizon as (
    {% include "silos/_horizon.sql" %}
),

orders as (
    {% include "silos/_web_orders.sql" %}
),

deals as (
    {% include "silos/_deals.sql" %}
),

by_order as (
    select
        o.order_name,
        max(o.order_date) as day,
        count(d.deal_id) as deal_count
    from orders as o
    left join deals as d on o.order_name = d.order_name
    where o.ordered_at <= (select until from horizon)
    group by o.order_name
),

lonely as (
    select
        day,
        order_name
    from by_order
    where deal_count <> 1
    union all
    select
        day,
        order_name
    from deals
    where not has_order
),

named as (
    select
        day,
        {{ first_five("order_name") }} as ids
    from lonely
    group by day
),

both_sides as (
    select
        order_date as day,
        currency_code,
        1 as n,
        total_minor as money,
        0 as crm_n,
        0 as crm_money
    from orders
    where ordered_at <= (select until from horizon)
    union all
    select
        day,
        currency_code,
        0 as n,
        0 as money,
        1 as crm_n,
        amount_minor as crm_money
    from deals
    where happened_at <= (select until from horizon)
),

cells as (
    select
        b.day,
        b.currency_code,
        sum(b.n) as n,
        sum(b.crm_n) as crm_n,
        sum(b.money) as money,
        sum(b.crm_money) as crm_money,
        max(named.ids) as ids
    from both_sides as b
    left join named on b.day = named.day
    group by b.day, b.currency_code
)

select
    'web shop · ' || currency_code as place,
    day,
    'orders' as unit,
    n as left_total,
    crm_n as right_total,
    0 as tolerance,
    ids
from cells
union all
select
    'web shop' as place,
    day,
    currency_code as unit,
    money as left_total,
    crm_money as right_total,
    0 as tolerance,
    ids
from cells
