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
    -- The mean, three standard deviations (of a Poisson distribution), and one.
    cast(floor(
        1 + count(distinct order_name) * {{ limits.per_1000 }} / 1000.0
        + 3 * sqrt(count(distinct order_name) * {{ limits.per_1000 }} / 1000.0)
    ) as bigint) as tolerance,
    {{ first_five("order_name", "not has_order") }} as ids
from deals
where happened_at <= (select until from horizon)
group by day
