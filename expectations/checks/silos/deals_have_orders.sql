{% from "silos/_chance.sql" import by_chance %}
{% set per_1000 = limits.per_1000 %}
with horizon as (
    {% include "silos/_horizon.sql" %}
),

orders as (
    {% include "silos/_web_orders.sql" %}
),

deals as (
    {% include "silos/_deals.sql" %}
)

select
    'web shop' as place,
    day,
    'orders' as unit,
    count(distinct order_name) as left_total,
    count(distinct order_name) filter (where has_order) as right_total,
    {{ by_chance("count(distinct order_name)", per_1000) }} as tolerance,
    {{ first_five("order_name", "not has_order") }} as ids
from deals
where happened_at <= (select until from horizon)
group by day
