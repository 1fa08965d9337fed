with orders as (
    {% include "silos/_web_orders.sql" %}
),

deals as (
    {% include "silos/_deals.sql" %}
),

counted as (
    select
        day,
        order_name,
        count(*) as n
    from deals
    group by day, order_name
)

select
    'CRM' as place,
    day,
    'deals' as unit,
    sum(n) as left_total,
    count(*) as right_total,
    0 as tolerance,
    {{ first_five("order_name", "n > 1") }} as ids
from counted
group by day
